"""Danish days off: weekends, and the holidays, with Constitution Day and Christmas Eve."""

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (6, 5), (12, 24), (12, 25), (12, 26))
# Maundy Thursday, Good Friday, Easter and its Monday, Ascension, Whitsun and its Monday.
_AFTER_EASTER = (-3, -2, 0, 1, 39, 49, 50)


def is_working_day(day: date) -> bool:
    """Whether offices are at work: no Saturday, Sunday or Danish holiday."""
    return day.weekday() < 5 and day not in find_holidays(day.year)


@cache
def find_holidays(year: int) -> frozenset[date]:
    """The Danish holidays of a year, as they have been since 2024."""
    easter = find_easter(year)
    moving = (easter + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset((*moving, *(date(year, month, day) for month, day in _FIXED)))


def find_easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, from the moon's nineteen-year cycle."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    epact = (skipped + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    after = epact - weekday
    month = 3 + (after + 40) // 44
    return date(year, month, after + 28 - 31 * (month // 4))
