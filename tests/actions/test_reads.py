"""Opened figures are written down by name and counted without names."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from wellbeing.actions.audit_log import find_break
from wellbeing.actions.reads import count_reads, record_read
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import Role
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

LIS, OLE = (Actor.person(uuid4()) for _ in range(2))
LEADER = frozenset({Role.LEADER})


@pytest.fixture
def round_id() -> UUID:
    """The latest round."""
    return uuid4()


def read(
    database: Database,
    by: Actor,
    now: datetime,
    round_id: UUID | None,
    roles: frozenset[Role] = LEADER,
) -> None:
    """One page opened."""
    with database.writing(Reach.WORKPLACE) as session:
        record_read(session, uuid4(), roles=roles, round_id=round_id, now=now, by=by)


def reads_of(database: Database, round_id: UUID) -> dict[Role, int]:
    """What is counted for a round."""
    with database.reading(Reach.WORKPLACE) as session:
        return count_reads(session, round_id)


@pytest.mark.asvs("16.2.1")
def test_a_read_is_written_down_with_who_what_and_as_what(
    database: Database, now: datetime, round_id: UUID
) -> None:
    read(database, LIS, now, round_id, frozenset({Role.LEADER, Role.HR}))
    with database.reading(Reach.EVERYTHING) as session:
        event = session.scalars(select(AuditEvent)).one()
        assert (event.by, event.act) == (str(LIS), "figures.read")
        assert event.details == {"roles": ["hr", "leader"], "round": str(round_id)}
        assert find_break(session) is None


def test_a_person_counts_once_a_day_however_many_pages_they_open(
    database: Database, now: datetime, round_id: UUID
) -> None:
    for minutes in (0, 5, 300):
        read(database, LIS, now + timedelta(minutes=minutes), round_id)
    assert reads_of(database, round_id)[Role.LEADER] == 1


def test_two_people_and_two_days_count_apart(
    database: Database, now: datetime, round_id: UUID
) -> None:
    read(database, LIS, now, round_id)
    read(database, OLE, now, round_id)
    read(database, LIS, now + timedelta(days=1), round_id)
    assert reads_of(database, round_id)[Role.LEADER] == 3


def test_somebody_who_reads_in_two_roles_counts_in_both(
    database: Database, now: datetime, round_id: UUID
) -> None:
    read(database, LIS, now, round_id, frozenset({Role.LEADER, Role.SAFETY_REPRESENTATIVE}))
    assert reads_of(database, round_id) == {
        Role.LEADER: 1,
        Role.HR: 0,
        Role.SAFETY_REPRESENTATIVE: 1,
    }


def test_reads_of_another_round_or_of_none_do_not_count(
    database: Database, now: datetime, round_id: UUID
) -> None:
    read(database, LIS, now, uuid4())
    read(database, LIS, now, None)
    assert set(reads_of(database, round_id).values()) == {0}


def test_a_count_names_nobody(database: Database, now: datetime, round_id: UUID) -> None:
    read(database, LIS, now, round_id)
    counted = reads_of(database, round_id)
    assert all(isinstance(role, Role) and isinstance(n, int) for role, n in counted.items())
