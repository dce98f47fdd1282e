"""Danish days off, checked against printed calendars."""

from datetime import date

import pytest

from wellbeing.domain.working_days import find_easter, find_holidays, is_working_day

EASTERS = {
    2019: (4, 21), 2020: (4, 12), 2021: (4, 4), 2022: (4, 17), 2023: (4, 9), 2024: (3, 31),
    2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2028: (4, 16), 2029: (4, 1), 2030: (4, 21),
    2038: (4, 25), 1981: (4, 19), 1954: (4, 18), 2049: (4, 18),
}  # fmt: skip


@pytest.mark.parametrize("year", EASTERS)
def test_easter_falls_where_the_calendar_has_it(year: int) -> None:
    assert find_easter(year) == date(year, *EASTERS[year])


def test_the_holidays_of_2026() -> None:
    assert find_holidays(2026) == {
        date(2026, month, day)
        for month, day in (
            *((1, 1), (4, 2), (4, 3), (4, 5), (4, 6), (5, 14), (5, 24), (5, 25), (6, 5)),
            *((12, 24), (12, 25), (12, 26)),
        )
    }


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 2), True),
        (date(2026, 2, 7), False),
        (date(2026, 2, 8), False),
        (date(2026, 4, 3), False),
        (date(2026, 5, 1), True),
        (date(2025, 5, 16), True),
    ],
)
def test_a_working_day_is_neither_weekend_nor_holiday(day: date, works: bool) -> None:
    assert is_working_day(day) is works
