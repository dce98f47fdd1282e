"""Flags that are turned down with a reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import Offer, OfferState

MAX_REASON_LENGTH = 400


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
        offer.state, offer.closed_because = OfferState.CLOSED, because
    record(session, "flag.closed", str(flag_id), by=by, now=now)


def _hold_flag(session: Session, flag_id: UUID) -> Flag:
    flag = session.get(Flag, flag_id, with_for_update=True)
    if flag is None:
        raise Missing("That suggestion does not exist.")
    return flag
