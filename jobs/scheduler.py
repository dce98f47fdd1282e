"""Runs the timetable: one scheduler a database, and every run claims its slot first."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from jobs.context import JobContext
from jobs.timetable import TIMETABLE, Entry, slot_of
from wellbeing.crypto.handover import Handover
from wellbeing.monitoring.job_runs import JobRuns
from wellbeing.store.audit import JobClaim
from wellbeing.store.reach import Reach

_ANNOUNCE_SECONDS = 60
log = logging.getLogger("wellbeing.jobs")


def claim(context: JobContext, entry: Entry) -> bool:
    """Takes the right to run a job in the present slot; False when another process has it."""
    row = {"job": entry.name, "slot": slot_of(entry, context.clock())}
    try:
        with context.database.writing(Reach.EVERYTHING) as session:
            session.execute(insert(JobClaim).values(row))
    except IntegrityError:
        return False
    return True


def run_claimed(context: JobContext, entry: Entry) -> str | None:
    """Runs a job once a slot; None when it was claimed elsewhere."""
    if not claim(context, entry):
        return None
    runs = JobRuns(context.settings.data / "jobs")
    try:
        said = entry.run(context)
    except Exception:
        runs.note_failed(entry.name, at=context.clock())
        raise
    runs.note_done(entry.name, at=context.clock())
    log.info("%s: %s", entry.name, said)
    return said


def start_scheduler(context: JobContext) -> BackgroundScheduler:
    """Runs the timetable in threads of this process until its `shutdown` is called.

    Keys that two people give are handed to this very process, which says each minute that it is
    there.
    """
    handover = Handover(context.settings.key_folder)
    context = replace(context, handover=handover)
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_listener(lambda _event: handover.withdraw(), EVENT_SCHEDULER_SHUTDOWN)
    scheduler.add_job(
        lambda: handover.announce(now=context.clock()),
        "interval",
        seconds=_ANNOUNCE_SECONDS,
        id="announce-handover",
        max_instances=1,
        next_run_time=context.clock(),
    )
    for entry in TIMETABLE:
        scheduler.add_job(
            run_claimed,
            "interval",
            args=(context, entry),
            seconds=entry.every_seconds,
            id=entry.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,  # late is better than not this hour
            next_run_time=context.clock(),
        )
    scheduler.start()
    return scheduler


@contextmanager
def only_scheduler(context: JobContext) -> Iterator[bool]:
    """Whether this process may schedule: the embedded database has one scheduler, by file lock."""
    if not context.database.is_sqlite:
        yield True  # claims in the database keep several schedulers from running a job twice
        return
    path = context.settings.data / "scheduler.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def run_until(context: JobContext, stop: Event) -> bool:
    """Schedules until `stop` is set; False when another scheduler is already at work."""
    with only_scheduler(context) as may:
        if not may:
            return False
        scheduler = start_scheduler(context)
        stop.wait()
        scheduler.shutdown()
        return True
