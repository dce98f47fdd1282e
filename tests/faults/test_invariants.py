"""An invariant that cannot fail proves nothing: each is shown damage, and says so."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from jobs.context import JobContext
from jobs.deliver_mail import deliver_mail
from jobs.invite import invite_open_rounds
from tests.cast import email_of
from tests.databases import PostgreSQLServer
from tests.faults import invariants
from tests.faults.invariants import check_all
from tests.faults.memory import is_in_memory
from tests.faults.worlds import POSTGRESQL, SQLITE, World, Worlds, open_now
from wellbeing.settings import Settings
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.org import Round
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedFigure
from wellbeing.store.reach import Reach

KINDS = [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgresql)]
Damage = Callable[[World], object]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQLServer | None) -> Worlds:
    """Worlds on SQLite, and on PostgreSQL where it is installed."""
    return Worlds(tmp_path_factory.mktemp("worlds"), postgresql)


@pytest.fixture(scope="module")
def answered(worlds: Worlds) -> Iterator[World]:
    """A team has answered, and everybody has been invited."""
    with worlds.open(SQLITE) as world:
        round_id, rounds = open_now(world), world.rounds()
        for name in ("Eva", "Tom", "Sara", "Anne", "Bent", "Carl"):
            receipt = rounds.answer(round_id, world.cast.people[name]).receipt
            assert receipt
            world.told.try_to_send(email_of(name))
            world.told.acknowledge(email_of(name), receipt)
        settings = Settings(data=world.folder, smtp_host="127.0.0.1", smtp_port=world.mail.port)
        context = JobContext(world.database, settings, world.time.now)
        invite_open_rounds(context)
        deliver_mail(context)
        assert len(world.mail.received) > 10
        yield world


@pytest.fixture
def copy(worlds: Worlds, answered: World) -> Iterator[World]:
    """The same once more, to be damaged."""
    with worlds.copy(answered) as world:
        world.told = replace(
            answered.told, receipts=dict(answered.told.receipts), contradictions=[], figures={}
        )
        world.mail.received = list(answered.mail.received)
        assert check_all(world) == []
        yield world


@pytest.fixture
def published(copy: World) -> World:
    """The same a while later: its round is published, and its figures have been seen."""
    assert copy.rounds().publish(copy.round_id)
    assert check_all(copy) == []
    return copy


def _change(*statements: object) -> Damage:
    def act(world: World) -> None:
        with world.database.writing(Reach.EVERYTHING) as session:
            for statement in statements:
                session.execute(statement)  # type: ignore[call-overload]

    return act


def _with(act: Callable[[Session, World], None]) -> Damage:
    def damage(world: World) -> None:
        with world.database.writing(Reach.EVERYTHING) as session:
            act(session, world)

    return damage


def _lose_one(session: Session, world: World) -> None:
    session.execute(delete(Ballot).where(Ballot.id == session.scalar(select(Ballot.id))))


def _double_a_ballot(session: Session, world: World) -> None:
    row = session.execute(select(Ballot.__table__).limit(1)).mappings().one()
    session.execute(insert(Ballot).values({**row, "id": uuid4()}))


def _double_a_message(session: Session, world: World) -> None:
    row = session.execute(select(OutboxMessage.__table__).limit(1)).mappings().one()
    session.execute(insert(OutboxMessage).values({**row, "id": uuid4(), "once_key": "another"}))


def _mark_somebody_done(session: Session, world: World) -> None:
    nils = world.cast.people["Nils"]
    session.execute(update(Participation).where(Participation.person_id == nils).values(done=True))


def _keep_a_ballot(session: Session, world: World) -> None:
    unit = world.cast.units["team_a"]
    ballot = {"id": uuid4(), "round_id": world.round_id, "unit_id": unit}
    session.execute(insert(Ballot).values(**ballot, sealed=b"\1", mac=b"\2"))


def _spoil_the_file(world: World) -> None:
    world.database.close()
    path = Path(str(world.database.url.database))
    for beside in ("-wal", "-shm"):
        Path(f"{path}{beside}").unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.seek(-8192, 2)
        file.write(b"\xff" * 4096)


WHILE_OPEN: dict[str, tuple[str, Damage]] = {
    "a ballot is lost": ("ballots_fit_marks", _with(_lose_one)),
    "a ballot is doubled": ("ballots_fit_marks", _with(_double_a_ballot)),
    "a mark without a ballot": ("ballots_fit_marks", _with(_mark_somebody_done)),
    "a receipt without a ballot": ("acknowledged_is_stored", _with(_lose_one)),
    "a mark nobody asked for": ("acknowledged_is_stored", _with(_mark_somebody_done)),
    "acknowledged but not stored": (
        "acknowledged_is_stored",
        lambda w: w.told.acknowledge(email_of("Nils"), next(iter(w.told.receipts.values()))),
    ),
    "a message twice in the outbox": ("one_message_each", _with(_double_a_message)),
    "a mail that came twice": (
        "one_message_each",
        lambda w: w.mail.received.append(w.mail.received[0]),
    ),
    "a mail from nowhere": ("one_message_each", _change(delete(OutboxMessage))),
    "an act that was changed": ("audit_chain_is_whole", _change(update(AuditEvent).values(by="x"))),
    "acts that were cut off": ("audit_chain_is_whole", _change(delete(AuditEvent))),
    "a file that is spoilt": ("file_is_whole", _spoil_the_file),
}
AFTERWARDS: dict[str, tuple[str, Damage]] = {
    "another figure": ("published_never_changes", _change(update(PublishedFigure).values(point=1))),
    "a figure that is gone": ("published_never_changes", _change(delete(PublishedFigure))),
    "a key that is back": (
        "no_key_after_publication",
        lambda w: w.rounds().keys.make(w.round_id),
    ),
    "half a key": (
        "no_key_after_publication",
        lambda w: (w.keys / f"{w.round_id}.private.0.new").write_bytes(b"\1"),
    ),
    "a ballot that was kept": ("no_key_after_publication", _with(_keep_a_ballot)),
}


@pytest.mark.parametrize("damage", WHILE_OPEN)
def test_damage_to_an_open_round_is_seen(copy: World, damage: str) -> None:
    check, act = WHILE_OPEN[damage]
    act(copy)
    assert getattr(invariants, check)(copy) != []


@pytest.mark.parametrize("damage", AFTERWARDS)
def test_damage_to_what_was_published_is_seen(published: World, damage: str) -> None:
    check, act = AFTERWARDS[damage]
    act(published)
    assert getattr(invariants, check)(published) != []


def test_every_invariant_is_shown_damage() -> None:
    shown = {check for check, _ in (*WHILE_OPEN.values(), *AFTERWARDS.values())}
    assert shown | {"no_open_transaction"} == {check.__name__ for check in invariants.CHECKS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_transaction_that_stays_open_is_seen(worlds: Worlds, kind: str) -> None:
    if kind not in worlds.kinds:
        pytest.skip("PostgreSQL is not installed.")
    with worlds.open(kind) as world:
        assert invariants.no_open_transaction(world) == []
        with world.database.writing(Reach.EVERYTHING) as session:
            session.execute(update(Round).values(number=1))
            time.sleep(0 if kind == SQLITE else invariants.LONGEST_IDLE_SECONDS + 0.1)
            assert invariants.no_open_transaction(world) != []


def test_a_key_in_the_memory_of_a_process_is_seen() -> None:
    secret, never = os.urandom(32), hashlib.sha256(b"never kept whole").hexdigest()
    assert is_in_memory(os.getpid(), secret)
    other = subprocess.Popen(["sleep", "60"])
    try:
        assert not is_in_memory(other.pid, never.encode())
    finally:
        other.kill()
        other.wait()


def test_two_receipts_for_one_person_are_seen(copy: World) -> None:
    copy.told.acknowledge(email_of("Eva"), "another")
    assert any("two receipts" in fault for fault in check_all(copy))


def test_published_figures_are_compared_with_what_was_acknowledged(published: World) -> None:
    assert invariants.counted_is_acknowledged(published, 6) == []
    assert invariants.counted_is_acknowledged(published, 5) != []
    assert invariants.counted_is_acknowledged(published, 7) != []
