"""Reads when supervisors are free, out of their hours, their holidays and what they have given."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.domain.availability import Diary, HoursException, Span, WeeklyHours, free_slots
from wellbeing.domain.cycles import moment_of
from wellbeing.domain.support_rules import load_support_rules
from wellbeing.store.supervision import Availability, AvailabilityException, Supervisor
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession


@dataclass(frozen=True, slots=True)
class Profile:
    """What a supervisor offers, and the lines of hours they have given."""

    supervisor: Supervisor
    weekly: tuple[Availability, ...]
    exceptions: tuple[AvailabilityException, ...]


def find_profiles(session: Session, supervisor_ids: Collection[UUID]) -> dict[UUID, Profile]:
    """The profiles there are; hours in the order of the week, exceptions by day."""
    profiles = session.scalars(select(Supervisor).where(Supervisor.person_id.in_(supervisor_ids)))
    weekly = session.scalars(
        select(Availability)
        .where(Availability.supervisor_id.in_(supervisor_ids))
        .order_by(Availability.weekday, Availability.from_time, Availability.from_day)
    ).all()
    exceptions = session.scalars(
        select(AvailabilityException)
        .where(AvailabilityException.supervisor_id.in_(supervisor_ids))
        .order_by(AvailabilityException.from_day)
    ).all()
    return {
        found.person_id: Profile(
            found,
            tuple(w for w in weekly if w.supervisor_id == found.person_id),
            tuple(e for e in exceptions if e.supervisor_id == found.person_id),
        )
        for found in profiles
    }


def find_diaries(
    session: Session,
    supervisor_ids: Collection[UUID],
    *,
    first_day: date,
    last_day: date,
    zone: ZoneInfo,
) -> dict[UUID, Diary]:
    """The diaries of those who have a profile, right for these days and the weeks they lie in."""
    weeks = Span(
        moment_of(first_day - timedelta(days=first_day.weekday()), time(0), zone),
        moment_of(last_day + timedelta(days=7 - last_day.weekday()), time(0), zone),
    )
    led = _find_led(session, supervisor_ids, weeks)
    busy = _find_booked(session, supervisor_ids, weeks)
    return {
        person_id: Diary(
            zone=zone,
            sessions_a_week=profile.supervisor.sessions_a_week,
            weekly=tuple(_weekly(row) for row in profile.weekly),
            exceptions=tuple(_exception(row) for row in profile.exceptions),
            led=tuple(led.get(person_id, ())),
            busy=tuple(busy.get(person_id, ())),
            is_closed=load_support_rules().is_closed,
        )
        for person_id, profile in find_profiles(session, supervisor_ids).items()
    }


def find_free_slots(
    diary: Diary, *, first_day: date, last_day: date, minutes: int, earliest: datetime
) -> Iterator[Span]:
    """Every free slot of so many minutes on these days, in order."""
    step = load_support_rules().booking.slot_minutes
    for number in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=number)
        yield from free_slots(diary, day, minutes, step_minutes=step, earliest=earliest)


def _find_led(
    session: Session, supervisor_ids: Collection[UUID], span: Span
) -> Mapping[UUID, list[Span]]:
    query = select(
        SupportSession.supervisor_id, SupportSession.starts_at, SupportSession.ends_at
    ).where(
        SupportSession.supervisor_id.in_(supervisor_ids),
        SupportSession.state != SessionState.CANCELLED,
        SupportSession.starts_at < span.ends_at,
        SupportSession.ends_at > span.starts_at,
    )
    found: dict[UUID, list[Span]] = {}
    for person_id, starts_at, ends_at in session.execute(query):
        found.setdefault(person_id, []).append(Span(starts_at, ends_at))
    return found


def _find_booked(
    session: Session, person_ids: Collection[UUID], span: Span
) -> Mapping[UUID, list[Span]]:
    query = select(Booking.person_id, Booking.starts_at, Booking.ends_at).where(
        Booking.person_id.in_(person_ids),
        Booking.state == BookingState.BOOKED,
        Booking.starts_at < span.ends_at,
        Booking.ends_at > span.starts_at,
    )
    found: dict[UUID, list[Span]] = {}
    for person_id, starts_at, ends_at in session.execute(query):
        found.setdefault(person_id, []).append(Span(starts_at, ends_at))
    return found


def _weekly(row: Availability) -> WeeklyHours:
    return WeeklyHours(
        row.weekday,
        time.fromisoformat(row.from_time),
        time.fromisoformat(row.until_time),
        row.from_day,
        row.until_day,
    )


def _exception(row: AvailabilityException) -> HoursException:
    return HoursException(
        row.from_day,
        row.until_day,
        time.fromisoformat(row.from_time) if row.from_time else None,
        time.fromisoformat(row.until_time) if row.until_time else None,
    )
