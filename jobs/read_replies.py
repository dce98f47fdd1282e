"""Reads the answers to invitations that have arrived in the mailbox, if there is one."""

from mailbox import NoSuchMailboxError

from jobs.context import JobContext
from wellbeing.actions.reply_mailbox import ReplyMailbox
from wellbeing.actions.session_replies import Taken
from wellbeing.calendar_invitations import host_of


def read_replies(context: JobContext) -> str:
    """Frees the place of whoever declined; an answer read twice does nothing the second time."""
    folder = context.settings.reply_maildir
    if folder is None:
        return "no mailbox for answers is set."
    host = host_of(context.settings.base_url)
    box = ReplyMailbox(folder, context.database, host=host, clock=context.clock)
    try:
        done = box.empty()
    except (NoSuchMailboxError, FileNotFoundError):
        return "there is no Maildir where the setting reply_maildir says."
    return (
        f"{done[Taken.PLACE_FREED]} places free again, {done[Taken.NOTHING]} with nothing to do, "
        f"{done[Taken.NOT_OURS]} put aside, "
        f"{done[Taken.BOUNCED]} addresses that mail did not reach."
    )
