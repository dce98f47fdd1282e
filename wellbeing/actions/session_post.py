"""Letters about sessions as rows of the outbox: posted, overtaken by newer ones, and forgotten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.support import SupportSession


def write_letter(
    about: SupportSession, kind: MailKind, person_id: UUID, *, now: datetime
) -> Letter:
    """The letter of this kind about the session as it now is; one a person and sequence."""
    return Letter(
        kind,
        person_id,
        _occasion(about.id, about.sequence),
        now,
        about.ends_at,
        session_id=about.id,
    )


def post_release(
    session: Session, about: SupportSession, person_id: UUID, *, now: datetime
) -> None:
    """Takes the session out of the calendar of somebody who was sent it and has no place now.

    Counts the session one change on, as RFC 5546 wants it: a later invitation is then the newer.
    """
    about.sequence += 1
    session.flush()
    post(session, [write_letter(about, MailKind.SESSION_RELEASED, person_id, now=now)])


def is_overtaken(session: Session, message: OutboxMessage, about: SupportSession) -> bool:
    """Whether this person has a letter of this kind about a later change of the session."""
    kind, person_id = MailKind(message.kind), message.person_id
    keys = [
        Letter(kind, person_id, _occasion(about.id, number), message.due_at, about.ends_at).once_key
        for number in range(about.sequence + 1)
    ]
    if message.once_key not in keys:
        return False
    later = keys[keys.index(message.once_key) + 1 :]
    newer = select(OutboxMessage.id).where(OutboxMessage.once_key.in_(later))
    return session.scalars(newer.limit(1)).first() is not None


def was_written_to(session: Session, message: OutboxMessage) -> bool:
    """Whether an earlier letter of this kind about the session has gone to this person."""
    earlier = select(OutboxMessage.id).where(
        OutboxMessage.id != message.id,
        OutboxMessage.kind == message.kind,
        OutboxMessage.person_id == message.person_id,
        OutboxMessage.session_id == message.session_id,
        OutboxMessage.state == MailState.ENDED,
    )
    return session.scalars(earlier.limit(1)).first() is not None


def forget_letters(session: Session, message: OutboxMessage) -> None:
    """Deletes every other letter about the session to this person.

    Somebody with letters and without a place would be somebody who said no; and whoever comes
    back is invited anew.
    """
    session.execute(
        delete(OutboxMessage).where(
            OutboxMessage.id != message.id,
            OutboxMessage.person_id == message.person_id,
            OutboxMessage.session_id == message.session_id,
        )
    )


def _occasion(session_id: UUID, sequence: int) -> str:
    return f"{session_id}/{sequence}"
