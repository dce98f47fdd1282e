"""A database in which everything happens and nothing stays: every transaction of a page is rolled
back at its end, and what it would have stored is noted. One database then serves any number of
requests, and each finds it as the first one did.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

_WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
# Attempts are counted whether they succeed or not.
ALWAYS_COUNTED = frozenset({"rate_count"})


class StillDatabase(Database):
    """As the database at this address, but for the end of each transaction."""

    def __init__(self, url: str) -> None:
        super().__init__(url, durable=False)
        self.stored: list[str] = []

    @contextmanager
    def writing(self, reach: Reach) -> Iterator[Session]:
        """A session whose changes everybody inside sees, and nobody afterwards."""
        wrote: list[str] = []

        def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            found = _WRITE.match(statement)
            if found and cursor.rowcount != 0 and found[1] not in ALWAYS_COUNTED:
                wrote.append(found[1])

        with Session(self.engine(reach), expire_on_commit=False) as session:
            connection = session.connection()
            event.listen(connection, "after_cursor_execute", note)
            yield session
            session.flush()
            self.stored += wrote
            # What pages go on to show must not be read anew: it will not be there.
            session.expunge_all()
            session.rollback()

    @property
    def changed(self) -> list[str]:
        """What would have been stored beside the event that a page of others was shown."""
        return [table for table in self.stored if table != "audit_event"]

    def forget(self) -> None:
        """Begins a new list of what would have been stored."""
        self.stored = []
