"""When a supervisor is free: weekly hours on the wall clock, exceptions, holidays, what is taken.

Every day named as last is included. Times are wall-clock times in one zone, moments are in UTC. A
slot never begins at a time that a clock change skips or doubles, and lasts its minutes for real.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wellbeing.domain.cycles import moment_of

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From when until when, in UTC; the end is not part of it."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether a moment lies in both; spans that only touch do not overlap."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours of a weekday (0 is Monday) from a first day on, to a last one or for good."""

    weekday: int
    from_time: time
    until_time: time
    from_day: date
    until_day: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether these hours are given on that day."""
        is_over = self.until_day is not None and day > self.until_day
        return day.weekday() == self.weekday and day >= self.from_day and not is_over


@dataclass(frozen=True, slots=True)
class HoursException:
    """Days with other hours instead of the weekly ones, or, without times, with none."""

    from_day: date
    until_day: date
    from_time: time | None = None
    until_time: time | None = None

    @property
    def is_away(self) -> bool:
        """Whether the supervisor gives no hours on these days."""
        return self.from_time is None or self.until_time is None

    def holds_on(self, day: date) -> bool:
        """Whether the exception covers that day."""
        return self.from_day <= day <= self.until_day


@dataclass(frozen=True, slots=True)
class Diary:
    """Everything that decides when one supervisor is free.

    `led` are the sessions they lead, which count against `sessions_a_week`; `busy` is other time
    that is taken. `is_closed` names holidays: weekly hours rest there, hours given for the very
    day hold.
    """

    zone: ZoneInfo
    sessions_a_week: int
    weekly: tuple[WeeklyHours, ...] = ()
    exceptions: tuple[HoursException, ...] = ()
    led: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    is_closed: Callable[[date], bool] = lambda _: False


def exists_once(day: date, clock: time, zone: ZoneInfo) -> bool:
    """Whether the wall clock shows that time exactly once that day."""
    local = datetime.combine(day, clock, tzinfo=zone)
    return local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()


def is_skipped(day: date, clock: time, zone: ZoneInfo) -> bool:
    """Whether a clock change jumps over that time."""
    local = datetime.combine(day, clock, tzinfo=zone)
    back = local.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None) != local.replace(tzinfo=None)


def is_away(diary: Diary, day: date) -> bool:
    """Whether the supervisor has said that they are away that day."""
    return any(given.is_away for given in diary.exceptions if given.holds_on(day))


def hours_on(diary: Diary, day: date) -> tuple[tuple[time, time], ...]:
    """The hours given on that day, merged where they touch; being away wins over other hours."""
    exceptions = [given for given in diary.exceptions if given.holds_on(day)]
    if any(given.is_away for given in exceptions):
        return ()
    if exceptions:
        return _merged(_times(given) for given in exceptions)
    if diary.is_closed(day):
        return ()
    return _merged((w.from_time, w.until_time) for w in diary.weekly if w.holds_on(day))


def free_spans(diary: Diary, day: date) -> tuple[Span, ...]:
    """What is left of the hours of that day once everything taken is out of it."""
    taken = sorted((*diary.led, *diary.busy))
    return tuple(span for window in _windows(diary, day) for span in _without(window, taken))


def is_week_full(diary: Diary, day: date) -> bool:
    """Whether the supervisor leads as many sessions in that week, Monday to Sunday, as they can."""
    week = day.isocalendar()[:2]
    led = sum(
        span.starts_at.astimezone(diary.zone).date().isocalendar()[:2] == week for span in diary.led
    )
    return led >= diary.sessions_a_week


def free_slots(
    diary: Diary, day: date, minutes: int, *, step_minutes: int, earliest: datetime
) -> tuple[Span, ...]:
    """Every slot of so many minutes that day, none before `earliest`; none in a week that is full.

    They begin every `step_minutes`, counted on the wall clock from where the hours begin.
    """
    if is_week_full(diary, day):
        return ()
    taken = (*diary.led, *diary.busy)
    length = timedelta(minutes=minutes)
    found = []
    for from_time, until_time in hours_on(diary, day):
        ends_at = _bound(day, until_time, diary.zone)
        for clock in _clock_times(from_time, until_time, step_minutes):
            if not exists_once(day, clock, diary.zone):
                continue
            starts_at = moment_of(day, clock, diary.zone)
            slot = Span(starts_at, starts_at + length)
            is_free = not any(slot.overlaps(span) for span in taken)
            if slot.starts_at >= earliest and slot.ends_at <= ends_at and is_free:
                found.append(slot)
    return tuple(found)


def series_days(
    first_day: date, until_day: date, every_weeks: int, is_closed: Callable[[date], bool]
) -> tuple[date, ...]:
    """The days of a series, counted from the first, on its weekday.

    One that falls on a holiday moves to the same weekday of the next week that is open; the days
    after it keep their rhythm. None moves beyond the last day, and no day comes twice.
    """
    days: list[date] = []
    planned = first_day
    while planned <= until_day:
        day = planned
        while day <= until_day and is_closed(day):
            day += _WEEK
        if day <= until_day and day not in days:
            days.append(day)
        planned += every_weeks * _WEEK
    return tuple(days)


def _times(given: HoursException) -> tuple[time, time]:
    assert given.from_time is not None
    assert given.until_time is not None
    return given.from_time, given.until_time


def _merged(hours: Iterator[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    merged: list[tuple[time, time]] = []
    for from_time, until_time in sorted(hours):
        if merged and from_time <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until_time))
        else:
            merged.append((from_time, until_time))
    return tuple(merged)


def _windows(diary: Diary, day: date) -> Iterator[Span]:
    for from_time, until_time in hours_on(diary, day):
        window = Span(_bound(day, from_time, diary.zone), _bound(day, until_time, diary.zone))
        if window.starts_at < window.ends_at:
            yield window


def _bound(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment of a time; of one that a clock change skips, the moment of the change."""
    wall = datetime.combine(day, clock)
    while is_skipped(wall.date(), wall.time(), zone):
        wall -= timedelta(minutes=1)
        if not is_skipped(wall.date(), wall.time(), zone):
            return moment_of(wall.date(), wall.time(), zone) + timedelta(minutes=1)
    return moment_of(day, clock, zone)


def _without(window: Span, taken: list[Span]) -> Iterator[Span]:
    free_from = window.starts_at
    for span in taken:
        if span.overlaps(window):
            if free_from < span.starts_at:
                yield Span(free_from, span.starts_at)
            free_from = max(free_from, span.ends_at)
    if free_from < window.ends_at:
        yield Span(free_from, window.ends_at)


def _clock_times(from_time: time, until_time: time, step_minutes: int) -> Iterator[time]:
    minute = from_time.hour * 60 + from_time.minute
    while minute < until_time.hour * 60 + until_time.minute:
        yield time(minute // 60, minute % 60)
        minute += step_minutes
