"""Finds what has happened to flags and offers since the last look, and puts it in the queues.

It compares states, as they are now and as they were: so nothing that changes a flag or an offer has
to think of webhooks, nothing is missed when a process dies, and looking twice tells once. A message
says that something is now in a state; what changed back between two looks was nobody's news.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, String, insert, or_, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from wellbeing.actions.units import find_reach_of
from wellbeing.actions.webhooks import Event
from wellbeing.domain.ledger import FOR_ONE
from wellbeing.store.locks import hold_webhooks
from wellbeing.store.published import Flag, PublishedRound
from wellbeing.store.support import Offer, SessionState, SupportSession
from wellbeing.store.webhooks import Webhook, WebhookDelivery, WebhookSeen

_EVENTS = {event.value for event in Event}


@dataclass(frozen=True, slots=True)
class Subject:
    """A flag or an offer as it is now: "flag" or "offer", its state, and its kind or form; whether
    it has been seen before.
    """

    id: UUID
    what: str
    state: str
    unit_id: UUID
    kind: str
    is_new: bool

    @property
    def event(self) -> str:
        """What its state is called as an event."""
        return f"{self.what}.{self.state}"


def queue_events(session: Session, *, now: datetime) -> int:
    """Queues what has changed for each webhook that wants it; returns how many messages.

    Webhooks begin with the first look after they are added: what was before is not told.
    """
    hold_webhooks(session)
    webhooks = session.scalars(select(Webhook).where(Webhook.off_at.is_(None))).all()
    if not webhooks:
        return 0
    changed = list(_find_changed(session))
    started = [webhook for webhook in webhooks if webhook.started_at is not None]
    queued = sum(_queue(session, webhook, changed, now) for webhook in started)
    _note(session, changed)
    for webhook in webhooks:
        webhook.started_at = webhook.started_at or now
    return queued


def _find_changed(session: Session) -> Iterator[Subject]:
    """Flags of published rounds and offers to units that are in another state than when they were
    seen; never what is for a single person. The database compares: mostly there is nothing.
    """
    flags = (
        select(Flag.id, Flag.state, Flag.unit_id, Flag.kind, WebhookSeen.state)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .outerjoin(WebhookSeen, WebhookSeen.subject_id == Flag.id)
        .where(PublishedRound.key_destroyed_at.is_not(None), _differs(Flag.state))
    )
    for flag_id, state, unit_id, kind, seen in session.execute(flags):
        yield Subject(flag_id, "flag", state.value, unit_id, kind, is_new=seen is None)
    for_one = select(SupportSession.offer_id).where(
        SupportSession.seats == 1, SupportSession.state != SessionState.CANCELLED
    )
    offers = (
        select(Offer.id, Offer.state, Offer.unit_id, Offer.form, WebhookSeen.state)
        .outerjoin(WebhookSeen, WebhookSeen.subject_id == Offer.id)
        .where(Offer.unit_id.is_not(None), Offer.form.not_in(FOR_ONE), Offer.id.not_in(for_one))
        .where(_differs(Offer.state))
    )
    for offer_id, step, unit, form, seen in session.execute(offers):
        assert unit is not None
        yield Subject(offer_id, "offer", step.value, unit, form.value, is_new=seen is None)


def _differs(state: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return or_(WebhookSeen.state.is_(None), WebhookSeen.state != type_coerce(state, String))


def _queue(session: Session, webhook: Webhook, changed: list[Subject], now: datetime) -> int:
    wanted = [s for s in changed if s.event in webhook.events and s.event in _EVENTS]
    if not wanted:
        return 0
    # Closed units are in no reach but that of the whole organisation.
    reach = None if webhook.unit_id is None else find_reach_of(session, {webhook.unit_id})
    rows = [
        {
            "id": uuid4(),
            "webhook_id": webhook.id,
            "body": _write(subject, now),
            "made_at": now,
            "due_at": now,
            "attempts": 0,
        }
        for subject in wanted
        if reach is None or subject.unit_id in reach
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)
    return len(rows)


def _write(subject: Subject, now: datetime) -> str:
    is_flag = subject.what == "flag"
    data = {
        f"{subject.what}_id": str(subject.id),
        "unit_id": str(subject.unit_id),
        "kind" if is_flag else "form": subject.kind,
        "state": subject.state,
    }
    said = {"type": subject.event, "timestamp": now.isoformat(), "data": data}
    return json.dumps(said, separators=(",", ":"))


def _note(session: Session, changed: list[Subject]) -> None:
    rows = [(s.is_new, {"subject_id": s.id, "state": s.state}) for s in changed]
    if new := [row for is_new, row in rows if is_new]:
        session.execute(insert(WebhookSeen), new)
    if known := [row for is_new, row in rows if not is_new]:
        session.execute(update(WebhookSeen), known)
