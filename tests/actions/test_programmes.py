"""What HR decides about rounds, and what cannot be decided."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from wellbeing.actions.programmes import (
    ProgrammeValues,
    create_programme,
    find_burden,
    find_first_windows,
    open_now,
    plan_round,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Pause, Programme, Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

ZONE = ZoneInfo("Europe/Copenhagen")
HR = Actor.person(UUID(int=1))
QUARTERLY = ProgrammeValues(
    name="Trivsel",
    every_months=3,
    window_days=14,
    opening_time=time(8),
    reminder_days=(5, 10),
    first_day=date(2026, 2, 9),
)


def create(database: Database, values: ProgrammeValues, now: datetime) -> Round:
    """The first round of a new programme."""
    with database.writing(Reach.WORKPLACE) as session:
        made = create_programme(session, values, zone=ZONE, now=now, by=HR)
        return session.scalars(select(Round).where(Round.programme_id == made.id)).one()


def open_it(database: Database, round_id: UUID, now: datetime) -> Round:
    """The round after HR asked for it to be opened."""
    with database.writing(Reach.WORKPLACE) as session:
        return open_now(session, round_id, now=now, by=HR)


def set_state(database: Database, round_id: UUID, state: RoundState) -> None:
    """Puts a round into a state without the jobs."""
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Round, round_id).state = state


def count_acts(database: Database, act: str) -> int:
    """How often the audit log names the act."""
    with database.reading(Reach.EVERYTHING) as session:
        counted = select(func.count()).select_from(AuditEvent).where(AuditEvent.act == act)
        return session.scalar(counted) or 0


def test_a_programme_plans_its_first_round_at_a_wall_clock_time(
    database: Database, now: datetime
) -> None:
    first = create(database, QUARTERLY, now)
    assert first.state is RoundState.PLANNED
    assert first.opens_at == datetime(2026, 2, 9, 7, 0, tzinfo=UTC)
    assert first.closes_at == datetime(2026, 2, 23, 7, 0, tzinfo=UTC)
    assert count_acts(database, "programme.created") == 1


def test_a_name_is_kept_on_one_line(database: Database, now: datetime) -> None:
    first = create(database, replace(QUARTERLY, name=" Trivsel\n\x00 hos  os "), now)
    with database.reading(Reach.WORKPLACE) as session:
        assert session.get_one(Programme, first.programme_id).name == "Trivsel hos os"


@pytest.mark.asvs("2.2.1", "2.2.3")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": " \x00 "}, "name"),
        ({"name": "x" * 121}, "120"),
        ({"every_months": 0}, "months"),
        ({"every_months": 13}, "months"),
        ({"window_days": 1}, "days"),
        ({"window_days": 29}, "days"),
        ({"reminder_days": (14,)}, "reminder"),
        ({"reminder_days": (0,)}, "reminder"),
        ({"reminder_days": (2, 4, 6, 8)}, "three"),
        ({"first_day": date(2026, 2, 1)}, "past"),
        ({"first_day": date(2027, 3, 1)}, "year"),
        ({"first_day": date.max}, "year"),
        ({"min_group_size": 4}, "5"),
        ({"min_group_size": 10**12}, "50"),
    ],
)
def test_a_value_that_cannot_be_is_named_and_nothing_is_made(
    database: Database, now: datetime, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        create(database, replace(QUARTERLY, **wrong), now)  # type: ignore[arg-type]
    with database.reading(Reach.WORKPLACE) as session:
        assert session.scalar(select(func.count()).select_from(Programme)) == 0


@pytest.mark.asvs("2.2.3")
def test_a_programme_too_near_another_round_is_refused(database: Database, now: datetime) -> None:
    create(database, QUARTERLY, now)
    near = replace(QUARTERLY, name="Ekstra", first_day=QUARTERLY.first_day + timedelta(days=29))
    with pytest.raises(Refused, match="30 days"):
        create(database, near, now)


def test_a_weekend_and_a_pause_move_the_first_round(database: Database, now: datetime) -> None:
    with database.writing(Reach.WORKPLACE) as session:
        pause = Pause(from_day=date(2026, 2, 9), until_day=date(2026, 2, 14), reason="Vinterferie")
        session.add(pause)
    first = create(database, replace(QUARTERLY, first_day=date(2026, 2, 7)), now)
    assert first.opens_at.astimezone(ZONE).date() == date(2026, 2, 16)


def test_a_monthly_programme_never_plans_two_rounds_within_thirty_days(
    database: Database, now: datetime
) -> None:
    first = create(database, replace(QUARTERLY, every_months=1), now)
    with database.writing(Reach.WORKPLACE) as session:
        programme = session.get_one(Programme, first.programme_id)
        plan_round(session, programme, 2, date(2026, 3, 9), ZONE)
    with database.reading(Reach.WORKPLACE) as session:
        second = session.scalars(select(Round).where(Round.number == 2)).one()
    assert second.opens_at.astimezone(ZONE).date() == date(2026, 3, 11)
    assert second.opens_at - first.opens_at >= timedelta(days=30)


def test_thirty_days_hold_over_the_night_the_clocks_go_forward(
    database: Database, now: datetime
) -> None:
    first = create(database, replace(QUARTERLY, first_day=date(2026, 3, 10)), now)
    with database.writing(Reach.WORKPLACE) as session:
        programme = session.get_one(Programme, first.programme_id)
        plan_round(session, programme, 2, date(2026, 4, 9), ZONE)
    with database.reading(Reach.WORKPLACE) as session:
        second = session.scalars(select(Round).where(Round.number == 2)).one()
    assert second.opens_at.astimezone(ZONE).date() == date(2026, 4, 10)


def test_the_first_dates_can_be_seen_without_making_anything(
    database: Database, now: datetime
) -> None:
    with database.reading(Reach.WORKPLACE) as session:
        windows = find_first_windows(session, QUARTERLY, zone=ZONE, now=now, count=3)
    opens_on = [window.opens_at.astimezone(ZONE).date() for window in windows]
    assert opens_on == [date(2026, 2, 9), date(2026, 5, 11), date(2026, 8, 11)]


def test_the_dates_seen_are_the_dates_made(database: Database, now: datetime) -> None:
    with database.reading(Reach.WORKPLACE) as session:
        seen = find_first_windows(session, QUARTERLY, zone=ZONE, now=now, count=1)[0]
    made = create(database, QUARTERLY, now)
    assert (seen.opens_at, seen.closes_at) == (made.opens_at, made.closes_at)


def test_a_planned_round_opens_now_for_as_long_as_planned(
    database: Database, now: datetime
) -> None:
    first = create(database, QUARTERLY, now)
    opened = open_it(database, first.id, now)
    assert opened.opens_at == now
    assert opened.closes_at == now + (first.closes_at - first.opens_at)
    assert count_acts(database, "round.opening_moved") == 1


def test_opening_twice_moves_nothing_the_second_time(database: Database, now: datetime) -> None:
    first = create(database, QUARTERLY, now)
    open_it(database, first.id, now)
    again = open_it(database, first.id, now + timedelta(seconds=30))
    assert again.opens_at == now
    assert count_acts(database, "round.opening_moved") == 1


def test_opening_a_round_that_is_open_changes_nothing(database: Database, now: datetime) -> None:
    first = create(database, QUARTERLY, now)
    set_state(database, first.id, RoundState.OPEN)
    assert open_it(database, first.id, now).opens_at == first.opens_at
    assert count_acts(database, "round.opening_moved") == 0


@pytest.mark.parametrize(
    "state", [RoundState.CLOSED, RoundState.PUBLISHED, RoundState.STOPPED, RoundState.CANCELLED]
)
def test_a_round_that_is_over_cannot_be_opened(
    database: Database, now: datetime, state: RoundState
) -> None:
    first = create(database, QUARTERLY, now)
    set_state(database, first.id, state)
    with pytest.raises(Refused, match="Only a planned round"):
        open_it(database, first.id, now)


@pytest.mark.parametrize(("days", "refused"), [(29, True), (30, False)])
def test_a_round_opens_no_sooner_than_thirty_days_after_the_last(
    database: Database, now: datetime, days: int, refused: bool
) -> None:
    first = create(database, QUARTERLY, now)
    with database.writing(Reach.EVERYTHING) as session:
        last = Round(
            programme_id=first.programme_id,
            number=9,
            state=RoundState.PUBLISHED,
            opens_at=now - timedelta(days=days),
            closes_at=now - timedelta(days=days - 7),
            min_group_size=5,
        )
        session.add(last)
    if refused:
        with pytest.raises(Refused, match="30 days"):
            open_it(database, first.id, now)
    else:
        assert open_it(database, first.id, now).opens_at == now


def test_a_round_waits_for_one_that_has_stopped(database: Database, now: datetime) -> None:
    first = create(database, QUARTERLY, now)
    with database.writing(Reach.EVERYTHING) as session:
        stopped = Round(
            programme_id=first.programme_id,
            number=9,
            state=RoundState.STOPPED,
            opens_at=now - timedelta(days=90),
            closes_at=now - timedelta(days=76),
            min_group_size=5,
        )
        session.add(stopped)
    with pytest.raises(Refused, match="still running"):
        open_it(database, first.id, now)


def test_a_round_that_does_not_exist_is_missing(database: Database, now: datetime) -> None:
    with pytest.raises(Missing):
        open_it(database, uuid4(), now)


@pytest.mark.asvs("2.3.2")
def test_a_programme_over_the_burden_budget_is_refused(database: Database, now: datetime) -> None:
    create(database, replace(QUARTERLY, every_months=1), now)
    later = replace(QUARTERLY, every_months=2, first_day=date(2026, 8, 11))
    with pytest.raises(BadInput, match="25 minutes a quarter of everyone, and the budget is 20"):
        create(database, later, now)
    with database.reading(Reach.WORKPLACE) as session:
        assert find_burden(session) == 15
