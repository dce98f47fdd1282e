"""Key holders: who can give a share of a round's key, and the code that locks theirs."""

from datetime import date, datetime
from uuid import UUID

from nacl.public import PrivateKey
from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.units import find_parents, find_scope
from wellbeing.crypto.diaries import lock_by_code, public_key_of, unlock_by_code
from wellbeing.crypto.round_shares import PublicKeys
from wellbeing.domain.actor import Actor
from wellbeing.domain.diary_codes import check_code, composed
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.accounts import KeyHolder, Person, PersonStatus, RoleGrant


def become_holder(
    session: Session,
    code: str,
    duty: Duty,
    *,
    person_id: UUID,
    organisation: str,
    today: date,
    now: datetime,
    by: Actor,
) -> None:
    """Makes the person a holder for one side, from the next round on.

    BadInput for a code that is soon guessed; Refused without the role, or with the other side's.
    """
    if not has_duty(session, person_id, duty):
        raise Refused("You do not have the role that this key belongs to.")
    if session.get(KeyHolder, person_id) is not None:
        raise Refused("You already hold a key. One person never holds two.")
    private = bytes(PrivateKey.generate())
    holder = KeyHolder(
        person_id=person_id,
        duty=duty,
        public_key=public_key_of(private),
        locked_by_code=lock_by_code(private, _check(session, code, person_id, organisation)),
        made_on=today,
    )
    session.add(holder)
    try:
        session.flush()
    except IntegrityError:
        raise Refused("You already hold a key. One person never holds two.") from None
    record(session, "key.taken", str(person_id), by=by, now=now, duty=duty.value)


def change_code(
    session: Session,
    code: str,
    new_code: str,
    *,
    person_id: UUID,
    organisation: str,
    now: datetime,
    by: Actor,
) -> None:
    """Locks the same key by another code; BadInput when the old one does not fit."""
    holder = _get_held(session, person_id)
    private = unlock(holder, code)
    known = _check(session, new_code, person_id, organisation)
    holder.locked_by_code = lock_by_code(private, known)
    record(session, "key.code_changed", str(person_id), by=by, now=now)


def stop_holding(session: Session, *, person_id: UUID, now: datetime, by: Actor) -> None:
    """Deletes the person's key: nobody opens with it any more. Again is fine."""
    holder = session.get(KeyHolder, person_id, with_for_update=True)
    if holder is None:
        return
    duty = holder.duty
    session.execute(delete(KeyHolder).where(KeyHolder.person_id == person_id))
    record(session, "key.left", str(person_id), by=by, now=now, duty=duty.value)


def find_holder(session: Session, person_id: UUID) -> KeyHolder | None:
    """What key a person holds; None for none."""
    return session.get(KeyHolder, person_id)


def unlock(holder: KeyHolder, code: str) -> bytes:
    """The private key of a holder; BadInput when the code does not fit."""
    private = unlock_by_code(holder.locked_by_code, composed(code))
    if private is None:
        raise BadInput("That is not the code of your key.")
    return private


def find_holders(session: Session) -> dict[Duty, PublicKeys]:
    """The public keys of whoever can give a share now: active, and still in the role."""
    found: dict[Duty, dict[UUID, bytes]] = {duty: {} for duty in Duty}
    query = (
        select(KeyHolder)
        .join(Person, Person.id == KeyHolder.person_id)
        .where(Person.status != PersonStatus.DISABLED)
    )
    for holder in session.scalars(query):
        if has_duty(session, holder.person_id, holder.duty):
            found[holder.duty][holder.person_id] = holder.public_key
    return dict(found)


def check_both_sides(session: Session) -> dict[Duty, PublicKeys]:
    """The holders of both sides; Refused when one side has none, so that no round opens that
    could never be counted.
    """
    holders = find_holders(session)
    if not holders[Duty.HR]:
        raise Refused("The round waits until somebody in HR holds a key.")
    if not holders[Duty.SAFETY_REPRESENTATIVE]:
        raise Refused("The round waits until a safety representative holds a key.")
    return holders


def has_duty(session: Session, person_id: UUID, duty: Duty) -> bool:
    """Whether the person is in the role now: for HR, that of the whole organisation."""
    if duty is Duty.HR:
        reached = find_scope(session, person_id, frozenset({duty.role}))
        return bool(reached) and reached >= find_parents(session).keys()
    granted = exists().where(RoleGrant.person_id == person_id, RoleGrant.role == duty.role)
    return bool(session.scalar(select(granted)))


def _get_held(session: Session, person_id: UUID) -> KeyHolder:
    holder = session.get(KeyHolder, person_id, with_for_update=True)
    if holder is None:
        raise Missing("You hold no key.")
    return holder


def _check(session: Session, code: str, person_id: UUID, organisation: str) -> str:
    person, known = session.get_one(Person, person_id), composed(code)
    check_code(known, about=(person.name, (person.email or "").split("@")[0], organisation))
    return known
