"""A team's own conversation is logged as held on a day, once, and can be taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from tests.cast import Cast, make_cast
from tests.rounds import BY
from wellbeing.actions.conversations import (
    MAX_DAYS_BACK,
    find_conversations,
    log_conversation,
    take_back_conversation,
)
from wellbeing.domain.errors import BadInput
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


def log(database: Database, cast: Cast, day: date, now: datetime) -> None:
    with database.writing(Reach.LEADER) as session:
        log_conversation(session, cast.units["team_c"], day, today=now.date(), now=now, by=BY)


def held(database: Database, cast: Cast) -> list[date]:
    with database.reading(Reach.LEADER) as session:
        return find_conversations(session, cast.units["team_c"])


def test_days_are_listed_newest_first(database: Database, cast: Cast, now: datetime) -> None:
    days = [now.date() - timedelta(days=back) for back in (30, 0)]
    for day in days:
        log(database, cast, day, now)
    assert held(database, cast) == days[::-1]


def test_the_same_day_twice_is_once(database: Database, cast: Cast, now: datetime) -> None:
    for _ in range(2):
        log(database, cast, now.date(), now)
    with database.reading(Reach.EVERYTHING) as session:
        acts = [e.act for e in session.query(AuditEvent) if e.act == "conversation.held"]
    assert (held(database, cast), len(acts)) == ([now.date()], 1)


def test_two_at_once_are_one(database: Database, cast: Cast, now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: log(database, cast, now.date(), now), range(8)))
    with database.reading(Reach.EVERYTHING) as session:
        acts = [e.act for e in session.query(AuditEvent) if e.act == "conversation.held"]
    assert len(acts) == 1


@pytest.mark.parametrize("back", [-1, MAX_DAYS_BACK + 1])
def test_a_day_that_cannot_be_is_refused(
    database: Database, cast: Cast, now: datetime, back: int
) -> None:
    with pytest.raises(BadInput, match="within the latest 60 days"):
        log(database, cast, now.date() - timedelta(days=back), now)
    assert held(database, cast) == []


def test_a_mistake_is_taken_back_and_may_be_written_again(
    database: Database, cast: Cast, now: datetime
) -> None:
    log(database, cast, now.date(), now)
    for _ in range(2):
        with database.writing(Reach.LEADER) as session:
            take_back_conversation(session, cast.units["team_c"], now.date(), now=now, by=BY)
    assert held(database, cast) == []
    log(database, cast, now.date(), now)
    assert held(database, cast) == [now.date()]


def test_only_the_unit_and_the_day_are_kept(database: Database, cast: Cast, now: datetime) -> None:
    log(database, cast, now.date(), now)
    with database.reading(Reach.EVERYTHING) as session:
        (event,) = [e for e in session.query(AuditEvent) if e.act == "conversation.held"]
    assert event.subject == str(cast.units["team_c"])
    assert event.details == {"day": now.date().isoformat()}
