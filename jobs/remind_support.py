"""Reminds of overdue steps in the ledger of support."""

from jobs.context import JobContext
from wellbeing.actions.ledger_letters import remind_of_overdue
from wellbeing.actions.themes import add_first_themes
from wellbeing.store.reach import Reach


def remind_of_support(context: JobContext) -> str:
    """At most one mail a week, row and reader; puts the first themes in where there are none."""
    with context.database.writing(Reach.EVERYTHING) as session:
        add_first_themes(session)
        added = remind_of_overdue(session, zone=context.settings.zone, now=context.clock())
    return f"{added} reminders."
