"""The public holidays of Denmark, worked out from Easter, and the days that offices work."""

from datetime import date, timedelta
from functools import cache

# Days from Easter Sunday: Maundy Thursday, Good Friday, Easter Sunday and Monday, Ascension Day,
# Whit Sunday and Monday.
_FROM_EASTER = (-3, -2, 0, 1, 39, 49, 50)
# New Year's Day, and both days of Christmas.
_FIXED = ((1, 1), (12, 25), (12, 26))
# Constitution Day and Christmas Eve are no public holidays, but hardly anybody is in the office.
_OFFICES_CLOSED = ((6, 5), (12, 24))
_PRAYER_DAY, _LAST_PRAYER_DAY = 26, 2023


def is_working_day(day: date) -> bool:
    """Whether offices are at work: no weekend, no public holiday, none of the days they close."""
    is_closed = (day.month, day.day) in _OFFICES_CLOSED or day in danish_holidays(day.year)
    return day.weekday() < 5 and not is_closed


@cache
def danish_holidays(year: int) -> frozenset[date]:
    """The public holidays of a year; the Great Prayer Day until it was abolished after 2023."""
    easter = easter_sunday(year)
    moving = [*_FROM_EASTER, *([_PRAYER_DAY] if year <= _LAST_PRAYER_DAY else [])]
    days = {easter + timedelta(days=days) for days in moving}
    return frozenset(days | {date(year, month, day) for month, day in _FIXED})


def easter_sunday(year: int) -> date:
    """The Sunday after the first full moon of spring, by the Gregorian computus."""
    golden, century = year % 19, year // 100
    # How far the moon's calendar has slipped: leap days left out, and the moon's own error.
    left_out = century - century // 4
    slipped = (8 * century + 13) // 25
    epact = (left_out - slipped + 19 * golden + 15) % 30
    epact -= epact // 28 * (1 - epact // 28 * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - left_out) % 7
    from_march = epact - weekday + 28
    return date(year, 3, 1) + timedelta(days=from_march - 1)
