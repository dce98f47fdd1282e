"""What the database says of itself: version, how it writes, and its clock."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

_SWITCHES = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True, slots=True)
class Condition:
    """`loses_on_crash`: the names of settings that let what was confirmed be lost with the power.

    `now`: its own clock; None where it has none but ours.
    """

    version: str
    major: int
    loses_on_crash: tuple[str, ...]
    now: datetime | None


def read_condition(database: Database, reach: Reach) -> Condition:
    """Asks the database; DBAPIError where it does not answer."""
    # The embedded database's settings cannot be asked for through the wall of a reach.
    own = Reach.EVERYTHING if database.is_sqlite else reach
    with database.engine(own).connect() as connection:
        return _of_sqlite(connection) if database.is_sqlite else _of_postgresql(connection)


def _of_sqlite(connection: Connection) -> Condition:
    version = str(connection.scalar(text("SELECT sqlite_version()")))
    journal = connection.scalar(text("PRAGMA journal_mode"))
    waits = int(connection.scalar(text("PRAGMA synchronous")) or 0) >= 2
    switches = (("journal_mode", journal != "wal"), ("synchronous", not waits))
    found = tuple(name for name, is_off in switches if is_off)
    return Condition(f"SQLite {version}", int(version.split(".")[0]), found, None)


def _of_postgresql(connection: Connection) -> Condition:
    number = int(str(connection.scalar(text("SHOW server_version_num"))))
    version = str(connection.scalar(text("SHOW server_version"))).split()[0]
    off = tuple(
        name
        for name in _SWITCHES
        if connection.scalar(text("SELECT current_setting(:name)"), {"name": name}) == "off"
    )
    moment = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(moment, datetime)
    return Condition(f"PostgreSQL {version}", number // 10_000, off, moment.astimezone(UTC))
