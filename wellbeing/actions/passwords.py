"""New passwords: checked one by one, and changed by whoever is signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.crypto.password_guesses import is_easily_guessed
from wellbeing.crypto.secrets import hash_password, is_password
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.passwords import check_password
from wellbeing.store.accounts import Credential, Person

_OUR_WORDS = ("wellbeing", "trivsel")


def check_new_password(person: Person, password: str, *, words: tuple[str, ...] = ()) -> None:
    """Refuses what is too short, holds the person's name, or would be guessed early."""
    own = (person.name, *(person.email or "").split("@"))
    check_password(password, about=own)
    if is_easily_guessed(password, words=(*own, *words, *_OUR_WORDS)):
        raise BadInput(
            "That password would be among the first guesses. Take some words that do not belong"
            " together."
        )


def has_password(session: Session, person_id: UUID) -> bool:
    """Whether this person signs in with a password of ours."""
    return session.get(Credential, person_id) is not None


def is_own_password(session: Session, person_id: UUID, password: str) -> bool:
    """Whether this is the person's password now."""
    known = session.get(Credential, person_id)
    return is_password(password, known.password_hash if known else None)


def change_password(
    session: Session,
    person_id: UUID,
    present: str,
    new: str,
    *,
    now: datetime,
    words: tuple[str, ...] = (),
) -> None:
    """Replaces the password; Refused where the present one does not fit, or somebody was faster."""
    known = session.get(Credential, person_id)
    before = known.password_hash if known else None
    if not is_password(present, before):
        raise Refused("That is not your present password.")
    check_new_password(session.get_one(Person, person_id), new, words=words)
    changed = session.execute(
        update(Credential)
        .where(Credential.person_id == person_id, Credential.password_hash == before)
        .values(password_hash=hash_password(new))
        .returning(Credential.person_id)
    ).first()
    if changed is None:
        raise Refused("That is not your present password.")
    record(session, "password.changed", str(person_id), by=Actor.person(person_id), now=now)
    tell_of_change(session, person_id, Change.PASSWORD, now=now)
