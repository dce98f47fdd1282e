"""Reminds, on the days the programme names."""

from jobs.context import JobContext
from wellbeing.actions.letters import remind
from wellbeing.store.reach import Reach


def remind_open_rounds(context: JobContext) -> str:
    """One reminder a person and day, however often this runs."""
    with context.database.writing(Reach.EVERYTHING) as session:
        added = remind(session, zone=context.settings.zone, now=context.clock())
    return f"{added} reminders."
