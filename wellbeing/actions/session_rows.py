"""The rows of sessions and their bookings: held, found, added and released; nobody is told here."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.session_people import invite_to
from wellbeing.actions.session_times import SessionValues, Where, wall_in_words
from wellbeing.domain.availability import Span
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.store.incidents import SupportRequest
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)


def release(session: Session, found: SupportSession, offer: Offer) -> None:
    """Marks a session as cancelled and gives back everybody's time; tells nobody."""
    found.state = SessionState.CANCELLED
    found.sequence += 1
    of_session = Booking.session_id == found.id
    session.execute(delete(Booking).where(of_session, Booking.state == BookingState.WAITING))
    session.execute(
        update(Booking)
        .where(of_session, Booking.state == BookingState.BOOKED)
        .values(state=BookingState.RELEASED)
    )
    waits = offer.unit_id is not None or find_asker(session, offer.id) is not None
    is_done = found.series_id is not None or not waits
    offer.state = OfferState.CLOSED if is_done else OfferState.OFFERED
    session.flush()


def add_session(
    session: Session,
    offer: Offer,
    values: SessionValues,
    hours: Span,
    where: Where,
    *,
    series_id: UUID | None = None,
) -> SupportSession:
    """The row of a session, whose offer is then scheduled; Refused where an hour is taken."""
    added = SupportSession(
        id=uuid4(),
        offer_id=offer.id,
        supervisor_id=values.supervisor_id,
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        place=where.place,
        place_id=where.place_id,
        video_link=where.video_link,
        seats=values.seats,
        series_id=series_id,
        state=SessionState.SCHEDULED,
        sequence=0,
    )
    with wall_in_words(session):
        session.add(added)
        offer.form, offer.state = values.form, OfferState.SCHEDULED
        flag = session.get(Flag, offer.flag_id) if offer.flag_id else None
        if flag is not None:
            flag.state = FlagState.ANSWERED
            flag.snoozed_until = flag.snoozed_because = None
    return added


def add_bookings(
    session: Session, about: SupportSession, people: Mapping[UUID, BookingState]
) -> None:
    """The rows of those expected; Refused where somebody to be booked is booked elsewhere."""
    with wall_in_words(session):
        for person_id, state in people.items():
            booking = invite_to(about, person_id)
            booking.state = state
            session.add(booking)


def find_session_of_offer(session: Session, offer_id: UUID) -> SupportSession | None:
    """The session that gives what was offered: scheduled or held, never a cancelled one."""
    query = select(SupportSession).where(
        SupportSession.offer_id == offer_id, SupportSession.state != SessionState.CANCELLED
    )
    return session.scalars(query).first()


def find_session_of_flag(session: Session, flag_id: UUID) -> SupportSession | None:
    """The session that answers the flag: scheduled or held, never a cancelled one."""
    query = (
        select(SupportSession)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.flag_id == flag_id, SupportSession.state != SessionState.CANCELLED)
    )
    return session.scalars(query).first()


def hold_session(session: Session, session_id: UUID) -> tuple[SupportSession, Offer, Flag | None]:
    """The flag is held before its session, as in scheduling, so that two acts never lock up."""
    known = session.get(SupportSession, session_id)
    if known is None:
        raise Missing("That session does not exist.")
    offer = session.get_one(Offer, known.offer_id)
    flag = session.get(Flag, offer.flag_id, with_for_update=True) if offer.flag_id else None
    found = session.get_one(
        SupportSession, session_id, with_for_update=True, populate_existing=True
    )
    return found, offer, flag


def hold_offer(session: Session, offer_id: UUID) -> Offer:
    """The offer, held for this transaction; Missing where there is none."""
    offer = session.get(Offer, offer_id, with_for_update=True, populate_existing=True)
    if offer is None:
        raise Missing("That offer does not exist.")
    return offer


def find_asker(session: Session, offer_id: UUID) -> UUID | None:
    """Who asked for the talk that is offered; None for an offer to a unit."""
    query = select(SupportRequest.person_id).where(SupportRequest.offer_id == offer_id)
    return session.scalars(query).first()


def get_asker(session: Session, offer_id: UUID) -> UUID:
    """Who asked for the talk that is offered; BadInput once the request is taken back."""
    asker = find_asker(session, offer_id)
    if asker is None:
        raise BadInput("Whoever asked for this has taken it back.")
    return asker
