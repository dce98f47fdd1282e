"""Rounds open, remind and close by the wall clock, whatever the season."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.cycles import (
    MIN_DAYS_BETWEEN_ROUNDS,
    Rhythm,
    Window,
    add_months,
    check_distance,
    day_outside_pauses,
    moment_of,
    reminder_moments,
    window_from,
)
from wellbeing.domain.danish_holidays import is_working_day
from wellbeing.domain.errors import Refused

ZONE = ZoneInfo("Europe/Copenhagen")
MORNING = Rhythm(3, 14, time(9), (5, 10))
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestMoments:
    @pytest.mark.parametrize(
        ("day", "clock", "moment"),
        [
            (date(2026, 1, 5), time(9), "2026-01-05T08:00"),
            (date(2026, 7, 6), time(9), "2026-07-06T07:00"),
            (SPRING, time(1, 59), "2026-03-29T00:59"),
            (SPRING, time(2, 30), "2026-03-29T01:30"),
            (SPRING, time(3), "2026-03-29T01:00"),
            (AUTUMN, time(2, 30), "2026-10-25T00:30"),
            (AUTUMN, time(3), "2026-10-25T02:00"),
            (date(2028, 2, 29), time(0), "2028-02-28T23:00"),
        ],
    )
    def test_a_wall_clock_time_is_one_moment(self, day: date, clock: time, moment: str) -> None:
        assert moment_of(day, clock, ZONE) == utc(moment)

    def test_a_skipped_time_is_as_long_after_the_change_as_it_was_written(self) -> None:
        local = moment_of(SPRING, time(2, 30), ZONE).astimezone(ZONE)
        assert (local.hour, local.minute) == (3, 30)

    def test_a_doubled_time_is_its_first_occurrence(self) -> None:
        local = moment_of(AUTUMN, time(2, 30), ZONE).astimezone(ZONE)
        assert (local.hour, local.minute, local.fold) == (2, 30, 0)


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "later"),
        [
            ("2026-01-15", 1, "2026-02-15"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2026-08-31", 1, "2026-09-30"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2026-12-31", 2, "2027-02-28"),
            ("2026-10-15", 3, "2027-01-15"),
        ],
    )
    def test_the_same_day_or_the_months_last(self, day: str, months: int, later: str) -> None:
        assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)

    @given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(1, 12))
    def test_it_is_always_that_many_months_on(self, day: date, months: int) -> None:
        later = add_months(day, months)
        assert (later.year - day.year) * 12 + later.month - day.month == months
        assert later.day == day.day or (later + timedelta(days=1)).day == 1


class TestPauses:
    def test_a_weekday_without_a_pause_stays(self) -> None:
        assert day_outside_pauses(date(2026, 2, 2), []) == date(2026, 2, 2)

    def test_a_public_holiday_becomes_the_next_working_day(self) -> None:
        assert day_outside_pauses(date(2026, 4, 2), []) == date(2026, 4, 7)

    @pytest.mark.parametrize("day", [date(2026, 2, 7), date(2026, 2, 8)])
    def test_a_weekend_becomes_monday(self, day: date) -> None:
        assert day_outside_pauses(day, []) == date(2026, 2, 9)

    def test_a_pause_ends_before_its_last_named_day(self) -> None:
        pause = (date(2026, 6, 29), date(2026, 8, 10))
        assert day_outside_pauses(date(2026, 6, 26), [pause]) == date(2026, 6, 26)
        assert day_outside_pauses(date(2026, 6, 29), [pause]) == date(2026, 8, 10)
        assert day_outside_pauses(date(2026, 8, 9), [pause]) == date(2026, 8, 10)
        assert day_outside_pauses(date(2026, 8, 10), [pause]) == date(2026, 8, 10)

    def test_pauses_and_weekends_in_a_row_are_all_passed(self) -> None:
        pauses = [
            (date(2026, 12, 28), date(2027, 1, 2)),
            (date(2026, 12, 21), date(2026, 12, 26)),
            (date(2026, 12, 23), date(2026, 12, 28)),
        ]
        assert day_outside_pauses(date(2026, 12, 21), pauses) == date(2027, 1, 4)

    @given(
        day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        pauses=st.lists(
            st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 60)),
            max_size=5,
        ),
    )
    def test_the_day_found_is_the_first_that_may_be(
        self, day: date, pauses: list[tuple[date, int]]
    ) -> None:
        spans = [(start, start + timedelta(days=length)) for start, length in pauses]

        def is_free(one: date) -> bool:
            return is_working_day(one) and not any(a <= one < b for a, b in spans)

        found = day_outside_pauses(day, spans)
        assert is_free(found)
        between = (day + timedelta(days=n) for n in range((found - day).days))
        assert not any(is_free(one) for one in between)


class TestWindows:
    def test_a_round_opens_and_closes_at_the_same_wall_clock_time(self) -> None:
        assert window_from(date(2026, 3, 23), MORNING, ZONE) == Window(
            utc("2026-03-23T08:00"), utc("2026-04-06T07:00")
        )
        assert window_from(date(2026, 10, 20), MORNING, ZONE) == Window(
            utc("2026-10-20T07:00"), utc("2026-11-03T08:00")
        )

    def test_reminders_keep_to_the_wall_clock_over_a_change(self) -> None:
        window = window_from(date(2026, 3, 23), MORNING, ZONE)
        assert reminder_moments(window, MORNING, ZONE) == (
            utc("2026-03-27T08:00"),
            utc("2026-04-01T07:00"),
        )

    def test_reminders_are_in_order_and_inside_the_window(self) -> None:
        odd = Rhythm(3, 7, time(9), (9, 7, 3, 0, 1))
        window = window_from(date(2026, 2, 2), odd, ZONE)
        assert [moment.day for moment in reminder_moments(window, odd, ZONE)] == [3, 5]

    def test_reminders_of_a_round_opened_by_hand_count_from_that_day(self) -> None:
        window = Window(utc("2026-02-03T14:20"), utc("2026-02-17T14:20"))
        assert reminder_moments(window, MORNING, ZONE)[0] == utc("2026-02-06T08:00")

    @given(
        day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        days=st.sets(st.integers(1, 27), max_size=3),
    )
    def test_reminders_come_on_working_days_at_most_one_a_day(
        self, day: date, days: set[int]
    ) -> None:
        rhythm = Rhythm(3, 28, time(9), tuple(days))
        window = window_from(day_outside_pauses(day, []), rhythm, ZONE)
        reminded = [one.astimezone(ZONE).date() for one in reminder_moments(window, rhythm, ZONE)]
        assert all(is_working_day(one) for one in reminded)
        assert len(set(reminded)) == len(reminded) <= len(days)

    def test_a_reminder_on_a_holiday_comes_before_it(self) -> None:
        window = window_from(date(2026, 3, 23), MORNING, ZONE)
        maundy_thursday = Rhythm(3, 14, time(9), (10,))
        assert reminder_moments(window, maundy_thursday, ZONE) == (utc("2026-04-01T07:00"),)

    def test_a_reminder_never_comes_on_the_day_of_the_invitation(self) -> None:
        friday = window_from(date(2026, 2, 6), MORNING, ZONE)
        assert reminder_moments(friday, Rhythm(3, 14, time(9), (1, 2)), ZONE) == (
            utc("2026-02-09T08:00"),
        )

    @given(day=st.dates(date(2026, 1, 1), date(2027, 12, 31)), clock=st.times())
    def test_a_window_is_its_days_long_but_for_the_hour_of_a_change(
        self, day: date, clock: time
    ) -> None:
        window = window_from(day, Rhythm(3, 14, clock, ()), ZONE)
        off = abs(window.closes_at - window.opens_at - timedelta(days=14))
        assert off <= timedelta(hours=1)


class TestDistance:
    opens_at = utc("2026-03-01T08:00")

    @pytest.mark.parametrize("sign", [1, -1])
    def test_thirty_days_are_enough_and_a_second_less_is_not(self, sign: int) -> None:
        least = timedelta(days=MIN_DAYS_BETWEEN_ROUNDS)
        check_distance(self.opens_at, [self.opens_at + sign * least])
        near = self.opens_at + sign * (least - timedelta(seconds=1))
        with pytest.raises(Refused, match=f"30 days apart; another one opens on {near.date()}"):
            check_distance(self.opens_at, [near])

    def test_every_other_round_counts(self) -> None:
        others = [self.opens_at + timedelta(days=90), self.opens_at + timedelta(days=3)]
        with pytest.raises(Refused):
            check_distance(self.opens_at, others)
        check_distance(self.opens_at, [])
