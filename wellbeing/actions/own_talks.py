"""Talks that people book for themselves, in the free time of a supervisor.

No booking is in the audit log: it would tell an administrator who asked for help. Nobody is asked
why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.free_times import find_diaries, find_free_slots
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.own_places import find_own_times
from wellbeing.actions.places import find_places
from wellbeing.actions.session_mail import write_to_all
from wellbeing.actions.session_people import find_supervisors
from wellbeing.actions.session_rows import add_bookings, add_session
from wellbeing.actions.session_times import SessionValues, Where
from wellbeing.domain.availability import Span
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.locks import hold_times
from wellbeing.store.supervision import Place, Supervisor
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)


@dataclass(frozen=True, slots=True)
class WantedTime:
    """A time that somebody wants for themselves: in a room, or by the supervisor's video link."""

    form: SupportForm
    supervisor_id: UUID
    starts_at: datetime
    by_video: bool = False


def find_slots(
    session: Session, form: SupportForm, person_id: UUID, *, zone: ZoneInfo, now: datetime
) -> dict[UUID, list[Span]]:
    """The free times a person can book, by supervisor who leads the form; never themselves."""
    _check_form(form)
    rules = load_support_rules()
    profiles = session.scalars(
        select(Supervisor).where(
            Supervisor.person_id.in_(find_supervisors(session)), Supervisor.person_id != person_id
        )
    )
    leading = [p.person_id for p in profiles if form.value in p.forms]
    first_day = now.astimezone(zone).date()
    last_day = first_day + timedelta(days=rules.booking.days_ahead)
    diaries = find_diaries(session, leading, first_day=first_day, last_day=last_day, zone=zone)
    earliest = now + timedelta(hours=rules.booking.notice_hours)
    minutes = rules.forms[form].usual_minutes
    own = find_own_times(session, person_id, now=now)
    return {
        supervisor_id: [
            slot
            for slot in find_free_slots(
                diary, first_day=first_day, last_day=last_day, minutes=minutes, earliest=earliest
            )
            if not any(slot.overlaps(span) for span in own)
        ]
        for supervisor_id, diary in diaries.items()
    }


def book_slot(
    session: Session, person_id: UUID, wanted: WantedTime, *, zone: ZoneInfo, now: datetime
) -> SupportSession:
    """The session that is theirs now; the one there is, if they press twice.

    Refused when somebody was faster, or when they hold as many talks to come as they may.
    """
    _check_form(wanted.form)
    if wanted.supervisor_id == person_id:
        raise BadInput("Choose one of the free times.")
    rooms = [] if wanted.by_video else find_places(session)
    hold_times(session, wanted.supervisor_id, person_id, *(room.id for room in rooms))
    known = _find_same(session, person_id, wanted)
    if known is not None:
        return known
    slot = _get_slot(session, wanted, zone=zone, now=now)
    own = find_own_times(session, person_id, now=now)
    if any(slot.overlaps(span) for span in own):
        raise Refused("You have another booking at that time.")
    most = load_support_rules().booking.own_ahead
    if _count_own_talks(session, person_id, now=now) >= most:
        raise Refused(
            "You can hold {most} talks to come at a time. Step back from one first.", most=most
        )
    where = _find_where(session, wanted, rooms, slot)
    offer = Offer(
        id=uuid4(),
        form=wanted.form,
        state=OfferState.SCHEDULED,
        offered_on=now.astimezone(zone).date(),
    )
    session.add(offer)
    session.flush()
    local = slot.starts_at.astimezone(zone)
    minutes = (slot.ends_at - slot.starts_at) // timedelta(minutes=1)
    values = SessionValues(wanted.form, wanted.supervisor_id, local.date(), local.time(), minutes)
    made = add_session(session, offer, values, slot, where)
    add_bookings(session, made, {person_id: BookingState.BOOKED})
    write_to_all(session, made, MailKind.SESSION_INVITATION, now=now)
    return made


def _check_form(form: SupportForm) -> None:
    if form not in load_support_rules().forms_for(Booker.PERSON):
        raise BadInput("Choose a form of support that you can book for yourself.")


def _find_same(session: Session, person_id: UUID, wanted: WantedTime) -> SupportSession | None:
    query = (
        select(SupportSession)
        .join(Booking, Booking.session_id == SupportSession.id)
        .where(
            Booking.person_id == person_id,
            Booking.state == BookingState.BOOKED,
            SupportSession.supervisor_id == wanted.supervisor_id,
            SupportSession.starts_at == wanted.starts_at,
            SupportSession.state == SessionState.SCHEDULED,
        )
    )
    return session.scalars(query).first()


def _get_slot(session: Session, wanted: WantedTime, *, zone: ZoneInfo, now: datetime) -> Span:
    """The free slot that begins then; only the day it is on has to be looked at."""
    rules = load_support_rules()
    day, today = wanted.starts_at.astimezone(zone).date(), now.astimezone(zone).date()
    if not today <= day <= today + timedelta(days=rules.booking.days_ahead):
        raise BadInput("Choose one of the free times.")
    profile = session.get(Supervisor, wanted.supervisor_id)
    is_leading = profile is not None and wanted.form.value in profile.forms
    if not is_leading or wanted.supervisor_id not in find_supervisors(session):
        raise BadInput("Choose one of the free times.")
    diaries = find_diaries(session, [wanted.supervisor_id], first_day=day, last_day=day, zone=zone)
    free = find_free_slots(
        diaries[wanted.supervisor_id],
        first_day=day,
        last_day=day,
        minutes=rules.forms[wanted.form].usual_minutes,
        earliest=now + timedelta(hours=rules.booking.notice_hours),
    )
    for slot in free:
        if slot.starts_at == wanted.starts_at:
            return slot
    raise Refused("That time is no longer free. Choose another one.")


def _find_where(session: Session, wanted: WantedTime, rooms: list[Place], slot: Span) -> Where:
    """The supervisor's link, or the smallest room that is free; nowhere yet where there is none."""
    if wanted.by_video:
        profile = session.get_one(Supervisor, wanted.supervisor_id)
        if not profile.video_link:
            raise BadInput("This supervisor has no video link. Choose to meet in person.")
        return Where("", None, profile.video_link)
    if not rooms:
        return Where("", None, None)
    taken = set(
        session.scalars(
            select(SupportSession.place_id).where(
                SupportSession.place_id.is_not(None),
                SupportSession.state != SessionState.CANCELLED,
                SupportSession.starts_at < slot.ends_at,
                SupportSession.ends_at > slot.starts_at,
            )
        )
    )
    for room in sorted(rooms, key=lambda room: (room.seats, room.name)):
        if room.id not in taken:
            return Where(room.name, room.id, None)
    raise Refused("No room is free at that time. Choose another time, or to meet by video.")


def _count_own_talks(session: Session, person_id: UUID, *, now: datetime) -> int:
    query = (
        select(func.count())
        .select_from(Booking)
        .join(SupportSession, SupportSession.id == Booking.session_id)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(
            Booking.person_id == person_id,
            Booking.state == BookingState.BOOKED,
            Booking.ends_at > now,
            Offer.unit_id.is_(None),
        )
    )
    return session.scalar(query) or 0
