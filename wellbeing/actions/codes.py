"""One-time codes: issued for a round, good for one answer, gone when the round is published.

Only hashes are kept, and the hash of a used code is overwritten by random digits: the rows of those
who have answered and of those who have not look alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.crypto.codes import hash_code, hash_of_no_code, make_code, read_code
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import CheckInCode, Person, PersonStatus, SignInSession
from wellbeing.store.base import Base
from wellbeing.store.org import Round, RoundState

SESSION_LIFE = timedelta(minutes=60)
KIOSK_IDLE = timedelta(minutes=10)
_OVER = (RoundState.PUBLISHED, RoundState.CANCELLED, RoundState.LOST)
_BATCH = 500
_codes = Base.metadata.tables[CheckInCode.__tablename__]
_USE_UP = (
    update(_codes)
    .where(_codes.c.round_id == bindparam("round"), _codes.c.person_id == bindparam("person"))
    .values(code_hash=bindparam("no_code"))
)


@dataclass(frozen=True, slots=True)
class OpenedByCode:
    """A sign-in that reaches the check-in of one round."""

    secret: str
    round_id: UUID


def make_codes(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """A new code for each person, not kept anywhere yet."""
    return {person_id: make_code() for person_id in person_ids}


def keep_codes(session: Session, round_id: UUID, codes: dict[UUID, str], *, app_key: bytes) -> None:
    """From the end of the transaction on these codes work, and earlier ones of the same people for
    the same round do not.
    """
    # In one order, so that two who print at once do not wait for each other.
    rows = [
        {"round_id": round_id, "person_id": person_id, "code_hash": hash_code(code, app_key)}
        for person_id, code in sorted(codes.items())
    ]
    for start in range(0, len(rows), _BATCH):
        session.execute(_upsert(session, rows[start : start + _BATCH]))


def open_with_code(
    session: Session,
    typed: str,
    *,
    app_key: bytes,
    older_keys: Sequence[bytes] = (),
    now: datetime,
    life: timedelta = SESSION_LIFE,
) -> OpenedByCode:
    """A sign-in for the check-in that the code is for; one and the same Refused for no code, a
    used or replaced one, a round that is not open, and a person who has left.

    A code made before the key was changed is known by one of the older keys.
    """
    found = _find(session, typed, (app_key, *older_keys), now)
    if found is None:
        raise Refused("That code does not open a check-in.")
    secret = make_token()
    session.add(
        SignInSession(
            secret_hash=hash_token(secret),
            person_id=found.person_id,
            started_at=now,
            expires_at=now + life,
            round_id=found.round_id,
        )
    )
    session.flush()
    return OpenedByCode(secret, found.round_id)


def stop_reminders_by_code(
    session: Session,
    typed: str,
    *,
    app_key: bytes,
    older_keys: Sequence[bytes] = (),
    now: datetime,
) -> None:
    """No more reminders to whom the code belongs; Refused as in `open_with_code`."""
    found = _find(session, typed, (app_key, *older_keys), now)
    if found is None:
        raise Refused("That code does not open a check-in.")
    session.execute(
        update(Person).where(Person.id == found.person_id).values(reminders_stopped=True)
    )


def keep_open(session: Session, secret: str, *, idle: timedelta, now: datetime) -> None:
    """Lets a sign-in by code end `idle` from now, but no later than it would have at first."""
    opened = session.get(SignInSession, hash_token(secret))
    if opened is not None and opened.round_id is not None:
        opened.expires_at = min(opened.started_at + SESSION_LIFE, now + idle)


def use_up_code(session: Session, round_id: UUID, person_id: UUID) -> None:
    """The answer is sent: the code opens nothing any more. Nothing happens where there is none."""
    session.execute(_USE_UP, {"round": round_id, "person": person_id, "no_code": hash_of_no_code()})


def delete_codes(session: Session, round_id: UUID) -> None:
    """Forgets every code of a round; again is fine."""
    session.execute(delete(CheckInCode).where(CheckInCode.round_id == round_id))


def codes_left_over() -> Any:
    """The statement that deletes the codes of rounds that are over."""
    over = select(Round.id).where(Round.state.in_(_OVER))
    return delete(CheckInCode).where(CheckInCode.round_id.in_(over))


def _find(session: Session, typed: str, keys: Sequence[bytes], now: datetime) -> Any:
    """One query whatever was typed, so that no answer comes sooner than another."""
    return session.execute(
        select(CheckInCode.person_id, CheckInCode.round_id)
        .join(Round, Round.id == CheckInCode.round_id)
        .join(Person, Person.id == CheckInCode.person_id)
        .where(
            CheckInCode.code_hash.in_([hash_code(read_code(typed), key) for key in keys]),
            Round.state == RoundState.OPEN,
            Round.opens_at <= now,
            Round.closes_at > now,
            Person.status != PersonStatus.DISABLED,
        )
    ).first()


def _upsert(session: Session, rows: list[dict[str, Any]]) -> Any:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(CheckInCode).values(rows)
    return insert.on_conflict_do_update(
        index_elements=[CheckInCode.round_id, CheckInCode.person_id],
        set_={"code_hash": insert.excluded.code_hash},
    )
