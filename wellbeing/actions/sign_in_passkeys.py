"""Passkeys that sign in: added, used, renamed, removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NewType
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.actions.single_use import use_once
from wellbeing.crypto.sign_in_passkeys import MadePasskey, Place, check_shown, read_made, read_shown
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.store.accounts import Person, PersonStatus, SignInPasskey

CHALLENGE_LIFE = timedelta(minutes=5)
MAX_PASSKEYS, NAME_LENGTH = 10, 60


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a passkey has to sign: made for one browser, good once and for five minutes."""

    value: bytes
    made_at: datetime


SpentChallenge = NewType("SpentChallenge", bytes)


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey as its owner sees it."""

    id: UUID
    name: str
    added_on: date


def spend_challenge(session: Session, challenge: Challenge, *, now: datetime) -> SpentChallenge:
    """The challenge for one attempt; Refused when it was used before, or is too old. Commit before
    the attempt: one that fails has used it up as well.
    """
    ends_at = challenge.made_at + CHALLENGE_LIFE
    is_fresh = challenge.made_at <= now < ends_at
    if not is_fresh or not use_once(session, challenge.value.hex(), until=ends_at):
        raise Refused("That took too long. Try once more.")
    return SpentChallenge(challenge.value)


def add_passkey(
    session: Session,
    person_id: UUID,
    answer: str,
    *,
    name: str,
    place: Place,
    challenge: SpentChallenge,
    now: datetime,
) -> None:
    """Keeps a new passkey; Refused where the answer is not right or there are ten already."""
    made = read_made(place, answer, challenge=challenge)
    if len(find_credential_ids(session, person_id)) >= MAX_PASSKEYS:
        raise Refused("You have ten passkeys already. Remove one first.")
    passkey = _row(person_id, made, name=name, day=now.date())
    try:
        with session.begin_nested():
            session.add(passkey)
    except IntegrityError:
        raise Refused("That passkey is known already.") from None
    record(session, "passkey.added", str(person_id), by=Actor.person(person_id), now=now)
    tell_of_change(session, person_id, Change.PASSKEY_ADDED, now=now)


def use_passkey(
    session: Session,
    answer: str,
    *,
    place: Place,
    challenge: SpentChallenge,
    person_id: UUID | None = None,
) -> UUID:
    """Whose passkey signed the challenge, or Refused; `person_id`: it has to be this person's."""
    shown = read_shown(answer)
    passkey = session.execute(
        select(SignInPasskey, Person.status)
        .join(Person, Person.id == SignInPasskey.person_id)
        .where(SignInPasskey.credential_id == shown.credential_id)
        .with_for_update()
    ).first()
    if passkey is None or passkey.status is not PersonStatus.ACTIVE:
        raise Refused("That passkey did not fit.")
    known: SignInPasskey = passkey.SignInPasskey
    # A passkey that was asked for by name may leave the handle out; the others name their owner.
    handles = {known.person_id.bytes} | ({None} if person_id else set())
    if shown.user_handle not in handles or (person_id and known.person_id != person_id):
        raise Refused("That passkey did not fit.")
    known.sign_count = check_shown(
        place,
        answer,
        challenge=challenge,
        public_key=known.public_key,
        sign_count=known.sign_count,
    )
    return known.person_id


def find_passkeys(session: Session, person_id: UUID) -> list[OwnPasskey]:
    """The passkeys of a person, oldest first."""
    rows = session.execute(
        select(SignInPasskey.id, SignInPasskey.name, SignInPasskey.added_on)
        .where(SignInPasskey.person_id == person_id)
        .order_by(SignInPasskey.added_on, SignInPasskey.name)
    )
    return [OwnPasskey(*row) for row in rows]


def find_credential_ids(session: Session, person_id: UUID) -> Sequence[bytes]:
    """By what browsers know the passkeys of a person."""
    query = select(SignInPasskey.credential_id).where(SignInPasskey.person_id == person_id)
    return session.scalars(query).all()


def rename_passkey(session: Session, person_id: UUID, passkey_id: UUID, name: str) -> None:
    """Another name for a passkey of one's own; nothing happens for anybody else's."""
    session.execute(
        update(SignInPasskey)
        .where(SignInPasskey.id == passkey_id, SignInPasskey.person_id == person_id)
        .values(name=_name(name))
    )


def remove_passkey(session: Session, person_id: UUID, passkey_id: UUID, *, now: datetime) -> None:
    """Takes a passkey of one's own away; nothing happens for anybody else's, or again."""
    removed = session.execute(
        delete(SignInPasskey)
        .where(SignInPasskey.id == passkey_id, SignInPasskey.person_id == person_id)
        .returning(SignInPasskey.id)
    ).first()
    if removed is None:
        return
    note(session, Kind.PASSKEY, passkey_id)
    record(session, "passkey.removed", str(person_id), by=Actor.person(person_id), now=now)
    tell_of_change(session, person_id, Change.PASSKEY_REMOVED, now=now)


def _row(person_id: UUID, made: MadePasskey, *, name: str, day: date) -> SignInPasskey:
    return SignInPasskey(
        person_id=person_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        name=_name(name),
        added_on=day,
    )


def _name(typed: str) -> str:
    return one_line(typed)[:NAME_LENGTH]
