"""Places that people take for themselves in a session: booked, waiting for, and given back.

No booking is in the audit log: it would tell an administrator who asked for help. Nobody is asked
why. Whoever steps back leaves no row behind.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.own_places import find_own_times, find_own_units
from wellbeing.actions.session_mail import write_to, write_to_all
from wellbeing.actions.session_people import invite_to
from wellbeing.actions.session_post import post_release
from wellbeing.actions.session_rows import release
from wellbeing.domain.availability import Span
from wellbeing.domain.errors import Missing, Refused
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.locks import hold_times
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    SessionState,
    SupportSession,
)


def take_place(
    session: Session, person_id: UUID, session_id: UUID, *, zone: ZoneInfo, now: datetime
) -> BookingState:
    """Whether they have a place now, or wait for one in a session that is full. Twice is once.

    Missing unless the session has places and is open to the units of this person.
    """
    about = _hold_open_session(session, person_id, session_id, zone=zone, now=now)
    hold_times(session, person_id)
    known = session.get(Booking, (session_id, person_id))
    if known is not None and known.state in (BookingState.BOOKED, BookingState.WAITING):
        return known.state
    if about.supervisor_id == person_id:
        raise Refused("You lead this session yourself.")
    span = Span(about.starts_at, about.ends_at)
    if any(span.overlaps(own) for own in find_own_times(session, person_id, now=now)):
        raise Refused("You have another booking at that time.")
    booking = known or invite_to(about, person_id)
    if _count_booked(session, session_id) < (about.seats or 0):
        booking.state = BookingState.BOOKED
    else:
        booking.state = BookingState.WAITING
        booking.position = _last_position(session, session_id) + 1
    session.add(booking)
    session.flush()
    if booking.state is BookingState.BOOKED:
        write_to(session, about, [person_id], MailKind.SESSION_INVITATION, now=now)
    return booking.state


def step_back(session: Session, person_id: UUID, session_id: UUID, *, now: datetime) -> None:
    """Gives the place back and keeps no trace of it; twice is fine. Missing without the session.

    Their calendar is told. The first in line who is free gets the place, and a letter. A talk for
    one is cancelled with it.
    """
    about = session.get(SupportSession, session_id, with_for_update=True, populate_existing=True)
    if about is None:
        raise Missing("That session does not exist.")
    booking = session.get(Booking, (session_id, person_id))
    if booking is None:
        return
    if about.state is not SessionState.SCHEDULED or about.starts_at <= now:
        raise Refused("The session has begun, or is cancelled already.")
    offer, state = session.get_one(Offer, about.offer_id), booking.state
    session.delete(booking)
    note(session, Kind.BOOKING, session_id, person_id)
    session.flush()
    if state is not BookingState.WAITING:
        post_release(session, about, person_id, now=now)
    if offer.unit_id is None:
        release(session, about, offer)
        write_to_all(session, about, MailKind.SESSION_CANCELLED, now=now)
    elif state is BookingState.BOOKED:
        _pass_on(session, about, now=now)


def _pass_on(session: Session, about: SupportSession, *, now: datetime) -> None:
    query = (
        select(Booking)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.session_id == about.id,
            Booking.state == BookingState.WAITING,
            Person.status != PersonStatus.DISABLED,
        )
        .order_by(Booking.position)
    )
    waiting = session.scalars(query).all()
    hold_times(session, *(booking.person_id for booking in waiting))
    span = Span(about.starts_at, about.ends_at)
    for booking in waiting:
        own = find_own_times(session, booking.person_id, now=now)
        if not any(span.overlaps(other) for other in own):
            booking.state, booking.position = BookingState.BOOKED, 0
            session.flush()
            write_to(session, about, [booking.person_id], MailKind.SESSION_INVITATION, now=now)
            return


def _hold_open_session(
    session: Session, person_id: UUID, session_id: UUID, *, zone: ZoneInfo, now: datetime
) -> SupportSession:
    about = session.get(SupportSession, session_id, with_for_update=True, populate_existing=True)
    offer = session.get(Offer, about.offer_id) if about is not None else None
    own = find_own_units(session, person_id, today=now.astimezone(zone).date())
    if about is None or offer is None or about.seats is None or offer.unit_id not in own:
        raise Missing("That session does not exist.")
    if about.state is not SessionState.SCHEDULED or about.starts_at <= now:
        raise Refused("The session has begun, or is cancelled already.")
    return about


def _count_booked(session: Session, session_id: UUID) -> int:
    query = select(func.count()).where(
        Booking.session_id == session_id, Booking.state == BookingState.BOOKED
    )
    return session.scalar(query) or 0


def _last_position(session: Session, session_id: UUID) -> int:
    query = select(func.max(Booking.position)).where(
        Booking.session_id == session_id, Booking.state == BookingState.WAITING
    )
    return session.scalar(query) or 0
