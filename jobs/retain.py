"""Deletes what has been kept long enough."""

from jobs.context import JobContext
from wellbeing.actions.retention import delete_expired
from wellbeing.store.reach import Reach


def delete_what_is_due(context: JobContext) -> str:
    """Used links, old sign-ins, sent mail."""
    with context.database.writing(Reach.EVERYTHING) as session:
        return f"{delete_expired(session, now=context.clock())} rows deleted."
