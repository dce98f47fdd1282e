"""When a unit may have an extra check-in: thirty days from every round, or the reason why not."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.burden import BurdenBudget, load_burden_budget
from wellbeing.domain.cycles import Rhythm, Window, moment_of
from wellbeing.domain.off_cycle import NoRoundReason, find_extra_window

ZONE = ZoneInfo("Europe/Copenhagen")
RHYTHM = Rhythm(3, 14, time(9), (5,))
LAST = date(2026, 2, 2)
BUDGET = BurdenBudget(5, 20)


def at(day: date) -> datetime:
    """Nine in the morning of a day."""
    return moment_of(day, time(9), ZONE)


def find(
    happened_on: date,
    today: date,
    next_day: date | None,
    *,
    others: tuple[date, ...] = (LAST,),
    budget: BurdenBudget = BUDGET,
) -> date | NoRoundReason:
    """The first day of the window, or the reason why there is none."""
    found = find_extra_window(
        happened_on,
        today,
        RHYTHM,
        ZONE,
        pauses=[],
        asked_at=[at(day) for day in others],
        next_round_at=at(next_day) if next_day else None,
        budget=budget,
    )
    return found.opens_at.astimezone(ZONE).date() if isinstance(found, Window) else found


def test_it_waits_until_the_burden_budget_has_room_again() -> None:
    tight = BurdenBudget(5, 5)
    assert find(date(2026, 2, 10), date(2026, 2, 10), None, budget=tight) == date(2026, 5, 5)


def test_where_the_budget_never_has_room_in_time_there_is_none() -> None:
    tight, next_day = BurdenBudget(5, 5), date(2026, 7, 1)
    found = find(date(2026, 2, 10), date(2026, 2, 10), next_day, budget=tight)
    assert found is NoRoundReason.TOO_LATE


def test_it_waits_thirty_days_after_the_last_round() -> None:
    assert find(date(2026, 2, 10), date(2026, 2, 10), date(2026, 5, 4)) == date(2026, 3, 4)


def test_it_waits_two_weeks_after_the_incident() -> None:
    assert find(date(2026, 3, 10), date(2026, 3, 10), date(2026, 5, 4)) == date(2026, 3, 24)


def test_it_opens_on_a_weekday() -> None:
    assert find(date(2026, 3, 7), date(2026, 3, 7), date(2026, 5, 11)) == date(2026, 3, 23)


def test_it_keeps_thirty_days_to_the_next_round_or_is_not_held() -> None:
    happened_on = date(2026, 3, 24)
    assert find(happened_on, happened_on, date(2026, 5, 6)) is NoRoundReason.NEXT_COMES_FIRST
    assert find(happened_on, happened_on, date(2026, 5, 7)) == date(2026, 4, 7)


def test_with_a_round_every_month_there_is_no_room() -> None:
    found = find(date(2026, 2, 3), date(2026, 2, 3), date(2026, 3, 4))
    assert found is NoRoundReason.NEXT_COMES_FIRST


def test_a_round_that_should_have_opened_already_comes_first() -> None:
    found = find(date(2026, 2, 3), date(2026, 3, 20), date(2026, 3, 18))
    assert found is NoRoundReason.NEXT_COMES_FIRST


def test_three_months_later_it_is_too_late() -> None:
    assert find(date(2025, 10, 1), date(2026, 3, 20), None) is NoRoundReason.TOO_LATE


def test_the_clocks_going_forward_make_thirty_days_no_shorter() -> None:
    day = find(date(2026, 3, 1), date(2026, 3, 5), None, others=(date(2026, 3, 10),))
    assert day == date(2026, 4, 10)


@given(
    ago=st.integers(0, 120),
    ahead=st.integers(-5, 120),
    happened=st.integers(0, 100),
    waits=st.integers(0, 60),
)
def test_a_window_always_keeps_its_distance_to_both_sides(
    ago: int, ahead: int, happened: int, waits: int
) -> None:
    today = date(2026, 6, 1)
    last, following = at(today - timedelta(days=ago)), at(today + timedelta(days=ahead))
    found = find_extra_window(
        today - timedelta(days=happened),
        today,
        RHYTHM,
        ZONE,
        pauses=[(today, today + timedelta(days=waits + 1))],
        asked_at=[last],
        next_round_at=following,
        budget=load_burden_budget(),
    )
    if isinstance(found, Window):
        assert found.opens_at - last >= timedelta(days=30)
        assert following - found.opens_at >= timedelta(days=30)
        assert found.opens_at > datetime.combine(today, time(), tzinfo=UTC) + timedelta(days=waits)
