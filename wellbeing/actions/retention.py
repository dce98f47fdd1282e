"""Deletes what is no longer needed: used links, old sign-ins, sent mail, old counts and claims,
codes of rounds that are over, and what was written of an incident, who registered it and who it
affected.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.codes import codes_left_over
from wellbeing.actions.support_retention import delete_expired_support
from wellbeing.store.accounts import RateCount, SignInLink, SignInSession
from wellbeing.store.audit import JobClaim, MailState, OutboxMessage
from wellbeing.store.incidents import Incident, IncidentAffected

MAIL_DAYS = 60
CLAIM_DAYS = 2
INCIDENT_DETAILS_DAYS = 365


def delete_expired(session: Session, *, now: datetime) -> int:
    """Deletes rows whose time has passed, and what was written of old incidents; how many.

    Keys of sent mail outlive every round. That an incident was registered stays, as a mark.
    """
    mail_before, claims_before = now - timedelta(days=MAIL_DAYS), now - timedelta(days=CLAIM_DAYS)
    old = Incident.registered_on < (now - timedelta(days=INCIDENT_DETAILS_DAYS)).date()
    statements = (
        delete(SignInLink).where(SignInLink.expires_at <= now),
        delete(SignInSession).where(SignInSession.expires_at <= now),
        delete(RateCount).where(RateCount.expires_at <= now),
        codes_left_over(),
        delete(JobClaim).where(JobClaim.slot < claims_before),
        delete(OutboxMessage).where(
            OutboxMessage.state == MailState.ENDED, OutboxMessage.expires_at < mail_before
        ),
        delete(IncidentAffected).where(
            IncidentAffected.incident_id.in_(select(Incident.id).where(old))
        ),
        update(Incident)
        .where(old, or_(Incident.sealed_details.is_not(None), Incident.registered_by.is_not(None)))
        .values(sealed_details=None, registered_by=None),
    )
    deleted = sum(session.connection().execute(statement).rowcount for statement in statements)
    return deleted + delete_expired_support(session, now=now)
