"""Whom HR prints one-time codes for: the roster of a round in some units, answered or not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.codes import keep_codes
from wellbeing.actions.roster import find_roster, find_roster_below
from wellbeing.actions.units import find_paths
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.store.accounts import Person
from wellbeing.store.org import Membership, Round, RoundState

MOST_AT_ONCE = 120
_PRINTABLE = (RoundState.PLANNED, RoundState.OPEN)


class ToWhom(StrEnum):
    """Those whom nothing else reaches, or everybody."""

    UNREACHED = "unreached"
    EVERYBODY = "everybody"


class PrintKind(StrEnum):
    """A letter is a page; eight cards share one."""

    LETTERS = "letters"
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is asked in a round, as the letter names them."""

    person_id: UUID
    number: str
    name: str
    language: str
    unit_id: UUID
    unit: str
    is_reached: bool


def get_printable_round(session: Session, round_id: UUID, *, now: datetime) -> Round:
    """The round; Missing unless it can still be answered, now or later."""
    round_ = session.get(Round, round_id)
    if round_ is None or round_.state not in _PRINTABLE or round_.closes_at <= now:
        raise Missing("There is no such round to print letters for.")
    return round_


def find_receivers(
    session: Session,
    round_: Round,
    units: Collection[UUID],
    *,
    zone: ZoneInfo,
    sends_sms: bool,
) -> list[Receiver]:
    """Everybody asked in the round whose home is one of these units, by unit and name."""
    day = round_.opens_at.astimezone(zone).date()
    asked = find_roster_below(session, round_.unit_id, day) if round_.unit_id else None
    asked = find_roster(session, day) if asked is None else asked
    paths = find_paths(session)
    found = [
        Receiver(
            person.id,
            person.employee_number,
            person.name,
            person.language,
            unit_id,
            paths[unit_id],
            bool(person.email or (sends_sms and person.mobile)),
        )
        for person, unit_id in session.execute(_homes(day))
        if person.id in asked and unit_id in units and unit_id in paths
    ]
    return sorted(found, key=lambda one: (one.unit, one.name, one.number))


def choose_receivers(
    receivers: list[Receiver], to_whom: ToWhom, numbers: Collection[str]
) -> list[Receiver]:
    """Those meant; BadInput for a number that is not among them, for nobody and for too many."""
    known = {one.number for one in receivers}
    if strange := sorted(set(numbers) - known):
        raise BadInput(
            "Nobody asked in this round here has the employee number {number}.", number=strange[0]
        )
    if numbers:
        chosen = [one for one in receivers if one.number in numbers]
    else:
        everybody = to_whom is ToWhom.EVERYBODY
        chosen = [one for one in receivers if everybody or not one.is_reached]
    if not chosen:
        raise BadInput("Nobody there needs a letter. Choose another unit, or everybody.")
    if len(chosen) > MOST_AT_ONCE:
        raise BadInput(
            "{most} letters are the most at once. Choose a smaller unit.", most=MOST_AT_ONCE
        )
    return chosen


def note_printed(
    session: Session,
    round_id: UUID,
    codes: dict[UUID, str],
    *,
    app_key: bytes,
    unit_id: UUID,
    kind: PrintKind,
    now: datetime,
    by: Actor,
) -> None:
    """From now on the printed codes work; the audit log has how many, and not for whom."""
    keep_codes(session, round_id, codes, app_key=app_key)
    record(
        session,
        "letters.printed",
        str(round_id),
        by=by,
        now=now,
        unit=str(unit_id),
        kind=kind.value,
        count=len(codes),
    )


def _homes(day: date) -> Any:
    return (
        select(Person, Membership.unit_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.from_day <= day,
            or_(Membership.until_day.is_(None), Membership.until_day > day),
        )
    )
