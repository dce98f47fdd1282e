"""What HR decides about rounds: programmes, their rhythm, and opening one sooner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.burden import load_burden_budget
from wellbeing.domain.cycles import (
    MIN_DAYS_BETWEEN_ROUNDS,
    Rhythm,
    Window,
    add_months,
    check_distance,
    day_outside_pauses,
    window_from,
)
from wellbeing.domain.disclosure import load_rules
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.official_wording import check_occupation, get_frame
from wellbeing.domain.plain_text import one_line
from wellbeing.store.org import Pause, Programme, Round, RoundState

RUNNING = (RoundState.OPEN, RoundState.CLOSED, RoundState.TALLIED, RoundState.STOPPED)
MAX_NAME_LENGTH = 120
MAX_DAYS_AHEAD = 365
LARGEST_MIN_GROUP = 50


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
    occupation: Mapping[str, str] = field(default_factory=dict)
    two_keys: bool = False


def create_programme(
    session: Session, values: ProgrammeValues, *, zone: ZoneInfo, now: datetime, by: Actor
) -> Programme:
    """A programme with its first round planned; BadInput names the value that cannot be."""
    _check_first(session, values, zone, now)
    programme = Programme(
        id=uuid4(),
        name=one_line(values.name),
        instrument="proqol5",
        every_months=values.every_months,
        window_days=values.window_days,
        opening_time=f"{values.opening_time:%H:%M}",
        reminder_days=",".join(str(day) for day in sorted(set(values.reminder_days))),
        min_group_size=values.min_group_size,
        active=True,
        occupation=_check_occupation(values.occupation),
        two_keys=values.two_keys,
    )
    session.add(programme)
    session.flush()
    plan_round(session, programme, 1, values.first_day, zone)
    record(session, "programme.created", str(programme.id), by=by, now=now, name=programme.name)
    return programme


def get_programme(session: Session, programme_id: UUID) -> Programme:
    """The programme; raises Missing."""
    programme = session.get(Programme, programme_id)
    if programme is None:
        raise Missing("That programme does not exist.")
    return programme


def set_occupation(
    session: Session,
    programme_id: UUID,
    occupation: Mapping[str, str],
    *,
    now: datetime,
    by: Actor,
) -> None:
    """By language, the word for [helper] in the official form from the next round that opens."""
    programme = get_programme(session, programme_id)
    checked = _check_occupation(occupation)
    if checked == programme.occupation:
        return
    programme.occupation = checked
    words = [f"{locale}: {word}" for locale, word in (checked or {}).items()]
    record(session, "programme.occupation_set", str(programme_id), by=by, now=now, words=words)


def set_two_keys(
    session: Session, programme_id: UUID, *, wanted: bool, now: datetime, by: Actor
) -> None:
    """Whether the programme's rounds need two keys, from the next one that opens."""
    programme = get_programme(session, programme_id)
    if programme.two_keys == wanted:
        return
    programme.two_keys = wanted
    record(session, "programme.two_keys_set", str(programme_id), by=by, now=now, wanted=wanted)


def _check_occupation(occupation: Mapping[str, str]) -> dict[str, str] | None:
    checked = {get_frame(lang).locale: check_occupation(word) for lang, word in occupation.items()}
    return {locale: word for locale, word in checked.items() if word} or None


def _rhythm_from(values: ProgrammeValues) -> Rhythm:
    return Rhythm(
        values.every_months, values.window_days, values.opening_time, values.reminder_days
    )


def rhythm_of(programme: Programme) -> Rhythm:
    """The programme's rule as the domain reads it."""
    days = tuple(int(day) for day in programme.reminder_days.split(",") if day)
    clock = time.fromisoformat(programme.opening_time)
    return Rhythm(programme.every_months, programme.window_days, clock, days)


def find_first_windows(
    session: Session, values: ProgrammeValues, *, zone: ZoneInfo, now: datetime, count: int
) -> list[Window]:
    """When the first rounds of such a programme would be open; BadInput as when it is created."""
    _check_first(session, values, zone, now)
    rhythm, day, windows = _rhythm_from(values), values.first_day, list[Window]()
    openings = _find_openings(session)
    while len(windows) < count:
        windows.append(_next_window(session, rhythm, day, openings, zone))
        openings.append(windows[-1].opens_at)
        opened = windows[-1].opens_at.astimezone(zone).date()
        day = add_months(opened, rhythm.every_months)
    return windows


def open_now(session: Session, round_id: UUID, *, now: datetime, by: Actor) -> Round:
    """Moves a planned round's opening to now; the opening job opens it within a minute.

    A round whose opening has come already, or that is open, is left as it is.
    """
    round_ = session.get(Round, round_id, with_for_update=True)
    if round_ is None:
        raise Missing("That round does not exist.")
    if round_.unit_id is not None:
        raise Refused("An extra check-in opens by itself on its day.")
    if round_.state is RoundState.OPEN:
        return round_
    if round_.state is not RoundState.PLANNED:
        raise Refused("Only a planned round can be opened.")
    if round_.opens_at <= now:
        return round_
    has_closed = Round.unit_id.is_not(None) & (Round.state != RoundState.OPEN)
    running = select(Round.id).where(Round.state.in_(RUNNING), ~has_closed)
    if session.scalars(running).first():
        raise Refused("Another round is still running; this one waits until it is published.")
    check_distance(now, _find_openings(session, but=round_id))
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


def _check_first(session: Session, values: ProgrammeValues, zone: ZoneInfo, now: datetime) -> None:
    _check_values(values, today=now.astimezone(zone).date())
    first = _window_on(session, _rhythm_from(values), values.first_day, zone)
    check_distance(first.opens_at, _find_openings(session))
    asked, most = find_burden(session, values), load_burden_budget().most_minutes_a_quarter
    if asked > most:
        raise BadInput(
            "This would ask {minutes} minutes a quarter of everyone, and the budget is {most}. "
            "Choose more months between the rounds.",
            minutes=asked,
            most=most,
        )


def find_burden(session: Session, values: ProgrammeValues | None = None) -> int:
    """The minutes that the active programmes, and this one, ask of one person in a quarter."""
    rhythms = list(session.scalars(select(Programme.every_months).where(Programme.active)))
    if values is not None:
        rhythms.append(values.every_months)
    return load_burden_budget().minutes_of(rhythms)


def _check_values(values: ProgrammeValues, *, today: date) -> None:
    if not one_line(values.name):
        raise BadInput("The programme needs a name.")
    if len(one_line(values.name)) > MAX_NAME_LENGTH:
        raise BadInput("The name can be {length} characters long.", length=MAX_NAME_LENGTH)
    if values.first_day < today:
        raise BadInput("The first round cannot open in the past.")
    if values.first_day > today + timedelta(days=MAX_DAYS_AHEAD):
        raise BadInput("The first round must open within a year.")
    if not 1 <= values.every_months <= 12:
        raise BadInput("A round can be held every 1 to 12 months.")
    if not 2 <= values.window_days <= 28:
        raise BadInput("A round can be open for 2 to 28 days.")
    if any(not 1 <= day < values.window_days for day in values.reminder_days):
        raise BadInput("A reminder must fall inside the days the round is open.")
    if len(set(values.reminder_days)) > 3:
        raise BadInput("At most three reminders, please: more is a burden.")
    if values.min_group_size > LARGEST_MIN_GROUP:
        raise BadInput("The smallest group can be at most {size}.", size=LARGEST_MIN_GROUP)
    if values.min_group_size < load_rules().min_group_size:
        raise BadInput(
            "The smallest group can be {size} or more.", size=load_rules().min_group_size
        )


def find_next_window(
    session: Session, programme: Programme, day: date, zone: ZoneInfo, *, but: UUID
) -> Window:
    """The first window from `day` on that keeps its distance to every round but one."""
    openings = _find_openings(session, but=but)
    return _next_window(session, rhythm_of(programme), day, openings, zone)


def plan_round(
    session: Session, programme: Programme, number: int, day: date, zone: ZoneInfo
) -> None:
    """Adds the programme's next round, on `day` or as soon after it as the distance allows."""
    rhythm, openings = rhythm_of(programme), _find_openings(session)
    window = _next_window(session, rhythm, day, openings, zone)
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


def _window_on(session: Session, rhythm: Rhythm, day: date, zone: ZoneInfo) -> Window:
    pauses = [(p.from_day, p.until_day) for p in session.scalars(select(Pause))]
    return window_from(day_outside_pauses(day, pauses), rhythm, zone)


def _next_window(
    session: Session, rhythm: Rhythm, day: date, openings: list[datetime], zone: ZoneInfo
) -> Window:
    # A month can be shorter than the least distance: 2 February to 2 March is 28 days.
    least = timedelta(days=MIN_DAYS_BETWEEN_ROUNDS)
    while True:
        window = _window_on(session, rhythm, day, zone)
        near = [other for other in openings if abs(window.opens_at - other) < least]
        if not near:
            return window
        opens_on = window.opens_at.astimezone(zone).date()
        day = max(opens_on + timedelta(days=1), max(near).astimezone(zone).date() + least)


def _find_openings(session: Session, *, but: UUID | None = None) -> list[datetime]:
    """A planned extra round is not in the way of one for everyone: it is the one that yields."""
    yields = (Round.state == RoundState.PLANNED) & Round.unit_id.is_not(None)
    query = select(Round.opens_at).where(Round.state != RoundState.CANCELLED, ~yields)
    return list(session.scalars(query.where(Round.id != but) if but else query))
