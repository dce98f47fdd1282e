"""Opened figures are written down by name and counted without names."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from wellbeing.actions.audit_log import find_break
from wellbeing.actions.reads import Opened, count_reads, find_unwritten, record_opened
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


def opened(
    now: datetime,
    round_id: UUID | None,
    *,
    unit_id: UUID | None = None,
    roles: frozenset[Role] = LEADER,
) -> Opened:
    """The figures of a unit, on the day of this moment."""
    more = (("round", str(round_id) if round_id else None),)
    day = now.astimezone(UTC).date()
    return Opened("figures.read", str(unit_id or uuid4()), roles, day, more)


def read(
    database: Database,
    by: Actor,
    now: datetime,
    round_id: UUID | None,
    *,
    unit_id: UUID | None = None,
    roles: frozenset[Role] = LEADER,
) -> None:
    """One page opened."""
    one = opened(now, round_id, unit_id=unit_id, roles=roles)
    with database.writing(Reach.WORKPLACE) as session:
        record_opened(session, [one], now=now, by=by)


def count_events(database: Database) -> int:
    """How many events there are."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def reads_of(database: Database, round_id: UUID) -> dict[Role, int]:
    """What is counted for a round."""
    with database.reading(Reach.WORKPLACE) as session:
        return count_reads(session, round_id)


@pytest.mark.asvs("16.2.1")
def test_a_read_is_written_down_with_who_what_and_as_what(
    database: Database, now: datetime, round_id: UUID
) -> None:
    read(database, LIS, now, round_id, roles=frozenset({Role.LEADER, Role.HR}))
    with database.reading(Reach.EVERYTHING) as session:
        event = session.scalars(select(AuditEvent)).one()
        assert (event.by, event.act) == (str(LIS), "figures.read")
        assert event.details == {
            "roles": ["hr", "leader"],
            "day": "2026-02-02",
            "round": str(round_id),
        }
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
    read(database, LIS, now, round_id, roles=frozenset({Role.LEADER, Role.SAFETY_REPRESENTATIVE}))
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


def test_opening_the_same_again_that_day_adds_nothing_and_the_next_day_does(
    database: Database, now: datetime, round_id: UUID
) -> None:
    unit = uuid4()
    for hours in (0, 1, 14):
        read(database, LIS, now + timedelta(hours=hours), round_id, unit_id=unit)
    assert count_events(database) == 1
    read(database, LIS, now + timedelta(hours=24), round_id, unit_id=unit)
    assert count_events(database) == 2


def test_another_role_or_another_round_that_day_is_told(
    database: Database, now: datetime, round_id: UUID
) -> None:
    unit = uuid4()
    read(database, LIS, now, round_id, unit_id=unit)
    read(database, LIS, now, round_id, unit_id=unit, roles=frozenset({Role.HR}))
    read(database, LIS, now, uuid4(), unit_id=unit)
    read(database, OLE, now, round_id, unit_id=unit)
    assert count_events(database) == 4


def test_two_at_once_write_a_read_down_once(
    database: Database, now: datetime, round_id: UUID
) -> None:
    unit = uuid4()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: read(database, LIS, now, round_id, unit_id=unit), range(16)))
    assert count_events(database) == 1


def test_a_clock_set_back_by_an_hour_does_not_tell_it_twice(
    database: Database, now: datetime, round_id: UUID
) -> None:
    unit = uuid4()
    read(database, LIS, now, round_id, unit_id=unit)
    read(database, LIS, now - timedelta(hours=1), round_id, unit_id=unit)
    assert count_events(database) == 1


def test_looking_whether_it_is_written_writes_nothing(
    database: Database, now: datetime, round_id: UUID
) -> None:
    one = opened(now, round_id)
    with database.reading(Reach.LEADER) as session:
        assert find_unwritten(session, [one], now=now, by=LIS) == [one]
    assert count_events(database) == 0
