"""A database whose deletions are logged, and a way to lose a deletion between its line and its
commit: the log has it and the database has not, as after a restore of an older copy.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from wellbeing.actions.deletions import replay_deletions
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.store.base import Base
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


class Killed(Exception):
    """The process ends here."""


@dataclass
class Logged:
    """The database, its log, and the folder of both."""

    database: Database
    folder: Path
    now: datetime

    @property
    def log(self) -> DeletionLog:
        """The log."""
        return DeletionLog(self.folder / "deletions.jsonl", lambda: self.now)

    def lose(self, act: Callable[[Session], object], reach: Reach = Reach.EVERYTHING) -> None:
        """Does it, and dies after the log was written and before the database committed."""

        def die(_session: Session) -> None:
            raise Killed

        try:
            with self.database.writing(reach) as session:
                event.listen(session, "before_commit", die)
                act(session)
        except Killed:
            return
        raise AssertionError("nothing was committed, so nothing could be lost")

    def do(self, act: Callable[[Session], object], reach: Reach = Reach.EVERYTHING) -> None:
        """Does it and commits."""
        with self.database.writing(reach) as session:
            act(session)

    def replay(self, *, since: datetime | None = None, database: Database | None = None) -> int:
        """Replays the log on the database, or on a copy of it."""
        with (database or self.database).writing(Reach.EVERYTHING) as session:
            return replay_deletions(session, self.folder, now=self.now, since=since)

    def count(self, table: type[Base], database: Database | None = None) -> int:
        """How many rows a table has."""
        with (database or self.database).reading(Reach.EVERYTHING) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def kinds(self) -> list[str]:
        """What the log says, in order."""
        return [deletion.kind for deletion in self.log.read().deletions]


@contextmanager
def logged_database(database: Database, folder: Path, now: datetime) -> Iterator[Logged]:
    """The same database, opened with a log in this folder."""
    log = DeletionLog(folder / "deletions.jsonl", lambda: now)
    url = database.url.render_as_string(hide_password=False)
    opened = Database(url, durable=False, deletions=log)
    try:
        yield Logged(opened, folder, now)
    finally:
        opened.close()
