"""Which check-in is open for a person, and everything that answering it needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from wellbeing.actions.wordings import choose_wording
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Wording
from wellbeing.store.accounts import CheckInCode
from wellbeing.store.base import Base
from wellbeing.store.locks import RoundHold
from wellbeing.store.org import Round, RoundState, RoundWording
from wellbeing.store.personal import DiaryKey, Participation

# Asked at every page of a check-in, so they are put together once, on tables rather than objects,
# and ask for everything in one go.
_round, _words, _taking_part, _diary, _code = (
    Base.metadata.tables[entity.__tablename__]
    for entity in (Round, RoundWording, Participation, DiaryKey, CheckInCode)
)
IS_OPEN = and_(_round.c.state == RoundState.OPEN, _round.c.closes_at > bindparam("now"))
_CHECKIN = (
    select(_round.c.id, _round.c.closes_at, _taking_part.c.done, _taking_part.c.reporting_unit_id)
    .join_from(_taking_part, _round)
    .where(_taking_part.c.person_id == bindparam("person"), IS_OPEN)
)
# A row for each language that the round asks in.
_ASKED = (
    _CHECKIN.add_columns(
        _round.c.min_group_size,
        _round.c.public_key,
        select(_diary.c.public_key)
        .where(_diary.c.person_id == bindparam("person"))
        .scalar_subquery()
        .label("diary_key"),
        exists()
        .where(_code.c.round_id == _round.c.id, _code.c.person_id == bindparam("person"))
        .label("has_code"),
        _words.c.locale,
        _words.c.wording_id,
        _words.c.sha256,
        _words.c.occupation,
    )
    .outerjoin(_words, _words.c.round_id == _round.c.id)
    .where(_round.c.id == bindparam("round"))
)
_ASKED_AND_HELD = _ASKED.add_columns(RoundHold())
_ROUND = select(_round.c.state, _round.c.closes_at).where(_round.c.id == bindparam("round"))


@dataclass(frozen=True, slots=True)
class OpenCheckin:
    """A round that is open for a person; not counted means: a result, but no ballot."""

    round_id: UUID
    closes_at: datetime
    done: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class AskedCheckin:
    """An open check-in with the words it asks with, and what an answer of this person needs."""

    checkin: OpenCheckin
    wording: Wording
    min_group_size: int
    public_key: str
    diary_key: bytes | None
    has_code: bool


def find_open_checkin(session: Session, person_id: UUID, *, now: datetime) -> OpenCheckin | None:
    """The round open for this person now, if any."""
    row = session.execute(_CHECKIN, {"person": person_id, "now": now}).first()
    return None if row is None else _checkin_of(row)


def find_asked(
    session: Session,
    locales: Sequence[str],
    *,
    person_id: UUID,
    round_id: UUID,
    now: datetime,
) -> AskedCheckin | None:
    """This round, if it is open for this person now, with its words as `get_wording` finds them."""
    about = {"person": person_id, "round": round_id, "now": now}
    return _asked_of(session, session.execute(_ASKED, about).all(), locales)


def hold_asked(
    session: Session,
    locales: Sequence[str],
    *,
    person_id: UUID,
    round_id: UUID,
    now: datetime,
) -> AskedCheckin:
    """`find_asked` of a round that from then on closes only after this transaction, or Refused.

    It may have closed while this waited: whoever writes asks for that in the same statement, or
    with `check_open`.
    """
    about = {"person": person_id, "round": round_id, "now": now} | RoundHold.bind(round_id)
    asked = _asked_of(session, session.execute(_ASKED_AND_HELD, about).all(), locales)
    if asked is None:
        check_open(session, round_id, now)
        raise Refused("There is no check-in open for you right now.")
    return asked


def check_open(session: Session, round_id: UUID, now: datetime) -> None:
    """Refused unless the round takes answers now."""
    round_ = session.execute(_ROUND, {"round": round_id}).first()
    if round_ is None or round_.state is RoundState.PLANNED:
        raise Refused("There is no check-in open for you right now.")
    if round_.state is not RoundState.OPEN or now >= round_.closes_at:
        raise Refused("This round has closed, so nothing more can be sent.")


def _asked_of(
    session: Session, rows: Sequence[Row[Any]], locales: Sequence[str]
) -> AskedCheckin | None:
    if not rows:
        return None
    wording = choose_wording(session, rows, locales)
    row = rows[0]
    return AskedCheckin(
        _checkin_of(row),
        wording,
        row.min_group_size,
        row.public_key,
        row.diary_key,
        bool(row.has_code),
    )


def _checkin_of(row: Any) -> OpenCheckin:
    return OpenCheckin(row.id, row.closes_at, row.done, row.reporting_unit_id is not None)
