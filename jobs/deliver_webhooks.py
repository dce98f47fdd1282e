"""Tells other systems what has happened to flags and offers."""

from jobs.context import JobContext
from wellbeing.actions.webhook_delivery import WebhookQueues
from wellbeing.actions.webhook_events import queue_events
from wellbeing.domain.actor import Actor
from wellbeing.store.reach import Reach


def deliver_webhooks(context: JobContext) -> str:
    """Looks what is new, then hands over what is due."""
    with context.database.writing(Reach.EVERYTHING) as session:
        queued = queue_events(session, now=context.clock())
    by = Actor.job("deliver-webhooks")
    done = WebhookQueues(context.database, context.settings, clock=context.clock, by=by).run()
    said = f"{queued} queued, {done.sent} handed over, {done.postponed} to be tried again"
    return f"{said}, {done.dropped} given up, {done.switched_off} switched off."
