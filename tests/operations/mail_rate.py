"""`python -m tests.operations.mail_rate`: mails a second by the number of connections, to a server
that takes its time over each.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

from tests.databases import copied_postgresql, postgresql_server
from tests.field_keys import use_test_keys
from tests.mail_server import MailServer
from wellbeing.actions.delivery import deliver
from wellbeing.actions.sign_in import post_link
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

PEOPLE = 200
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)


class Thoughtful(MailServer):
    """Answers after `seconds`, as one does that looks into each mail."""

    seconds = 0.0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Waits, and then takes it."""
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(server, session, envelope)


def measure(database: Database, folder: Path, connections: int, seconds: float) -> float:
    """Mails a second; every one arrives once."""
    with database.writing(Reach.EVERYTHING) as session:
        people = [_person() for _ in range(PEOPLE)]
        session.add_all(people)
        session.flush()
        for person in people:
            post_link(session, person.id, person.status, occasion="1", now=NOW)
    server = Thoughtful()
    server.seconds = seconds
    server.start()
    try:
        settings = Settings(data=folder, smtp_port=server.port, mail_connections=connections)
        start = perf_counter()
        done = deliver(database, settings, clock=lambda: NOW)
        took = perf_counter() - start
    finally:
        server.stop()
    assert done.sent == len(server.received) == len(set(server.receivers)) == PEOPLE
    return PEOPLE / took


def _person() -> Person:
    number = uuid4().hex
    return Person(
        id=uuid4(),
        employee_number=number,
        name="Person",
        email=f"{number}@house.example",
        language="da",
        status=PersonStatus.INVITED,
    )


def main() -> int:
    """Prints a table."""
    use_test_keys()
    with postgresql_server() as server, tempfile.TemporaryDirectory() as folder:
        if server is None:
            sys.stderr.write("PostgreSQL is not installed.\n")
            return 2
        with copied_postgresql(server) as url:
            database = Database(url)
            for seconds in (0.0, 0.2):
                for connections in (1, 2, 4, 8):
                    rate = measure(database, Path(folder), connections, seconds)
                    sys.stdout.write(
                        f"server takes {seconds * 1000:.0f} ms, {connections} connections: "
                        f"{rate:.0f} mails a second\n"
                    )
            database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
