"""Mails that tell a person at once what has changed about their sign-in."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post


class Change(StrEnum):
    """What has changed; templates/email/security_changed.html has a sentence for each."""

    PASSWORD = "password"  # nosec B105  # a name, no secret
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"
    RESET = "reset"
    MANY_WRONG_CODES = "many_wrong_codes"


def tell_of_change(
    session: Session, person_id: UUID, change: Change, *, now: datetime, occasion: str = ""
) -> None:
    """Puts the mail in the outbox; with the same `occasion`, one mail only."""
    letter = Letter(
        MailKind.SECURITY_CHANGED,
        person_id,
        occasion or str(uuid4()),
        now,
        now + timedelta(days=3),
        context={"change": change.value, "at": now.isoformat()},
    )
    post(session, [letter])
