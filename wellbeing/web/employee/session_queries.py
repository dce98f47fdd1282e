"""What a person reads about support for themselves: their sessions, open places, free times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.own_places import find_own_units
from wellbeing.actions.own_talks import find_slots
from wellbeing.actions.session_list import SessionShown, find_sessions
from wellbeing.actions.session_people import find_supervisors
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import load_support_rules
from wellbeing.store.supervision import Supervisor
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession
from wellbeing.web.shared.i18n import format_clock

DAYS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session to come that the person has a part in; `place_in_line` counts those who wait."""

    shown: SessionShown
    state: BookingState
    place_in_line: int


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with places that the person could take part in."""

    shown: SessionShown
    places_left: int


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time to book: its value in the form, the clock, and whom it is with."""

    value: str
    clock: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class FreeDays:
    """Some days with free times; `later` is where to look on, None when this is all."""

    days: Mapping[date, list[FreeTime]]
    later: date | None
    has_video: bool


def find_own(session: Session, person_id: UUID, *, now: datetime) -> list[OwnSession]:
    """Their sessions to come, earliest first; of a series, what its invitations are out for."""
    invited_until = now + timedelta(days=load_support_rules().invite_days)
    bookings = {
        booking.session_id: booking
        for booking in session.scalars(
            select(Booking).where(Booking.person_id == person_id, Booking.ends_at > now)
        )
    }
    sessions = find_sessions(
        session,
        SupportSession.id.in_(bookings),
        SupportSession.state == SessionState.SCHEDULED,
        with_private=True,
    )
    return [
        OwnSession(shown, own.state, _place_in_line(session, own))
        for shown in sessions
        for own in (bookings[shown.id],)
        if shown.series_id is None or shown.starts_at <= invited_until
    ]


def find_open(
    session: Session, person_id: UUID, *, today: date, now: datetime
) -> list[OpenSession]:
    """Sessions with places in the units of this person, in which they have none yet."""
    own_units = find_own_units(session, person_id, today=today)
    known = set(
        session.scalars(
            select(Booking.session_id).where(
                Booking.person_id == person_id,
                Booking.state.in_((BookingState.BOOKED, BookingState.WAITING)),
            )
        )
    )
    sessions = find_sessions(
        session,
        SupportSession.seats.is_not(None),
        SupportSession.state == SessionState.SCHEDULED,
        SupportSession.starts_at > now,
        SupportSession.supervisor_id != person_id,
    )
    taken = _count_taken(session, [shown.id for shown in sessions])
    return [
        OpenSession(shown, max(0, (shown.seats or 0) - taken.get(shown.id, 0)))
        for shown in sessions
        if shown.unit_id in own_units and shown.id not in known
    ]


def find_free_days(
    session: Session,
    form: SupportForm,
    person_id: UUID,
    *,
    first_day: date,
    zone: ZoneInfo,
    now: datetime,
) -> FreeDays:
    """The first days from `first_day` on with times to book, by the clock."""
    names = find_supervisors(session)
    found: dict[date, list[FreeTime]] = {}
    slots = find_slots(session, form, person_id, zone=zone, now=now)
    for supervisor_id, spans in slots.items():
        for span in spans:
            local = span.starts_at.astimezone(zone)
            if local.date() >= first_day:
                value = f"{supervisor_id}/{span.starts_at.isoformat()}"
                time = FreeTime(value, format_clock(span.starts_at, zone), names[supervisor_id])
                found.setdefault(local.date(), []).append(time)
    days = sorted(found)
    with_video = select(Supervisor.person_id).where(
        Supervisor.person_id.in_(slots), Supervisor.video_link.is_not(None)
    )
    return FreeDays(
        {
            day: sorted(found[day], key=lambda t: (t.clock, t.supervisor))
            for day in days[:DAYS_SHOWN]
        },
        days[DAYS_SHOWN] if len(days) > DAYS_SHOWN else None,
        session.scalars(with_video.limit(1)).first() is not None,
    )


def _place_in_line(session: Session, own: Booking) -> int:
    if own.state is not BookingState.WAITING:
        return 0
    query = select(func.count()).where(
        Booking.session_id == own.session_id,
        Booking.state == BookingState.WAITING,
        Booking.position <= own.position,
    )
    return session.scalar(query) or 0


def _count_taken(session: Session, session_ids: list[UUID]) -> dict[UUID, int]:
    query = (
        select(Booking.session_id, func.count())
        .where(Booking.session_id.in_(session_ids), Booking.state == BookingState.BOOKED)
        .group_by(Booking.session_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
