"""What people do to the ledger of support: wish, take on, write down, close, and undo."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.support import close_flag
from wellbeing.actions.support_people import find_owner_options
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.support_forms import WITHOUT_SESSION, SupportForm
from wellbeing.store.locks import hold_unit
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import Offer, OfferState, SessionAction

MAX_REASON_LENGTH = 400
# What a leader can wish for a unit: never something that points at one person in it.
WISHED_FORMS = (
    SupportForm.TEAM_SUPERVISION,
    SupportForm.PEER_SUPERVISION,
    SupportForm.OPEN_SUPERVISION,
    SupportForm.DEFUSING,
    SupportForm.DEBRIEFING,
    SupportForm.CRISIS_HELP,
    SupportForm.TEAM_CONVERSATION,
)


def wish_for_support(
    session: Session, unit_id: UUID, form: SupportForm, *, today: date, now: datetime, by: Actor
) -> Offer:
    """Puts a leader's wish into the unit's ledger; the one there is while it waits to be arranged.

    BadInput for a form that is for one person.
    """
    if form not in WISHED_FORMS:
        raise BadInput("Choose a form of support for the unit.")
    hold_unit(session, unit_id)
    same = select(Offer).where(
        Offer.unit_id == unit_id,
        Offer.form == form,
        Offer.state == OfferState.OFFERED,
        Offer.flag_id.is_(None),
        Offer.incident_id.is_(None),
    )
    found = session.scalars(same).first()
    return found or offer_to_unit(session, unit_id, form, today=today, now=now, by=by)


def set_owner(
    session: Session, offer_id: UUID, owner_id: UUID | None, *, now: datetime, by: Actor
) -> None:
    """Says who sees to an offer, or that nobody does; BadInput for anybody but those at hand."""
    offer, unit_id = _hold_offer(session, offer_id)
    if offer.owner_id == owner_id:
        return
    if owner_id is not None and owner_id not in find_owner_options(session, unit_id):
        raise BadInput("Choose somebody from HR, or the unit's leader.")
    offer.owner_id = owner_id
    record(session, "offer.owner_set", str(offer_id), by=by, now=now, owner=str(owner_id or ""))


def close_offer(session: Session, offer_id: UUID, reason: str, *, now: datetime, by: Actor) -> None:
    """Closes an offer that came to nothing; the reason is for everyone in the unit.

    An offer that answers a flag closes the flag with it.
    """
    because = _check_reason(reason)
    offer, _ = _hold_offer(session, offer_id, with_flag=True)
    if offer.state is OfferState.CLOSED and offer.closed_because == because:
        return
    if offer.state is OfferState.CLOSED:
        raise Refused("This offer has been closed.")
    if offer.state is OfferState.HELD:
        raise Refused("This support has taken place.")
    if offer.state is OfferState.SCHEDULED:
        raise Refused("Support is already scheduled here. Cancel the session first.")
    if offer.flag_id is not None:
        close_flag(session, offer.flag_id, because, now=now, by=by)
    offer.state, offer.closed_because = OfferState.CLOSED, because
    record(session, "offer.closed", str(offer_id), by=by, now=now)


def reopen_offer(session: Session, offer_id: UUID, *, now: datetime, by: Actor) -> None:
    """Undoes a closing: the offer waits again, and its flag is raised again. Again is fine."""
    offer, _ = _hold_offer(session, offer_id, with_flag=True)
    if offer.state is not OfferState.CLOSED:
        return
    if offer.flag_id is not None:
        flag = session.get_one(Flag, offer.flag_id)
        flag.state, flag.closed_because = FlagState.RAISED, None
    offer.state, offer.closed_because = OfferState.OFFERED, None
    record(session, "offer.reopened", str(offer_id), by=by, now=now)


def hold_without_session(
    session: Session, offer_id: UUID, held_on: date, *, today: date, now: datetime, by: Actor
) -> None:
    """Writes down that support which needs no session took place; another day puts it right."""
    offer, _ = _hold_offer(session, offer_id)
    if offer.form not in WITHOUT_SESSION:
        raise Refused("This form of support is written down with its session.")
    if offer.state is OfferState.CLOSED:
        raise Refused("This offer has been closed.")
    if not offer.offered_on <= held_on <= today:
        raise BadInput("Choose a day between the offer and today.")
    if offer.state is OfferState.HELD and offer.held_on == held_on:
        return
    offer.state, offer.held_on = OfferState.HELD, held_on
    record(session, "offer.held", str(offer_id), by=by, now=now)


def mark_action(
    session: Session, action_id: UUID, *, is_done: bool, today: date, now: datetime, by: Actor
) -> None:
    """Marks something agreed in a session as done, or as not done after all; twice is once."""
    action = session.get(SessionAction, action_id, with_for_update=True)
    if action is None:
        raise Missing("That agreement does not exist.")
    if (action.done_on is not None) is is_done:
        return
    action.done_on = today if is_done else None
    record(session, "action.marked", str(action.session_id), by=by, now=now, done=is_done)


def _hold_offer(session: Session, offer_id: UUID, *, with_flag: bool = False) -> tuple[Offer, UUID]:
    """The offer and its unit; a person's own request is arranged elsewhere and is Missing here.

    A flag that may change is held before its offer, as in scheduling, so that nothing locks up.
    """
    known = session.get(Offer, offer_id)
    if known is None or known.unit_id is None:
        raise Missing("That offer does not exist.")
    if with_flag and known.flag_id is not None:
        session.get_one(Flag, known.flag_id, with_for_update=True)
    offer = session.get_one(Offer, offer_id, with_for_update=True, populate_existing=True)
    return offer, known.unit_id


def _check_reason(reason: str) -> str:
    because = one_line(reason)
    if not because:
        raise BadInput("Write in a few words why it is closed.")
    if len(because) > MAX_REASON_LENGTH:
        raise BadInput("Write at most {length} characters.", length=MAX_REASON_LENGTH)
    return because
