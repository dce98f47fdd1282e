"""Keys change under a running service: nothing is lost, whatever happens in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import sleep
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.cast import Cast, email_of, full_name_of, make_cast
from tests.waiting import wait_until
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.key_check import KeyKind, find_faults, list_keys
from wellbeing.actions.key_rotation import (
    APP_KEY_KEPT,
    ON_ITS_WAY,
    count_uses,
    retire_keys,
    rotate_app_key,
    rotate_fields,
)
from wellbeing.actions.reminders import make_stop_token, stop_reminders
from wellbeing.actions.sign_in import find_signed_in, sign_in
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.crypto.field_keys import FieldKeys, KeyRing, make_field_keys
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import AuthenticatorApp, Person, SignInSession
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Programme, Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

BY = Actor.command("test")
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
LATER = timedelta(hours=2)

CHILD = """
import os, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.orm import Session
from wellbeing.actions import key_rotation
from wellbeing.actions.key_rotation import rotate_fields
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.domain.actor import Actor
from wellbeing.store.sessions import Database

url, folder, batch, where = sys.argv[1:]
keys = FieldKeys(Path(folder))
database = Database(url, keys)
key_rotation.BATCH = int(batch)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

commits = 0
def count(_session):
    global commits
    commits += 1
    if where == f"after commit {commits}":
        die()

event.listen(Session, "after_commit", count)
if where == "before the key is told":
    key_rotation.record = die
if where == "in a batch":
    seal = key_rotation.seal_batch_anew
    def seal_and_die(*values, **more):
        seal(*values, **more)
        die()
    key_rotation.seal_batch_anew = seal_and_die
if where == "disk full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (32_000, 32_000))
rotate_fields(database, keys, now=lambda: datetime.now(UTC), by=Actor.command("test"))
"""

RULES = SignInRules(hours=8, second_factor_roles=frozenset())


@pytest.fixture
def keys(tmp_path: Path) -> FieldKeys:
    """The keys of the house."""
    get_or_make_app_key(tmp_path / "keys")
    return make_field_keys(tmp_path / "keys")


@pytest.fixture
def house(database: Database, keys: FieldKeys) -> Iterator[Database]:
    """The database, opened with these keys."""
    with opened_again(database, keys) as house:
        yield house


@contextmanager
def opened_again(database: Database, keys: FieldKeys) -> Iterator[Database]:
    """The same database, as another process that was given these keys has it."""
    other = Database(database.url.render_as_string(hide_password=False), keys, durable=False)
    try:
        yield other
    finally:
        other.close()


@pytest.fixture
def cast(house: Database) -> Cast:
    """The organisation and its people, one with a second factor."""
    with house.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
        session.add(AuthenticatorApp(person_id=cast.people["Eva"], secret="JBSWY3DPEHPK3PXP"))
    return cast


def rotate(house: Database, keys: FieldKeys) -> int:
    """A whole rotation; the number of the key that seals then."""
    return rotate_fields(house, keys, now=lambda: NOW, by=BY).number


def retire(house: Database, keys: FieldKeys, now: datetime) -> tuple[list[str], list[str]]:
    """The keys destroyed, and those that have to wait."""
    return retire_keys(house, keys, rounds_of(keys), now=now, by=BY)


def uses(house: Database) -> dict[int, int]:
    """How many values need each key."""
    with house.reading(Reach.EVERYTHING) as session:
        return count_uses(session)


def check_people(house: Database, cast: Cast) -> None:
    """Everybody has their name and address, and is found by it."""
    with house.reading(Reach.EVERYTHING) as session:
        people = {person.id: person for person in session.scalars(select(Person))}
        for name, person_id in cast.people.items():
            person = people[person_id]
            assert (person.name, person.email) == (full_name_of(name), email_of(name))
        assert session.get_one(AuthenticatorApp, cast.people["Eva"]).secret == "JBSWY3DPEHPK3PXP"


class TestFields:
    @pytest.mark.asvs("11.2.2")
    def test_everything_is_sealed_with_the_new_key_and_reads_as_before(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        before = uses(house)
        assert rotate(house, keys) == 2
        assert uses(house) == {2: before[1]}
        check_people(house, cast)

    def test_it_is_told_how_much_there_is_to_do_and_how_much_is_done(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        told: list[int] = []

        def begin(total: int) -> Callable[[int], object]:
            told.append(total)
            return told.append

        done = rotate_fields(house, keys, now=lambda: NOW, by=BY, begin=begin)
        assert told[0] == sum(told[1:]) == done.values == uses(house)[2]

    def test_both_the_key_and_the_change_are_in_the_audit_log(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        rotate(house, keys)
        with house.reading(Reach.EVERYTHING) as session:
            acts = session.execute(select(AuditEvent.act, AuditEvent.subject)).all()
            assert acts == [("keys.made", "fields-2.key"), ("keys.rotated", "fields-2.key")]
            assert find_break(session) is None

    def test_a_process_that_read_the_old_keys_goes_on(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        with opened_again(house, FieldKeys(keys.folder.folder)) as other:
            check_people(other, cast)
            rotate(house, keys)
            check_people(other, cast)
            with other.writing(Reach.EVERYTHING) as session:
                session.get_one(Person, cast.people["Eva"]).name = "Eva Ny"
        assert set(uses(house)) == {2}

    def test_one_rotation_at_a_time(self, house: Database, keys: FieldKeys, cast: Cast) -> None:
        def begin(_total: int) -> Callable[[int], object]:
            with pytest.raises(Refused, match="Somebody else"):
                rotate(house, FieldKeys(keys.folder.folder))
            return lambda _done: None

        assert rotate_fields(house, keys, now=lambda: NOW, by=BY, begin=begin).number == 2

    def test_many_at_once_make_one_key_each_at_most_and_lose_nothing(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        def one(_: int) -> int:
            with suppress(Refused):
                return rotate(house, FieldKeys(keys.folder.folder))
            return 0

        with ThreadPoolExecutor(4) as pool:
            newest = max(pool.map(one, range(4)))
        assert set(uses(house)) == {newest}
        check_people(house, cast)

    def test_people_read_and_write_while_everything_is_sealed_anew(
        self, house: Database, keys: FieldKeys, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wellbeing.actions.key_rotation.BATCH", 3)
        over, faults, written = Event(), list[BaseException](), [0]
        tom = cast.people["Tom"]

        def live() -> None:
            try:
                while not over.wait(0.01):
                    with other.writing(Reach.EVERYTHING) as session:
                        session.get_one(Person, tom).mobile = f"+45{10_000_000 + written[0]}"
                        written[0] += 1
                    with other.reading(Reach.EVERYTHING) as session:
                        assert session.get_one(Person, tom).mobile is not None
            except BaseException as fault:
                faults.append(fault)

        with opened_again(house, FieldKeys(keys.folder.folder)) as other:
            thread = Thread(target=live)
            thread.start()
            try:
                wait_until(lambda: written[0] > 0)
                newest = [rotate(house, keys) for _ in range(3)][-1]
            finally:
                over.set()
                thread.join()
        assert faults == []
        assert newest == 4
        assert set(uses(house)) == {4}
        check_people(house, cast)


class TestKilled:
    @pytest.mark.parametrize(
        "where",
        [
            "before the key is told",
            "in a batch",
            "after commit 2",
        ],
    )
    def test_killed_anywhere_it_goes_on_where_it_was(
        self, house: Database, keys: FieldKeys, cast: Cast, where: str
    ) -> None:
        before = sum(uses(house).values())
        assert child(house, keys, where).returncode == -signal.SIGKILL
        check_people(house, cast)
        done = rotate_fields(house, keys, now=lambda: NOW, by=BY)
        assert (done.number, done.is_resumed) == (2, True)
        assert uses(house) == {2: before}
        check_people(house, cast)
        assert find_faults_of(house, keys) == []

    def test_a_full_disk_stops_it_and_loses_nothing(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        if not house.is_sqlite:
            pytest.skip("The disk of a server is not ours to fill.")
        ended = child(house, keys, "disk full")
        assert ended.returncode == 1
        assert b"disk" in ended.stderr
        check_people(house, cast)
        assert rotate(house, keys) == 2
        check_people(house, cast)


class TestRetiring:
    def test_a_key_is_destroyed_when_nothing_needs_it_and_no_value_can_be_on_its_way(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        rotate(house, keys)
        made = keys.folder.made_at("fields-2.key")
        soon, later = made + ON_ITS_WAY / 2, made + LATER
        assert retire(house, keys, soon) == ([], ["fields-1.key"])
        assert retire(house, keys, later) == (["fields-1.key"], [])
        assert retire(house, keys, later) == ([], [])
        assert keys.folder.field_numbers() == [2]
        with opened_again(house, FieldKeys(keys.folder.folder)) as other:
            check_people(other, cast)

    def test_a_key_that_a_row_needs_is_kept(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        keys.folder.make("fields-2.key")
        later = datetime.now(UTC) + LATER
        assert retire(house, keys, later) == ([], ["fields-1.key"])
        check_people(house, cast)

    def test_a_transaction_under_way_is_waited_for(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        if house.is_sqlite:
            pytest.skip("SQLite has one writer at a time.")
        rotate(house, keys)
        retired: list[tuple[list[str], list[str]]] = []
        later = datetime.now(UTC) + LATER
        with (
            opened_again(house, OnlyFirst(keys)) as late,
            late.writing(Reach.EVERYTHING) as session,
        ):
            session.get_one(Person, cast.people["Eva"]).name = "Eva Sen"
            session.flush()
            thread = Thread(target=lambda: retired.append(retire(house, keys, later)))
            thread.start()
            sleep(0.3)
            assert retired == []
        thread.join()
        assert retired == [([], ["fields-1.key"])]
        with house.reading(Reach.EVERYTHING) as session:
            assert session.get_one(Person, cast.people["Eva"]).name == "Eva Sen"

    def test_keys_of_a_round_that_is_over_are_destroyed(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        round_id = a_round(house, RoundState.CANCELLED)
        rounds = rounds_of(keys)
        rounds.make(round_id)
        (fault,) = find_faults_of(house, keys)
        assert str(round_id) in fault
        assert retire(house, keys, NOW)[0] == [str(round_id)]
        assert not rounds.exist(round_id)
        assert find_faults_of(house, keys) == []


class TestAppKey:
    def test_nobody_is_signed_out_and_links_in_mails_go_on_working(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        eva, folder = cast.people["Eva"], keys.folder.folder
        token = make_stop_token(eva, folder=folder)
        with house.writing(Reach.EVERYTHING) as session:
            secret = sign_in(
                session, email_of("Eva"), "en lang tur langs havet", rules=RULES, now=NOW
            ).secret
        assert rotate_app_key(house, keys.folder, now=NOW, by=BY, at_once=False) == 0
        with house.writing(Reach.EVERYTHING) as session:
            assert find_signed_in(session, secret, now=NOW) is not None
            stop_reminders(session, token, folder=folder)
            assert session.get_one(Person, eva).reminders_stopped

    @pytest.mark.asvs("7.4.5")
    def test_at_once_signs_everybody_out_and_believes_no_older_key(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        eva, folder = cast.people["Eva"], keys.folder.folder
        token = make_stop_token(eva, folder=folder)
        with house.writing(Reach.EVERYTHING) as session:
            sign_in(session, email_of("Eva"), "en lang tur langs havet", rules=RULES, now=NOW)
        assert rotate_app_key(house, keys.folder, now=NOW, by=BY, at_once=True) == 1
        with house.writing(Reach.EVERYTHING) as session:
            assert session.scalars(select(SignInSession)).all() == []
            stop_reminders(session, token, folder=folder)
            assert not session.get_one(Person, eva).reminders_stopped

    def test_a_key_from_before_is_destroyed_after_its_time(
        self, house: Database, keys: FieldKeys
    ) -> None:
        rotate_app_key(house, keys.folder, now=NOW, by=BY, at_once=False)
        today = datetime.now(UTC)
        assert retire(house, keys, today) == ([], ["app-1.secret"])
        later = today + APP_KEY_KEPT + LATER
        assert retire(house, keys, later) == (["app-1.secret"], [])


class TestChecking:
    def test_a_house_in_order_has_no_faults(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        assert find_faults_of(house, keys) == []

    def test_keys_are_listed_with_what_they_do_and_what_needs_them(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        rotate(house, keys)
        rounds_of(keys).make(uuid4())
        with house.reading(Reach.EVERYTHING) as session:
            shown = {(key.name, key.kind): key.uses for key in list_keys(session, keys)}
        assert shown["fields-1.key", KeyKind.OLD_FIELDS] == 0
        assert shown["fields-2.key", KeyKind.FIELDS] == uses(house)[2]
        assert {kind for _, kind in shown} == set(KeyKind) - {KeyKind.OLD_APP}

    def test_a_key_that_rows_need_and_is_not_there_is_told(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        keys.folder.make("fields-2.key")
        keys.folder.destroy("fields-1.key")
        (fault,) = find_faults_of(house, keys)
        assert "fields-1.key is missing" in fault

    @pytest.mark.parametrize("name", ["fields-1.key", "index.key"])
    def test_a_key_of_another_house_is_told(
        self, house: Database, keys: FieldKeys, cast: Cast, name: str
    ) -> None:
        keys.folder.path(name).write_bytes(os.urandom(32))
        faults = find_faults_of(house, keys)
        assert faults
        assert all(name in fault for fault in faults)

    def test_whatever_others_can_read_is_told(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        rounds = rounds_of(keys)
        round_id = a_round(house, RoundState.OPEN)
        rounds.make(round_id)
        keys.folder.path(f"{round_id}.private").chmod(0o644)
        (fault,) = find_faults_of(house, keys)
        assert f"{round_id}.private" in fault

    def test_an_open_round_without_its_keys_is_told(
        self, house: Database, keys: FieldKeys, cast: Cast
    ) -> None:
        round_id = a_round(house, RoundState.OPEN)
        (fault,) = find_faults_of(house, keys)
        assert str(round_id) in fault


class OnlyFirst(FieldKeys):
    """Seals with the first key, as a process did that sealed before the second was made."""

    def __init__(self, keys: FieldKeys) -> None:
        super().__init__(keys.folder.folder)

    def _fresh(self) -> KeyRing:
        return replace(self._known(), newest=1)


def rounds_of(keys: FieldKeys) -> RoundKeys:
    """The keys of rounds in the same folder."""
    return RoundKeys(keys.folder.folder)


def find_faults_of(house: Database, keys: FieldKeys) -> list[str]:
    """What the check says, as a process that has just begun."""
    fresh = FieldKeys(keys.folder.folder)
    with opened_again(house, fresh) as other, other.reading(Reach.EVERYTHING) as session:
        return find_faults(session, fresh, rounds_of(fresh))


def a_round(house: Database, state: RoundState) -> UUID:
    """A round in this state."""
    with house.writing(Reach.EVERYTHING) as session:
        programme = Programme(
            id=uuid4(), name="Trivsel", instrument="proqol5", every_months=3, window_days=14,
            opening_time="09:00", reminder_days="", min_group_size=5, active=True,
        )  # fmt: skip
        round_ = Round(
            id=uuid4(), programme_id=programme.id, number=1, state=state, opens_at=NOW,
            closes_at=NOW + timedelta(days=14), min_group_size=5,
        )  # fmt: skip
        session.add(programme)
        session.flush()
        session.add(round_)
    return round_.id


def child(house: Database, keys: FieldKeys, where: str) -> "subprocess.CompletedProcess[bytes]":
    """A rotation in a process of its own, which meets with this."""
    url = house.url.render_as_string(hide_password=False)
    house.close()
    command = [sys.executable, "-c", CHILD, url, str(keys.folder.folder), "5", where]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)
