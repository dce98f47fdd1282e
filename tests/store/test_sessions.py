"""Transactions on the embedded database, many at once, and what errors and upkeep leave behind."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from wellbeing.store.accounts import Person, PersonStatus, RateCount
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

THREADS, TIMES = 8, 50
ENDS = datetime(2030, 1, 1, tzinfo=UTC)


def _add_counter(database: Database) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(RateCount(key_hash="counter", count=0, expires_at=ENDS))


def _count(database: Database) -> int:
    with database.reading(Reach.EVERYTHING) as session:
        return session.get_one(RateCount, "counter").count


def _run_at_once(work: object) -> None:
    assert callable(work)
    together = Barrier(THREADS)

    def run(_: int) -> None:
        together.wait()
        work()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def test_many_who_read_and_then_write_lose_no_update_and_none_is_locked_out(
    sqlite_database: Database,
) -> None:
    _add_counter(sqlite_database)

    def count_up() -> None:
        for _ in range(TIMES):
            with sqlite_database.writing(Reach.EVERYTHING) as session:
                session.get_one(RateCount, "counter").count += 1

    _run_at_once(count_up)
    assert _count(sqlite_database) == THREADS * TIMES


def test_readers_see_whole_transactions_while_others_write(sqlite_database: Database) -> None:
    _add_counter(sqlite_database)
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.add(RateCount(key_hash="twin", count=0, expires_at=ENDS))

    def write_both_or_compare() -> None:
        for _ in range(10):
            with sqlite_database.writing(Reach.EVERYTHING) as session:
                for key in ("counter", "twin"):
                    session.get_one(RateCount, key).count += 1
            with sqlite_database.reading(Reach.EVERYTHING) as session:
                assert len(set(session.scalars(select(RateCount.count)))) == 1

    _run_at_once(write_both_or_compare)


def test_many_who_are_first_at_once_share_one_pool(sqlite_database: Database) -> None:
    for reach in Reach:
        seen: list[Engine] = []
        _run_at_once(lambda reach=reach, seen=seen: seen.append(sqlite_database.engine(reach)))
        assert len({id(engine) for engine in seen}) == 1


def test_an_error_rolls_everything_back(database: Database) -> None:
    def fail_late() -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.add(RateCount(key_hash="a", count=0, expires_at=ENDS))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(RateCount)).all() == []


def test_what_a_failed_statement_was_to_store_is_not_in_the_error(database: Database) -> None:
    row = {"id": None, "employee_number": "1", "status": PersonStatus.ACTIVE}
    with pytest.raises(DBAPIError) as told, database.writing(Reach.EVERYTHING) as session:
        session.execute(insert(Person), [{**row, "language": None, "reminders_stopped": False}])
    assert "hide_parameters" in str(told.value)
    assert "Eva" not in str(told.value).partition("DETAIL")[0]


def test_scrubbing_works_on_a_connection_that_has_only_read(database: Database) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        session.execute(select(RateCount))
    database.scrub("rate_count")


def test_a_transaction_after_scrubbing_is_still_one(sqlite_database: Database) -> None:
    sqlite_database.scrub()
    connection = sqlite_database.engine(Reach.EVERYTHING).raw_connection()
    assert connection.dbapi_connection is not None
    assert connection.dbapi_connection.isolation_level is None
    connection.close()
    _add_counter(sqlite_database)
    assert _count(sqlite_database) == 0


def test_deleted_rows_are_gone_from_the_files_after_scrubbing(sqlite_database: Database) -> None:
    path = Path(str(sqlite_database.url.database))
    key = "a-key-that-is-easy-to-find-again"
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.add(RateCount(key_hash=key, count=0, expires_at=ENDS))
    assert _occurs(key, path)
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(RateCount))
    sqlite_database.scrub()
    assert not _occurs(key, path)


def test_deleted_rows_are_overwritten_even_without_scrubbing(sqlite_database: Database) -> None:
    path = Path(str(sqlite_database.url.database))
    key = "a-key-that-is-easy-to-find-again"
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.add(RateCount(key_hash=key, count=0, expires_at=ENDS))
    sqlite_database.close()
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(RateCount))
    sqlite_database.close()
    assert not _occurs(key, path)


def _occurs(key: str, path: Path) -> bool:
    return any(key.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


@pytest.mark.asvs("16.2.2")
def test_a_moment_comes_back_in_utc(database: Database) -> None:
    moment = datetime.fromisoformat("2026-03-29T03:30:00.123456+02:00")
    with database.writing(Reach.EVERYTHING) as session:
        session.add(RateCount(key_hash="a", count=0, expires_at=moment))
    with database.reading(Reach.EVERYTHING) as session:
        found = session.get_one(RateCount, "a").expires_at
    assert (found, found.utcoffset()) == (moment, timedelta(0))


@pytest.mark.asvs("16.2.2")
def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 29, 3, 30)  # noqa: DTZ001 - that is what is refused
    with (
        pytest.raises(StatementError, match="needs a time zone"),
        database.writing(Reach.EVERYTHING) as session,
    ):
        session.execute(insert(RateCount).values(key_hash="b", count=0, expires_at=naive))


def test_foreign_keys_are_kept_on_both_databases(database: Database) -> None:
    with pytest.raises(DBAPIError), database.writing(Reach.EVERYTHING) as session:
        session.execute(
            text("INSERT INTO credential (person_id, password_hash) VALUES (:id, 'x')"),
            {"id": "00000000000000000000000000000001"},
        )


def test_a_process_just_forked_uses_no_connection_of_its_parent(
    postgresql_database: Database,
) -> None:
    """As in a worker of a server that made the application before it forked."""

    def backend() -> int:
        with postgresql_database.reading(Reach.EVERYTHING) as session:
            return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())

    own = backend()
    assert backend() == own, "the pool keeps it"
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            postgresql_database.forget_connections()
            os.write(write, str(backend()).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as said:
        assert int(said.read()) != own
    assert backend() == own


def test_a_connection_that_the_server_has_closed_is_replaced(
    postgresql_database: Database,
) -> None:
    who = text("SELECT pg_backend_pid()")
    with postgresql_database.reading(Reach.EVERYTHING) as session:
        first = session.scalar(who)
    other = Database(postgresql_database.url.render_as_string(hide_password=False))
    with other.writing(Reach.EVERYTHING) as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
    other.close()
    with postgresql_database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(who) != first


@pytest.mark.parametrize("reach", [reach for reach in Reach if reach is not Reach.EVERYTHING])
def test_a_connection_that_only_reads_cannot_be_turned(
    sqlite_database: Database, reach: Reach
) -> None:
    with (
        pytest.raises(DBAPIError, match="not authorized"),
        sqlite_database.reading(reach) as session,
    ):
        session.execute(text("PRAGMA query_only = 0"))


def test_reading_after_writing_still_refuses_to_write(database: Database) -> None:
    for _ in range(2):
        with database.writing(Reach.EVERYTHING) as session:
            session.execute(delete(RateCount))
        with pytest.raises(DBAPIError), database.reading(Reach.EVERYTHING) as session:
            session.execute(delete(RateCount))


def test_a_writer_waits_for_its_turn_and_readers_do_not(sqlite_database: Database) -> None:
    written: list[str] = []

    def write() -> None:
        _add_counter(sqlite_database)
        written.append("the second")

    with ThreadPoolExecutor(1) as pool:
        with sqlite_database.writing(Reach.EVERYTHING):
            waiting = pool.submit(write)
            with sqlite_database.reading(Reach.EVERYTHING) as session:
                assert session.scalars(select(RateCount.count)).all() == []
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
            written.append("the first")
        waiting.result(timeout=30)
    assert written == ["the first", "the second"]


def test_a_writer_that_fails_gives_its_turn_away(sqlite_database: Database) -> None:
    with pytest.raises(RuntimeError), sqlite_database.writing(Reach.EVERYTHING):
        raise RuntimeError
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_add_counter, sqlite_database).result(timeout=5)


@pytest.mark.parametrize("reach", [Reach.SIGN_IN, Reach.EVERYTHING])
def test_who_reads_cannot_write(database: Database, reach: Reach) -> None:
    counter = {"key_hash": "counter", "count": 0, "expires_at": ENDS}
    with database.reading(reach) as session, pytest.raises(DBAPIError, match=r"read.?only"):
        session.execute(insert(RateCount).values(counter))
    assert _has_no_counter(database)


def test_looking_up_who_asks_begins_no_transaction_on_postgresql(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite begins one for every reader, without a round trip")
    with database.reading(Reach.SIGN_IN) as session:
        session.execute(select(RateCount.count)).all()
        driver = session.connection().connection.driver_connection
        assert driver is not None
        assert driver.info.transaction_status is TransactionStatus.IDLE


def _has_no_counter(database: Database) -> bool:
    with database.reading(Reach.EVERYTHING) as session:
        return session.get(RateCount, "counter") is None
