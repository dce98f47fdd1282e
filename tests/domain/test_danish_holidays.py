"""The public holidays of Denmark."""

from datetime import date, timedelta

import pytest
from dateutil.easter import easter

from wellbeing.domain.danish_holidays import danish_holidays, easter_sunday, is_working_day


@pytest.mark.parametrize("year", range(1900, 2200))
def test_easter_is_where_a_second_reckoning_finds_it(year: int) -> None:
    assert easter_sunday(year) == easter(year)


def test_the_holidays_of_2026_by_hand() -> None:
    expected = "01-01 04-02 04-03 04-05 04-06 05-14 05-24 05-25 12-25 12-26"
    assert danish_holidays(2026) == {date.fromisoformat(f"2026-{day}") for day in expected.split()}


@pytest.mark.parametrize(("year", "has_prayer_day"), [(2023, True), (2024, False)])
def test_the_great_prayer_day_ended_after_2023(year: int, *, has_prayer_day: bool) -> None:
    prayer_day = easter_sunday(year) + timedelta(days=26)
    assert prayer_day.weekday() == 4
    assert (prayer_day in danish_holidays(year)) is has_prayer_day


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 2), True),
        (date(2026, 2, 7), False),
        (date(2026, 2, 8), False),
        (date(2026, 4, 3), False),
        (date(2026, 5, 1), True),
        (date(2025, 5, 16), True),
        (date(2026, 6, 5), False),
        (date(2026, 12, 24), False),
    ],
)
def test_a_working_day_is_neither_weekend_nor_holiday_nor_a_day_offices_close(
    day: date, *, works: bool
) -> None:
    assert is_working_day(day) is works
