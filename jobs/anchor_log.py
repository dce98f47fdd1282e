"""Writes once a day outside the database how far the audit log has come, and mails it."""

from jobs.context import JobContext
from wellbeing.actions.anchoring import LogAnchoring
from wellbeing.domain.actor import Actor


def anchor_log(context: JobContext) -> str:
    """One anchor a day and file; what the mail server did not take goes with the next run."""
    anchoring = LogAnchoring(context.database, context.settings, clock=context.clock)
    done = anchoring.anchor_today(by=Actor.job("anchor-log"))
    mailed, waiting = anchoring.mail_what_waits()
    said = f"event {done.anchor.number} anchored" if done.anchor else "nothing to anchor"
    return f"{said}, {mailed} mailed, {waiting} to be mailed."
