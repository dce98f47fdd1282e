"""Deletes what is no longer needed, by the periods of config/retention.toml."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, Update, delete, or_, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.bounces import outdated_marks
from wellbeing.actions.codes import codes_left_over
from wellbeing.actions.erasure import delete_nameless, erase_due
from wellbeing.actions.support_retention import delete_expired_support
from wellbeing.domain.actor import Actor
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.store.accounts import ApiToken, BouncedAddress, RateCount, SignInLink, SignInSession
from wellbeing.store.audit import JobClaim, MailState, OutboxMessage
from wellbeing.store.incidents import Incident, IncidentAffected
from wellbeing.store.supervision import Availability, AvailabilityException

MAIL_DAYS = load_retention_table().days_of("mail")
CLAIM_DAYS = load_retention_table().days_of("claims")
INCIDENT_DETAILS_DAYS = load_retention_table().days_of("incidents")
TOKEN_DAYS = load_retention_table().days_of("tokens")
HOURS_DAYS = load_retention_table().days_of("hours")


def delete_expired(session: Session, *, now: datetime, leaving_months: int | None = None) -> int:
    """Deletes rows whose time has passed, and what was written of old incidents; how many.

    Whoever left `leaving_months` ago is erased; None: only those whose erasure was asked for.
    Keys of sent mail outlive every round. That an incident was registered stays, as a mark.
    """
    # Erased first: of what they leave behind, some is due at once.
    by = Actor.job("retention")
    erased = erase_due(session, leaving_months=leaving_months, now=now, by=by)
    deleted = sum(
        session.connection().execute(statement).rowcount for statement in _statements(now)
    )
    deleted += delete_expired_support(session, now=now)
    return erased + deleted + delete_nameless(session)


def _statements(now: datetime) -> tuple[Delete | Update, ...]:
    mail_before, claims_before = now - timedelta(days=MAIL_DAYS), now - timedelta(days=CLAIM_DAYS)
    tokens_before = now - timedelta(days=TOKEN_DAYS)
    hours_before = (now - timedelta(days=HOURS_DAYS)).date()
    old = Incident.registered_on < (now - timedelta(days=INCIDENT_DETAILS_DAYS)).date()
    return (
        delete(SignInLink).where(SignInLink.expires_at <= now),
        delete(SignInSession).where(SignInSession.expires_at <= now),
        delete(RateCount).where(RateCount.expires_at <= now),
        codes_left_over(),
        delete(BouncedAddress).where(outdated_marks()),
        delete(ApiToken).where(
            or_(ApiToken.expires_at < tokens_before, ApiToken.revoked_at < tokens_before)
        ),
        delete(Availability).where(Availability.until_day < hours_before),
        delete(AvailabilityException).where(AvailabilityException.until_day < hours_before),
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
