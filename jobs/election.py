"""Which of several schedulers is at work: a lock that ends with its holder, held by one of them.

On PostgreSQL it is an advisory lock of a session on a connection of its own, so it ends when the
process dies, when the server restarts, and when the connection is cut. A process that was paused
for long would keep its connection: the server closes one that is silent for `SILENT_SECONDS`. On
SQLite it is a lock on a file, which the system takes back when the process ends.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TextIO

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from wellbeing.settings import Settings
from wellbeing.store.sessions import Database

SILENT_SECONDS = 15
log = logging.getLogger("wellbeing.jobs")

_PREPARE = text(
    "SELECT set_config('idle_session_timeout', :silent, false)"
    " WHERE current_setting('server_version_num')::int >= 140000"
)
# Locks belong to one database; the schema tells the organisations in it apart.
_TAKE = text(
    "SELECT pg_backend_pid(), pg_try_advisory_lock("
    "hashtextextended('wellbeing scheduler ' || current_schema(), 0))"
)
_IS_HELD = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = :pid)"
)


class Lock(Protocol):
    """What makes one scheduler the one at work."""

    def take(self) -> bool:
        """Tries once; False while another has it or the database does not answer."""
        ...

    def is_held(self) -> bool:
        """Asked often by the holder, which must stop when it is False. Keeps the lock alive."""
        ...

    def is_held_within(self, session: Session) -> bool:
        """The same, asked inside a transaction, also from other threads."""
        ...

    def release(self) -> None:
        """Lets another have it; again is fine."""
        ...


class ServerLock:
    """An advisory lock of PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._engine = database.lone_engine()
        self._connection: Connection | None = None
        self._pid = 0
        self._is_taken = False

    def take(self) -> bool:
        """One try; the connection stays for the next."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                self._connection.execute(_PREPARE, {"silent": f"{SILENT_SECONDS}s"})
            self._pid, self._is_taken = self._connection.execute(_TAKE).one()
        except DBAPIError as fault:
            self._let_go(fault)
        return self._is_taken

    def is_held(self) -> bool:
        """Whether the session that has the lock still lives."""
        if self._connection is not None and self._is_taken:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError as fault:
                self._let_go(fault)
        return self._is_taken

    def is_held_within(self, session: Session) -> bool:
        """Whether the server still has the lock of the session that took it."""
        return bool(session.scalar(_IS_HELD, {"pid": self._pid}))

    def release(self) -> None:
        """Ends the session, and the lock with it."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
            with suppress(DBAPIError):
                self._connection.close()
        self._connection, self._is_taken = None, False

    def _let_go(self, fault: DBAPIError) -> None:
        log.warning("The connection that elects the scheduler broke: %s.", type(fault).__name__)
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection, self._is_taken = None, False


class FileLock:
    """A lock on a file beside the embedded database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def take(self) -> bool:
        """One try."""
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def is_held(self) -> bool:
        """Nothing takes it away from a process that lives."""
        return self._file is not None

    def is_held_within(self, session: Session) -> bool:  # noqa: ARG002
        """The same."""
        return self.is_held()

    def release(self) -> None:
        """Closes the file, and gives the lock back with it."""
        if self._file is not None:
            self._file.close()
        self._file = None


@contextmanager
def election(database: Database, settings: Settings) -> Iterator[Lock]:
    """The lock of this database's scheduler, not taken yet; released at the end."""
    is_file = database.is_sqlite
    lock = FileLock(settings.data / "scheduler.lock") if is_file else ServerLock(database)
    try:
        yield lock
    finally:
        lock.release()
