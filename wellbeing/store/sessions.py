"""Connections to the database, each with its reach; reading and writing transactions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from select import POLLIN, poll
from threading import Lock, RLock
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from wellbeing.store.grants import sqlite_authoriser
from wellbeing.store.reach import Reach, role_name
from wellbeing.store.sealed import NoSealer, Sealer, use_sealer

_BUSY_SECONDS = 30
# Where a session keeps the log of deletions, and what its transaction is going to delete.
DELETIONS, NOTED = "deletions", "noted deletions"
# Of a connection to SQLite: whether it does not look at foreign keys now.
_UNCHECKED = "foreign keys unchecked"


class Deletions(Protocol):
    """The log of deletions, as far as a transaction knows it."""

    def append(self, noted: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Keeps what is about to be deleted, or raises."""


class Database:
    """One database with an engine per reach, made when first used; `sealer` has the keys of its
    sealed fields. `schema`: the one of this organisation, where the database holds many; every
    connection then sees that schema alone and is its owner at most.

    SQLite writers send BEGIN IMMEDIATE: with a deferred BEGIN two thirds of concurrent requests
    that read before they wrote were refused as locked.
    """

    def __init__(
        self,
        url: str,
        sealer: Sealer | None = None,
        *,
        durable: bool = True,
        deletions: Deletions | None = None,
        schema: str = "",
    ) -> None:
        self.url = make_url(url)
        self.schema = "" if self.is_sqlite else schema
        self.sealer = sealer or NoSealer()
        self._deletions = deletions
        self._durable = durable
        self._engines: dict[tuple[Reach, bool], Engine] = {}
        self._making = Lock()
        self._turn = RLock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    def engine(self, reach: Reach, *, read_only: bool = False) -> Engine:
        """The engine of a reach; its connections can touch nothing beyond it, or only read it."""
        # Two threads that both make one would leave the first one's connections open for ever.
        with self._making:
            return self._find_engine(reach, read_only)

    def engines(self, reach: Reach) -> list[Engine]:
        """Whatever statements of a reach go through."""
        reader = [self.engine(reach, read_only=True)] if self._reads_apart(reach) else []
        return [self.engine(reach), *reader]

    def _find_engine(self, reach: Reach, read_only: bool) -> Engine:
        found = self._engines.get((reach, read_only))
        if found is None:
            if read_only and not self._reads_apart(reach):
                # The same connections: the server is told anew at the beginning of a transaction.
                writer = self._find_engine(reach, False)
                found = writer.execution_options(postgresql_readonly=True)
            else:
                found = self._make_engine(reach, read_only)
                use_sealer(found, self.sealer)
            self._engines[reach, read_only] = found
        return found

    def _reads_apart(self, reach: Reach) -> bool:
        """Whether readers have connections of their own. On PostgreSQL only those who look up who
        asks, by one statement at every request: they begin no transaction, two round trips less.
        """
        return self.is_sqlite or reach is Reach.SIGN_IN

    @contextmanager
    def reading(self, reach: Reach) -> Iterator[Session]:
        """A session for one read-only transaction; the database refuses a write."""
        engine = self.engine(reach, read_only=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, reach: Reach) -> Iterator[Session]:
        """A session for one transaction, committed at the end or rolled back on any error.

        What it notes as deleted is in the log of deletions before it commits.
        """
        info: dict[Any, Any] = {DELETIONS: self._deletions, NOTED: []}
        engine = self.engine(reach)
        with (
            self._turn_to_write(),
            Session(engine, expire_on_commit=False, info=info) as session,
            session.begin(),
        ):
            yield session
            if session.info[NOTED] and self._deletions is not None:
                session.flush()
                self._deletions.append(session.info[NOTED])

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """The threads of a process stand in line for the one writer that SQLite has.

        SQLite lets those who wait sleep and ask again, longer each time: whoever asks at the right
        moment comes first, and some come late. Other processes are still waited for that way.
        """
        has_turn = self.is_sqlite and self._turn.acquire(timeout=_BUSY_SECONDS)
        try:
            yield
        finally:
            if has_turn:
                self._turn.release()

    def scrub(self, *tables: str) -> None:
        """Rewrites tables on disk so that deleted rows and old orders are gone from its files."""
        engine = self.engine(Reach.EVERYTHING)
        if self.is_sqlite:
            # No isolation level is set here: giving the connection back would undo our own.
            with engine.connect().execution_options(wellbeing_autocommit=True) as connection:
                connection.execute(text("VACUUM"))
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all()
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # The planner's statistics are samples of what stood in the tables.
            for table in (*tables, "pg_catalog.pg_statistic"):
                connection.execute(text(f"VACUUM FULL {table}"))

    def lone_engine(self) -> Engine:
        """Of PostgreSQL: each connection is a session of its own in autocommit, never pooled, and a
        network that fell silent is noticed in seconds.
        """
        silence = {
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        }
        engine = create_engine(
            self.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=self._connect_options(read_only=False) | silence,
            hide_parameters=True,
        )
        if self.schema:
            role = role_name(Reach.EVERYTHING, self.schema)
            event.listen(engine, "connect", _take_role(role), insert=True)
        return engine

    def forget_connections(self) -> None:
        """In a process just forked: the pools are made anew, the parent's connections untouched."""
        for engine in self._engines.values():
            engine.dispose(close=False)

    def rest(self) -> None:
        """Closes the connections that nobody uses; what was learnt of statements is kept."""
        for engine in self._engines.values():
            engine.dispose()

    def close(self) -> None:
        """Closes every pooled connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()

    def _make_engine(self, reach: Reach, read_only: bool) -> Engine:
        if self.is_sqlite:
            return self._make_sqlite_engine(reach, read_only)
        engine = create_engine(
            self.url,
            connect_args=self._connect_options(read_only),
            # Of many organisations most are quiet: each keeps a connection ready, not ten.
            pool_size=1 if self.schema else 10,
            max_overflow=10,
            hide_parameters=True,
        )
        event.listen(engine, "checkout", _check_still_there)
        if self.schema or reach is not Reach.EVERYTHING:
            # First of all: a login itself may not even look where it is.
            event.listen(engine, "connect", _take_role(role_name(reach, self.schema)), insert=True)
        return engine

    def _connect_options(self, read_only: bool) -> dict[str, Any]:
        options = [str(self.url.query.get("options", ""))]
        if self.schema:
            # Not even `public`: a table that is missing here is found nowhere else.
            options.append(f"-csearch_path={self.schema},pg_temp")
        if read_only:
            options.append("-cdefault_transaction_read_only=on")
        return {"options": " ".join(options).strip(), "autocommit": read_only}

    def _make_sqlite_engine(self, reach: Reach, read_only: bool) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            connect_args={"timeout": _BUSY_SECONDS},
            pool_size=10,
            hide_parameters=True,
        )
        prepare = _prepare_sqlite(reach, durable=self._durable, read_only=read_only)
        event.listen(engine, "connect", prepare)
        event.listen(engine, "begin", _begin_reading if read_only else _begin_writing)
        return engine


def _take_role(role: str) -> Any:
    def take(dbapi_connection: Any, _record: Any) -> None:
        with dbapi_connection.cursor() as cursor:
            cursor.execute(f"SET SESSION ROLE {role}")
        dbapi_connection.commit()

    return take


def _check_still_there(dbapi_connection: Any, *_: Any) -> None:
    """Has the pool make a new connection where the server has closed this one.

    An idle connection has nothing to be read: what is there is the end, or what was said before
    it. Asking the socket costs a microsecond, asking the server a round trip at every checkout.
    """
    waiting = poll()
    waiting.register(dbapi_connection.fileno(), POLLIN)
    if waiting.poll(0):
        raise DisconnectionError("The server has closed the connection.")


def _prepare_sqlite(reach: Reach, *, durable: bool, read_only: bool) -> Any:
    # Once a connection: each such statement makes SQLite forget every statement it has prepared.
    pragmas = (
        "journal_mode = WAL",
        f"synchronous = {'FULL' if durable else 'OFF'}",
        "foreign_keys = ON",
        "secure_delete = ON",
        "trusted_schema = OFF",
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        f"query_only = {int(read_only)}",
    )

    def prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in pragmas:
            dbapi_connection.execute(f"PRAGMA {pragma}")
        if reach is not Reach.EVERYTHING:
            dbapi_connection.set_authorizer(sqlite_authoriser(reach))

    return prepare


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("wellbeing_autocommit"):
        return
    # Tables are made anew with the old one dropped: with foreign keys on, that deletes its rows.
    unchecked = bool(options.get("wellbeing_changes_tables"))
    if unchecked != connection.info.get(_UNCHECKED, False):
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(not unchecked)}")
        connection.info[_UNCHECKED] = unchecked
    connection.exec_driver_sql("BEGIN IMMEDIATE")
