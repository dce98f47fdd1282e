"""Fixtures for tests of actions: the cast in both databases, and a runner of rounds."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.cast import Cast, make_cast
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
