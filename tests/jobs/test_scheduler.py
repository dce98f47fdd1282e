"""Every run is claimed once, one scheduler is at work, and a failing job stops nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import select, update

from jobs import scheduler
from jobs.context import JobContext
from jobs.election import election
from jobs.scheduler import claim, run_claimed, run_until
from jobs.timetable import TIMETABLE, Entry
from tests.clock import InventedClock
from tests.jobs.conftest import House
from tests.waiting import wait_until
from wellbeing.clock import utc_now
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.audit import JobClaim
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def context(house: House) -> JobContext:
    """The house seen by the scheduler, in real time."""
    return JobContext(house.database, house.context.settings, utc_now)


@pytest.fixture
def sqlite_context(sqlite_database: Database, tmp_path: Path) -> JobContext:
    """An empty house, in real time."""
    return JobContext(sqlite_database, Settings(data=tmp_path), utc_now)


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


def test_a_clock_that_was_put_back_goes_on_working_at_once(house: House) -> None:
    entry = _counting([])
    for _ in range(3):
        assert claim(house.context, entry)
        house.clock.forward(minutes=30)
    house.clock.forward(hours=-1, minutes=-30)
    assert claim(house.context, entry)
    assert not claim(house.context, entry), "once a slot holds for the repeated hour, too"
    house.clock.forward(minutes=30)
    assert claim(house.context, entry)


def test_a_slot_just_ahead_is_no_sign_of_a_clock_that_was_put_back(house: House) -> None:
    entry = _counting([])
    claim(house.context, entry)
    house.clock.forward(seconds=60)
    claim(house.context, entry)
    house.clock.forward(seconds=-60)
    assert not claim(house.context, entry)


def test_a_job_cut_short_is_run_in_the_next_slot(house: House) -> None:
    """A kill leaves what a KeyboardInterrupt leaves: the claim, and nothing of the work."""
    runs = list[str]()

    def cut_short(context: JobContext) -> str:
        with context.database.writing(Reach.EVERYTHING) as session:
            session.execute(update(Person).values(reminders_stopped=True))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_claimed(house.context, Entry("count", cut_short, 60))
    assert run_claimed(house.context, _counting(runs)) is None
    house.clock.forward(seconds=60)
    assert run_claimed(house.context, _counting(runs)) == "counted."
    with house.database.reading(Reach.EVERYTHING) as session:
        assert set(session.scalars(select(Person.reminders_stopped))) == {False}


def test_of_two_locks_one_is_taken_until_it_is_given_back(context: JobContext) -> None:
    with (
        election(context.database, context.settings) as one,
        election(context.database, context.settings) as other,
    ):
        assert one.take()
        assert not other.take()
        assert (one.is_held(), other.is_held()) == (True, False)
        one.release()
        assert other.take()
        assert (one.is_held(), other.is_held()) == (False, True)


@on_postgresql
@pytest.mark.parametrize("how", ["pg_terminate_backend", "silence"])
def test_a_holder_that_the_server_cut_off_runs_nothing_more(
    context: JobContext, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("jobs.election.SILENT_SECONDS", 1 if how == "silence" else 60)
    runs = list[str]()
    with (
        election(context.database, context.settings) as paused,
        election(context.database, context.settings) as other,
    ):
        assert paused.take()
        if how == "pg_terminate_backend":
            _end_sessions_with_locks(context.database)
        wait_until(other.take)
        assert run_claimed(context, _counting(runs), paused) is None
        assert run_claimed(context, _counting(runs), other) == "counted."
        assert not paused.is_held()
        assert not paused.take()
        other.release()
        assert paused.take()
    assert runs == ["count"]


def test_whoever_loses_the_lock_stands_by_and_comes_back(
    context: JobContext, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.02)
    runs = list[str]()
    with (
        caplog.at_level(logging.INFO, "wellbeing.jobs"),
        _working(context, Entry("count", _counting(runs).run, 1)),
    ):
        wait_until(lambda: runs)
        if not context.database.is_sqlite:
            _end_sessions_with_locks(context.database)
            wait_until(lambda: "lost its lock" in caplog.text)
            wait_until(lambda: caplog.text.count("is at work.") == 2)
            seen = len(runs)
            wait_until(lambda: len(runs) > seen)


@pytest.mark.asvs("16.3.4")
def test_a_job_that_fails_is_logged_and_stops_neither_itself_nor_others(
    sqlite_context: JobContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.02)
    failures, successes = list[int](), list[int]()

    def fail(context: JobContext) -> str:
        failures.append(1)
        raise RuntimeError("this job is broken")

    def work(context: JobContext) -> str:
        successes.append(1)
        return "worked."

    entries = (Entry("broken", fail, 1), Entry("whole", work, 1))
    with caplog.at_level(logging.INFO), _working(sqlite_context, *entries):
        wait_until(lambda: len(failures) > 1 and len(successes) > 1)
    assert "whole: worked." in caplog.text
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert errors
    assert "this job is broken" in caplog.text


def test_a_job_that_takes_long_holds_up_no_other_and_never_runs_beside_itself(
    sqlite_context: JobContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.02)
    go_on, begun, others = Event(), list[int](), list[str]()

    def take_long(context: JobContext) -> str:
        begun.append(1)
        go_on.wait()
        return "done."

    entries = (Entry("long", take_long, 1), Entry("quick", _counting(others).run, 1))
    with caplog.at_level(logging.INFO), _working(sqlite_context, *entries):
        wait_until(lambda: len(others) > 2)
        assert len(begun) == 1
        assert caplog.text.count("long is still running") == 1
        go_on.set()
        wait_until(lambda: len(begun) > 1)


def test_every_job_of_the_timetable_runs_at_once_and_the_scheduler_ends_when_told(
    sqlite_context: JobContext, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO, "wellbeing.jobs"),
        _working(sqlite_context, *TIMETABLE),
    ):
        wait_until(lambda: len(caplog.messages) > len(TIMETABLE))
    said = {message.partition(":")[0] for message in caplog.messages[1:]}
    assert said == {entry.name for entry in TIMETABLE}


@contextmanager
def _working(context: JobContext, *entries: Entry) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=run_until, args=(context, stop), kwargs={"entries": entries})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def _end_sessions_with_locks(database: Database) -> None:
    with database.engine(Reach.EVERYTHING).begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def test_an_invented_clock_claims_its_own_slots(house: House) -> None:
    assert isinstance(house.clock, InventedClock)
    assert claim(house.context, TIMETABLE[0])
    with house.database.reading(Reach.EVERYTHING) as session:
        (slot,) = session.scalars(select(JobClaim.slot))
    assert slot == house.clock.now()
