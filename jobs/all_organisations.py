"""Runs the timetable of many organisations in one process, each with its own database and keys."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event, Lock

from jobs.context import JobContext
from jobs.scheduler import run_claimed
from jobs.timetable import TIMETABLE, Entry, slot_of
from wellbeing.crypto.handover import Handover

_LOOK_SECONDS = 5
_ANNOUNCE = Entry("announce-handover", lambda _context: "", 60)
log = logging.getLogger("wellbeing.jobs")


def paced(seconds: int, timetable: tuple[Entry, ...] = TIMETABLE) -> tuple[Entry, ...]:
    """The timetable with no job oftener than once in so many seconds: a turn costs processor time
    also where there is nothing to do, and with thousands of organisations mostly there.
    """
    return tuple(replace(e, every_seconds=max(e.every_seconds, seconds)) for e in timetable)


@dataclass
class AllOrganisations:
    """Goes round the organisations until it is stopped, some at a time.

    `open_one` opens an organisation for one turn, or raises: the others go on, and it is tried
    again at its next turn. A run is claimed in the organisation's own database, so several of these
    may be at work.
    """

    find: Callable[[], Iterable[str]]
    open_one: Callable[[str], AbstractContextManager[JobContext]]
    clock: Callable[[], datetime]
    threads: int = 4
    timetable: tuple[Entry, ...] = TIMETABLE
    _done: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _handovers: dict[str, Handover] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def run_until(self, stop: Event) -> None:
        """Looks every few seconds who has work that is due."""
        with ThreadPoolExecutor(self.threads) as pool:
            while not stop.is_set():
                for name in self.find():
                    with self._lock:
                        is_wanted = name not in self._busy and any(self._due(name))
                        if is_wanted:
                            self._busy.add(name)
                    if is_wanted:
                        pool.submit(self._take_turn, name, stop)
                stop.wait(_LOOK_SECONDS)
        for handover in self._handovers.values():
            handover.withdraw()

    def _take_turn(self, name: str, stop: Event) -> None:
        try:
            due = list(self._due(name))
            with self.open_one(name) as context:
                context = self._with_handover(name, context)
                for entry in due:
                    if not stop.is_set():
                        self._run(name, context, entry)
        except Exception as fault:
            # Not at once again: whatever it was, it is likely still there.
            self._done |= {(name, e.name): slot_of(e, self.clock()) for e in self.timetable}
            log.error("%s: its jobs cannot run: %s", name, fault)
        finally:
            with self._lock:
                self._busy.discard(name)

    def _run(self, name: str, context: JobContext, entry: Entry) -> None:
        self._done[name, entry.name] = slot_of(entry, self.clock())
        try:
            run_claimed(context, entry)
        except Exception:
            log.exception("%s: %s failed", name, entry.name)

    def _due(self, name: str) -> Iterable[Entry]:
        now = self.clock()
        return (e for e in self.timetable if self._done.get((name, e.name)) != slot_of(e, now))

    def _with_handover(self, name: str, context: JobContext) -> JobContext:
        """Keys that two people give are handed to this very process, turn after turn."""
        handover = self._handovers.setdefault(name, Handover(context.settings.key_folder))
        slot = slot_of(_ANNOUNCE, self.clock())
        if self._done.get((name, _ANNOUNCE.name)) != slot:
            handover.announce(now=self.clock())
            self._done[name, _ANNOUNCE.name] = slot
        return replace(context, handover=handover)
