"""Puts mail in the outbox: one message per person and occasion, however often it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.store.audit import MailState, OutboxMessage

_BATCH = 500


class MailKind(StrEnum):
    """The mails the service sends; each has templates under templates/email."""

    ACTIVATION = "activation"
    RESET = "reset"
    INVITATION = "invitation"
    REMINDER = "reminder"
    ROUND_PUBLISHED = "round_published"
    SESSION_INVITATION = "session_invitation"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_RELEASED = "session_released"
    STRUCTURE_CHANGED = "structure_changed"
    SUPPORT_OVERDUE = "support_overdue"
    REQUEST_WAITING = "request_waiting"
    FEEDBACK_ASKED = "feedback_asked"
    INCIDENT_REGISTERED = "incident_registered"
    SHARE_WANTED = "share_wanted"
    SECURITY_CHANGED = "security_changed"
    WEBHOOK_OFF = "webhook_off"


# What nobody needs tonight. Links somebody just asked for, sessions and incidents go at once.
CAN_WAIT = (
    MailKind.INVITATION,
    MailKind.REMINDER,
    MailKind.ROUND_PUBLISHED,
    MailKind.STRUCTURE_CHANGED,
    MailKind.SUPPORT_OVERDUE,
    MailKind.REQUEST_WAITING,
    MailKind.FEEDBACK_ASKED,
    MailKind.SHARE_WANTED,
    MailKind.WEBHOOK_OFF,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be: `occasion` tells two mails of one kind to one person apart."""

    kind: MailKind
    person_id: UUID
    occasion: str
    due_at: datetime
    expires_at: datetime
    round_id: UUID | None = None
    session_id: UUID | None = None
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def once_key(self) -> str:
        """Equal for equal kind, person and occasion."""
        return sha256(f"{self.kind}|{self.person_id}|{self.occasion}".encode()).hexdigest()


def post(session: Session, letters: Iterable[Letter]) -> int:
    """Adds letters not posted before; returns how many were new."""
    by_key = {letter.once_key: letter for letter in letters}
    keys = list(by_key)
    return sum(
        _post_batch(session, {key: by_key[key] for key in keys[start : start + _BATCH]})
        for start in range(0, len(keys), _BATCH)
    )


def _post_batch(session: Session, by_key: dict[str, Letter]) -> int:
    # Jobs ask again every minute: looking first is a thirtieth of the work of trying to insert.
    known = select(OutboxMessage.once_key).where(OutboxMessage.once_key.in_(by_key))
    posted = set(session.scalars(known))
    rows = [_row(letter) for key, letter in by_key.items() if key not in posted]
    if not rows:
        return 0
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(OutboxMessage).on_conflict_do_nothing(
        index_elements=[OutboxMessage.once_key]
    )
    return len(session.execute(statement.values(rows).returning(OutboxMessage.id)).all())


def _row(letter: Letter) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "once_key": letter.once_key,
        "kind": letter.kind.value,
        "person_id": letter.person_id,
        "round_id": letter.round_id,
        "session_id": letter.session_id,
        "context": letter.context,
        "state": MailState.WAITING,
        "due_at": letter.due_at,
        "expires_at": letter.expires_at,
        "attempts": 0,
    }
