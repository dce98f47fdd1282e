"""Support that happened, or was turned down: written down as held, or closed with a reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.session_people import count_invited
from wellbeing.actions.session_rows import hold_session
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import Offer, OfferState, SessionState

MAX_REASON_LENGTH = 400


def record_held(
    session: Session, session_id: UUID, attended: int, *, now: datetime, by: Actor
) -> None:
    """Writes down that the session was held and how many came, never who; may be put right."""
    found, offer, _ = hold_session(session, session_id)
    if found.state is SessionState.CANCELLED:
        raise Refused("This session was cancelled.")
    if now < found.starts_at:
        raise Refused("A session can be written down once it has begun.")
    invited = count_invited(session, [session_id])[session_id]
    if not 0 <= attended <= invited:
        raise BadInput("Between 0 and {invited} people can have come.", invited=invited)
    if found.state is SessionState.HELD and found.attended_count == attended:
        return
    found.state, found.attended_count = SessionState.HELD, attended
    offer.state = OfferState.HELD
    record(session, "session.held", str(session_id), by=by, now=now, attended=attended)


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
    flag.snoozed_until = flag.snoozed_because = None
    for offer in session.scalars(select(Offer).where(Offer.flag_id == flag_id)):
        offer.state = OfferState.CLOSED
    record(session, "flag.closed", str(flag_id), by=by, now=now)


def _hold_flag(session: Session, flag_id: UUID) -> Flag:
    flag = session.get(Flag, flag_id, with_for_update=True)
    if flag is None:
        raise Missing("That suggestion does not exist.")
    return flag
