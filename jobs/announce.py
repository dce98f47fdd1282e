"""Tells everyone that a round is published."""

from jobs.context import JobContext
from wellbeing.actions.letters import announce
from wellbeing.store.reach import Reach


def announce_published(context: JobContext) -> str:
    """One mail a person and round, however often this runs."""
    with context.database.writing(Reach.EVERYTHING) as session:
        return f"{announce(session, now=context.clock())} announcements."
