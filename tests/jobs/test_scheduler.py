"""Every run is claimed once, one scheduler works on a file, and a failing job stops nothing."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import select

from jobs import scheduler
from jobs.context import JobContext
from jobs.scheduler import claim, only_scheduler, run_claimed, run_until, start_scheduler
from jobs.timetable import TIMETABLE, Entry
from tests.clock import InventedClock
from tests.jobs.conftest import House
from wellbeing.clock import utc_now
from wellbeing.settings import Settings
from wellbeing.store.audit import JobClaim
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def context(house: House) -> JobContext:
    """The house seen by the scheduler, in real time."""
    return JobContext(house.database, house.context.settings, utc_now)


def _counting(runs: list[str], name: str = "count") -> Entry:
    def run(context: JobContext) -> str:
        runs.append(name)
        return "counted."

    return Entry(name, run, 60)


def test_two_schedulers_at_once_run_a_slot_once(house: House) -> None:
    runs, together = list[str](), Barrier(4)
    entry = _counting(runs)

    def schedule() -> None:
        together.wait()
        own = Database(house.context.settings.database_url, durable=False)
        run_claimed(JobContext(own, house.context.settings, house.clock.now), entry)
        own.close()

    threads = [Thread(target=schedule) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == ["count"]


def test_the_next_slot_and_another_job_are_claimed_anew(house: House) -> None:
    runs = list[str]()
    one, other = _counting(runs, "one"), _counting(runs, "other")
    assert run_claimed(house.context, one) == "counted."
    assert run_claimed(house.context, one) is None
    assert run_claimed(house.context, other) == "counted."
    house.clock.forward(seconds=60)
    assert run_claimed(house.context, one) == "counted."
    assert runs == ["one", "other", "one"]


def test_a_claim_is_kept_when_its_job_fails_so_that_the_next_slot_tries_again(
    house: House,
) -> None:
    def fail(context: JobContext) -> str:
        raise RuntimeError

    entry = Entry("fail", fail, 60)
    with pytest.raises(RuntimeError):
        run_claimed(house.context, entry)
    assert not claim(house.context, entry)
    house.clock.forward(seconds=60)
    assert claim(house.context, entry)


def test_old_claims_are_deleted_and_new_ones_kept(house: House) -> None:
    entry = _counting([])
    claim(house.context, entry)
    house.clock.forward(days=15)
    claim(house.context, entry)
    house.run_all()
    with house.database.reading(Reach.EVERYTHING) as session:
        (slot,) = session.scalars(select(JobClaim.slot))
    assert house.clock.now() - slot < timedelta(minutes=1)


def test_on_a_file_the_second_scheduler_steps_back_until_the_first_has_gone(
    sqlite_database: Database, house_settings: Settings
) -> None:
    context = JobContext(sqlite_database, house_settings, utc_now)
    with only_scheduler(context) as first:
        assert first
        with only_scheduler(context) as second:
            assert not second
        assert not run_until(context, Event())
    with only_scheduler(context) as third:
        assert third


def test_on_a_server_several_schedulers_may_stand_by(
    postgresql_database: Database, house_settings: Settings
) -> None:
    context = JobContext(postgresql_database, house_settings, utc_now)
    with only_scheduler(context) as first, only_scheduler(context) as second:
        assert first
        assert second


@pytest.fixture
def house_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a data folder."""
    return Settings(data=tmp_path_factory.mktemp("data"))


@pytest.fixture
def running() -> Iterator[list[BackgroundScheduler]]:
    """Schedulers to be shut down at the end."""
    started: list[BackgroundScheduler] = []
    yield started
    for one in started:
        one.shutdown()


@pytest.mark.asvs("16.3.4")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_job_that_fails_is_logged_and_stops_neither_itself_nor_others(
    context: JobContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    running: list[BackgroundScheduler],
) -> None:
    failures, successes = list[int](), list[int]()
    enough = Event()

    def fail(context: JobContext) -> str:
        failures.append(1)
        raise RuntimeError("this job is broken")

    def work(context: JobContext) -> str:
        successes.append(1)
        if len(failures) > 1 and len(successes) > 1:
            enough.set()
        return "worked."

    entries = (Entry("broken", fail, 1), Entry("whole", work, 1))
    monkeypatch.setattr(scheduler, "TIMETABLE", entries)
    with caplog.at_level(logging.INFO):
        running.append(start_scheduler(context))
        assert enough.wait(10)
    assert "whole: worked." in caplog.text
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert errors
    assert "this job is broken" in caplog.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_job_of_the_timetable_runs_at_once_and_the_scheduler_ends_when_told(
    context: JobContext, caplog: pytest.LogCaptureFixture
) -> None:
    stop, ended = Event(), list[bool]()
    with caplog.at_level(logging.INFO, "wellbeing.jobs"):
        thread = Thread(target=lambda: ended.append(run_until(context, stop)))
        thread.start()
        while len(caplog.messages) < len(TIMETABLE) and thread.is_alive():
            thread.join(0.02)
        stop.set()
        thread.join()
    assert ended == [True]
    assert {message.partition(":")[0] for message in caplog.messages} == {
        entry.name for entry in TIMETABLE
    }


def test_an_invented_clock_claims_its_own_slots(house: House) -> None:
    assert isinstance(house.clock, InventedClock)
    assert claim(house.context, TIMETABLE[0])
    with house.database.reading(Reach.EVERYTHING) as session:
        (slot,) = session.scalars(select(JobClaim.slot))
    assert slot == house.clock.now()
