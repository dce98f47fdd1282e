"""kill −9 of web workers and of their master while people answer."""

import os
import signal
import time
from contextlib import suppress

from sqlalchemy import func, select

from tests.faults.clients import Crowd
from tests.faults.invariants import (
    acknowledged_is_stored,
    ballots_fit_marks,
    counted_is_acknowledged,
)
from tests.faults.kit import Finding, Kit
from tests.faults.worlds import Plan, World, open_now
from tests.waiting import holds_in_time
from wellbeing.store.published import PublishedGroup
from wellbeing.store.reach import Reach

NAME = "kill −9 of web workers and their master during submissions"
SEES = (
    "The browser says that the connection broke. Back and Send again: the receipt, or »already "
    "received« with the same receipt. Nobody answers twice."
)
_PEOPLE_A_SECOND = 8
_EVERY_SECONDS = (0.0, 0.4)
_LONGEST_WAIT_SECONDS = 2
_MASTER_EVERY = 4


def run(kit: Kit) -> list[Finding]:
    """As many kills as fit."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    with kit.worlds.open(kind, Plan(crowd=int(_PEOPLE_A_SECOND * kit.seconds))) as world:
        answer_through(world, kit, kind, finding)
        finding.check(world, "afterwards")
        publish_and_compare(world, finding)


def answer_through(
    world: World, kit: Kit, kind: str, finding: Finding, *, most: int = 1_000_000
) -> None:
    """People answer while processes are killed, at most so often; who sent gets a receipt."""
    chance, round_id = kit.chance(kind), open_now(world)
    server = world.processes.serve(world.port)
    crowd = Crowd(world.told)
    crowd.send(world.address, world.crowd, round_id, patience=60)
    until = time.monotonic() + kit.seconds
    while time.monotonic() < until and not crowd.is_done and finding.injections < most:
        _let_somebody_in(world)
        time.sleep(chance.uniform(*_EVERY_SECONDS))
        finding.inject()
        if finding.injections % _MASTER_EVERY:
            _kill_a_worker(server.children(), chance.randrange(1 << 30))
        else:
            server.kill()
            server = world.processes.serve(world.port)
        faults = ballots_fit_marks(world) + acknowledged_is_stored(world)
        finding.violate([f"kill {finding.injections}: {fault}" for fault in faults])
    finding.violate(crowd.finish(now=finding.injections < most))
    finding.keep(world)
    server.end()


def _let_somebody_in(world: World) -> None:
    """On a slow machine nobody would ever get as far as to send."""
    answered = len(world.told.acknowledged())
    holds_in_time(lambda: len(world.told.acknowledged()) > answered, _LONGEST_WAIT_SECONDS)


def _kill_a_worker(workers: list[int], draw: int) -> None:
    if workers:
        with suppress(ProcessLookupError):
            os.kill(workers[draw % len(workers)], signal.SIGKILL)


def publish_and_compare(world: World, finding: Finding) -> None:
    """Closes and publishes; whoever was acknowledged is in the figures, and nobody else."""
    rounds, round_id = world.rounds(), world.round_id
    finding.expect(rounds.publish(round_id), "the round could not be published")
    with world.database.reading(Reach.EVERYTHING) as session:
        counted = session.scalar(
            select(func.sum(PublishedGroup.size)).where(PublishedGroup.round_id == round_id)
        )
    finding.violate(counted_is_acknowledged(world, counted or 0))
    finding.check(world, "after publication")
