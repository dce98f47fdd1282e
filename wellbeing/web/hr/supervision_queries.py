"""What a week of supervision looks like: who meets whom, where, and which hours are free."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.free_times import find_diaries
from wellbeing.actions.session_list import SessionShown, find_sessions
from wellbeing.actions.session_people import find_supervisors
from wellbeing.actions.units import find_paths
from wellbeing.domain.availability import Diary, Span, free_spans, is_week_full
from wellbeing.domain.cycles import moment_of
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import load_support_rules
from wellbeing.store.org import Unit
from wellbeing.store.supervision import SessionSeries
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.hr.scope import Scope
from wellbeing.web.shared.i18n import format_clock

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Entry:
    """A session as the calendar tells it; without a link and words where it is out of reach."""

    starts_at: datetime
    ends_at: datetime
    supervisor: str
    shown: SessionShown | None


@dataclass(frozen=True, slots=True)
class FreeHours:
    """The hours of a day that a supervisor has left, as wall-clock words."""

    supervisor: str
    hours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of the week shown."""

    day: date
    is_closed: bool
    entries: tuple[Entry, ...]
    free: tuple[FreeHours, ...]


@dataclass(frozen=True, slots=True)
class SeriesShown:
    """A series with what is still to come of it."""

    id: UUID
    unit: str
    form: SupportForm
    every_weeks: int
    start: str
    next_at: datetime


def monday_of(day: date) -> date:
    """The Monday of that week."""
    return day - timedelta(days=day.weekday())


def find_week(
    session: Session, scope: Scope, monday: date, *, zone: ZoneInfo, now: datetime
) -> list[CalendarDay]:
    """The seven days; free hours only of what is still to come, none where a week is full."""
    span = Span(moment_of(monday, time(0), zone), moment_of(monday + WEEK, time(0), zone))
    sessions = find_sessions(
        session,
        SupportSession.state != SessionState.CANCELLED,
        SupportSession.starts_at >= span.starts_at,
        SupportSession.starts_at < span.ends_at,
        with_private=True,
    )
    names = find_supervisors(session)
    last_day = monday + timedelta(days=6)
    diaries = find_diaries(session, names, first_day=monday, last_day=last_day, zone=zone)
    is_closed = load_support_rules().is_closed
    days = []
    for number in range(7):
        day = monday + timedelta(days=number)
        entries = [s for s in sessions if s.starts_at.astimezone(zone).date() == day]
        days.append(
            CalendarDay(
                day,
                is_closed(day),
                tuple(_entry(shown, scope) for shown in entries),
                _free(diaries, names, day, now),
            )
        )
    return days


def find_series(session: Session, scope: Scope, *, now: datetime) -> list[SeriesShown]:
    """The series in reach that go on, the next session first."""
    next_at = func.min(SupportSession.starts_at)
    query = (
        select(SessionSeries, Unit.name, next_at)
        .join(Unit, Unit.id == SessionSeries.unit_id)
        .join(SupportSession, SupportSession.series_id == SessionSeries.id)
        .where(SupportSession.state == SessionState.SCHEDULED, SupportSession.starts_at > now)
        .group_by(SessionSeries.id, Unit.name)
        .order_by(next_at)
    )
    paths = find_paths(session)
    return [
        SeriesShown(
            series.id,
            paths.get(series.unit_id, name),
            series.form,
            series.every_weeks,
            series.start,
            moment,
        )
        for series, name, moment in session.execute(query)
        if series.unit_id in scope
    ]


def _entry(shown: SessionShown, scope: Scope) -> Entry:
    is_in_reach = shown.unit_id in scope if shown.unit_id else scope.is_whole
    return Entry(shown.starts_at, shown.ends_at, shown.supervisor, shown if is_in_reach else None)


def _free(
    diaries: Mapping[UUID, Diary], names: Mapping[UUID, str], day: date, now: datetime
) -> tuple[FreeHours, ...]:
    free = []
    for person_id, diary in diaries.items():
        if not is_week_full(diary, day):
            spans = [
                Span(max(span.starts_at, now), span.ends_at)
                for span in free_spans(diary, day)
                if span.ends_at > now
            ]
            if spans:
                hours = tuple(_say(span, diary.zone) for span in spans)
                free.append(FreeHours(names[person_id], hours))
    return tuple(sorted(free, key=lambda found: found.supervisor))


def _say(span: Span, zone: ZoneInfo) -> str:
    return f"{format_clock(span.starts_at, zone)}–{format_clock(span.ends_at, zone)}"
