"""Series: sessions of a unit that come every so many weeks at one time on the wall clock.

Every session has an offer of its own, so each is scheduled, moved, cancelled and written down by
itself. A day on a holiday moves to the next week; a day that cannot be is left out, and said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.free_times import find_diaries
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.scheduling import cancel_session
from wellbeing.actions.session_mail import when_to_invite, write_to_all
from wellbeing.actions.session_people import find_members
from wellbeing.actions.session_rows import add_bookings, add_session
from wellbeing.actions.session_times import (
    MAX_DAYS_AHEAD,
    SessionValues,
    Where,
    check_leader,
    check_times,
    check_where,
    hours_of,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.availability import Span, exists_once, is_away, series_days
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.locks import hold_times
from wellbeing.store.supervision import SessionSeries
from wellbeing.store.support import BookingState, SessionState, SupportSession

MAX_WEEKS = 26


class DayState(StrEnum):
    """Whether a day of a series can be used, and if not, why."""

    FREE = "free"
    TAKEN = "taken"
    AWAY = "away"
    NO_SUCH_TIME = "no_such_time"


@dataclass(frozen=True, slots=True)
class SeriesValues:
    """What HR decides about a series; `start` is on the organisation's wall clock."""

    form: SupportForm
    supervisor_id: UUID
    every_weeks: int
    first_day: date
    until_day: date
    start: time
    length_minutes: int
    place: str = ""
    place_id: UUID | None = None
    video_link: str = ""

    def on(self, day: date) -> SessionValues:
        """The session of that day."""
        return SessionValues(
            self.form,
            self.supervisor_id,
            day,
            self.start,
            self.length_minutes,
            self.place,
            self.place_id,
            self.video_link,
        )


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day of a series, and whether it can be used."""

    day: date
    state: DayState


def plan_series(
    session: Session, values: SeriesValues, *, zone: ZoneInfo, now: datetime
) -> list[PlannedDay]:
    """The days the series would have; nothing is stored. BadInput names a value that cannot be."""
    _check(session, values, zone, now)
    days = series_days(
        values.first_day, values.until_day, values.every_weeks, load_support_rules().is_closed
    )
    return [PlannedDay(day, _state_of(session, values, day, zone)) for day in days]


def make_series(
    session: Session,
    unit_id: UUID,
    values: SeriesValues,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> UUID:
    """The series with its offers, sessions and invitations; the one there is, if made twice.

    Each invitation goes out some weeks before its session. BadInput when no day can be used.
    """
    _check(session, values, zone, now)
    hold_times(session, values.supervisor_id, values.place_id, unit_id)
    known = _find_same(session, unit_id, values)
    if known is not None:
        return known
    free = [p.day for p in plan_series(session, values, zone=zone, now=now) if _is_free(p)]
    if not free:
        raise BadInput("None of these days can be used. Choose another day or time.")
    where = check_where(session, values.on(free[0]))
    series = _add_series(session, unit_id, values)
    for day in free:
        _add_one(session, series, values.on(day), where, zone=zone, now=now, by=by)
    record(session, "series.made", str(series.id), by=by, now=now, sessions=len(free))
    return series.id


def cancel_rest(session: Session, series_id: UUID, *, now: datetime, by: Actor) -> int:
    """Cancels every session of the series that is still to come; how many. Twice is fine."""
    if session.get(SessionSeries, series_id) is None:
        raise Missing("That series does not exist.")
    # All are held before the audit log is, so that no two acts wait for each other.
    query = (
        select(SupportSession.id)
        .where(
            SupportSession.series_id == series_id,
            SupportSession.state == SessionState.SCHEDULED,
            SupportSession.starts_at > now,
        )
        .order_by(SupportSession.id)
        .with_for_update()
    )
    ids = session.scalars(query).all()
    for session_id in ids:
        cancel_session(session, session_id, now=now, by=by)
    if ids:
        record(session, "series.cancelled", str(series_id), by=by, now=now, sessions=len(ids))
    return len(ids)


def _check(session: Session, values: SeriesValues, zone: ZoneInfo, now: datetime) -> None:
    today = now.astimezone(zone).date()
    if not 1 <= values.every_weeks <= MAX_WEEKS:
        raise BadInput("A series comes every 1 to {most} weeks.", most=MAX_WEEKS)
    if values.until_day < values.first_day:
        raise BadInput("The last day comes before the first.")
    if values.until_day > today + timedelta(days=MAX_DAYS_AHEAD):
        raise BadInput("A series can be planned at most a year ahead.")
    first = values.on(values.first_day)
    check_leader(session, first, Booker.UNIT)
    check_where(session, first)
    if exists_once(values.first_day, values.start, zone):
        check_times(first, zone, now=now)


def _state_of(session: Session, values: SeriesValues, day: date, zone: ZoneInfo) -> DayState:
    if not exists_once(day, values.start, zone):
        return DayState.NO_SUCH_TIME
    hours = Span(*hours_of(values.on(day), zone))
    diaries = find_diaries(session, [values.supervisor_id], first_day=day, last_day=day, zone=zone)
    diary = diaries.get(values.supervisor_id)
    if diary is not None and is_away(diary, day):
        return DayState.AWAY
    return DayState.TAKEN if _is_taken(session, values, hours) else DayState.FREE


def _is_free(planned: PlannedDay) -> bool:
    return planned.state is DayState.FREE


def _is_taken(session: Session, values: SeriesValues, hours: Span) -> bool:
    same = SupportSession.supervisor_id == values.supervisor_id
    if values.place_id is not None:
        same |= SupportSession.place_id == values.place_id
    query = select(SupportSession.id).where(
        same,
        SupportSession.state != SessionState.CANCELLED,
        SupportSession.starts_at < hours.ends_at,
        SupportSession.ends_at > hours.starts_at,
    )
    return session.scalars(query.limit(1)).first() is not None


def _find_same(session: Session, unit_id: UUID, values: SeriesValues) -> UUID | None:
    query = (
        select(SessionSeries.id)
        .join(SupportSession, SupportSession.series_id == SessionSeries.id)
        .where(
            SessionSeries.unit_id == unit_id,
            SessionSeries.form == values.form,
            SessionSeries.supervisor_id == values.supervisor_id,
            SessionSeries.every_weeks == values.every_weeks,
            SessionSeries.first_day == values.first_day,
            SessionSeries.until_day == values.until_day,
            SessionSeries.start == values.start.strftime("%H:%M"),
            SupportSession.state != SessionState.CANCELLED,
        )
    )
    return session.scalars(query).first()


def _add_series(session: Session, unit_id: UUID, values: SeriesValues) -> SessionSeries:
    series = SessionSeries(
        id=uuid4(),
        unit_id=unit_id,
        form=values.form,
        supervisor_id=values.supervisor_id,
        place_id=values.place_id,
        every_weeks=values.every_weeks,
        first_day=values.first_day,
        until_day=values.until_day,
        start=values.start.strftime("%H:%M"),
        length_minutes=values.length_minutes,
    )
    session.add(series)
    session.flush()
    return series


def _add_one(
    session: Session,
    series: SessionSeries,
    values: SessionValues,
    where: Where,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> None:
    today = now.astimezone(zone).date()
    hours = check_times(values, zone, now=now)
    offer = offer_to_unit(session, series.unit_id, values.form, today=today, now=now, by=by)
    added = add_session(session, offer, values, hours, where, series_id=series.id)
    members = find_members(session, series.unit_id, today=today, day=values.day)
    invited: Sequence[UUID] = sorted(members - {values.supervisor_id})
    add_bookings(session, added, dict.fromkeys(invited, BookingState.INVITED))
    due_at = when_to_invite(added, now=now)
    write_to_all(session, added, MailKind.SESSION_INVITATION, now=now, due_at=due_at)
