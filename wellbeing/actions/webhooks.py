"""Webhooks: other systems that are told of flags and offers; administrators add and remove them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.store.org import Unit
from wellbeing.store.webhooks import Webhook, WebhookDelivery
from wellbeing.webhook_posts import check_address, make_secret

MOST_WEBHOOKS = 50


class Event(StrEnum):
    """What can be told: that a flag or an offer is now in this state."""

    FLAG_RAISED = "flag.raised"
    FLAG_CLOSED = "flag.closed"
    OFFER_OFFERED = "offer.offered"
    OFFER_SCHEDULED = "offer.scheduled"
    OFFER_HELD = "offer.held"
    OFFER_CLOSED = "offer.closed"


@dataclass(frozen=True, slots=True)
class WebhookValues:
    """What an administrator says of a webhook; `unit_id` None: the whole organisation."""

    name: str
    url: str
    unit_id: UUID | None
    events: frozenset[Event]


@dataclass(frozen=True, slots=True)
class WebhookShown:
    """A webhook in a list, and how many messages wait for it."""

    webhook: Webhook
    waiting: int


def add_webhook(
    session: Session,
    values: WebhookValues,
    *,
    own_networks: Sequence[str],
    by: Actor,
    now: datetime,
) -> str:
    """The secret of a new webhook, which cannot be shown again; BadInput says what does not fit."""
    check_address(values.url, own_networks)
    if not (values.name.isprintable() and 0 < len(values.name.strip()) <= 80):
        raise BadInput("Give the webhook a name of 1 to 80 characters.")
    if not values.events:
        raise BadInput("Choose at least one event.")
    if values.unit_id is not None and session.get(Unit, values.unit_id) is None:
        raise Missing("That unit does not exist.")
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST_WEBHOOKS:
        raise BadInput("There can be at most {most} webhooks.", most=MOST_WEBHOOKS)
    secret, webhook_id = make_secret(), uuid4()
    events = sorted(event.value for event in values.events)
    session.add(
        Webhook(
            id=webhook_id,
            name=values.name.strip(),
            url=values.url,
            secret=secret,
            unit_id=values.unit_id,
            events=events,
            made_at=now,
        )
    )
    session.flush()
    unit = str(values.unit_id) if values.unit_id else None
    details = {"name": values.name.strip(), "url": values.url, "unit": unit, "events": events}
    record(session, "webhook.added", str(webhook_id), by=by, now=now, **details)
    return secret


def list_webhooks(session: Session) -> list[WebhookShown]:
    """Every webhook, the oldest first."""
    counted = select(WebhookDelivery.webhook_id, func.count()).group_by(WebhookDelivery.webhook_id)
    waiting = {row[0]: row[1] for row in session.execute(counted)}
    found = session.scalars(select(Webhook).order_by(Webhook.made_at, Webhook.id))
    return [WebhookShown(webhook, waiting.get(webhook.id, 0)) for webhook in found]


def remove_webhook(session: Session, webhook_id: UUID, *, by: Actor, now: datetime) -> str:
    """Nothing is sent there from now on, not even what waits; the name it had."""
    webhook = _get(session, webhook_id)
    name = webhook.name
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id))
    session.delete(webhook)
    note(session, Kind.WEBHOOK, webhook_id)
    record(session, "webhook.removed", str(webhook_id), by=by, now=now, name=name)
    return name


def switch_on(session: Session, webhook_id: UUID, *, by: Actor, now: datetime) -> str:
    """Tells of what happens from the next minute on; what happened meanwhile is not told. Its name.

    One that is on stays as it is.
    """
    webhook = _get(session, webhook_id)
    if webhook.off_at is not None:
        webhook.off_at = webhook.started_at = None
        record(session, "webhook.switched_on", str(webhook_id), by=by, now=now, name=webhook.name)
    return webhook.name


def switch_off(session: Session, webhook_id: UUID, *, by: Actor, now: datetime) -> None:
    """Nothing could be handed over for days: what waits is dropped, and the log says so."""
    webhook = _get(session, webhook_id)
    webhook.off_at = now
    dropped = session.execute(
        delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    )
    details = {"name": webhook.name, "dropped": dropped.rowcount}  # type: ignore[attr-defined]
    record(session, "webhook.switched_off", str(webhook_id), by=by, now=now, **details)


def _get(session: Session, webhook_id: UUID) -> Webhook:
    webhook = session.get(Webhook, webhook_id, with_for_update=True)
    if webhook is None:
        raise Missing("That webhook does not exist.")
    return webhook
