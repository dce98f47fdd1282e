"""Stopping reminders from a mail, without signing in."""

from pathlib import Path
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import update
from sqlalchemy.orm import Session

from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.crypto.secrets import get_app_keys
from wellbeing.store.accounts import Person


def make_stop_token(person_id: UUID, *, folder: Path) -> str:
    """A token that can do one thing only: stop this person's reminders."""
    return str(_serializer(folder).dumps(person_id.hex))


def stop_reminders(session: Session, token: str, *, folder: Path) -> None:
    """Stops reminders; a token that is not ours changes nothing and is not told apart."""
    try:
        person_id = UUID(hex=_serializer(folder).loads(token))
    except (BadSignature, ValueError):
        return
    note(session, Kind.REMINDERS_STOPPED, person_id)
    session.execute(update(Person).where(Person.id == person_id).values(reminders_stopped=True))


def set_reminders(session: Session, person_id: UUID, *, wanted: bool) -> None:
    """What a person decided about reminders on their own page."""
    changed = session.execute(
        update(Person)
        .where(Person.id == person_id, Person.reminders_stopped.is_(wanted))
        .values(reminders_stopped=not wanted)
        .returning(Person.id)
    )
    if changed.first() is not None:
        note(session, Kind.REMINDERS_WANTED if wanted else Kind.REMINDERS_STOPPED, person_id)


def _serializer(folder: Path) -> URLSafeSerializer:
    # Signs with the last; a link in a mail outlives a change of the key.
    return URLSafeSerializer([*reversed(get_app_keys(folder))], salt="stop-reminders")
