"""Support that happens: scheduled from a flag, cancelled, or turned down."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.session_people import find_members, find_supervisors
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.locks import hold_supervisor
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)

MIN_MINUTES, MAX_MINUTES = 15, 480
MAX_DAYS_AHEAD = 365
MAX_PLACE_LENGTH = 200
MAX_REASON_LENGTH = 400


@dataclass(frozen=True, slots=True)
class SessionValues:
    """What HR decides about a session; `start` is a wall-clock time in the organisation's zone."""

    form: SupportForm
    supervisor_id: UUID
    day: date
    start: time
    length_minutes: int
    place: str


@dataclass(frozen=True, slots=True)
class _Hours:
    starts_at: datetime
    ends_at: datetime


def schedule_from_flag(
    session: Session,
    flag_id: UUID,
    values: SessionValues,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> SupportSession:
    """The session that answers the flag, with everyone invited; the one there is, if asked twice.

    BadInput names a value that cannot be, Refused an hour the supervisor has already given away.
    """
    flag = _hold_flag(session, flag_id)
    found = find_session_of_flag(session, flag_id)
    if found is not None:
        return found
    if flag.state is FlagState.CLOSED:
        raise Refused("This suggestion has been closed.")
    hours = _check_values(session, values, zone, now)
    _check_free(session, values.supervisor_id, hours)
    today = now.astimezone(zone).date()
    offer = _make_offer(session, flag, values.form, today)
    added = SupportSession(
        id=uuid4(),
        offer_id=offer.id,
        supervisor_id=values.supervisor_id,
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        place=one_line(values.place),
        state=SessionState.SCHEDULED,
        sequence=0,
    )
    session.add(added)
    session.flush()
    invited = find_members(session, flag.unit_id, today=today, day=values.day)
    invited.discard(values.supervisor_id)
    session.add_all(invite_to(added, person) for person in invited)
    flag.state = FlagState.ANSWERED
    session.flush()
    _write_to_all(session, added, MailKind.SESSION_INVITATION, now)
    record(
        session,
        "session.scheduled",
        str(added.id),
        by=by,
        now=now,
        flag=str(flag_id),
        form=values.form.value,
        invited=len(invited),
    )
    return added


def cancel_session(session: Session, session_id: UUID, *, now: datetime, by: Actor) -> None:
    """Takes the session back, tells everyone invited, and raises its flag again; twice is fine."""
    found, offer, flag = _hold_session(session, session_id)
    if found.state is SessionState.CANCELLED:
        return
    if found.state is SessionState.HELD:
        raise Refused("A session that has taken place cannot be cancelled.")
    found.state = SessionState.CANCELLED
    found.sequence += 1
    offer.state = OfferState.OFFERED
    if flag is not None:
        flag.state = FlagState.RAISED
    session.flush()
    if now < found.ends_at:
        _write_to_all(session, found, MailKind.SESSION_CANCELLED, now)
    record(session, "session.cancelled", str(session_id), by=by, now=now)


def close_flag(session: Session, flag_id: UUID, reason: str, *, now: datetime, by: Actor) -> None:
    """Closes a raised flag without a session; the reason is for everyone who sees the flag."""
    flag = _hold_flag(session, flag_id)
    because = one_line(reason)
    if not because:
        raise BadInput("Write in a few words why no support is offered.")
    if len(because) > MAX_REASON_LENGTH:
        raise BadInput("Write at most {length} characters.", length=MAX_REASON_LENGTH)
    if flag.state is FlagState.CLOSED and flag.closed_because == because:
        return
    if flag.state is FlagState.CLOSED:
        raise Refused("This suggestion has been closed.")
    if flag.state is FlagState.ANSWERED:
        raise Refused("Support is already scheduled here. Cancel the session first.")
    flag.state, flag.closed_because = FlagState.CLOSED, because
    for offer in session.scalars(select(Offer).where(Offer.flag_id == flag_id)):
        offer.state, offer.closed_because = OfferState.CLOSED, because
    record(session, "flag.closed", str(flag_id), by=by, now=now)


def invite_to(about: SupportSession, person_id: UUID) -> Booking:
    """The row that says a person is invited with their unit; it does not take up their time."""
    return Booking(
        session_id=about.id,
        person_id=person_id,
        starts_at=about.starts_at,
        ends_at=about.ends_at,
        state=BookingState.INVITED,
    )


def find_session_of_flag(session: Session, flag_id: UUID) -> SupportSession | None:
    """The session that answers the flag: scheduled or held, never a cancelled one."""
    query = (
        select(SupportSession)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.flag_id == flag_id, SupportSession.state != SessionState.CANCELLED)
    )
    return session.scalars(query).first()


def hours_of(values: SessionValues, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when, in UTC; BadInput where a clock change skips or doubles the start."""
    local = datetime.combine(values.day, values.start, tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        exists = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if exists != local.replace(tzinfo=None):
            raise BadInput("The clocks go forward that night: this time does not exist.")
        raise BadInput("The clocks go back that night: this time comes twice.")
    starts_at = local.astimezone(UTC)
    return starts_at, starts_at + timedelta(minutes=values.length_minutes)


def _check_values(session: Session, values: SessionValues, zone: ZoneInfo, now: datetime) -> _Hours:
    if not MIN_MINUTES <= values.length_minutes <= MAX_MINUTES:
        raise BadInput(
            "A session lasts {least} to {most} minutes.", least=MIN_MINUTES, most=MAX_MINUTES
        )
    if not 0 < len(one_line(values.place)) <= MAX_PLACE_LENGTH:
        raise BadInput("Say where it is, in at most {length} characters.", length=MAX_PLACE_LENGTH)
    today = now.astimezone(zone).date()
    if values.day > today + timedelta(days=MAX_DAYS_AHEAD):
        raise BadInput("A session can be scheduled at most a year ahead.")
    if values.supervisor_id not in find_supervisors(session):
        raise BadInput("Choose who leads the session.")
    hours = _Hours(*hours_of(values, zone)) if values.day >= today else None
    if hours is None or hours.starts_at <= now:
        raise BadInput("That time has passed. Choose one that is still to come.")
    return hours


def _check_free(session: Session, supervisor_id: UUID, hours: _Hours) -> None:
    hold_supervisor(session, supervisor_id)
    taken = select(SupportSession.id).where(
        SupportSession.supervisor_id == supervisor_id,
        SupportSession.state != SessionState.CANCELLED,
        SupportSession.starts_at < hours.ends_at,
        SupportSession.ends_at > hours.starts_at,
    )
    if session.scalars(taken).first() is not None:
        raise Refused(
            "The supervisor is taken at that time. Choose another time or another person."
        )


def _make_offer(session: Session, flag: Flag, form: SupportForm, today: date) -> Offer:
    offer = session.scalars(select(Offer).where(Offer.flag_id == flag.id)).first()
    if offer is None:
        offer = Offer(id=uuid4(), unit_id=flag.unit_id, flag_id=flag.id, offered_on=today)
        session.add(offer)
    offer.form, offer.state = form, OfferState.SCHEDULED
    session.flush()
    return offer


def _hold_flag(session: Session, flag_id: UUID) -> Flag:
    flag = session.get(Flag, flag_id, with_for_update=True)
    if flag is None:
        raise Missing("That suggestion does not exist.")
    return flag


def _hold_session(session: Session, session_id: UUID) -> tuple[SupportSession, Offer, Flag | None]:
    """The flag is held before its session, as in scheduling, so that two acts never lock up."""
    known = session.get(SupportSession, session_id)
    if known is None:
        raise Missing("That session does not exist.")
    offer = session.get_one(Offer, known.offer_id)
    flag = _hold_flag(session, offer.flag_id) if offer.flag_id else None
    found = session.get_one(SupportSession, session_id, with_for_update=True)
    return found, offer, flag


def _write_to_all(session: Session, about: SupportSession, kind: MailKind, now: datetime) -> None:
    """One letter each to the supervisor and to everyone booked who has an address."""
    booked = select(Booking.person_id).where(Booking.session_id == about.id)
    query = select(Person.id).where(
        or_(Person.id == about.supervisor_id, Person.id.in_(booked)),
        Person.email.is_not(None),
        Person.status != PersonStatus.DISABLED,
    )
    post(session, _letters(session.scalars(query), about, kind, now))


def _letters(
    people: Iterable[UUID], about: SupportSession, kind: MailKind, now: datetime
) -> Iterable[Letter]:
    for person_id in people:
        yield Letter(
            kind,
            person_id,
            f"{about.id}/{about.sequence}",
            now,
            about.ends_at,
            session_id=about.id,
        )
