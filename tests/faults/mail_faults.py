"""The mail server misbehaves for three simulated days, one way after the other, and then recovers.

It refuses connections, hangs before and after taking a message, answers 4xx and 5xx, and dies right
after DATA, where nobody can know whether it has the message.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from tests.faults.invariants import GOES_ONCE, outbox_id
from tests.faults.kit import Finding, Kit, comes_on_a_morning, next_morning
from tests.faults.shorter import MAIL_SECONDS
from tests.faults.turns import comes_in_turns, pass_turns
from tests.faults.worlds import Plan, World
from tests.mail_server import AfterData, MailServer
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.reach import Reach

NAME = "the mail server refuses, hangs, answers 4xx or 5xx, or dies after DATA for three days"
SEES = (
    "Mail comes later, and once. After a death in the middle of a handover an invitation is not "
    "sent again, a new password is, under the same Message-ID."
)
_DAYS = 3
_AT_ONCE = 2
_DELIVERY = ("deliver-mail",)
_STEP = timedelta(hours=2)
_CROWD = 12


@dataclass(frozen=True)
class Illness:
    """What the server does; `spares` the kinds of mail that have to come all the same."""

    name: str
    begin: Callable[[MailServer], None]
    spares: Callable[[MailKind], bool] = lambda _kind: True


def _refuse(server: MailServer) -> None:
    server.stop()


def _hang(server: MailServer) -> None:
    server.after_data = AfterData.HANG


def _die(server: MailServer) -> None:
    server.after_data = AfterData.DIE


def _lose(server: MailServer) -> None:
    server.after_data = AfterData.LOSE


def _later(server: MailServer) -> None:
    server.data_refusal = "451 Try again later"


def _never(server: MailServer) -> None:
    server.data_refusal = "554 No"


def _sender_later(server: MailServer) -> None:
    server.sender_refusal = "421 Busy"


ILLNESSES = (
    Illness("no connection", _refuse),
    Illness("hangs after DATA", _hang),
    Illness("dies after DATA", _die),
    # The sender cannot tell this from the one before: what goes once at most does not go again.
    Illness("dies after DATA and loses it", _lose, lambda kind: kind not in GOES_ONCE),
    # What is put off for itself for three days may be given up.
    Illness("451 after DATA", _later, lambda _kind: False),
    Illness("421 to the sender", _sender_later),
    Illness("554 after DATA", _never, lambda _kind: False),
)


def run(kit: Kit) -> list[Finding]:
    """Every illness in a world of its own, two at once: more would wait for each other's turns."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ended = [pool.submit(_fall_ill, kit, kind, one, finding) for one in ILLNESSES]
        for one in ended:
            one.result()


def _fall_ill(kit: Kit, kind: str, illness: Illness, finding: Finding) -> None:
    with kit.worlds.open(kind, Plan(crowd=_CROWD)) as world:
        illness.begin(world.mail)
        world.time.jump(timedelta(hours=1, minutes=1))
        scheduler = world.processes.start("scheduler", **{MAIL_SECONDS: "0.5"})
        steps = int(timedelta(days=_DAYS) / _STEP)
        for step in range(steps):
            # Not at first: what must come is tried before what goes once, which would then wait.
            if step == steps // _DAYS:
                _ask_for_passwords(world)
            pass_turns(world, 1, _DELIVERY)
            world.time.jump(_STEP)
            finding.inject()
        _note_received(world)
        finding.check(world, illness.name)
        _recover(world)
        came = comes_in_turns(world, lambda: _has_ended(world), 3, _DELIVERY) or comes_on_a_morning(
            world, lambda: _has_ended(world)
        )
        scheduler.end()
        finding.expect(came, f"{illness.name}: mail is left after the server recovered")
        finding.check(world, f"{illness.name}, recovered")
        _compare(world, illness, finding)


def _ask_for_passwords(world: World) -> None:
    """A few people want a new password: mail of the kind that must come, if need be twice."""
    now = world.time.now()
    with world.database.writing(Reach.EVERYTHING) as session:
        for name in ("Eva", "Tom", "Sara"):
            person_id = world.cast.people[name]
            until = now + timedelta(days=_DAYS + 7)
            post(session, [Letter(MailKind.RESET, person_id, "test", now, until)])


def _note_received(world: World) -> None:
    """The connection broke after these: nobody could tell the sender that they were taken."""
    world.told.gone_after_data |= set(map(outbox_id, world.mail.received))


def _recover(world: World) -> None:
    """On a morning, and with nothing in hand: a lease that ended by the clock's jumping, or a
    connection that broke only now, would be another reason for a mail to come twice.
    """
    server = world.mail
    server.stop()
    pass_turns(world, 2, _DELIVERY)
    _note_received(world)
    server.after_data = AfterData.ANSWER
    server.data_refusal = server.sender_refusal = None
    world.time.set(next_morning(world.time.now()))
    server.start()


def _has_ended(world: World) -> bool:
    with world.database.reading(Reach.EVERYTHING) as session:
        left = session.scalar(select(func.count()).where(OutboxMessage.state != MailState.ENDED))
    return not left


def _compare(world: World, illness: Illness, finding: Finding) -> None:
    with world.database.reading(Reach.EVERYTHING) as session:
        kinds = {
            str(id_): MailKind(kind)
            for id_, kind in session.execute(select(OutboxMessage.id, OutboxMessage.kind))
        }
    came = Counter(map(outbox_id, world.mail.received))
    missing = Counter(kind for id_, kind in kinds.items() if id_ not in came)
    twice = sum(count > 1 for count in came.values())
    finding.notes[illness.name] = (
        f"{len(kinds)} mails, {sum(missing.values())} never came, {twice} came more than once "
        "under one Message-ID"
    )
    unspared = {kind.value: count for kind, count in missing.items() if illness.spares(kind)}
    finding.expect(not unspared, f"{illness.name}: never came: {unspared}")
