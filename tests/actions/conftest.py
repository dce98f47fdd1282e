"""Fixtures for tests of actions: the cast in both databases, and a runner of rounds."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.actions.desk import Desk
from tests.actions.post_office import PostOffice
from tests.cast import Cast, make_cast
from tests.mail_server import MailServer
from tests.rounds import RoundRunner
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def cast(database: Database) -> Cast:
    """The organisation and its people."""
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


@pytest.fixture
def rounds(database: Database, cast: Cast, tmp_path: Path, now: datetime) -> RoundRunner:
    """Opens, answers and publishes rounds of the cast's organisation."""
    return RoundRunner(database, tmp_path, now)


@pytest.fixture
def office(
    database: Database, tmp_path: Path, mail_server: MailServer, now: datetime
) -> PostOffice:
    """Writes and sends mail through a real server; its keys are those of `rounds`."""
    return PostOffice.open(database, tmp_path, mail_server, now)


@pytest.fixture
def desk(database: Database, cast: Cast, now: datetime) -> Desk:
    """Susan's hours and two rooms."""
    return Desk.open(database, cast, now)
