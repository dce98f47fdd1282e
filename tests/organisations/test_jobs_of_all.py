"""One scheduler for many organisations: each gets its own jobs, and one's trouble is its own."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from jobs.all_organisations import AllOrganisations, paced
from jobs.context import JobContext
from jobs.timetable import JOBS, Entry
from tests.organisations.houses import NORD, SYD, Houses
from wellbeing.commands.kept_open import KeptOpen
from wellbeing.store.audit import JobClaim
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@dataclass
class Turns:
    """What ran where, and a clock that a test sets."""

    houses: Houses
    stop: Event = field(default_factory=Event)
    moment: datetime = datetime(2026, 2, 2, 9, tzinfo=UTC)
    ran: list[tuple[str, str]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)

    def entry(self, name: str, run: Callable[[JobContext], str] = lambda _: "") -> Entry:
        """A job once a minute that notes where it ran."""

        def note(context: JobContext) -> str:
            self.ran.append((context.settings.data.name, name))
            return run(context)

        return Entry(name, note, 60)

    @contextmanager
    def open_one(self, name: str) -> Iterator[JobContext]:
        if name in self.closed:
            raise OSError("its disk is gone")
        settings = self.houses.settings(name)
        database = Database(settings.effective_database_url, durable=False)
        yield JobContext(database, settings, lambda: self.moment)
        database.close()

    def run(self, *timetable: Entry, turns: int) -> None:
        """Goes round a few times, the clock moving on by a minute each time."""

        def find() -> list[str]:
            nonlocal turns
            while scheduler._busy:
                sleep(0.01)
            self.moment += timedelta(minutes=1)
            turns -= 1
            if turns < 0:
                self.stop.set()
                return []
            return [NORD, SYD]

        scheduler = AllOrganisations(find, self.open_one, lambda: self.moment, 1, timetable)
        scheduler.run_until(self.stop)


@pytest.fixture
def turns(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Turns:
    monkeypatch.setattr("jobs.all_organisations._LOOK_SECONDS", 0)
    for name in (NORD, SYD):
        (tmp_path / name).mkdir()
        (tmp_path / name / "settings.toml").write_text(f'base_url = "http://{name}.example"\n')
        (tmp_path / name / "wellbeing.db").write_bytes(migrated_sqlite.read_bytes())
    return Turns(Houses(tmp_path))


def test_each_gets_every_job_once_a_slot_on_its_own_database(turns: Turns) -> None:
    turns.run(turns.entry("a"), turns.entry("b"), turns=2)
    assert sorted(turns.ran) == sorted((o, j) for o in (NORD, SYD) for j in "ab" for _ in range(2))


def test_what_fails_in_one_is_logged_and_neither_its_other_jobs_nor_others_stop(
    turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(context: JobContext) -> str:
        if context.settings.data.name == NORD:
            raise ValueError("of nord")
        return ""

    turns.run(turns.entry("a", fail), turns.entry("b"), turns=1)
    assert sorted(turns.ran) == [(NORD, "a"), (NORD, "b"), (SYD, "a"), (SYD, "b")]
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == ["nord: a failed"]


def test_one_that_cannot_be_opened_is_tried_again_at_its_next_turn(
    turns: Turns, caplog: pytest.LogCaptureFixture
) -> None:
    turns.closed = {NORD}
    turns.run(turns.entry("a"), turns=1)
    assert turns.ran == [(SYD, "a")]
    assert "nord: its jobs cannot run: its disk is gone" in caplog.text
    turns.closed, turns.stop = set(), Event()
    turns.run(turns.entry("a"), turns=1)
    assert turns.ran.count((NORD, "a")) == 1


def test_keys_that_two_people_give_come_to_the_process_that_publishes(turns: Turns) -> None:
    seen: list[object] = []

    def note(context: JobContext) -> str:
        seen.append(context.handover)
        return ""

    turns.run(turns.entry("a", note), turns=2)
    assert len(seen) == 4
    assert len({id(each) for each in seen}) == 2  # one an organisation, turn after turn
    assert not list(turns.houses.folder.glob("*/keys/handover.*"))  # withdrawn at the end


def test_a_pace_makes_frequent_jobs_rarer_and_no_rare_one_more_frequent() -> None:
    found = {entry.name: entry.every_seconds for entry in paced(300)}
    assert found.keys() == JOBS.keys()
    assert (found["deliver-mail"], found["open-rounds"]) == (300, 300)
    assert found["retention"] == JOBS["retention"].every_seconds == 3600


def test_the_command_runs_them_all_until_it_is_told_to_stop(tmp_path: Path) -> None:
    houses = Houses(tmp_path)
    for name in (NORD, SYD):
        houses.add(name)
    (tmp_path / "vest").mkdir()
    (tmp_path / "vest" / "settings.toml").write_text("base_url = 'http://vest.example'\n")
    environment = {**os.environ, **{name: str(v) for name, v in houses.environment.items()}}
    command = "from wellbeing.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "scheduler", "--all-organisations"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(900):
            if all(_jobs_run(houses, name) == set(JOBS) for name in (NORD, SYD)):
                break
            sleep(0.1)
        else:
            raise AssertionError("some jobs did not run")
    finally:
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "vest: its jobs cannot run: wellbeing.domain.errors.BadInput" in said
    assert "Traceback" not in said
    assert not list(tmp_path.glob("*/keys/handover.*"))


def _jobs_run(houses: Houses, name: str) -> set[str]:
    with houses.opened(name) as database, database.reading(Reach.EVERYTHING) as session:
        return set(session.scalars(select(JobClaim.job)))


def test_after_a_fault_an_organisation_is_opened_anew(tmp_path: Path) -> None:
    houses = Houses(tmp_path)
    houses.add(NORD)
    with CliRunner().isolation(env=houses.environment), KeptOpen() as kept:
        with kept.open_one(NORD) as first:
            pass
        with pytest.raises(ValueError, match="a fault"), kept.open_one(NORD) as same:
            raise ValueError("a fault")
        with kept.open_one(NORD) as another:
            pass
    assert same is first
    assert another is not first
