"""A whole copy of the database as one file, taken while the service runs, and the way back."""

import os
import shutil
import sqlite3
import subprocess  # nosec B404  # a fixed list of arguments, no shell
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

from sqlalchemy import URL, inspect, text

from wellbeing.domain.errors import BadInput, Refused
from wellbeing.store.grants import PUBLIC
from wellbeing.store.organisation_schemas import find_schemas
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

Progress = Callable[[int, int], None]
UNFINISHED = "wellbeing_restoring"
_PAGES_AT_ONCE = 2000
_PREPARE = "BEGIN;\nDROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n"
# The schema of one among many stays in its owner's hands, and a backup of another is refused.
_PREPARE_ONE = (
    "BEGIN;\nDROP SCHEMA IF EXISTS {schema} CASCADE;\n"
    "CREATE SCHEMA {schema} AUTHORIZATION {schema};\nSET LOCAL ROLE {schema};\n"
)
_FINISH = (
    "SELECT version_num FROM {schema}.alembic_version;\n"  # nosec B608  # the name is checked
    f"CREATE TABLE {{schema}}.{UNFINISHED} (since text);\nCOMMIT;\n"
)
_VARIABLE_OF = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",  # nosec B105  # a name, no secret
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def copy_database(database: Database, target: Path, progress: Progress) -> None:
    """Writes the database as of one moment; answers go on coming in meanwhile."""
    if database.is_sqlite:
        try:
            _copy_sqlite(_path_of(database), target, progress)
        except sqlite3.Error as fault:
            raise Refused(f"The database could not be copied: {fault}.") from None
    else:
        _dump_postgresql(database, target)


def load_postgresql(database: Database, dump: Path) -> None:
    """Puts a dump in place of all tables, in one transaction, and marks the work as unfinished.

    Refused for the one organisation of a database that others have schemas in: what they share
    would go with it.
    """
    schema = database.schema
    if not schema:
        with database.engine(Reach.EVERYTHING).connect() as connection:
            if find_schemas(connection):
                raise Refused("Other organisations have schemas in this database.")
    database.close()
    # The command line makes the file's content, psql alone talks to the database: a fault in
    # either leaves the transaction open, and then nothing has happened.
    to_sql = [_find_program("pg_restore"), "--file=-", "--no-owner", "--no-privileges", str(dump)]
    if schema:
        to_sql.insert(1, f"--schema={schema}")
    run = [_find_program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    with (
        subprocess.Popen(to_sql, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader,  # nosec B603  # a fixed list of arguments, no shell
        subprocess.Popen(  # nosec B603  # a fixed list of arguments, no shell
            run,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(database.url),
        ) as writer,
    ):
        assert reader.stdout
        assert reader.stderr
        assert writer.stdin
        assert writer.stderr
        try:
            prepare = _PREPARE_ONE.format(schema=schema) if schema else _PREPARE
            writer.stdin.write(prepare.encode())
            shutil.copyfileobj(reader.stdout, writer.stdin)
            if reader.wait() == 0:
                writer.stdin.write(_FINISH.format(schema=schema or PUBLIC).encode())
            writer.stdin.close()
        except BrokenPipeError:
            reader.kill()
        said = _first_error(writer.stderr) or _first_error(reader.stderr)
    if writer.returncode or reader.returncode:
        raise Refused(f"PostgreSQL did not take the backup, and nothing was changed: {said}")


def is_unfinished(database: Database, reach: Reach = Reach.EVERYTHING) -> bool:
    """Whether a restore was cut short after the tables were in place."""
    with database.engine(reach).connect() as connection:
        return inspect(connection).has_table(UNFINISHED)


def finish(database: Database) -> None:
    """Takes the mark of unfinished work away; again is fine."""
    with database.engine(Reach.EVERYTHING).begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {UNFINISHED}"))


def replace_sqlite(database: Database, staged: Path) -> None:
    """Puts a staged file in the database's place; Refused while something else has it open."""
    database.close()
    target = _path_of(database)
    if target.exists():
        _check_unused(target)
    staged.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        # One reading transaction around all steps: what others write meanwhile is not in the copy,
        # and does not make it begin anew.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchall()
        live.backup(
            copy,
            pages=_PAGES_AT_ONCE,
            progress=lambda _status, left, total: progress(total - left, total),
            sleep=0,
        )
        copy.execute("PRAGMA journal_mode = DELETE")


def _check_unused(path: Path) -> None:
    # The last connection alone may leave the write-ahead log behind.
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.DatabaseError:
        mode = None
    if mode != "delete":
        raise Refused("The database is in use. Stop the service, and restore then.")


def _dump_postgresql(database: Database, target: Path) -> None:
    program = _find_program("pg_dump")
    command = [program, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"]
    if database.schema:
        command += [f"--schema={database.schema}", f"--role={database.schema}"]
    done = subprocess.run(  # nosec B603  # a fixed list of arguments, no shell
        command, env=_environment(database.url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Refused(f"PostgreSQL did not give a copy: {lines[0] if lines else 'no reason given'}")


def _find_program(name: str) -> str:
    """The newest one that is installed: an older one refuses a newer server."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version_of)
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise BadInput(
            f"The program {name} is not installed here. It comes with PostgreSQL's client programs "
            "(Debian: apt-get install postgresql-client)."
        )
    return found


def _version_of(path: Path) -> float:
    try:
        return float(path.parts[-3])
    except ValueError:
        return 0


def _environment(url: URL) -> dict[str, str]:
    """Where and as whom, in variables: on the command line others on the machine could read it."""
    given = {**url.query, **url.translate_connect_args(username="user", database="dbname")}
    named = {_VARIABLE_OF[key]: str(value) for key, value in given.items() if key in _VARIABLE_OF}
    return {**os.environ, **named}


def _path_of(database: Database) -> Path:
    if not database.url.database:
        raise BadInput("A database in memory has no backup.")
    return Path(database.url.database)


def _first_error(stream: IO[bytes]) -> str:
    lines = stream.read().decode(errors="replace").strip().splitlines()
    return next((line for line in lines if "ERROR" in line or "error" in line), "").strip()
