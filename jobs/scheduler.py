"""Runs the timetable: one scheduler a database is at work, and every run claims its slot first.

Further schedulers stand by and take over. Slots are of UTC and of the context's clock; a run that
was cut short keeps its claim, and the next slot does its work.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import delete, exists, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jobs.context import JobContext
from jobs.election import Lock, election
from jobs.timetable import TIMETABLE, Entry, slot_of
from wellbeing.crypto.handover import Handover
from wellbeing.monitoring.job_runs import JobRuns
from wellbeing.store.audit import JobClaim
from wellbeing.store.reach import Reach

TICK_SECONDS = 1.0
_ANNOUNCE_EVERY = timedelta(seconds=60)
log = logging.getLogger("wellbeing.jobs")


def claim(context: JobContext, entry: Entry, lock: Lock | None = None) -> bool:
    """Takes the right to run a job in the present slot; False when another process has it, or when
    this one is not the scheduler any more.
    """
    slot = slot_of(entry, context.clock())
    try:
        with context.database.writing(Reach.EVERYTHING) as session:
            if lock is not None and not lock.is_held_within(session):
                return False
            _forget_the_future(session, entry, slot)
            session.execute(insert(JobClaim).values(job=entry.name, slot=slot))
    except IntegrityError:
        return False
    return True


def _forget_the_future(session: Session, entry: Entry, slot: datetime) -> None:
    """A clock that was put back would find each slot claimed and do nothing until it has caught up.

    One slot ahead is no sign of it: another process may be just past the hour.
    """
    ahead = timedelta(seconds=entry.every_seconds)
    future = exists().where(JobClaim.job == entry.name, JobClaim.slot > slot + ahead)
    if session.scalar(select(future)):
        log.warning("%s: claimed for later times already; the clock was put back.", entry.name)
        session.execute(delete(JobClaim).where(JobClaim.job == entry.name, JobClaim.slot >= slot))


def run_claimed(context: JobContext, entry: Entry, lock: Lock | None = None) -> str | None:
    """Runs a job once a slot; None when it was claimed elsewhere."""
    if not claim(context, entry, lock):
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


class Runner:
    """Starts what is due, each job in a thread of its own and never beside itself.

    What is due is asked here, by slots and the context's clock, and not of the triggers of the
    library that runs it: they count on from the last time of the wall clock, so one that is put
    back a day would stop every job for that day.
    """

    def __init__(self, context: JobContext, lock: Lock, entries: Sequence[Entry]) -> None:
        self._context = context
        self._lock = lock
        self._entries = entries
        threads = ThreadPoolExecutor(len(entries))
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": threads})
        self._scheduler.start()
        self._running: set[str] = set()
        self._started: dict[str, datetime] = {}
        self._late: set[str] = set()

    def start_due(self) -> None:
        """Starts every job whose slot was not begun here; one still running is waited for."""
        now = self._context.clock()
        for entry in self._entries:
            slot = slot_of(entry, now)
            if self._started.get(entry.name) == slot or self._is_running(entry):
                continue
            self._started[entry.name] = slot
            self._running.add(entry.name)
            # At once: without a trigger, and however late a thread is found.
            self._scheduler.add_job(self._run, args=(entry,), misfire_grace_time=None)

    @property
    def is_busy(self) -> bool:
        """Whether any job is running."""
        return bool(self._running)

    def close(self) -> None:
        """Starts nothing more, and waits for what is running."""
        self._scheduler.shutdown(wait=True)

    def _is_running(self, entry: Entry) -> bool:
        if entry.name not in self._running:
            self._late.discard(entry.name)
            return False
        if entry.name not in self._late:
            self._late.add(entry.name)
            log.warning("%s is still running; its next run waits for it.", entry.name)
        return True

    def _run(self, entry: Entry) -> None:
        try:
            run_claimed(self._context, entry, self._lock)
        except Exception:
            log.exception("%s failed.", entry.name)
        finally:
            self._running.discard(entry.name)


def run_until(context: JobContext, stop: Event, *, entries: Sequence[Entry] = TIMETABLE) -> None:
    """Stands by until this is the only scheduler, then works, until `stop` is set.

    Keys that two people give are handed to this very process, which says each minute that it is
    there. Whoever loses the lock lets its running jobs end, and stands by again.
    """
    context = replace(context, handover=Handover(context.settings.key_folder))
    presence, waits = _Presence(context), False
    with election(context.database, context.settings) as lock:
        while not stop.is_set():
            presence.announce()
            if lock.take():
                log.info("This scheduler is at work.")
                _work(context, lock, entries, stop, presence)
                waits = False
            elif not waits:
                log.info("Another scheduler is at work, or the database is away; standing by.")
                waits = True
            stop.wait(TICK_SECONDS)
    presence.withdraw()


def _work(
    context: JobContext,
    lock: Lock,
    entries: Sequence[Entry],
    stop: Event,
    presence: "_Presence",
) -> None:
    runner = Runner(context, lock, entries)
    try:
        while not stop.is_set() and lock.is_held():
            presence.announce()
            runner.start_due()
            stop.wait(TICK_SECONDS)
        pause = Event()
        while runner.is_busy and lock.is_held():  # nobody else begins before they have ended
            pause.wait(TICK_SECONDS / 10)
    finally:
        runner.close()
    if not stop.is_set():
        log.warning("This scheduler lost its lock and stands by.")


class _Presence:
    """Says each minute that keys can be handed to this process."""

    def __init__(self, context: JobContext) -> None:
        assert context.handover is not None
        self._handover = context.handover
        self._clock = context.clock
        self._said: datetime | None = None

    def announce(self) -> None:
        """Nothing within the minute. A full disk is a matter of its own, and stops no job."""
        now = self._clock()
        if self._said is None or not timedelta(0) <= now - self._said < _ANNOUNCE_EVERY:
            with suppress(OSError):
                self._handover.announce(now=now)
                self._said = now

    def withdraw(self) -> None:
        """Says that it is gone."""
        with suppress(OSError):
            self._handover.withdraw()
