"""kill −9 of the scheduler at every moment of a round that one undisturbed run has passed.

A round is opened, people are invited, it is closed, published and announced; each commit, key file,
step of publication and the first mails handed over are moments, before and after. After each kill a
second scheduler has to bring the round to the same end.
"""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy import func, select

from tests.faults.kit import Finding, Kit
from tests.faults.memory import is_in_memory
from tests.faults.moments import FATAL, NOTED
from tests.faults.turns import comes_in_turns
from tests.faults.worlds import World, members
from tests.rounds import STEADY, WORN
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.record import read_records
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.org import Round, RoundState
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach

NAME = "kill −9 of the scheduler at every step of a round"
SEES = (
    "Nothing: the next scheduler goes on within its minute. Whoever's mail was just being handed "
    "over may not get that invitation; the reminder still comes."
)
# Of the moments that come again and again, as many as differ.
_MOST = {"deliver-mail": 4, "invite": 2, "announce": 2, "open-rounds": 99, "close-and-publish": 99}
_SECONDS_TO_DIE = 60
_LEASE = timedelta(minutes=16)
# Time runs faster than here, so that jobs of a minute come within a tick.
_RATE = 5.0


@dataclass(frozen=True)
class Phase:
    """A part of a round: the world it begins in, and how one knows that it is over.

    `private_key`: what opens its ballots, and may be nowhere when it is over.
    """

    start: World
    is_over: Callable[[World], bool]
    moments: tuple[str, ...]
    private_key: bytes = b""


def run(kit: Kit) -> list[Finding]:
    """Every moment on every database."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    until = monotonic() + kit.seconds * 0.9
    with ExitStack() as stack:
        planned = stack.enter_context(kit.worlds.open(kind))
        planned.time.jump(timedelta(hours=1, minutes=1))
        answered = stack.enter_context(kit.worlds.copy(planned))
        opening = Phase(planned, is_invited, _note_moments(kit, planned, is_invited))
        _bring_on(answered, is_invited)
        answer_and_close(answered)
        moments = _note_moments(kit, answered, is_announced)
        key = answered.rounds().keys.get_private(answered.round_id)
        publishing = Phase(answered, is_announced, moments, key)
        expected = _figures_undisturbed(kit, answered)
        tries = [(phase, moment) for phase in (opening, publishing) for moment in phase.moments]
        kit.chance(kind).shuffle(tries)
        tries.sort(key=lambda one: one[1].startswith("deliver-mail"))  # steps of the round first
        for phase, moment in tries:
            if monotonic() < until:
                _kill_at(kit, phase, moment, expected, finding)
    finding.notes["moments"] = len(tries)
    if left := len(tries) - finding.injections:
        finding.notes["moments left out for want of time"] = left


def is_invited(world: World) -> bool:
    """The round is open and every invitation has ended."""
    return _state(world) is RoundState.OPEN and _has_ended(world, MailKind.INVITATION)


def is_announced(world: World) -> bool:
    """The round is published and everybody has been told."""
    return _state(world) is RoundState.PUBLISHED and _has_ended(world, MailKind.ROUND_PUBLISHED)


def _state(world: World) -> RoundState | None:
    with world.database.reading(Reach.EVERYTHING) as session:
        return session.scalars(select(Round.state).order_by(Round.number)).first()


def _has_ended(world: World, kind: MailKind) -> bool:
    with world.database.reading(Reach.EVERYTHING) as session:
        rows = session.execute(
            select(OutboxMessage.state, func.count())
            .where(OutboxMessage.kind == kind)
            .group_by(OutboxMessage.state)
        ).all()
    return [state for state, _ in rows] == [MailState.ENDED]


def _is_being_sent(world: World) -> bool:
    with world.database.reading(Reach.EVERYTHING) as session:
        return bool(
            session.scalar(select(func.count()).where(OutboxMessage.state == MailState.SENDING))
        )


def _note_moments(kit: Kit, start: World, is_over: Callable[[World], bool]) -> tuple[str, ...]:
    with kit.worlds.copy(start) as world:
        noted = world.folder / "moments"
        _bring_on(world, is_over, **{NOTED: str(noted)})
        return tuple(dict.fromkeys(filter(_is_tried, _read(noted))))


def _read(noted: Path) -> list[str]:
    return noted.read_text(encoding="utf-8").splitlines()


def _is_tried(moment: str) -> bool:
    job, _, number = moment.split("/")
    return int(number) <= _MOST.get(job, 0)


def _bring_on(world: World, is_over: Callable[[World], bool], **more: str) -> bool:
    """A scheduler that nobody kills, until the phase is over."""
    world.time.jump(timedelta(0), rate=_RATE)
    scheduler = world.processes.start("scheduler", **more)
    came = comes_in_turns(world, lambda: is_over(world))
    scheduler.end()
    assert came, scheduler.said()
    return came


def answer_and_close(world: World) -> None:
    """Both larger teams answer, each alike; and then the round is due to close."""
    rounds, round_id = world.rounds(), world.round_id
    rounds.answer_all(round_id, members(world, ("team_a",)), STEADY)
    rounds.answer_all(round_id, members(world, ("team_b",)), WORN)
    world.told.before = len(members(world))
    with world.database.reading(Reach.EVERYTHING) as session:
        closes_at = session.get_one(Round, round_id).closes_at
    world.time.set(closes_at + timedelta(minutes=1))


def _figures_undisturbed(kit: Kit, start: World) -> str:
    with kit.worlds.copy(start) as world:
        _bring_on(world, is_announced)
        return figures(world)


def figures(world: World) -> str:
    """What readers see, without the ids that differ each time."""
    with world.database.reading(Reach.EVERYTHING) as session:
        return repr(
            [
                (
                    [(g.label, g.n, g.values) for g in record.groups],
                    [(r.unit, r.values) for r in record.rollups],
                    [(w.unit, w.reason) for w in record.withheld],
                )
                for record in read_records(session)
            ]
        )


def _kill_at(kit: Kit, phase: Phase, moment: str, expected: str, finding: Finding) -> None:
    with kit.worlds.copy(phase.start) as world:
        world.told.before = phase.start.told.before
        world.time.jump(timedelta(0), rate=_RATE)
        killed = world.processes.start("scheduler", **{FATAL: moment})
        code = killed.wait(_SECONDS_TO_DIE)
        finding.expect(code == -signal.SIGKILL, f"{moment}: it was not killed ({code})")
        finding.inject()
        finding.check(world, f"right after {moment}")
        _check_seen_early(world, moment, finding)
        _go_on(world, phase, moment, finding)
        finding.check(world, f"{moment}, and on")
        if phase.is_over is is_announced:
            finding.expect(figures(world) == expected, f"{moment}: other figures")


def _check_seen_early(world: World, moment: str, finding: Finding) -> None:
    """Readers see figures only once the key is gone."""
    with world.database.reading(Reach.EVERYTHING) as session:
        shown = read_records(session)
        tallied = session.scalars(select(PublishedRound.round_id)).all()
    keys_left = [name for id_ in tallied for name in world.keys.glob(f"{id_}.*")]
    finding.expect(not (shown and keys_left), f"{moment}: figures are shown before the key is gone")


def _go_on(world: World, phase: Phase, moment: str, finding: Finding) -> None:
    if _is_being_sent(world):
        world.time.jump(_LEASE, rate=_RATE)
    following = world.processes.start("scheduler")
    came = comes_in_turns(world, lambda: phase.is_over(world))
    if phase.private_key:
        finding.expect(
            not is_in_memory(following.pid, phase.private_key),
            f"{moment}: the key is in the scheduler's memory after publication",
        )
    following.kill()
    finding.expect(came, f"{moment}: the next scheduler did not bring it to its end")
