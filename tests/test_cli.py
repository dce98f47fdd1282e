"""The command line: quick help, one sentence for a mistake, and what each command of ours does."""

import csv
import fcntl
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path

import click
import pytest
from sqlalchemy import select, update

from jobs.timetable import JOBS
from tests.cast import make_cast
from tests.rounds import STEADY, WORN, RoundRunner
from wellbeing.cli import COMMANDS, SUMMARIES, main
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.schema import get_head
from wellbeing.store.sessions import Database

PROJECT = Path(__file__).parents[1]
HEAVY = ("numpy", "scipy", "matplotlib", "sqlalchemy", "pydantic", "flask", "nacl", "alembic")
HELP = """
import sys, time
from wellbeing.cli import main
sys.argv = ["wellbeing", "--help"]
try:
    main()
finally:
    print("CPU", time.process_time(), "HEAVY", *sorted(set(sys.argv[0:0]) | set(sys.modules)))
"""


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code and what it wrote to both streams."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("db", "current")` as typed at a terminal, with data in a folder of one's own."""
    for name in [name for name in os.environ if name.startswith("WELLBEING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WELLBEING_DATA", str(tmp_path / "data"))

    def run(*arguments: str, **settings: str) -> Said:
        for name, value in settings.items():
            monkeypatch.setenv(f"WELLBEING_{name.upper()}", value)
        monkeypatch.setattr(sys, "argv", ["wellbeing", *arguments])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def initialised(run: Run, tmp_path: Path) -> Path:
    """The data folder after `wellbeing init`."""
    assert run("init").code == 0
    return tmp_path / "data"


def _open(data: Path) -> Database:
    keys = FieldKeys(data / "keys")
    return Database(f"sqlite:///{data / 'wellbeing.db'}", keys, durable=False)


def _check_mistake(said: Said, *words: str) -> None:
    """Exit code 2, nothing on standard output, a sentence on standard error, no traceback."""
    assert said.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.strip()
    for word in words:
        assert word in said.err


class TestHelp:
    def test_it_is_quick_and_imports_nothing_heavy(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", HELP],
            capture_output=True,
            cwd=PROJECT,
            check=True,
            text=True,
        )
        cpu, _, imported = done.stdout.rpartition("CPU ")[2].partition(" HEAVY ")
        assert float(cpu) < 0.5
        assert {name.partition(".")[0] for name in imported.split()}.isdisjoint(HEAVY)

    def test_it_names_every_command_with_what_it_does(self, run: Run) -> None:
        said = run("--help")
        assert said.code == 0
        assert COMMANDS.keys() == SUMMARIES.keys()
        for name in COMMANDS:
            assert f"  {name} " in said.out

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_every_command_can_be_imported_and_has_its_own_help(self, run: Run, name: str) -> None:
        module, attribute = COMMANDS[name].split(":")
        command = getattr(import_module(f"wellbeing.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        assert command.name == name
        said = run(name, "--help")
        assert said.code == 0
        assert said.out.startswith(f"Usage: wellbeing {name}")

    def test_every_command_file_is_a_command(self) -> None:
        files = {path.stem for path in (PROJECT / "wellbeing" / "commands").glob("*.py")}
        named = {entry.partition(":")[0] for entry in COMMANDS.values()}
        below_another = {"logins"}  # `wellbeing db logins`
        assert named | below_another <= files
        assert {file for file in files - named - below_another if _has_command(file)} == set()


def _has_command(file: str) -> bool:
    module = import_module(f"wellbeing.commands.{file}")
    return any(
        isinstance(value, click.Command) and value.callback.__module__ == module.__name__
        for value in vars(module).values()
        if isinstance(value, click.Command) and value.callback is not None
    )


class TestMistakes:
    NEEDING_A_DATABASE = (
        ("published",),
        ("audit",),
        ("audit-log", "verify"),
        ("job", "invite"),
        ("resume-round", "00000000-0000-0000-0000-000000000001"),
        ("scheduler",),
        ("serve",),
    )

    @pytest.mark.parametrize("arguments", NEEDING_A_DATABASE)
    def test_without_a_database_init_is_named_and_nothing_is_made(
        self, run: Run, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        _check_mistake(run(*arguments), "wellbeing init")
        assert not (tmp_path / "data").exists()

    @pytest.mark.parametrize("arguments", NEEDING_A_DATABASE)
    def test_an_empty_database_names_init_too(
        self, run: Run, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        said = run(*arguments, database_url=f"sqlite:///{tmp_path / 'empty.db'}")
        _check_mistake(said, "The database is empty.", "wellbeing init")

    @pytest.mark.parametrize(
        ("name", "value", "word"),
        [
            ("smtp_port", "many", "smtp_port"),
            ("smtp_port", "70000", "smtp_port"),
            ("session_hours", "0", "session_hours"),
            ("time_zone", "Europe/Atlantis", "time_zone: Value error, there is no time zone"),
            ("time_zone", "../etc", "time_zone"),
            ("time_zone", "", "time_zone"),
        ],
    )
    def test_a_setting_that_cannot_be_used_is_named(
        self, run: Run, name: str, value: str, word: str
    ) -> None:
        said = run("published", **{name: value})
        _check_mistake(said, "wellbeing: Some settings cannot be used.", word)

    @pytest.mark.parametrize(
        ("url", "word"),
        [
            ("nonsense", "not the address of a database"),
            ("dbase3://x", "not the address of a database"),
            ("postgresql+psycopg://nobody@127.0.0.1:1/none", "cannot be used"),
        ],
    )
    @pytest.mark.parametrize("command", [("published",), ("init",), ("db", "upgrade")])
    def test_a_database_that_is_none_or_does_not_answer_is_told(
        self, run: Run, url: str, word: str, command: tuple[str, ...]
    ) -> None:
        _check_mistake(run(*command, database_url=url), word)

    def test_a_file_that_is_no_database_is_told(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("Dear Eva, " * 500)
        said = run("published", database_url=f"sqlite:///{tmp_path / 'letter.txt'}")
        _check_mistake(said, "not a database")

    def test_a_file_in_the_place_of_the_data_folder_is_told(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("")
        _check_mistake(run("init"), "cannot be made")

    def test_an_older_database_names_upgrade(self, run: Run, initialised: Path) -> None:
        assert run("db", "downgrade", "base").code == 0
        database = _open(initialised)
        with database.engine(Reach.EVERYTHING).begin() as connection:
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0000')")
        database.close()
        _check_mistake(run("published"), "wellbeing db upgrade")

    def test_an_unknown_command_is_told(self, run: Run) -> None:
        _check_mistake(run("publish"), "No such command 'publish'")

    def test_an_unknown_job_is_told_with_those_there_are(self, run: Run) -> None:
        _check_mistake(run("job", "tidy"), "There is no job 'tidy'.", *JOBS)

    @pytest.mark.parametrize(
        ("moment", "word"),
        [
            ("yesterday", "is not a moment such as"),
            ("2026-02-30T09:00+01:00", "is not a moment such as"),
            ("2026-03-02T09:00", "needs an offset"),
        ],
    )
    def test_a_moment_that_cannot_be_read_is_told(self, run: Run, moment: str, word: str) -> None:
        _check_mistake(run("job", "invite", "--at", moment), word)

    def test_an_unknown_round_is_told(self, run: Run, initialised: Path) -> None:
        said = run("resume-round", "00000000-0000-0000-0000-000000000001")
        _check_mistake(said, "That round does not exist.")

    def test_an_unknown_version_of_the_schema_is_told(self, run: Run, initialised: Path) -> None:
        _check_mistake(run("db", "downgrade", "9999"), "cannot be brought to 9999")

    def test_an_unknown_area_is_told(self, run: Run, initialised: Path) -> None:
        _check_mistake(run("serve", "--areas", "leader,kitchen"), "There is no area 'kitchen'.")


class TestInit:
    def test_it_makes_the_database_and_the_key_and_may_be_repeated(
        self, run: Run, initialised: Path
    ) -> None:
        key = (initialised / "keys" / "app.secret").read_bytes()
        said = run("init")
        assert (said.code, said.err) == (0, "")
        assert "Keep this folder out of every backup." in said.out
        assert (initialised / "keys" / "app.secret").read_bytes() == key
        assert run("db", "current").out == f"{get_head()} (newest: {get_head()})\n"

    @pytest.mark.asvs("6.3.2")
    def test_it_invites_the_first_administrator_once(self, run: Run, tmp_path: Path) -> None:
        for _ in range(2):
            said = run("init", "--administrator", "adam@house.example", "--name", "Adam Ravn")
            assert said.code == 0, said.err
        database = _open(tmp_path / "data")
        with database.reading(Reach.EVERYTHING) as session:
            person = session.scalars(select(Person)).one()
            assert (person.name, person.status) == ("Adam Ravn", PersonStatus.INVITED)
            assert session.scalars(select(RoleGrant.person_id)).all() == [person.id]
            assert session.scalars(select(OutboxMessage.kind)).first() == "activation"
        database.close()

    def test_it_hides_the_databases_password(self, run: Run) -> None:
        said = run("init", database_url="postgresql+psycopg://user:geheim@127.0.0.1:1/none")
        assert "geheim" not in said.out + said.err


class TestDatabase:
    def test_it_goes_up_and_down_and_says_where_it_is(self, run: Run) -> None:
        assert run("db", "current").out == f"empty (newest: {get_head()})\n"
        assert run("db", "upgrade").out == f"{get_head()}\n"
        assert run("db", "upgrade").out == f"{get_head()}\n"
        assert run("db", "downgrade", "base").out == "empty\n"
        assert run("db", "current").out == f"empty (newest: {get_head()})\n"


class TestJob:
    @pytest.mark.parametrize("name", sorted(set(JOBS) - {"deliver-mail"}))
    def test_a_job_runs_once_and_says_what_it_did(
        self, run: Run, initialised: Path, name: str
    ) -> None:
        said = run("job", name)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith(f"{name}: ")

    def test_a_job_runs_as_if_at_another_moment_and_the_log_stays_whole(
        self, run: Run, initialised: Path
    ) -> None:
        database = _open(initialised)
        with database.writing(Reach.EVERYTHING) as session:
            make_cast(session)
        runner = RoundRunner(
            database, initialised, datetime.fromisoformat("2026-02-02T09:00+00:00")
        )
        runner.open()
        database.close()
        early = run("job", "close-and-publish", "--at", "2026-02-16T09:59:59+01:00")
        due = run("job", "close-and-publish", "--at", "2026-02-16T10:00+01:00")
        assert (early.out, due.out) == (
            "close-and-publish: 0 published.\n",
            "close-and-publish: 1 published.\n",
        )
        assert run("audit-log", "verify").out.startswith("The chain is whole.\n")


class TestScheduler:
    def test_it_runs_the_timetable_until_it_is_told_to_stop(
        self, run: Run, initialised: Path
    ) -> None:
        started = _start_scheduler()
        assert started.stderr is not None
        assert "This scheduler is at work." in started.stderr.readline()
        first = started.stderr.readline()
        started.terminate()
        _, rest = started.communicate(timeout=60)
        assert json.loads(first)["event"].partition(":")[0] in JOBS
        assert "Traceback" not in rest
        assert started.returncode == 0

    def test_a_second_one_on_the_same_file_takes_over_when_the_first_has_gone(
        self, run: Run, initialised: Path
    ) -> None:
        with (initialised / "scheduler.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            second = _start_scheduler()
            assert second.stderr is not None
            waits = second.stderr.readline()
        works = second.stderr.readline()
        second.terminate()
        second.communicate(timeout=60)
        assert "standing by" in waits
        assert "This scheduler is at work." in works
        assert second.returncode == 0


def _start_scheduler() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from wellbeing.cli import main; main()", "scheduler"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )


class TestPublished:
    @pytest.fixture
    def published(self, initialised: Path, now: datetime) -> Path:
        """The data folder with one published round."""
        database = _open(initialised)
        with database.writing(Reach.EVERYTHING) as session:
            cast = make_cast(session)
        runner = RoundRunner(database, initialised, now)
        round_id = runner.open()
        runner.answer_all(round_id, cast.members_of("team_a"), STEADY)
        runner.answer_all(round_id, cast.members_of("team_b"), WORN)
        assert runner.publish(round_id)
        database.close()
        return initialised

    def test_nothing_published_is_an_empty_list(self, run: Run, initialised: Path) -> None:
        assert json.loads(run("published").out) == {"rounds": []}

    def test_json_holds_what_readers_saw(self, run: Run, published: Path) -> None:
        (record,) = json.loads(run("published", "--format", "json").out)["rounds"]
        assert set(record) == {
            "id", "closed_on", "instrument", "wording", "groups", "rollups", "withheld",
        }  # fmt: skip
        (group,) = (g for g in record["groups"] if g["label"].endswith("Anemonen"))
        assert (group["n"], group["values"]["CS"]["shown"]) == (8, "40")
        assert group["values"]["CS"]["low"] <= 40 <= group["values"]["CS"]["high"]
        assert record["closed_on"] == "2026-02-16"

    def test_csv_holds_the_same(self, run: Run, published: Path) -> None:
        rows = list(csv.DictReader(io.StringIO(run("published", "--format", "csv").out)))
        shown = [row["shown"] for row in rows if row["label"].endswith("Anemonen")]
        assert shown == ["40", "20", "20"]

    def test_no_person_is_in_it(self, run: Run, published: Path) -> None:
        for form in ("json", "csv"):
            said = run("published", "--format", form).out
            assert not any(name in said for name in ("Eva", "Holm", "osterhus.example"))

    def test_the_audit_of_it_holds(self, run: Run, published: Path) -> None:
        said = run("audit")
        assert said.code == 0
        assert said.out.splitlines()[-1] == "The promise holds."

    def test_the_log_of_all_this_is_whole(self, run: Run, published: Path) -> None:
        said = run("audit-log", "verify")
        assert (said.code, said.out.splitlines()[0]) == (0, "The chain is whole.")

    @pytest.mark.parametrize(
        "change",
        [
            {"subject": "another"},
            {"details": {"people": 3}},
            {"by": "person:somebody"},
            {"at": datetime.fromisoformat("2026-02-01T09:00+00:00")},
            {"previous_hash": "0" * 64},
            {"number": 40},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_changed_event_breaks_the_log_where_it_stands(
        self, run: Run, published: Path, change: dict[str, object]
    ) -> None:
        database = _open(published)
        with database.writing(Reach.EVERYTHING) as session:
            session.execute(update(AuditEvent).where(AuditEvent.number == 2).values(change))
        database.close()
        said = run("audit-log", "verify")
        assert (said.code, said.out) == (1, "")
        assert said.err.splitlines()[0] == "The chain breaks at event 2."
