"""Fixtures for HR pages: one of everything in two teams, and what a form carries."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from tests.cast import Cast
from tests.web.conftest import Clock
from tests.web.seed import seed_for_unit
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

Ids = Mapping[str, UUID]


@pytest.fixture
def areas() -> tuple[str, ...]:
    """HR runs as a process of its own."""
    return ("hr",)


@pytest.fixture
def ids(database: Database, cast: Cast, clock: Clock) -> Ids:
    """A planned and a published round; a flag, an offer and a session to write down in team A."""
    with database.writing(Reach.EVERYTHING) as session:
        return seed_for_unit(session, cast, "team_a", now=clock.now())


@pytest.fixture
def other_flag(database: Database, cast: Cast, ids: Ids, now: datetime) -> UUID:
    """A raised flag in team B."""
    with database.writing(Reach.EVERYTHING) as session:
        flag = Flag(
            id=uuid4(),
            unit_id=cast.units["team_b"],
            round_id=session.get_one(Flag, ids["flag_id"]).round_id,
            rule_id="sts-up",
            kind="offer_debriefing",
            figures={},
            raised_on=now.date(),
        )
        session.add(flag)
        return flag.id


@pytest.fixture
def answers(cast: Cast) -> dict[str, str]:
    """A session form as HR fills it in."""
    return {
        "form": "team_supervision",
        "supervisor": str(cast.people["Susan"]),
        "day": "2026-02-09",
        "start": "13:00",
        "length": "90",
        "place": "Mødelokale 3",
    }
