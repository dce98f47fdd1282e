"""Sessions in answer to an offer: scheduled, moved, cancelled; everyone invited is told."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.session_mail import is_invited_to, when_to_invite, write_to_all
from wellbeing.actions.session_people import find_members
from wellbeing.actions.session_rows import (
    add_bookings,
    add_session,
    find_session_of_flag,
    find_session_of_offer,
    get_asker,
    hold_offer,
    hold_session,
    release,
)
from wellbeing.actions.session_times import (
    SessionValues,
    Where,
    check_leader,
    check_seats,
    check_times,
    check_where,
    hours_of,
    wall_in_words,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.availability import Span
from wellbeing.domain.errors import Missing, Refused
from wellbeing.domain.support_rules import Booker
from wellbeing.store.locks import hold_times
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)


@dataclass(frozen=True, slots=True)
class MoveValues:
    """The new time and place of a session; `start` is on the organisation's wall clock."""

    day: date
    start: time
    length_minutes: int
    place: str = ""
    place_id: UUID | None = None
    video_link: str = ""


def schedule(
    session: Session,
    offer_id: UUID,
    values: SessionValues,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> SupportSession:
    """The session that gives what was offered; the one there is, if asked twice.

    A unit is invited whole, or can book the seats; whoever asked for a talk is booked by name.
    BadInput names a value that cannot be, Refused an hour that is given away already.
    """
    offer = hold_offer(session, offer_id)
    found = find_session_of_offer(session, offer_id)
    if found is not None:
        return found
    if offer.state in (OfferState.CLOSED, OfferState.HELD):
        raise Refused("This offer has been closed.")
    asker = None if offer.unit_id else get_asker(session, offer_id)
    values = replace(values, seats=None) if asker else values
    hours, where = _check(session, values, Booker.PERSON if asker else Booker.UNIT, zone, now)
    hold_times(session, values.supervisor_id, values.place_id, asker)
    added = add_session(session, offer, values, hours, where)
    if asker is not None:
        people = {asker: BookingState.BOOKED}
    else:
        people = dict.fromkeys(
            _find_invited(session, offer, values, zone, now), BookingState.INVITED
        )
    add_bookings(session, added, people)
    write_to_all(session, added, MailKind.SESSION_INVITATION, now=now)
    record(
        session,
        "session.scheduled",
        str(added.id),
        by=by,
        now=now,
        offer=str(offer_id),
        form=values.form.value,
        invited=len(people),
    )
    return added


def schedule_from_flag(
    session: Session,
    flag_id: UUID,
    values: SessionValues,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> SupportSession:
    """The session that answers the flag, through its offer; the one there is, if asked twice."""
    flag = session.get(Flag, flag_id, with_for_update=True)
    if flag is None:
        raise Missing("That suggestion does not exist.")
    found = find_session_of_flag(session, flag_id)
    if found is not None:
        return found
    if flag.state is FlagState.CLOSED:
        raise Refused("This suggestion has been closed.")
    known = session.scalars(select(Offer).where(Offer.flag_id == flag_id)).first()
    if known is None:
        # Before the audit log is held by the offer, so that no two acts wait for each other.
        hold_times(session, values.supervisor_id, values.place_id)
        today = now.astimezone(zone).date()
        known = offer_to_unit(
            session, flag.unit_id, values.form, today=today, flag_id=flag_id, now=now, by=by
        )
    return schedule(session, known.id, values, zone=zone, now=now, by=by)


def move_session(
    session: Session,
    session_id: UUID,
    values: MoveValues,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> None:
    """Gives the session another time or place; everyone who has a part is told. Twice is once."""
    found, offer, _ = hold_session(session, session_id)
    if found.state is not SessionState.SCHEDULED:
        raise Refused("Only a session that is still to come can be moved.")
    asked = _as_session_values(found, offer, values)
    where = check_where(session, asked)
    as_it_is = (found.place, found.place_id, found.video_link, found.starts_at, found.ends_at)
    if as_it_is == (where.place, where.place_id, where.video_link, *hours_of(asked, zone)):
        return
    if found.starts_at <= now:
        raise Refused("Only a session that is still to come can be moved.")
    hours = check_times(asked, zone, now=now)
    booked = select(Booking.person_id).where(
        Booking.session_id == session_id, Booking.state == BookingState.BOOKED
    )
    hold_times(session, found.supervisor_id, values.place_id, *session.scalars(booked))
    was_invited = is_invited_to(session, found, now=now)
    with wall_in_words(session):
        found.starts_at, found.ends_at = hours.starts_at, hours.ends_at
        found.place, found.place_id = where.place, where.place_id
        found.video_link = where.video_link
        found.sequence += 1
    session.expire_all()
    write_to_all(
        session,
        found,
        MailKind.SESSION_INVITATION,
        now=now,
        due_at=now if was_invited else when_to_invite(found, now=now),
    )
    record(session, "session.moved", str(session_id), by=by, now=now)


def cancel_session(session: Session, session_id: UUID, *, now: datetime, by: Actor) -> None:
    """Takes the session back and tells everyone who has a part in it; twice is fine.

    What it answered waits for a new session: a flag is raised again, an offer is open again. Only
    a session of a series, or one that somebody booked for themselves, leaves nothing to wait for.
    """
    found, offer, flag = hold_session(session, session_id)
    if found.state is SessionState.CANCELLED:
        return
    if found.state is SessionState.HELD:
        raise Refused("A session that has taken place cannot be cancelled.")
    was_invited = is_invited_to(session, found, now=now)
    release(session, found, offer)
    if flag is not None:
        flag.state = FlagState.RAISED
    session.flush()
    if now < found.ends_at and was_invited:
        write_to_all(session, found, MailKind.SESSION_CANCELLED, now=now)
    record(session, "session.cancelled", str(session_id), by=by, now=now)


def _check(
    session: Session, values: SessionValues, booker: Booker, zone: ZoneInfo, now: datetime
) -> tuple[Span, Where]:
    check_leader(session, values, booker)
    check_seats(values)
    where = check_where(session, values)
    return check_times(values, zone, now=now), where


def _find_invited(
    session: Session, offer: Offer, values: SessionValues, zone: ZoneInfo, now: datetime
) -> Collection[UUID]:
    if values.seats is not None or offer.unit_id is None:
        return ()
    today = now.astimezone(zone).date()
    invited = find_members(session, offer.unit_id, today=today, day=values.day)
    return invited - {values.supervisor_id}


def _as_session_values(found: SupportSession, offer: Offer, values: MoveValues) -> SessionValues:
    return SessionValues(
        form=offer.form,
        supervisor_id=found.supervisor_id,
        day=values.day,
        start=values.start,
        length_minutes=values.length_minutes,
        place=values.place,
        place_id=values.place_id,
        video_link=values.video_link,
        seats=found.seats,
    )
