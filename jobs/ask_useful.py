"""Asks everyone invited whether a session was useful, the day after it was held."""

from jobs.context import JobContext
from wellbeing.actions.ledger_letters import ask_whether_useful
from wellbeing.store.reach import Reach


def ask_whether_sessions_were_useful(context: JobContext) -> str:
    """One mail a person and session, however often this runs."""
    with context.database.writing(Reach.EVERYTHING) as session:
        added = ask_whether_useful(session, zone=context.settings.zone, now=context.clock())
    return f"{added} questions."
