"""Invites everyone on the roster of an open round."""

from jobs.context import JobContext
from wellbeing.actions.letters import invite
from wellbeing.store.reach import Reach


def invite_open_rounds(context: JobContext) -> str:
    """One invitation a person and round, however often this runs."""
    with context.database.writing(Reach.EVERYTHING) as session:
        return f"{invite(session, now=context.clock())} invitations."
