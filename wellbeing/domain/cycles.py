"""When rounds open, remind and close: wall-clock rules in a zone, moments in UTC."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wellbeing.domain.danish_holidays import is_working_day
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
    """The first working day from `day` on that lies in no pause (from, until excluded)."""
    spans = sorted(pauses)
    while True:
        ends = [until for start, until in spans if start <= day < until]
        if ends:
            day = max(ends)
        elif not is_working_day(day):
            day += timedelta(days=1)
        else:
            return day


def window_from(day: date, rhythm: Rhythm, zone: ZoneInfo) -> Window:
    """The window of a round that opens on `day`."""
    last_day = day + timedelta(days=rhythm.window_days)
    return Window(
        moment_of(day, rhythm.opening_time, zone), moment_of(last_day, rhythm.opening_time, zone)
    )


def reminder_moments(window: Window, rhythm: Rhythm, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When reminders go out: on working days, no two on one day, each before the round closes."""
    first_day = window.opens_at.astimezone(zone).date()
    days = {_working_day_near(first_day, after) for after in rhythm.reminder_days}
    moments = (moment_of(day, rhythm.opening_time, zone) for day in sorted(days))
    return tuple(moment for moment in moments if window.opens_at < moment < window.closes_at)


def _working_day_near(first_day: date, days_after: int) -> date:
    """The working day on or before that day; after it only where the round would just be opening.

    Before rather than after: a reminder that waits over Easter can find the round closed.
    """
    wanted = first_day + timedelta(days=days_after)
    day = wanted
    while day > first_day and not is_working_day(day):
        day -= timedelta(days=1)
    if day > first_day:
        return day
    day = wanted
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


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
