"""Sends the mail that is due."""

from jobs.context import JobContext
from wellbeing.actions.delivery import deliver


def deliver_mail(context: JobContext) -> str:
    """Sends until nothing is due or the server does not answer."""
    done = deliver(context.database, context.settings, clock=context.clock)
    return (
        f"{done.sent} sent, {done.unwanted} no longer wanted, {done.postponed} to be tried again, "
        f"{done.undeliverable} cannot be delivered."
    )
