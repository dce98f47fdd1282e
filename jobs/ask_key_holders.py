"""Asks key holders for the shares that closed rounds wait for."""

from jobs.context import JobContext
from wellbeing.actions.share_letters import ask_for_shares
from wellbeing.store.reach import Reach


def ask_key_holders(context: JobContext) -> str:
    """At most one mail a week and holder, and none once the share is given."""
    folder = context.settings.key_folder
    with context.database.writing(Reach.EVERYTHING) as session:
        added = ask_for_shares(session, folder, now=context.clock())
    return f"{added} asked."
