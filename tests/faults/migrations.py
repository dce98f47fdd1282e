"""Migrations up and down with a published and an open round, killed at any moment.

An upgrade is what happens while a round is open: who answered before and who answers after it are
both counted.
"""

import signal
import time
from contextlib import suppress
from random import Random

from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.faults.clients import Crowd
from tests.faults.kit import Finding, Kit
from tests.faults.processes import Running
from tests.faults.web_kills import publish_and_compare
from tests.faults.worlds import Plan, World, members, open_now
from tests.rounds import STEADY
from wellbeing.resources import folder
from wellbeing.store.schema import SEALED_SINCE, find_current, get_head

NAME = "migrations down and up with data, killed in the middle, and an upgrade in an open round"
SEES = (
    "While the database is at another version pages say »Something went wrong on our side«; "
    "afterwards Send works, and answers from before count."
)
_CROWD = 36
_KILL_AFTER_SECONDS = (0.05, 1.2)


def run(kit: Kit) -> list[Finding]:
    """Down to each version that keeps what is there, and up again."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    with kit.worlds.open(kind, Plan(crowd=_CROWD)) as world:
        _publish_one(world, finding)
        third = _CROWD // 3
        server = world.processes.serve(world.port, workers=1)
        finding.violate(_answer(world, world.crowd[:third]))
        meanwhile = Crowd(world.told)
        meanwhile.send(world.address, world.crowd[third : 2 * third], world.round_id, patience=120)
        _go_down_and_up(world, kit.chance(kind), kit.seconds, finding)
        finding.violate(meanwhile.finish(now=False))
        finding.expect(server.is_alive, "the server ended with an old database")
        server.end()
        server = world.processes.serve(world.port, workers=1)
        finding.violate(_answer(world, world.crowd[2 * third :]))
        server.end()
        finding.keep(world)
        finding.check(world, "after all migrations")
        publish_and_compare(world, finding)


def _publish_one(world: World, finding: Finding) -> None:
    """A round that is in the past: what it published may not change with any version."""
    rounds, round_id = world.rounds(), open_now(world)
    rounds = world.rounds()
    rounds.answer_all(round_id, members(world, ("team_a",)), STEADY)
    finding.expect(rounds.publish(round_id), "the first round was not published")
    rounds.forward(days=90)
    rounds.open()
    world.time.set(rounds.now)


def _answer(world: World, emails: tuple[str, ...]) -> list[str]:
    crowd = Crowd(world.told)
    crowd.send(world.address, emails, world.round_id, patience=60)
    return crowd.finish(now=False)


def _go_down_and_up(world: World, chance: Random, seconds: float, finding: Finding) -> None:
    until, versions = time.monotonic() + seconds, _versions()
    while True:
        for version in versions:
            _migrate(world, chance, finding, "downgrade", version)
            _migrate(world, chance, finding, "upgrade", get_head())
            finding.check(world, f"down to {version} and up again")
            if time.monotonic() > until:
                return


def _versions() -> list[str]:
    """Those before the newest, back to the first that seals names; older ones would unseal them."""
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    known = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]
    return [version for version in known[1:] if version >= SEALED_SINCE] or known[1:2]


def _migrate(world: World, chance: Random, finding: Finding, way: str, version: str) -> None:
    """Killed at some moment first, then to its end."""
    words = ("db", way, *([version] if way == "downgrade" else []))
    before = find_current(world.database)
    killed = world.processes.start(*words)
    time.sleep(chance.uniform(*_KILL_AFTER_SECONDS))
    killed.kill(signal.SIGKILL)
    finding.inject()
    after = find_current(world.database)
    finding.expect(after in (before, version), f"{way} was killed and left version {after}")
    whole: Running = world.processes.start(*words)
    code = whole.wait(60)
    finding.inject()
    finding.expect(code == 0, f"{way} to {version} ended with {code}: {whole.said()[-300:]}")
    with suppress(AssertionError):
        assert find_current(world.database) == version
