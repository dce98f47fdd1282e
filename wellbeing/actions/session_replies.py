"""What an answer to an invitation does: a refusal frees the place, and is itself kept nowhere."""

from datetime import datetime
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.bookings import step_back
from wellbeing.actions.reply_reading import Reply
from wellbeing.domain.errors import WellbeingError
from wellbeing.store.accounts import Person, has_address
from wellbeing.store.support import Booking, SessionState, SupportSession


class Taken(Enum):
    """What came of an answer."""

    PLACE_FREED = "a place is free"
    NOTHING = "nothing to do"
    BOUNCED = "an address that mail did not reach"
    NOT_OURS = "for a person to read"


def take_reply(session: Session, reply: Reply, *, now: datetime) -> Taken:
    """Frees the place of whoever says no to a session that is still to come; again does nothing.

    A yes changes nothing, nor does an answer about a time that the session was moved from. Whoever
    leads the session cannot leave it this way: somebody has to read that.
    """
    about = session.get(SupportSession, reply.session_id)
    person_id = session.scalar(select(Person.id).where(has_address(reply.address)))
    if about is None or person_id is None:
        return Taken.NOT_OURS
    if not reply.is_refusal or not _is_to_come(about, reply, now):
        return Taken.NOTHING
    if about.supervisor_id == person_id:
        return Taken.NOT_OURS
    if session.get(Booking, (about.id, person_id)) is None:
        return Taken.NOTHING
    try:
        step_back(session, person_id, about.id, now=now)
    except WellbeingError:
        return Taken.NOTHING
    return Taken.PLACE_FREED


def _is_to_come(about: SupportSession, reply: Reply, now: datetime) -> bool:
    is_same_time = reply.starts_at in (None, about.starts_at)
    return about.state is SessionState.SCHEDULED and now < about.starts_at and is_same_time
