"""Hands over what waits for webhooks: at least once, again with back-off, and after three days in
vain the webhook is switched off.

A message is claimed by moving its time on, so that no other process sends it meanwhile. Should the
process die on the way, it is sent again under the same id: the other system tells by that.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from wellbeing.actions.webhook_letters import tell_administrators
from wellbeing.actions.webhooks import switch_off
from wellbeing.domain.actor import Actor
from wellbeing.settings import Settings
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.webhooks import Webhook, WebhookDelivery
from wellbeing.webhook_posts import NotTaken, post

GIVES_UP_AFTER = timedelta(hours=72)
# A service that was itself down for days has not tried for days.
FEWEST_ATTEMPTS = 5
LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 200
_LONGEST_WAIT = timedelta(hours=6)
_LONGEST_DOUBLING = 9
_ENOUGH = timedelta(minutes=1)
log = logging.getLogger("wellbeing.webhooks")


@dataclass(slots=True)
class Delivered:
    """What one pass did: handed over, to be tried again, given up, and webhooks switched off."""

    sent: int = 0
    postponed: int = 0
    dropped: int = 0
    switched_off: int = 0


@dataclass(frozen=True, slots=True)
class _Message:
    id: UUID
    body: bytes
    made_at: datetime
    attempts: int


class WebhookQueues:
    """One pass over the messages that are due, webhook by webhook."""

    def __init__(
        self, database: Database, settings: Settings, *, clock: Callable[[], datetime], by: Actor
    ) -> None:
        self._database, self._settings, self._clock, self._by = database, settings, clock, by
        self._done = Delivered()

    def run(self) -> Delivered:
        """Hands over what is due; an address that does not take one is left alone for this pass."""
        with self._database.reading(Reach.EVERYTHING) as session:
            webhooks = session.scalars(
                select(Webhook).where(Webhook.off_at.is_(None)).order_by(Webhook.made_at)
            ).all()
            secrets = {webhook.id: webhook.secret for webhook in webhooks}
        for webhook in webhooks:
            self._empty(webhook, secrets[webhook.id])
        return self._done

    def _empty(self, webhook: Webhook, secret: str) -> None:
        enough = self._clock() + _ENOUGH
        for _ in range(MOST_AT_ONCE):
            message = self._claim(webhook.id)
            if message is None or not self._send(webhook, secret, message):
                return
            if self._clock() >= enough:
                return

    def _claim(self, webhook_id: UUID) -> _Message | None:
        now = self._clock()
        due = (
            select(WebhookDelivery)
            .where(WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.due_at <= now)
            .order_by(WebhookDelivery.made_at, WebhookDelivery.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing(Reach.EVERYTHING) as session:
            found = session.scalars(due).first()
            if found is None:
                return None
            found.due_at = now + LEASE
            found.attempts += 1
            return _Message(found.id, found.body.encode(), found.made_at, found.attempts)

    def _send(self, webhook: Webhook, secret: str, message: _Message) -> bool:
        try:
            post(
                webhook.url,
                secret,
                f"msg_{message.id.hex}",
                message.body,
                timestamp=int(self._clock().timestamp()),
                own_networks=self._settings.webhook_own_networks,
            )
        except NotTaken as fault:
            log.warning("A message for the webhook %s was not taken: %s", webhook.id, fault)
            self._settle_failure(webhook, message)
            return False
        now = self._clock()
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(delete(WebhookDelivery).where(WebhookDelivery.id == message.id))
            session.execute(
                update(Webhook).where(Webhook.id == webhook.id).values(delivered_at=now)
            )
        self._done.sent += 1
        return True

    def _settle_failure(self, webhook: Webhook, message: _Message) -> None:
        now, this = self._clock(), WebhookDelivery.id == message.id
        last_chance = message.made_at + GIVES_UP_AFTER
        with self._database.writing(Reach.EVERYTHING) as session:
            known = session.get(Webhook, webhook.id)
            if known is None:
                return
            if now >= last_chance and message.attempts >= FEWEST_ATTEMPTS:
                if known.delivered_at is not None and known.delivered_at > message.made_at:
                    # It takes others: this one is what it cannot take.
                    session.execute(delete(WebhookDelivery).where(this))
                    self._done.dropped += 1
                    return
                switch_off(session, webhook.id, by=self._by, now=now)
                tell_administrators(session, webhook.id, now=now)
                self._done.switched_off += 1
                return
            doubled = timedelta(minutes=2 ** min(message.attempts - 1, _LONGEST_DOUBLING))
            due_at = now + min(doubled, _LONGEST_WAIT)
            if now < last_chance:
                due_at = min(due_at, last_chance)
            session.execute(update(WebhookDelivery).where(this).values(due_at=due_at))
            self._done.postponed += 1
