"""What every fault is given, and what it gives back."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock_time
from random import Random
from threading import Event, Lock

from tests.faults.clients import commonest
from tests.faults.invariants import check_all
from tests.faults.turns import comes_in_turns
from tests.faults.worlds import World, Worlds
from tests.rounds import ZONE
from wellbeing.domain.danish_holidays import is_working_day

# What has to be cleared away should the suite be told to end, and whether it was told.
ENDINGS: list[Callable[[], object]] = []
TOLD_TO_END = Event()
_MORNING = clock_time(10)
_MORNINGS = 3


@dataclass
class Finding:
    """One fault on one database: how often it was injected, and what broke."""

    name: str
    database: str
    sees: str
    injections: int = 0
    violations: list[str] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def inject(self, times: int = 1) -> None:
        """It has been broken once more."""
        with self._lock:
            self.injections += times

    def expect(self, holds: bool, what: str) -> None:
        """`what` is a violation unless it holds."""
        if not holds:
            self.violate([what])

    def check(self, world: World, when: str) -> None:
        """Asks every invariant."""
        self.violate([f"{when}: {fault}" for fault in check_all(world)])

    def violate(self, faults: list[str]) -> None:
        """Adds what is broken and says it at once."""
        with self._lock:
            self.violations += faults
        for fault in faults:
            sys.stderr.write(f"  {self.name}, {self.database}: {fault}\n")

    def keep(self, world: World) -> None:
        """Notes what people saw meanwhile."""
        self.notes["acknowledged"] = len(world.told.acknowledged())
        self.notes["resent on purpose"] = world.told.resent
        if world.told.shown:
            self.notes["seen while it was broken"] = commonest(world.told.shown)


@dataclass
class Kit:
    """`seconds`: about how long one fault may take; chance comes from a seed."""

    worlds: Worlds
    seconds: float
    seed: int = 8

    def chance(self, kind: str) -> Random:
        """The same draws for the same seed and database."""
        return Random(f"{self.seed}{kind}")

    def on_each(self, name: str, sees: str, act: Callable[[str, Finding], None]) -> list[Finding]:
        """The act on every database there is, side by side."""

        def run(kind: str) -> Finding:
            finding, start = Finding(name, kind, sees), time.monotonic()
            try:
                act(kind, finding)
            except Exception as fault:
                finding.violate([f"could not go on: {type(fault).__name__}: {fault}"])
            finding.seconds = time.monotonic() - start
            return finding

        with ThreadPoolExecutor(len(self.worlds.kinds)) as pool:
            return list(pool.map(run, self.worlds.kinds))


def comes_on_a_morning(world: World, what: Callable[[], bool]) -> bool:
    """Whether it comes true on one of the next working mornings, when no letter waits for an hour.

    The clock stands at each morning for a while, since a lease must not end by the clock's jumping.
    """
    for _ in range(_MORNINGS):
        world.time.set(next_morning(world.time.now()))
        if comes_in_turns(world, what):
            return True
    return False


def next_morning(now: datetime) -> datetime:
    """Ten o'clock in Denmark on the first working day that has it still before it."""
    day = now.astimezone(ZONE).date()
    while not is_working_day(day) or datetime.combine(day, _MORNING, tzinfo=ZONE) <= now:
        day += timedelta(days=1)
    return datetime.combine(day, _MORNING, tzinfo=ZONE)
