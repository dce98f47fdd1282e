"""The steps after an incident, taken or not: held without a session, or closed with a reason."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.incidents import find_offers, hold_incident
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.incidents import ClosingReason
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import Incident
from wellbeing.store.org import Round, RoundState
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession


def mark_held(
    session: Session,
    incident_id: UUID,
    form: SupportForm,
    held_on: date,
    *,
    today: date,
    now: datetime,
    by: Actor,
) -> None:
    """Writes down that a step was taken on a day without a session in the calendar.

    The day may be put right; BadInput unless it lies between the incident and today.
    """
    incident, offer = _hold_step(session, incident_id, form)
    if not incident.happened_on <= held_on <= today:
        raise BadInput("Choose a day from when it happened until today.")
    if offer.state is OfferState.HELD and offer.held_on == held_on:
        return
    if _has_session(session, offer.id):
        raise Refused("A session is scheduled for this. Write down there how it went.")
    offer.state, offer.held_on, offer.closed_because = OfferState.HELD, held_on, None
    record(session, "support.held", str(offer.id), by=by, now=now, form=form.value)


def mark_not_taken(
    session: Session,
    incident_id: UUID,
    form: SupportForm,
    reason: ClosingReason,
    *,
    now: datetime,
    by: Actor,
) -> None:
    """Closes a step with a reason of the closed list; who said no is never written down."""
    _, offer = _hold_step(session, incident_id, form)
    if reason is ClosingReason.MISTAKE:
        raise BadInput("Choose why it was not given.")
    _close(session, offer, reason, now=now, by=by)


def reopen_step(
    session: Session, incident_id: UUID, form: SupportForm, *, now: datetime, by: Actor
) -> None:
    """Lets a step wait again that was marked by mistake; twice is fine."""
    _, offer = _hold_step(session, incident_id, form)
    if offer.state is OfferState.OFFERED:
        return
    if _has_session(session, offer.id):
        raise Refused("A session is scheduled for this. Write down there how it went.")
    offer.state, offer.held_on, offer.closed_because = OfferState.OFFERED, None, None
    record(session, "support.reopened", str(offer.id), by=by, now=now, form=form.value)


def withdraw_incident(
    session: Session, incident_id: UUID, *, today: date, now: datetime, by: Actor
) -> None:
    """Closes an incident that was registered by mistake with all its steps; no mark stays."""
    incident = hold_incident(session, incident_id)
    if is_withdrawn(offers := find_offers(session, incident_id)):
        return
    extra = session.get(Round, incident.round_id) if incident.round_id else None
    is_asked = extra is not None and extra.state is not RoundState.CANCELLED
    if is_asked or any(_has_session(session, offer.id) for offer in offers):
        raise Refused("Something has been scheduled for this incident. Cancel that first.")
    for offer in offers:
        offer.state, offer.held_on = OfferState.CLOSED, None
        offer.closed_because = ClosingReason.MISTAKE.value
    incident.closed_on, incident.details = today, ""
    record(session, "incident.withdrawn", str(incident_id), by=by, now=now)


def is_withdrawn(offers: list[Offer]) -> bool:
    """Whether an incident with these steps was registered by mistake."""
    return any(offer.closed_because == ClosingReason.MISTAKE.value for offer in offers)


def _hold_step(session: Session, incident_id: UUID, form: SupportForm) -> tuple[Incident, Offer]:
    incident = hold_incident(session, incident_id)
    query = select(Offer).where(Offer.incident_id == incident_id, Offer.form == form)
    offer = session.scalars(query.with_for_update()).first()
    if offer is None:
        raise Missing("That step does not exist.")
    if incident.closed_on is not None:
        raise Refused("This incident is closed.")
    return incident, offer


def _close(
    session: Session, offer: Offer, reason: ClosingReason, *, now: datetime, by: Actor
) -> None:
    if offer.state is OfferState.CLOSED and offer.closed_because == reason.value:
        return
    if _has_session(session, offer.id):
        raise Refused("A session is scheduled for this. Cancel it first.")
    offer.state, offer.held_on = OfferState.CLOSED, None
    offer.closed_because = reason.value
    record(session, "support.closed", str(offer.id), by=by, now=now, form=offer.form.value)


def _has_session(session: Session, offer_id: UUID) -> bool:
    sessions = select(SupportSession.id).where(
        SupportSession.offer_id == offer_id, SupportSession.state != SessionState.CANCELLED
    )
    return session.scalars(sessions.limit(1)).first() is not None
