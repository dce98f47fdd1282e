"""Deletes what is no longer needed: used links, old sign-ins, sent mail, old counts and claims."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from wellbeing.actions.support_retention import delete_expired_support
from wellbeing.store.accounts import RateCount, SignInLink, SignInSession
from wellbeing.store.audit import JobClaim, MailState, OutboxMessage

MAIL_DAYS = 60
CLAIM_DAYS = 2


def delete_expired(session: Session, *, now: datetime) -> int:
    """Deletes rows whose time has passed; how many. Keys of sent mail outlive every round."""
    mail_before, claims_before = now - timedelta(days=MAIL_DAYS), now - timedelta(days=CLAIM_DAYS)
    statements = (
        delete(SignInLink).where(SignInLink.expires_at <= now),
        delete(SignInSession).where(SignInSession.expires_at <= now),
        delete(RateCount).where(RateCount.expires_at <= now),
        delete(JobClaim).where(JobClaim.slot < claims_before),
        delete(OutboxMessage).where(
            OutboxMessage.state == MailState.ENDED, OutboxMessage.expires_at < mail_before
        ),
    )
    deleted = sum(session.connection().execute(statement).rowcount for statement in statements)
    return deleted + delete_expired_support(session, now=now)
