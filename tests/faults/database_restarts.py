"""PostgreSQL is restarted as by a power cut while people answer and jobs run.

SQLite has no server: there the same is done by killing everybody who has its file open at once.
"""

import time
from datetime import timedelta

from tests.faults.clients import Crowd
from tests.faults.invariants import acknowledged_is_stored, ballots_fit_marks
from tests.faults.kit import Finding, Kit
from tests.faults.processes import Running
from tests.faults.web_kills import publish_and_compare
from tests.faults.worlds import POSTGRESQL, Plan, World, open_now

NAME = "the database restarts during submissions and jobs"
SEES = (
    "»Something went wrong on our side. Nothing was lost that had been confirmed to you.« for a "
    "moment; Send again, and the receipt comes."
)
_PEOPLE_A_SECOND = 6
_BETWEEN_SECONDS = (1.0, 3.0)


def run(kit: Kit) -> list[Finding]:
    """As many restarts as fit."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    chance = kit.chance(kind)
    plan = Plan(crowd=int(_PEOPLE_A_SECOND * kit.seconds))
    with kit.worlds.open(kind, plan) as world:
        round_id = open_now(world)
        running = _start(world)
        if kind == POSTGRESQL and kit.worlds.postgresql:
            kit.worlds.postgresql.execute("CHECKPOINT")  # or each restart would repeat other faults
        crowd = Crowd(world.told)
        crowd.send(world.address, world.crowd, round_id, patience=60)
        until = time.monotonic() + kit.seconds
        while time.monotonic() < until and not crowd.is_done:
            time.sleep(chance.uniform(*_BETWEEN_SECONDS))
            finding.inject()
            if kind == POSTGRESQL:
                assert kit.worlds.postgresql is not None
                kit.worlds.postgresql.restart_at_once()
            else:
                _kill_group(running)
                running = _start(world)
            faults = ballots_fit_marks(world) + acknowledged_is_stored(world)
            finding.violate([f"restart {finding.injections}: {fault}" for fault in faults])
        finding.violate(crowd.finish(now=True))
        finding.keep(world)
        finding.expect(all(one.is_alive for one in running), "a process ended with the database")
        world.time.jump(timedelta(minutes=16))
        time.sleep(1)
        finding.check(world, "afterwards")
        for one in running:
            one.end()
        publish_and_compare(world, finding)


def _start(world: World) -> list[Running]:
    return [world.processes.serve(world.port), world.processes.start("scheduler")]


def _kill_group(running: list[Running]) -> None:
    for one in running:
        one.kill_all()
