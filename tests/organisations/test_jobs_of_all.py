"""One scheduler for many organisations: each gets its own jobs, and one's trouble is its own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from jobs.all_organisations import AllOrganisations
from jobs.context import JobContext
from jobs.timetable import Entry
from tests.organisations.houses import NORD, SYD, Houses
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
