"""Places at sessions: given back by whoever had one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.session_post import post_release
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing
from wellbeing.store.support import Booking, BookingState, SupportSession


def step_back(
    session: Session, session_id: UUID, person_id: UUID, *, now: datetime, by: Actor
) -> None:
    """Deletes the person's booking and tells their calendar; twice is once.

    The log says that a place became free, never whose.
    """
    about = session.get(SupportSession, session_id, with_for_update=True)
    if about is None:
        raise Missing("That session does not exist.")
    booking = session.get(Booking, (session_id, person_id))
    if booking is None:
        return
    was_sent = booking.state in (BookingState.INVITED, BookingState.BOOKED)
    session.delete(booking)
    session.flush()
    if was_sent:
        post_release(session, about, person_id, now=now)
    record(session, "session.place_freed", str(session_id), by=by, now=now)
