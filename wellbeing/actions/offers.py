"""Offers of support to a unit: the rows of its ledger."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.support import Offer, OfferState


def offer_to_unit(
    session: Session,
    unit_id: UUID,
    form: SupportForm,
    *,
    today: date,
    due_on: date | None = None,
    flag_id: UUID | None = None,
    incident_id: UUID | None = None,
    owner_id: UUID | None = None,
    now: datetime,
    by: Actor,
) -> Offer:
    """The offer; the one there is where the same flag or incident is answered by it already."""
    found = _find_same(session, form, flag_id, incident_id)
    if found is not None:
        return found
    offer = Offer(
        id=uuid4(),
        unit_id=unit_id,
        form=form,
        state=OfferState.OFFERED,
        offered_on=today,
        due_on=due_on,
        flag_id=flag_id,
        incident_id=incident_id,
        owner_id=owner_id,
    )
    session.add(offer)
    session.flush()
    record(session, "support.offered", str(offer.id), by=by, now=now, form=form.value)
    return offer


def _find_same(
    session: Session, form: SupportForm, flag_id: UUID | None, incident_id: UUID | None
) -> Offer | None:
    if flag_id is not None:
        return session.scalars(select(Offer).where(Offer.flag_id == flag_id)).first()
    if incident_id is not None:
        same = select(Offer).where(Offer.incident_id == incident_id, Offer.form == form)
        return session.scalars(same).first()
    return None
