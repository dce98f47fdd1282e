"""Two schedulers at once, and a leader that is stopped in the middle of its work and wakes later.

Each is started again when it ends, as systemd would, so a second one may wait or step back.
"""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from threading import Event, Thread

from sqlalchemy import func, select

from tests.faults.kit import Finding, Kit
from tests.faults.processes import Running
from tests.faults.scheduler_kills import answer_and_close, is_announced, is_invited
from tests.faults.turns import comes_in_turns
from tests.faults.worlds import Plan, World
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach

NAME = "two schedulers at once, the one at work stopped and woken again"
SEES = "Nothing. The second stands by and takes over; on SQLite work goes on when the first wakes."
_STOPPED_SECONDS = (0.1, 1.5)
_BETWEEN_SECONDS = (0.1, 0.6)
_LEASE = timedelta(minutes=16)
# What may happen once in a round, however many schedulers there are.
_ONCE = ("round.opened", "round.closed", "round.tallied", "round.published")


@dataclass
class Pair:
    """Two schedulers that come back."""

    world: World
    running: list[Running] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)
    _keeper: Thread | None = None

    def start(self) -> None:
        """Both, and whoever starts them again."""
        self.running = [self.world.processes.start("scheduler") for _ in range(2)]
        self._keeper = Thread(target=self._keep)
        self._keeper.start()

    def _keep(self) -> None:
        while not self._stop.wait(0.3):
            for place, one in enumerate(self.running):
                if not one.is_alive:
                    self.running[place] = self.world.processes.start("scheduler")

    def stop(self, chance: Random) -> int:
        """Stops one of them for a while; how many were stopped."""
        one = chance.choice(self.running)
        if not one.is_alive:
            return 0
        one.kill(signal.SIGSTOP)
        time.sleep(chance.uniform(*_STOPPED_SECONDS))
        one.kill(signal.SIGCONT)
        return 1

    def end(self) -> None:
        """Both, for good."""
        self._stop.set()
        if self._keeper:
            self._keeper.join()
        for one in self.running:
            with suppress(ProcessLookupError):
                one.end()


def run(kit: Kit) -> list[Finding]:
    """Rounds one after the other while there is time."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    until, rounds = time.monotonic() + kit.seconds, 0
    chance = kit.chance(kind)
    while time.monotonic() < until or not rounds:
        with kit.worlds.open(kind, Plan(crowd=30)) as world:
            _one_round(world, chance, until, finding)
        rounds += 1
    finding.notes["rounds"] = rounds


def _one_round(world: World, chance: Random, until: float, finding: Finding) -> None:
    world.time.jump(timedelta(hours=1, minutes=1), rate=2)
    pair = Pair(world)
    pair.start()
    try:
        for is_over in (is_invited, is_announced):
            while time.monotonic() < until and not is_over(world):
                finding.inject(pair.stop(chance))
                time.sleep(chance.uniform(*_BETWEEN_SECONDS))
                # The lease of what the stopped one had claimed ends while it sleeps.
                world.time.jump(chance.choice((timedelta(0), _LEASE)), rate=2)
            finding.expect(_comes(world, is_over), f"{is_over.__name__} was not reached")
            finding.check(world, is_over.__name__)
            if is_over is is_invited:
                answer_and_close(world)
    finally:
        pair.end()
    finding.violate(_twice(world))


def _comes(world: World, is_over: Callable[[World], bool]) -> bool:
    """At the latest when leases have ended twice; much more, and letters would wait for morning."""
    for _ in range(3):
        if comes_in_turns(world, lambda: is_over(world)):
            return True
        world.time.jump(_LEASE, rate=2)
    return False


def _twice(world: World) -> list[str]:
    with world.database.reading(Reach.EVERYTHING) as session:
        rows = session.execute(
            select(AuditEvent.act, AuditEvent.subject, func.count())
            .where(AuditEvent.act.in_(_ONCE))
            .group_by(AuditEvent.act, AuditEvent.subject)
        ).all()
    return [f"{act} {count} times" for act, _, count in rows if count > 1]
