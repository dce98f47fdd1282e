"""Backup and restore: whole or nothing, sealed or plain, and what was destroyed stays destroyed."""

import resource
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from tests.cast import PASSWORD, Cast, email_of
from tests.conftest import NO_POSTGRESQL
from tests.databases import PostgreSQLServer, copied_postgresql
from tests.rounds import BY, STEADY, ZONE, RoundRunner
from wellbeing.actions import backup_files, diary, restore
from wellbeing.actions.audit_log import find_break, record
from wellbeing.actions.backup import make_backup
from wellbeing.actions.backup_files import Manifest, read_backup
from wellbeing.actions.record import read_records
from wellbeing.actions.restore import Restored, restore_backup
from wellbeing.actions.sign_in import sign_in
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.crypto.field_keys import FieldKeys, make_field_keys
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.crypto.sealed_files import make_recovery_key, read_private_key, read_public_key
from wellbeing.domain.errors import BadInput, Refused, UnfitKeys
from wellbeing.store import copies
from wellbeing.store.accounts import Person, SignInSession
from wellbeing.store.audit import AuditEvent
from wellbeing.store.copies import is_unfinished
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, DiaryKey, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.schema import find_current
from wellbeing.store.sessions import Database

LATER = timedelta(days=20)

RULES = SignInRules(hours=8, second_factor_roles=frozenset())


class Vault:
    """Backs one database up and restores it into others, as the commands do."""

    def __init__(self, rounds: RoundRunner, folder: Path) -> None:
        self.rounds = rounds
        self.folder = folder
        self.file = folder / "wellbeing.backup"
        self.progress: list[tuple[int, int]] = []
        folder.mkdir(exist_ok=True)

    def back_up(self, public_key: str | None = None) -> Manifest:
        """A backup of the runner's database."""
        return make_backup(
            self.rounds.database,
            self.file,
            scratch_folder=self.folder,
            program="test",
            to=read_public_key(public_key) if public_key else None,
            progress=lambda done, total: self.progress.append((done, total)),
            now=self.rounds.now,
            by=BY,
        )

    def restore(
        self,
        database: Database,
        *,
        replace: bool = False,
        key: Path | None = None,
        keys: RoundKeys | None = None,
    ) -> Restored:
        """Puts the backup into a database, with the key folder as it is now."""
        return restore_backup(
            database,
            self.file,
            keys=keys or self.rounds.keys,
            deletion_log=self.rounds.keys.folder / "deletions.jsonl",
            zone=ZONE,
            scratch_folder=self.folder,
            key=read_private_key(key) if key else None,
            replace=replace,
            progress=lambda _done, _total: None,
            now=self.rounds.now + LATER,
            by=BY,
        )

    def leftovers(self) -> set[str]:
        """What lies in the folder beside the backup and the lock."""
        return {p.name for p in self.folder.iterdir()} - {self.file.name, "backup.lock"}


@pytest.fixture
def vault(rounds: RoundRunner, tmp_path: Path) -> Vault:
    """Backups go to a folder of their own."""
    return Vault(rounds, tmp_path / "vault")


@pytest.fixture
def empty(
    database: Database, tmp_path: Path, postgresql: PostgreSQLServer | None
) -> Iterator[Database]:
    """A database of the same kind without a table."""
    if database.is_sqlite:
        other = Database(f"sqlite:///{tmp_path / 'other.db'}", durable=False)
        yield other
        other.close()
        return
    if postgresql is None:
        pytest.skip(NO_POSTGRESQL)
    with copied_postgresql(postgresql, "template0") as url:
        other = Database(url)
        yield other
        other.close()


def _keep_deletions(rounds: RoundRunner) -> None:
    """From now on the database notes what is deleted, as every process of the service does."""
    file = rounds.keys.folder / "deletions.jsonl"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    rounds.database._deletions = DeletionLog(file, lambda: rounds.now)


def _count(database: Database, table: type) -> int:
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _state(database: Database, round_id: UUID) -> RoundState:
    with database.reading(Reach.EVERYTHING) as session:
        return session.get_one(Round, round_id).state


@pytest.mark.asvs("11.2.1", "11.3.2", "14.2.6")
def test_a_sealed_backup_of_an_open_round_is_restored_and_goes_on(
    vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database, tmp_path: Path
) -> None:
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    public = make_recovery_key(tmp_path / "recovery.key")
    manifest = vault.back_up(public)
    assert vault.leftovers() == set()
    assert vault.progress[-1] == (manifest.size, manifest.size)
    assert manifest.made_at.encode() not in vault.file.read_bytes()
    with pytest.raises(BadInput, match="--key"):
        vault.restore(empty)
    make_recovery_key(tmp_path / "other.key")
    with pytest.raises(BadInput, match="does not open this backup"):
        vault.restore(empty, key=tmp_path / "other.key")

    restored = vault.restore(empty, key=tmp_path / "recovery.key")

    assert restored.lost == ()
    assert _count(empty, Person) == _count(rounds.database, Person)
    assert _count(empty, Ballot) == 8
    again = RoundRunner(empty, rounds.folder, rounds.now)
    assert again.publish(round_id)
    with empty.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None
        acts = session.scalars(select(AuditEvent.act)).all()
    assert "backup.restored" in acts
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(AuditEvent.act)).all()[-1] == "backup.made"


@pytest.mark.asvs("14.2.4")
def test_a_backup_taken_in_a_round_that_is_published_since_opens_nothing(
    vault: Vault, rounds: RoundRunner, cast: Cast
) -> None:
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    vault.back_up()
    assert rounds.publish(round_id)
    if not rounds.database.is_sqlite:
        rounds.database.close()

    restored = vault.restore(rounds.database, replace=True)

    assert restored.lost == ("Trivsel, round 1",)
    assert _state(rounds.database, round_id) is RoundState.LOST
    assert _count(rounds.database, Ballot) == _count(rounds.database, Participation) == 0
    assert not rounds.publish(round_id)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert not read_records(session), "figures newer than the backup are not made up"


def test_a_round_with_two_keys_is_lost_when_its_shares_are_gone(
    vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database
) -> None:
    from tests.key_desk import KeyDesk

    desk = KeyDesk(rounds, cast)
    desk.take_both()
    round_id = rounds.open(two_keys=True)
    vault.back_up()
    assert vault.restore(empty).lost == ()
    rounds.keys.destroy(round_id)
    assert vault.restore(empty, replace=True).lost == ("Trivsel, round 1",)


def test_a_database_that_holds_something_is_left_alone(
    vault: Vault, rounds: RoundRunner, cast: Cast
) -> None:
    vault.back_up()
    with rounds.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).language = "en"
    with pytest.raises(Refused, match="--replace"):
        vault.restore(rounds.database)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Eva"]).language == "en"
    vault.restore(rounds.database, replace=True)
    with rounds.database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Eva"]).language == "da"


@pytest.mark.asvs("7.4.2")
def test_whoever_was_signed_in_when_the_backup_was_made_is_not_afterwards(
    vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database, now: datetime
) -> None:
    with rounds.database.writing(Reach.EVERYTHING) as session:
        sign_in(session, email_of("Eva"), PASSWORD, rules=RULES, now=now)
    vault.back_up()
    vault.restore(empty)
    assert _count(rounds.database, SignInSession) == 1
    assert _count(empty, SignInSession) == 0


@pytest.mark.asvs("14.2.7")
def test_what_was_deleted_after_the_backup_is_deleted_again(
    vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database
) -> None:
    with rounds.database.writing(Reach.EMPLOYEE) as session:
        diary.start(session, "havregrød og blåbær", person_id=cast.people["Eva"])
    vault.back_up()
    _keep_deletions(rounds)
    with rounds.database.writing(Reach.EMPLOYEE) as session:
        diary.delete_all(session, person_id=cast.people["Eva"])
    assert vault.restore(empty).deleted_again >= 1
    assert _count(empty, DiaryKey) == 0


def test_a_round_that_was_planned_then_and_is_published_since_is_not_held_again(
    vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database
) -> None:
    assert rounds.publish(rounds.open())
    rounds.forward(days=90)
    vault.back_up()
    _keep_deletions(rounds)
    second = rounds.open()
    assert rounds.publish(second)
    assert vault.restore(empty).may_have_been == ()
    assert _state(empty, second) is RoundState.LOST
    with empty.reading(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        assert planned.number == 3
        assert planned.opens_at > rounds.now + LATER


def test_a_planned_round_whose_day_has_passed_is_named_where_nothing_tells_whether_it_was_held(
    vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database
) -> None:
    opened = rounds.open()
    assert rounds.publish(opened)
    with rounds.database.writing(Reach.EVERYTHING) as session:
        planned = Round.state == RoundState.PLANNED
        soon = rounds.now + timedelta(days=9)
        session.execute(update(Round).where(planned).values(opens_at=soon))
    vault.back_up()
    assert vault.restore(empty).may_have_been == ("Trivsel, round 2",)


class TestWhatIsWrong:
    @pytest.mark.parametrize("sealed", [False, True])
    def test_a_file_that_was_changed_or_cut_short_anywhere_changes_nothing(
        self,
        sqlite_database: Database,
        now: datetime,
        tmp_path: Path,
        *,
        sealed: bool,
    ) -> None:
        rounds = RoundRunner(sqlite_database, tmp_path, now)
        vault = Vault(rounds, tmp_path / "vault")
        key = tmp_path / "recovery.key"
        vault.back_up(make_recovery_key(key) if sealed else None)
        whole = vault.file.read_bytes()
        private = read_private_key(key) if sealed else None
        assert read_backup(vault.file, None, key=private, progress=lambda *_: None)
        damaged = [whole[:length] for length in (0, 10, 40, len(whole) // 2, len(whole) - 1)]
        for at in (3, 60, 200, len(whole) // 2, len(whole) - 400):
            damaged.append(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        for content in damaged:
            vault.file.write_bytes(content)
            with pytest.raises(BadInput):
                read_backup(vault.file, None, key=private, progress=lambda *_: None)
        target = Database(f"sqlite:///{tmp_path / 'target.db'}")
        with pytest.raises(BadInput):
            vault.restore(target, key=key if sealed else None)
        assert restore.is_empty(target)
        assert vault.leftovers() == set()
        target.close()

    def test_a_log_of_acts_that_was_changed_is_found(
        self, vault: Vault, rounds: RoundRunner, cast: Cast, empty: Database
    ) -> None:
        with rounds.database.writing(Reach.EVERYTHING) as session:
            for number in range(3):
                record(session, "test", str(number), by=BY, now=rounds.now)
        with rounds.database.writing(Reach.EVERYTHING) as session:
            session.execute(text("UPDATE audit_event SET act = 'other' WHERE number = 2"))
        vault.back_up()
        with pytest.raises(BadInput, match="breaks at event 2"):
            vault.restore(empty)
        if not empty.is_sqlite:
            assert is_unfinished(empty), "nothing serves a database that is half restored"
        assert restore.is_empty(empty)

    def test_a_backup_of_a_newer_program_or_the_other_database_is_refused(
        self, vault: Vault, rounds: RoundRunner, empty: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vault.back_up()
        monkeypatch.setattr(restore, "is_known", lambda _version: False)
        with pytest.raises(BadInput, match="newer version"):
            vault.restore(empty)
        monkeypatch.undo()
        monkeypatch.setattr(type(empty), "is_sqlite", property(lambda _self: not _is_file(empty)))
        with pytest.raises(BadInput, match="and this database is"):
            vault.restore(empty)

    def test_with_other_keys_than_it_needs_nothing_is_loaded(
        self, vault: Vault, empty: Database, tmp_path: Path
    ) -> None:
        vault.back_up()
        make_field_keys(tmp_path / "other-keys")
        empty.sealer = FieldKeys(tmp_path / "other-keys")
        with pytest.raises(UnfitKeys, match="nothing was changed"):
            vault.restore(empty)
        assert find_current(empty) is None
        assert not is_unfinished(empty)

    def test_a_backup_from_before_there_was_a_witness_is_restored(
        self, vault: Vault, rounds: RoundRunner, empty: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def without_witness(manifest: Manifest) -> dict[str, object]:
            return {name: said for name, said in asdict(manifest).items() if name != "witness"}

        monkeypatch.setattr(backup_files, "asdict", without_witness)
        vault.back_up()
        assert vault.restore(empty).manifest.witness == ""
        assert _count(empty, Person) == _count(rounds.database, Person)

    def test_a_database_in_use_is_not_replaced(
        self, sqlite_database: Database, now: datetime, tmp_path: Path
    ) -> None:
        vault = Vault(RoundRunner(sqlite_database, tmp_path, now), tmp_path / "vault")
        vault.back_up()
        served = Database(str(sqlite_database.url))
        with served.reading(Reach.EVERYTHING) as session:
            session.execute(text("SELECT count(*) FROM unit")).all()
            with pytest.raises(Refused, match="in use"):
                vault.restore(sqlite_database, replace=True)
        served.close()
        vault.restore(sqlite_database, replace=True)

    def test_two_at_once_do_not_disturb_each_other(
        self, sqlite_database: Database, now: datetime, tmp_path: Path
    ) -> None:
        vault = Vault(RoundRunner(sqlite_database, tmp_path, now), tmp_path / "vault")
        with backup_files.scratch(vault.folder), pytest.raises(Refused, match="at work"):
            vault.back_up()
        vault.back_up()

    def test_a_full_disk_leaves_nothing_and_says_so(
        self, sqlite_database: Database, now: datetime, tmp_path: Path
    ) -> None:
        vault = Vault(RoundRunner(sqlite_database, tmp_path, now), tmp_path / "vault")
        vault.back_up()
        kept, size = vault.file.read_bytes(), sqlite_database.url.database
        assert size
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # The kernel itself refuses: the file of the backup does not fit, then not even the copy.
        for limit in (len(kept) // 2, Path(size).stat().st_size // 2):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            try:
                with pytest.raises(Refused, match=r"could not be (written|copied)"):
                    vault.back_up()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert vault.file.read_bytes() == kept
            assert vault.leftovers() == set()

    def test_without_the_programs_of_postgresql_it_says_what_to_install(
        self,
        postgresql_database: Database,
        now: datetime,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        vault = Vault(RoundRunner(postgresql_database, tmp_path, now), tmp_path / "vault")
        monkeypatch.setattr(Path, "glob", lambda _self, _pattern: iter(()))
        monkeypatch.setattr(shutil, "which", lambda _name: None)
        with pytest.raises(BadInput, match="postgresql-client"):
            vault.back_up()

    def test_killed_between_loading_and_settling_nothing_serves_it_and_a_second_restore_ends_it(
        self, vault: Vault, rounds: RoundRunner, empty: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vault.back_up()

        def die(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(restore, "replay_deletions", die)
        with pytest.raises(KeyboardInterrupt):
            vault.restore(empty)
        monkeypatch.undo()
        assert is_unfinished(empty) is not empty.is_sqlite, "SQLite is not even touched"
        vault.restore(empty)
        assert not is_unfinished(empty)
        assert _count(empty, Person) == _count(rounds.database, Person)

    def test_a_dump_that_postgresql_refuses_leaves_what_was_there(
        self,
        postgresql_database: Database,
        now: datetime,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        vault = Vault(RoundRunner(postgresql_database, tmp_path, now), tmp_path / "vault")
        vault.back_up()
        monkeypatch.setattr(copies, "_FINISH", "SELECT 1/0;\nCOMMIT;\n")
        with pytest.raises(Refused, match="nothing was changed"):
            vault.restore(postgresql_database, replace=True)
        assert not is_unfinished(postgresql_database)
        assert _count(postgresql_database, AuditEvent) == 1


def _is_file(database: Database) -> bool:
    return database.url.get_backend_name() == "sqlite"
