"""Real databases for tests: SQLite files copied from one migrated file, and a throw-away
PostgreSQL server whose databases are copied from one migrated template."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

TEMPLATE = "wellbeing_template"
_ROOM = 6 * 1024**3


def find_postgresql() -> Path | None:
    """The folder with initdb and pg_ctl, newest first; None where PostgreSQL is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).parent] if on_path else [])]
    return next((f for f in candidates if (f / "initdb").exists()), None)


def find_quick_folder() -> Path | None:
    """A folder in memory with room for the databases of all test processes; None where there is
    none: everything then takes a few times as long on a disk.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        return None
    return memory if shutil.disk_usage(memory).free > _ROOM else None


class PostgreSQLServer:
    """A server in a temporary folder, reached by a Unix socket; without fsync unless `durable`.

    `small`: it fits on a disk of some hundred megabytes.
    """

    def __init__(
        self, binaries: Path, folder: Path, *, durable: bool = False, small: bool = False
    ) -> None:
        self._binaries = binaries
        self.folder = folder
        self._durable = durable
        self._small = small
        self._as_user = _unprivileged_user()

    def start(self) -> None:
        """Makes the cluster and starts it; raises CalledProcessError with its output."""
        if self._as_user:
            shutil.chown(self.folder, self._as_user)
        data = str(self.folder / "data")
        made = ("-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8")
        self._run("initdb", *made, *(["--wal-segsize=1"] if self._small else []))
        self.start_again()

    def start_again(self) -> None:
        """Starts a cluster that is there, as after a crash; raises CalledProcessError."""
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
            " -c max_connections=200"
            # A new file of the write-ahead log holds nothing of what was done before.
            " -c wal_recycle=off -c wal_init_zero=off"
        )
        sizes = ("2MB", "16MB") if self._small else ("32MB", "256MB")
        options += " -c min_wal_size={} -c max_wal_size={}".format(*sizes)
        if not self._durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._control("start", "-w", "-o", options)

    def restart_at_once(self) -> None:
        """As a power cut would: no connection is ended properly, and nothing is written out."""
        self._control("restart", "-w", "-m", "immediate")

    def stop(self) -> None:
        """Stops the server at once."""
        self._control("stop", "-m", "immediate")

    def url(self, name: str) -> str:
        """The SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Runs one statement on the maintenance database."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def read(self, statement: str) -> str:
        """The one text that a statement on the maintenance database answers."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres"
        ) as connection:
            row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return str(row[0])

    def _control(self, what: str, *options: str) -> None:
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._run("pg_ctl", what, "-D", data, "-l", log, "-t", "300", *options)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if self._as_user:
            command = ["setpriv", f"--reuid={self._as_user}", "--clear-groups", *command]
            command.insert(2, f"--regid={self._as_user}")
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: then its own user, or nobody, runs it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def postgresql_server(*, durable: bool = False) -> Iterator[PostgreSQLServer | None]:
    """A running server with a migrated template, or None where PostgreSQL is not installed."""
    binaries = find_postgresql()
    if binaries is None:
        yield None
        return
    quick = None if durable else find_quick_folder()
    folder = Path(tempfile.mkdtemp(prefix="wbpg", dir=quick))
    server = PostgreSQLServer(binaries, folder, durable=durable)
    server.start()
    try:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        template = Database(server.url(TEMPLATE))
        upgrade(template)
        template.close()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def copied_postgresql(server: PostgreSQLServer, template: str = TEMPLATE) -> Iterator[str]:
    """The address of a fresh copy of the template, dropped afterwards."""
    name = f"w_{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield server.url(name)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
