"""Closes the rounds that are over and publishes them, once."""

from jobs.context import JobContext
from wellbeing.actions.publishing import Publisher, Step, find_due_to_publish
from wellbeing.domain.actor import Actor
from wellbeing.store.reach import Reach


def close_and_publish(context: JobContext) -> str:
    """Goes on where an earlier run was cut short; a round that stopped waits for a person."""
    now = context.clock()
    with context.database.reading(Reach.EVERYTHING) as session:
        due = find_due_to_publish(session, context.keys, now=now)
    steps: list[Step] = []
    publisher = Publisher(
        context.database,
        context.keys,
        zone=context.settings.zone,
        now=now,
        by=Actor.job("close-and-publish"),
        handover=context.handover,
        on_step=steps.append,
    )
    published = [publisher.publish(round_id) for round_id in due]
    left = len(published) - sum(published)
    return f"{sum(published)} published." + (
        f" {left} stopped or waiting; see HR's page." * bool(left)
    )
