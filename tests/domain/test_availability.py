"""When a supervisor is free, also while the clocks change, and the days of a series."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.availability import (
    Diary,
    HoursException,
    Span,
    WeeklyHours,
    exists_once,
    free_slots,
    free_spans,
    hours_on,
    is_away,
    is_skipped,
    is_week_full,
    series_days,
)
from wellbeing.domain.support_rules import load_support_rules

ZONE = ZoneInfo("Europe/Copenhagen")
MONDAY = date(2026, 2, 2)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
IS_CLOSED = load_support_rules().is_closed


def hours(
    day: date,
    from_clock: str,
    until_clock: str,
    *,
    from_day: date = date(2026, 1, 1),
    until_day: date | None = None,
) -> WeeklyHours:
    """Hours of the weekday of a day, from 2026 on."""
    from_time, until_time = time.fromisoformat(from_clock), time.fromisoformat(until_clock)
    return WeeklyHours(day.weekday(), from_time, until_time, from_day, until_day)


def span(day: date, from_clock: str, until_clock: str) -> Span:
    """A span between two times of a day on the wall clock."""
    ends = (time.fromisoformat(clock) for clock in (from_clock, until_clock))
    return Span(*(datetime.combine(day, clock, tzinfo=ZONE).astimezone(UTC) for clock in ends))


def diary(*weekly: WeeklyHours, **more: object) -> Diary:
    """A diary with room for five sessions a week."""
    return replace(Diary(ZONE, 5, weekly=weekly), **more)  # type: ignore[arg-type]


def clocks(found: Diary, day: date, minutes: int = 60, **options: datetime) -> list[str]:
    """When the slots of a day begin, on the wall clock."""
    slots = free_slots(found, day, minutes, step_minutes=30, **{"earliest": LONG_AGO, **options})
    return [slot.starts_at.astimezone(ZONE).strftime("%H:%M") for slot in slots]


def test_slots_begin_every_half_hour_and_end_within_the_hours() -> None:
    assert clocks(diary(hours(MONDAY, "09:00", "11:00")), MONDAY) == ["09:00", "09:30", "10:00"]


def test_a_session_that_is_taken_leaves_what_is_around_it() -> None:
    found = diary(hours(MONDAY, "09:00", "13:00"), led=(span(MONDAY, "10:00", "11:00"),))
    assert clocks(found, MONDAY) == ["09:00", "11:00", "11:30", "12:00"]
    assert free_spans(found, MONDAY) == (
        span(MONDAY, "09:00", "10:00"),
        span(MONDAY, "11:00", "13:00"),
    )


def test_other_time_that_is_taken_is_no_session() -> None:
    found = diary(
        hours(MONDAY, "09:00", "10:00"), busy=(span(MONDAY, "09:00", "10:00"),), sessions_a_week=1
    )
    assert clocks(found, MONDAY) == []
    assert not is_week_full(found, MONDAY)


def test_a_week_that_is_full_has_no_slots_and_the_next_one_has() -> None:
    found = diary(
        hours(MONDAY, "09:00", "10:00"),
        led=(span(MONDAY + timedelta(days=6), "20:00", "21:00"),),
        sessions_a_week=1,
    )
    assert clocks(found, MONDAY) == []
    assert clocks(found, MONDAY + timedelta(days=7)) == ["09:00"]


def test_a_week_is_counted_on_the_wall_clock() -> None:
    # Half past midnight on Monday in Copenhagen is still Sunday in UTC.
    found = diary(led=(span(MONDAY, "00:30", "01:00"),), sessions_a_week=1)
    assert is_week_full(found, MONDAY)
    assert not is_week_full(found, MONDAY - timedelta(days=1))


def test_hours_hold_from_their_first_to_their_last_day() -> None:
    last = MONDAY + timedelta(days=7)
    found = diary(hours(MONDAY, "09:00", "10:00", from_day=MONDAY, until_day=last))
    held = [bool(hours_on(found, MONDAY + timedelta(days=days))) for days in (-7, 0, 1, 7, 14)]
    assert held == [False, True, False, True, False]


def test_hours_that_touch_or_overlap_are_one() -> None:
    weekly = (hours(MONDAY, "09:00", "11:00"), hours(MONDAY, "10:00", "12:00"))
    found = diary(*weekly, hours(MONDAY, "12:00", "12:30"))
    assert hours_on(found, MONDAY) == ((time(9), time(12, 30)),)


def test_weekly_hours_rest_on_a_holiday() -> None:
    good_friday = date(2026, 4, 3)
    found = diary(hours(good_friday, "09:00", "10:00"), is_closed=IS_CLOSED)
    assert clocks(found, good_friday) == []
    assert clocks(found, good_friday + timedelta(days=7)) == ["09:00"]


def test_hours_given_for_the_very_day_hold_on_a_holiday() -> None:
    good_friday = date(2026, 4, 3)
    given_hours = HoursException(good_friday, good_friday, time(12), time(13))
    found = diary(exceptions=(given_hours,), is_closed=IS_CLOSED)
    assert clocks(found, good_friday) == ["12:00"]


def test_other_hours_stand_in_place_of_the_weekly_ones() -> None:
    other = HoursException(MONDAY, MONDAY, time(14), time(15))
    found = diary(hours(MONDAY, "09:00", "10:00"), exceptions=(other,))
    assert clocks(found, MONDAY) == ["14:00"]


def test_being_away_wins_over_other_hours() -> None:
    away = HoursException(MONDAY - timedelta(days=3), MONDAY)
    other = HoursException(MONDAY, MONDAY, time(14), time(15))
    found = diary(hours(MONDAY, "09:00", "10:00"), exceptions=(other, away))
    assert clocks(found, MONDAY) == []
    assert is_away(found, MONDAY)
    assert not is_away(found, MONDAY + timedelta(days=1))


def test_no_slot_begins_before_the_earliest_moment() -> None:
    found = diary(hours(MONDAY, "09:00", "11:00"))
    earliest = span(MONDAY, "09:30", "10:00").starts_at
    assert clocks(found, MONDAY, earliest=earliest) == ["09:30", "10:00"]


def test_an_hour_that_spring_skips_is_never_offered() -> None:
    found = diary(hours(SPRING, "01:00", "05:00"))
    assert clocks(found, SPRING, 30) == ["01:00", "01:30", *_from("03:00", 4)]


def test_an_hour_that_autumn_doubles_is_never_offered() -> None:
    found = diary(hours(AUTUMN, "01:00", "05:00"))
    assert clocks(found, AUTUMN, 30) == ["01:00", "01:30", *_from("03:00", 4)]


def _from(clock: str, count: int) -> list[str]:
    first = datetime.combine(SPRING, time.fromisoformat(clock), tzinfo=UTC)
    return [(first + timedelta(minutes=30 * n)).strftime("%H:%M") for n in range(count)]


@pytest.mark.parametrize(("day", "real_minutes"), [(SPRING, 120), (AUTUMN, 240)])
def test_hours_over_a_clock_change_are_as_long_as_they_are(day: date, real_minutes: int) -> None:
    (found,) = free_spans(diary(hours(day, "01:00", "04:00")), day)
    assert found.ends_at - found.starts_at == timedelta(minutes=real_minutes)


def test_a_long_slot_over_a_clock_change_lasts_its_minutes() -> None:
    (slot, *_) = free_slots(
        diary(hours(SPRING, "01:30", "05:00")), SPRING, 90, step_minutes=30, earliest=LONG_AGO
    )
    assert slot.ends_at.astimezone(ZONE).time() == time(4)
    assert slot.ends_at - slot.starts_at == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("day", "clock", "once", "skipped"),
    [
        (SPRING, time(2, 30), False, True),
        (SPRING, time(1, 59), True, False),
        (SPRING, time(3), True, False),
        (AUTUMN, time(2, 30), False, False),
        (AUTUMN, time(3), True, False),
    ],
)
def test_what_the_wall_clock_shows_once(
    day: date, clock: time, *, once: bool, skipped: bool
) -> None:
    assert exists_once(day, clock, ZONE) is once
    assert is_skipped(day, clock, ZONE) is skipped


QUARTERS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
DAYS = st.sampled_from([MONDAY, SPRING, AUTUMN, SPRING + timedelta(days=1), date(2026, 4, 3)])


@st.composite
def diaries(draw: st.DrawFn) -> tuple[Diary, date]:
    """A diary, and a day that it is asked about."""
    day = draw(DAYS)
    pairs = draw(st.lists(st.tuples(QUARTERS, QUARTERS).filter(lambda p: p[0] < p[1]), max_size=3))
    weekly = tuple(WeeklyHours(day.weekday(), *pair, date(2026, 1, 1)) for pair in pairs)
    starts = draw(st.lists(st.tuples(st.integers(-60, 1500), st.integers(1, 240)), max_size=4))
    midnight = datetime.combine(day, time(0), tzinfo=ZONE).astimezone(UTC)
    taken = tuple(
        Span(midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + length))
        for start, length in starts
    )
    return Diary(ZONE, 99, weekly=weekly, led=taken, is_closed=IS_CLOSED), day


@given(diaries(), st.integers(15, 180))
def test_a_slot_is_free_lies_in_the_hours_and_lasts_its_minutes(
    asked: tuple[Diary, date], minutes: int
) -> None:
    found, day = asked
    windows = hours_on(found, day)
    for slot in free_slots(found, day, minutes, step_minutes=30, earliest=LONG_AGO):
        assert not any(slot.overlaps(taken) for taken in found.led)
        assert slot.ends_at - slot.starts_at == timedelta(minutes=minutes)
        local = slot.starts_at.astimezone(ZONE)
        assert local.date() == day
        assert exists_once(day, local.time(), ZONE)
        inside = [w for w in windows if w[0] <= local.time() < w[1]]
        assert len(inside) == 1
        ends = datetime.combine(day, inside[0][1], tzinfo=ZONE).astimezone(UTC)
        assert slot.ends_at <= ends


@given(diaries(), st.integers(15, 120))
def test_every_slot_that_a_minute_by_minute_look_finds_is_offered(
    asked: tuple[Diary, date], minutes: int
) -> None:
    found, day = asked
    offered = {
        s.starts_at for s in free_slots(found, day, minutes, step_minutes=15, earliest=LONG_AGO)
    }
    free = {
        moment
        for part in free_spans(found, day)
        for moment in _minutes_of(part)
        if moment + timedelta(minutes=minutes) <= part.ends_at
    }
    # Every quarter of an hour of the wall clock, which is where these hours begin.
    on_grid = {m for m in free if m.minute % 15 == 0 and _is_shown_once(m, day)}
    assert offered == on_grid


def _minutes_of(part: Span) -> list[datetime]:
    count = (part.ends_at - part.starts_at) // timedelta(minutes=1)
    return [part.starts_at + timedelta(minutes=n) for n in range(count)]


def _is_shown_once(moment: datetime, day: date) -> bool:
    return exists_once(day, moment.astimezone(ZONE).time(), ZONE)


@given(diaries())
def test_free_and_taken_time_make_up_the_hours(asked: tuple[Diary, date]) -> None:
    found, day = asked
    free = free_spans(found, day)
    everything = free_spans(replace(found, led=()), day)
    taken = {m for s in found.led for m in _minutes_of(s)}
    in_hours = {m for s in everything for m in _minutes_of(s)}
    assert {m for s in free for m in _minutes_of(s)} == in_hours - taken


def test_a_series_comes_every_six_weeks_through_both_clock_changes() -> None:
    days = series_days(date(2026, 2, 24), date(2026, 12, 31), 6, IS_CLOSED)
    assert [(b - a).days for a, b in pairwise(days)] == [42] * (len(days) - 1)
    moments = [datetime.combine(day, time(13), tzinfo=ZONE) for day in days]
    assert {moment.utcoffset() for moment in moments} == {timedelta(hours=1), timedelta(hours=2)}


def test_a_day_on_a_holiday_moves_a_week_and_the_rhythm_stays() -> None:
    # 3 April 2026 is Good Friday.
    days = series_days(date(2026, 3, 20), date(2026, 5, 1), 2, IS_CLOSED)
    assert days == (date(2026, 3, 20), date(2026, 4, 10), date(2026, 4, 17), date(2026, 5, 1))


def test_a_weekly_series_drops_the_day_that_would_come_twice() -> None:
    days = series_days(date(2026, 3, 27), date(2026, 4, 17), 1, IS_CLOSED)
    assert days == (date(2026, 3, 27), date(2026, 4, 10), date(2026, 4, 17))


def test_christmas_eve_and_new_year_s_eve_move_to_january() -> None:
    days = series_days(date(2026, 12, 24), date(2027, 1, 31), 6, IS_CLOSED)
    assert days == (date(2027, 1, 7),)


def test_a_day_that_would_move_beyond_the_last_one_is_dropped() -> None:
    assert series_days(date(2026, 4, 3), date(2026, 4, 9), 6, IS_CLOSED) == ()


def test_where_every_day_is_closed_there_is_no_series() -> None:
    assert series_days(MONDAY, MONDAY + timedelta(days=365), 1, lambda _: True) == ()


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(0, 400), st.integers(1, 26))
def test_a_series_rises_keeps_its_weekday_and_never_falls_on_a_holiday(
    first_day: date, length: int, every_weeks: int
) -> None:
    until_day = first_day + timedelta(days=length)
    days = series_days(first_day, until_day, every_weeks, IS_CLOSED)
    assert list(days) == sorted(set(days))
    assert all(day.weekday() == first_day.weekday() for day in days)
    assert not any(IS_CLOSED(day) for day in days)
    assert all(first_day <= day <= until_day for day in days)
