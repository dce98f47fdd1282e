"""When rounds open, remind and close: wall-clock rules in a zone, moments in UTC."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wellbeing.domain.errors import Refused

MIN_DAYS_BETWEEN_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A programme's rule: every so many months, from a time of day, for so many days."""

    every_months: int
    window_days: int
    opening_time: time
    reminder_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when a round is open, in UTC."""

    opens_at: datetime
    closes_at: datetime


def moment_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of a wall-clock time.

    A time that occurs twice means its first occurrence; one that a clock change skips means the
    same distance after the change.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_outside_pauses(day: date, pauses: Iterable[tuple[date, date]]) -> date:
    """The first weekday from `day` on that lies in no pause (from, until excluded)."""
    spans = sorted(pauses)
    while True:
        ends = [until for start, until in spans if start <= day < until]
        if ends:
            day = max(ends)
        elif day.weekday() >= 5:
            day += timedelta(days=7 - day.weekday())
        else:
            return day


def window_from(day: date, rhythm: Rhythm, zone: ZoneInfo) -> Window:
    """The window of a round that opens on `day`."""
    last_day = day + timedelta(days=rhythm.window_days)
    return Window(
        moment_of(day, rhythm.opening_time, zone), moment_of(last_day, rhythm.opening_time, zone)
    )


def reminder_moments(window: Window, rhythm: Rhythm, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When reminders go out, each before the round closes."""
    first_day = window.opens_at.astimezone(zone).date()
    moments = (
        moment_of(first_day + timedelta(days=days), rhythm.opening_time, zone)
        for days in sorted(rhythm.reminder_days)
    )
    return tuple(moment for moment in moments if window.opens_at < moment < window.closes_at)


def keeps_distance(opens_at: datetime, others: Iterable[datetime]) -> bool:
    """Whether a round opens at least thirty days from every other one."""
    least = timedelta(days=MIN_DAYS_BETWEEN_ROUNDS)
    return all(abs(opens_at - other) >= least for other in others)


def check_distance(opens_at: datetime, others: Iterable[datetime]) -> None:
    """Refuses a round that opens less than thirty days from another one."""
    for other in others:
        if not keeps_distance(opens_at, [other]):
            raise Refused(
                "Rounds must open at least {days} days apart; another one opens on {day}.",
                days=MIN_DAYS_BETWEEN_ROUNDS,
                day=other.date().isoformat(),
            )
