"""The log of acts is one chain, whoever writes to it and in whatever zone their clock stands."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update

from wellbeing.actions.audit_log import find_break, record
from wellbeing.domain.actor import Actor
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

BY = Actor.command("test")


def _record(database: Database, now: datetime, number: int = 0) -> None:
    with database.writing(Reach.WORKPLACE) as session:
        record(session, "test.done", "Bøgen", by=BY, now=now, number=number, names=["Æ", None])


def _find_break(database: Database) -> int | None:
    with database.reading(Reach.EVERYTHING) as session:
        return find_break(session)


def test_an_empty_log_is_whole(database: Database) -> None:
    assert _find_break(database) is None


@pytest.mark.asvs("16.2.2")
@pytest.mark.parametrize("zone", ["UTC", "Europe/Copenhagen", "America/New_York"])
def test_the_chain_is_whole_in_whatever_zone_moments_are_given(
    database: Database, now: datetime, zone: str
) -> None:
    for number in range(3):
        moment = now + timedelta(microseconds=number)
        _record(database, moment.astimezone(ZoneInfo(zone)), number)
    assert _find_break(database) is None


def test_many_writers_at_once_make_one_chain(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: _record(database, now, number), range(40)))
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 40
    assert _find_break(database) is None


def test_an_act_that_is_rolled_back_leaves_no_gap(database: Database, now: datetime) -> None:
    _record(database, now)

    def fail() -> None:
        with database.writing(Reach.EVERYTHING) as session:
            record(session, "test.failed", "", by=BY, now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    _record(database, now)
    assert _find_break(database) is None


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("number", [1, 2])
def test_a_changed_or_missing_event_is_found(
    database: Database, now: datetime, number: int
) -> None:
    for _ in range(3):
        _record(database, now)
    of_number = AuditEvent.number == number
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(update(AuditEvent).where(of_number).values(act="test.undone"))
    assert _find_break(database) == number
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(AuditEvent).where(of_number))
    assert _find_break(database) == number


@pytest.mark.asvs("16.4.2")
def test_no_area_can_change_or_delete_an_event(database: Database, now: datetime) -> None:
    _record(database, now)
    for reach in (Reach.WORKPLACE, Reach.EMPLOYEE, Reach.ADMIN, Reach.SIGN_IN):
        for statement in (update(AuditEvent).values(act="undone"), delete(AuditEvent)):
            with pytest.raises(Exception, match=r"not authorized|permission denied"):  # noqa: SIM117
                with database.writing(reach) as session:
                    session.execute(statement)
