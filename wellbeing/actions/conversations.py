"""Conversations that a team held by itself: logged as held on a day, and nothing more."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.locks import hold_unit
from wellbeing.store.support import Offer, OfferState

MAX_DAYS_BACK = 60
WITHDRAWN = "withdrawn"


def log_conversation(
    session: Session, unit_id: UUID, held_on: date, *, today: date, now: datetime, by: Actor
) -> None:
    """Writes down that the team talked on this day; the same day twice is once."""
    if not today - timedelta(days=MAX_DAYS_BACK) <= held_on <= today:
        raise BadInput(
            "Choose a day within the latest {days} days, today included.", days=MAX_DAYS_BACK
        )
    hold_unit(session, unit_id)
    if held_on in find_conversations(session, unit_id):
        return
    session.add(
        Offer(
            id=uuid4(),
            unit_id=unit_id,
            form=SupportForm.TEAM_CONVERSATION,
            state=OfferState.HELD,
            offered_on=held_on,
            held_on=held_on,
        )
    )
    record(session, "conversation.held", str(unit_id), by=by, now=now, day=held_on.isoformat())


def take_back_conversation(
    session: Session, unit_id: UUID, held_on: date, *, now: datetime, by: Actor
) -> None:
    """Takes a day back that was written down by mistake; twice is fine."""
    for offer in session.scalars(_held(unit_id).where(Offer.held_on == held_on)):
        offer.state, offer.closed_because = OfferState.CLOSED, WITHDRAWN
        record(
            session, "conversation.withdrawn", str(unit_id), by=by, now=now, day=held_on.isoformat()
        )


def find_conversations(session: Session, unit_id: UUID) -> list[date]:
    """The days on which the unit's team talked, newest first."""
    days = {offer.held_on for offer in session.scalars(_held(unit_id)) if offer.held_on}
    return sorted(days, reverse=True)


def _held(unit_id: UUID) -> Select[Offer]:
    return select(Offer).where(
        Offer.unit_id == unit_id,
        Offer.form == SupportForm.TEAM_CONVERSATION,
        Offer.state == OfferState.HELD,
    )
