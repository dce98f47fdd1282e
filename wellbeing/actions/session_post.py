"""Letters about sessions as rows of the outbox: posted, overtaken by newer ones, and forgotten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.support import SupportSession


def write_letter(
    about: SupportSession, kind: MailKind, person_id: UUID, *, now: datetime
) -> Letter:
    """The letter of this kind about the session as it now is, due `now`; one a person and
    sequence.
    """
    return Letter(
        kind,
        person_id,
        _occasion(about.id, about.sequence),
        now,
        about.ends_at,
        session_id=about.id,
        context={"sequence": about.sequence},
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
    """Whether this person has a letter of this kind about a later change of the session.

    Told by the keys of what was posted, which outlive sending, and by what still waits.
    """
    keys = [_key(message, about, number) for number in range(about.sequence + 1)]
    told = keys.index(message.once_key) if message.once_key in keys else None
    number = message.context.get("sequence", told)
    if number is None:
        return False
    others = select(OutboxMessage.once_key, OutboxMessage.context).where(
        OutboxMessage.id != message.id, *_same(message)
    )
    return any(
        key in keys[number + 1 :] or context.get("sequence", 0) > number
        for key, context in session.execute(others)
    )


def was_written_to(session: Session, message: OutboxMessage) -> bool:
    """Whether an earlier letter of this kind about the session has gone to this person."""
    earlier = select(OutboxMessage.id).where(
        OutboxMessage.id != message.id,
        OutboxMessage.state == MailState.ENDED,
        *_same(message),
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


def _same(message: OutboxMessage) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.kind == message.kind,
        OutboxMessage.person_id == message.person_id,
        OutboxMessage.session_id == message.session_id,
    )


def _key(message: OutboxMessage, about: SupportSession, number: int) -> str:
    kind, occasion = MailKind(message.kind), _occasion(about.id, number)
    return Letter(kind, message.person_id, occasion, message.due_at, about.ends_at).once_key


def _occasion(session_id: UUID, sequence: int) -> str:
    return f"{session_id}/{sequence}"
