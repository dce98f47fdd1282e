"""The clock of the machine jumps while people answer and jobs run, and passes its odd days.

Jumps of an hour and a day, forward and back; both changes to and from summer time in Denmark,
29 February, and the end of the year. What was published stays, and nobody is written to twice.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

from sqlalchemy import select

from tests.faults.clients import Crowd
from tests.faults.kit import Finding, Kit, comes_on_a_morning
from tests.faults.processes import Running
from tests.faults.scheduler_kills import is_announced, is_invited
from tests.faults.turns import comes_in_turns, pass_turns
from tests.faults.web_kills import publish_and_compare
from tests.faults.worlds import Plan, World, open_now
from tests.rounds import ZONE
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach

NAME = "the clock jumps ±1 h and ±1 day, and passes summer time, 29 February and New Year"
SEES = (
    "After a jump forward a sign-in may have ended: sign in again, the answers are still there. "
    "After a jump back nothing: jobs go on at once, and do nothing twice."
)
_JUMPS = tuple(timedelta(hours=hours) for hours in (1, -1, 24, -24))
_CROWD = 40
_BETWEEN_SECONDS = (0.3, 1.0)
_AT_ONCE = 2


@dataclass(frozen=True)
class OddDay:
    """A round that closes on an odd day, or after it, at a time that is skipped or comes twice."""

    name: str
    first_day: datetime
    opening_time: clock_time = clock_time(2, 30)


ODD_DAYS = (
    OddDay("to summer time", datetime(2025, 3, 24, tzinfo=UTC)),
    OddDay("to winter time", datetime(2025, 10, 20, tzinfo=UTC)),
    OddDay("29 February", datetime(2024, 2, 23, tzinfo=UTC)),
    OddDay("New Year", datetime(2024, 12, 27, tzinfo=UTC)),
)
_ODD_WINDOW_DAYS = 6


def run(kit: Kit) -> list[Finding]:
    """Jumps for half of the time, and then the odd days, all at once."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    with kit.worlds.open(kind, Plan(crowd=_CROWD)) as world:
        _jump(world, kit, kind, finding)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        passed = [pool.submit(_pass, kit, kind, day, finding) for day in ODD_DAYS]
        for one in passed:
            one.result()


@contextmanager
def _at_work(world: World) -> Iterator[list[Running]]:
    running = [world.processes.serve(world.port, workers=1), world.processes.start("scheduler")]
    yield running
    for one in running:
        one.end()


def _jump(world: World, kit: Kit, kind: str, finding: Finding) -> None:
    """Every jump is taken back at once or later, so the round stays open all the while."""
    chance, round_id = kit.chance(kind), open_now(world)
    middle = world.time.now() + timedelta(days=5)
    world.time.set(middle)
    with _at_work(world) as running:
        crowd = Crowd(world.told)
        crowd.send(world.address, world.crowd, round_id, patience=60)
        until = time.monotonic() + kit.seconds / 2
        while time.monotonic() < until:
            world.time.jump(chance.choice(_JUMPS))
            if abs(world.time.now() - middle) > timedelta(days=3):
                world.time.set(middle)
            finding.inject()
            time.sleep(chance.uniform(*_BETWEEN_SECONDS))
            finding.check(world, f"jump {finding.injections}")
        finding.violate(crowd.finish(now=False))
        finding.keep(world)
        finding.expect(all(one.is_alive for one in running), "a process ended with the clock")
    publish_and_compare(world, finding)
    _go_back_after_publication(world, finding)


def _go_back_after_publication(world: World, finding: Finding) -> None:
    """What is published stays published, whatever day it is said to be."""
    for by in _JUMPS:
        world.time.jump(by)
        scheduler = world.processes.start("scheduler")
        pass_turns(world, 1)
        scheduler.end()
        finding.inject()
        finding.check(world, f"published, then {by}")
        with world.database.reading(Reach.EVERYTHING) as session:
            state = session.scalars(select(Round.state).order_by(Round.number)).first()
        finding.expect(state is RoundState.PUBLISHED, f"published, then {by}: {state}")


def _pass(kit: Kit, kind: str, day: OddDay, finding: Finding) -> None:
    plan = Plan(8, day.first_day, day.opening_time, _ODD_WINDOW_DAYS)
    with kit.worlds.open(kind, plan) as world, _at_work(world):
        with world.database.reading(Reach.EVERYTHING) as session:
            opens_at, closes_at = session.execute(select(Round.opens_at, Round.closes_at)).one()
        finding.violate(_wall_clock(day, opens_at, closes_at))
        _step(world, opens_at - timedelta(hours=2), opens_at + timedelta(hours=2), finding)
        finding.expect(
            comes_on_a_morning(world, lambda: is_invited(world)),
            f"{day.name}: the round did not open",
        )
        crowd = Crowd(world.told)
        crowd.send(world.address, world.crowd[:4], world.round_id, patience=60)
        finding.violate(crowd.finish(now=False))
        _step(world, world.time.now(), closes_at - timedelta(minutes=5), finding)
        late = Crowd(world.told)
        late.send(world.address, world.crowd[4:], world.round_id, patience=60)
        finding.violate(late.finish(now=False))
        finding.check(world, f"{day.name}, five minutes before closing")
        world.time.set(closes_at + timedelta(minutes=1))
        came = comes_in_turns(world, lambda: _is_over(world)) and comes_on_a_morning(
            world, lambda: is_announced(world)
        )
        finding.expect(came, f"{day.name}: the round was not published")
        finding.check(world, f"{day.name}, published")


def _step(world: World, first: datetime, last: datetime, finding: Finding) -> None:
    """A few hours at a time, while jobs run."""
    moment = first
    while moment < last:
        world.time.set(moment)
        finding.inject()
        time.sleep(0.1)
        moment += timedelta(hours=3)
    world.time.set(last)


def _is_over(world: World) -> bool:
    with world.database.reading(Reach.EVERYTHING) as session:
        states = session.scalars(select(Round.state)).all()
    return RoundState.PUBLISHED in states


def _wall_clock(day: OddDay, opens_at: datetime, closes_at: datetime) -> list[str]:
    """At the programme's time of day in Denmark; where that is skipped, an hour later."""
    shown = [moment.astimezone(ZONE).time() for moment in (opens_at, closes_at)]
    usual = (day.opening_time, clock_time(3, 30))
    return [f"{day.name}: opens or closes at {at}" for at in shown if at not in usual]
