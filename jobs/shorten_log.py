"""Removes what the audit log has kept long enough."""

from jobs.context import JobContext
from wellbeing.actions.anchor_file import AnchorFile
from wellbeing.actions.audit_expiry import shorten_log
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused


def shorten_audit_log(context: JobContext) -> str:
    """Nothing where nothing is old enough, and nothing from a log that does not fit."""
    lines, by = AnchorFile(context.settings.anchor_path).read(), Actor.job("shorten-log")
    years, now = context.settings.audit_years, context.clock()
    try:
        removed = shorten_log(context.database, lines, years=years, now=now, by=by)
    except Refused as refusal:
        return f"0 events removed. {refusal}"
    return f"{removed} events removed."
