"""Deletes what has been kept long enough."""

from datetime import timedelta

from jobs.context import JobContext
from wellbeing.actions.retention import delete_expired
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.monitoring.security_log import SecurityLog
from wellbeing.store.reach import Reach


def delete_what_is_due(context: JobContext) -> str:
    """By the retention table; whoever left long ago is erased, and what is old in logs goes."""
    now, settings = context.clock(), context.settings
    with context.database.writing(Reach.EVERYTHING) as session:
        deleted = delete_expired(session, now=now, leaving_months=settings.leaving_months)
    log = DeletionLog(settings.deletion_log_file, context.clock)
    log.prune(before=now - timedelta(days=settings.deletion_log_days))
    day = (now - timedelta(days=settings.security_log_days)).date()
    SecurityLog(settings.security_folder).prune(before=day)
    return f"{deleted} rows deleted."
