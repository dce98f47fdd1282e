"""What HR decides about rounds: programmes, their rhythm, and opening one sooner."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import (
    Rhythm,
    Window,
    check_distance,
    day_outside_pauses,
    window_from,
)
from wellbeing.domain.disclosure import load_rules
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.org import Pause, Programme, Round, RoundState


@dataclass(frozen=True, slots=True)
class ProgrammeValues:
    """What HR decides about a programme."""

    name: str
    every_months: int
    window_days: int
    opening_time: time
    reminder_days: tuple[int, ...]
    first_day: date
    min_group_size: int = 5


def create_programme(
    session: Session, values: ProgrammeValues, *, zone: ZoneInfo, now: datetime, by: Actor
) -> Programme:
    """A programme with its first round planned; BadInput names the value that cannot be."""
    _check_values(values, today=now.astimezone(zone).date())
    programme = Programme(
        id=uuid4(),
        name=values.name.strip(),
        instrument="proqol5",
        every_months=values.every_months,
        window_days=values.window_days,
        opening_time=f"{values.opening_time:%H:%M}",
        reminder_days=",".join(str(day) for day in sorted(set(values.reminder_days))),
        min_group_size=values.min_group_size,
        active=True,
    )
    session.add(programme)
    session.flush()
    plan_round(session, programme, 1, values.first_day, zone)
    record(session, "programme.created", str(programme.id), by=by, now=now, name=programme.name)
    return programme


def rhythm_of(programme: Programme) -> Rhythm:
    """The programme's rule as the domain reads it."""
    days = tuple(int(day) for day in programme.reminder_days.split(",") if day)
    clock = time.fromisoformat(programme.opening_time)
    return Rhythm(programme.every_months, programme.window_days, clock, days)


def open_now(session: Session, round_id: UUID, *, now: datetime, by: Actor) -> Round:
    """Moves a planned round's opening to now; the opening job opens it within a minute."""
    round_ = get_round(session, round_id)
    if round_.state is not RoundState.PLANNED:
        raise Refused("Only a planned round can be opened.")
    others = session.scalars(
        select(Round.opens_at).where(Round.id != round_id, Round.state != RoundState.CANCELLED)
    )
    check_distance(now, others)
    length = round_.closes_at - round_.opens_at
    round_.opens_at, round_.closes_at = now, now + length
    record(session, "round.opening_moved", str(round_id), by=by, now=now)
    return round_


def get_round(session: Session, round_id: UUID) -> Round:
    """The round; raises Missing."""
    round_ = session.get(Round, round_id)
    if round_ is None:
        raise Missing("That round does not exist.")
    return round_


def _check_values(values: ProgrammeValues, *, today: date) -> None:
    if not values.name.strip():
        raise BadInput("The programme needs a name.")
    if values.first_day < today:
        raise BadInput("The first round cannot open in the past.")
    if not 1 <= values.every_months <= 12:
        raise BadInput("A round can be held every 1 to 12 months.")
    if not 2 <= values.window_days <= 28:
        raise BadInput("A round can be open for 2 to 28 days.")
    if any(not 1 <= day < values.window_days for day in values.reminder_days):
        raise BadInput("A reminder must fall inside the days the round is open.")
    if len(set(values.reminder_days)) > 3:
        raise BadInput("At most three reminders, please: more is a burden.")
    if values.min_group_size < load_rules().min_group_size:
        raise BadInput(
            "The smallest group can be {size} or more.", size=load_rules().min_group_size
        )


def find_window(session: Session, programme: Programme, day: date, zone: ZoneInfo) -> Window:
    """The window of a round that opens on `day` or on the first day after it outside pauses."""
    pauses = [(p.from_day, p.until_day) for p in session.scalars(select(Pause))]
    return window_from(day_outside_pauses(day, pauses), rhythm_of(programme), zone)


def plan_round(
    session: Session, programme: Programme, number: int, day: date, zone: ZoneInfo
) -> None:
    """Adds the programme's next round."""
    window = find_window(session, programme, day, zone)
    session.add(
        Round(
            id=uuid4(),
            programme_id=programme.id,
            number=number,
            state=RoundState.PLANNED,
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            min_group_size=programme.min_group_size,
        )
    )
    session.flush()
