"""Whoever has left is erased: nothing leads to them, and what was counted stays right."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.actions.logged import Logged, logged_database
from tests.actions.support_helpers import add_session, session_of
from tests.cast import Cast
from tests.rounds import BY, WORN, RoundRunner
from wellbeing.actions import accounts, diary
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.erasure import NAMELESS, delete_nameless, erase_person
from wellbeing.actions.erasure_requests import ask_erasure, cancel_erasure, find_asked_at
from wellbeing.actions.record import read_record
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.session_record import RecordValues, count_expected, write_record
from wellbeing.domain.errors import Missing, Refused
from wellbeing.store.accounts import Person
from wellbeing.store.base import Base
from wellbeing.store.personal import DiaryEntry, DiaryKey, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.registry import all_tables
from wellbeing.store.sessions import Database
from wellbeing.store.support import Booking

CODE = "havregrød og blåbær"
DAY = timedelta(days=1)
LEFT_LONG_AGO = timedelta(days=200)


@pytest.fixture
def logged(database: Database, tmp_path: Path, now: datetime) -> Iterator[Logged]:
    """The database with a log beside the round keys."""
    with logged_database(database, tmp_path / "keys", now) as found:
        yield found


def leave(logged: Logged, cast: Cast, name: str) -> None:
    """Their access is closed."""
    logged.do(partial(accounts.disable, person_id=cast.people[name], now=logged.now, by=BY))


def erase(logged: Logged, cast: Cast, name: str) -> None:
    """They are erased."""
    logged.do(partial(erase_person, person_id=cast.people[name], now=logged.now, by=BY))


def dump(database: Database) -> str:
    """Everything in the database but the audit log, as text."""
    with database.reading(Reach.EVERYTHING) as session:
        return json.dumps(
            [
                [str(value) for value in row]
                for table in all_tables().sorted_tables
                if table.name != "audit_event"
                for row in session.execute(select(table))
            ],
            ensure_ascii=False,
        )


def find_person(logged: Logged, cast: Cast, name: str) -> Person | None:
    """The row, if there is one."""
    with logged.database.reading(Reach.EVERYTHING) as session:
        return session.get(Person, cast.people[name])


def test_of_somebody_without_an_open_round_no_row_is_left(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    logged.do(partial(diary.start, code=CODE, person_id=cast.people["Eva"]))
    leave(logged, cast, "Eva")
    erase(logged, cast, "Eva")
    assert find_person(logged, cast, "Eva") is None
    left = dump(logged.database)
    eva = cast.people["Eva"]
    assert not [word for word in ("Eva Holm", "eva@osterhus", str(eva), eva.hex) if word in left]
    with logged.database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None


def test_an_open_round_counts_their_answer_and_nobody_knows_whose_it_was(
    logged: Logged, cast: Cast, rounds: RoundRunner
) -> None:
    round_id, team = rounds.open(), cast.members_of("team_a")
    rounds.answer_all(round_id, team, WORN)
    rounds.answer_all(round_id, cast.members_of("team_b"))
    logged.do(partial(diary.start, code=CODE, person_id=team[1]))
    leave(logged, cast, "Eva")
    erase(logged, cast, "Eva")
    eva = find_person(logged, cast, "Eva")
    assert eva is not None
    assert (eva.name, eva.email, eva.mobile) == (NAMELESS, None, None)
    assert rounds.publish(round_id)
    with logged.database.reading(Reach.EVERYTHING) as session:
        sizes = {group.n for group in read_record(session, round_id).groups}
        assert session.scalar(select(func.count()).select_from(Participation)) == 0
    assert len(team) in sizes
    logged.do(lambda session: delete_expired(session, now=rounds.now + timedelta(days=20)))
    assert find_person(logged, cast, "Eva") is None
    assert logged.count(DiaryKey) == 1


def test_a_session_that_was_held_still_counts_who_was_expected(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    held = add_session(logged.database, cast, at=now - timedelta(days=3))
    to_come = add_session(logged.database, cast, at=now + timedelta(days=3))
    with logged.database.writing(Reach.EVERYTHING) as session:
        values = RecordValues(attended=6)
        zone = now.tzinfo
        write_record(session, held, values, zone=zone, now=now, by=BY)  # type: ignore[arg-type]
    leave(logged, cast, "Eva")
    erase(logged, cast, "Eva")
    with logged.database.reading(Reach.EVERYTHING) as session:
        assert count_expected(session, held) == 8
        assert count_expected(session, to_come) == 7
    assert session_of(logged.database, held).attended_count == 6
    with logged.database.writing(Reach.EVERYTHING) as session:
        delete_expired(session, now=now + timedelta(days=800))
    assert find_person(logged, cast, "Eva") is None


def test_somebody_who_led_sessions_stays_without_a_name_and_who_leads_more_is_refused(
    logged: Logged, cast: Cast, now: datetime
) -> None:
    add_session(logged.database, cast, at=now - timedelta(days=3))
    to_come = add_session(logged.database, cast, at=now + timedelta(days=3))
    leave(logged, cast, "Susan")
    with pytest.raises(Refused, match="still to come"):
        erase(logged, cast, "Susan")
    with logged.database.writing(Reach.EVERYTHING) as session:
        assert delete_expired(session, now=now + DAY, leaving_months=0) >= 0
    assert find_person(logged, cast, "Susan").name == "Susan Clarke"  # type: ignore[union-attr]
    logged.now = session_of(logged.database, to_come).ends_at + DAY
    erase(logged, cast, "Susan")
    susan = find_person(logged, cast, "Susan")
    assert susan is not None
    assert susan.name == NAMELESS


def test_erased_again_nothing_changes(logged: Logged, cast: Cast, rounds: RoundRunner) -> None:
    rounds.open()
    leave(logged, cast, "Eva")
    erase(logged, cast, "Eva")
    before = dump(logged.database)
    erase(logged, cast, "Eva")
    assert dump(logged.database) == before
    assert logged.kinds().count("person_erased") == 1


def test_whose_access_is_open_is_not_erased(logged: Logged, cast: Cast) -> None:
    with pytest.raises(Refused, match="Close it first"):
        erase(logged, cast, "Eva")
    assert find_person(logged, cast, "Eva") is not None


def test_nobody_is_missing(logged: Logged, cast: Cast) -> None:
    leave(logged, cast, "Eva")
    erase(logged, cast, "Eva")
    with pytest.raises(Missing):
        erase(logged, cast, "Eva")


def test_killed_before_the_commit_all_is_there_and_the_next_run_erases(
    logged: Logged, cast: Cast
) -> None:
    logged.do(partial(diary.start, code=CODE, person_id=cast.people["Eva"]))
    leave(logged, cast, "Eva")
    before = dump(logged.database)
    logged.lose(partial(erase_person, person_id=cast.people["Eva"], now=logged.now, by=BY))
    assert dump(logged.database) == before
    erase(logged, cast, "Eva")
    assert (logged.count(DiaryKey), logged.count(DiaryEntry)) == (0, 0)


@pytest.mark.asvs("14.2.7")
@pytest.mark.parametrize(("months", "is_left"), [(6, True), (7, False), (None, False)])
def test_the_job_erases_whoever_left_so_many_months_ago(
    logged: Logged, cast: Cast, months: int | None, *, is_left: bool
) -> None:
    leave(logged, cast, "Eva")
    with logged.database.writing(Reach.EVERYTHING) as session:
        delete_expired(session, now=logged.now + LEFT_LONG_AGO, leaving_months=months)
    assert (find_person(logged, cast, "Eva") is None) is is_left


def test_asked_for_it_happens_a_day_later_and_can_be_taken_back(logged: Logged, cast: Cast) -> None:
    eva, now = cast.people["Eva"], logged.now
    leave(logged, cast, "Eva")
    logged.do(partial(ask_erasure, person_id=eva, now=now, by=BY), Reach.ADMIN)
    logged.do(partial(ask_erasure, person_id=eva, now=now + DAY / 2, by=BY), Reach.ADMIN)
    with logged.database.reading(Reach.ADMIN) as session:
        assert find_asked_at(session, eva) == now
    logged.do(partial(cancel_erasure, person_id=eva, now=now, by=BY), Reach.ADMIN)
    logged.do(lambda session: delete_expired(session, now=now + 2 * DAY))
    assert find_person(logged, cast, "Eva") is not None
    logged.do(partial(ask_erasure, person_id=eva, now=now, by=BY), Reach.ADMIN)
    logged.do(lambda session: delete_expired(session, now=now + DAY - timedelta(seconds=1)))
    assert find_person(logged, cast, "Eva") is not None
    logged.do(lambda session: delete_expired(session, now=now + DAY))
    assert find_person(logged, cast, "Eva") is None


def test_an_access_that_is_opened_again_takes_the_erasure_back(logged: Logged, cast: Cast) -> None:
    eva, now = cast.people["Eva"], logged.now
    leave(logged, cast, "Eva")
    logged.do(partial(ask_erasure, person_id=eva, now=now, by=BY))
    logged.do(partial(accounts.enable, person_id=eva, now=now, by=BY))
    leave(logged, cast, "Eva")
    logged.do(lambda session: delete_expired(session, now=now + 2 * DAY))
    assert find_person(logged, cast, "Eva") is not None


def test_every_table_that_names_a_person_is_seen_to() -> None:
    named = {
        table.name
        for table in all_tables().sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    counted = {"participation", "booking", "support_session", "session_series"}
    cleared = {"offer", "incident", "diary_key", "diary_entry", "calendar_feed"}
    from wellbeing.actions.erasure import _OF_ONE_PERSON

    simply = {table.__tablename__ for table in _OF_ONE_PERSON}
    assert named == counted | cleared | simply


def test_a_nameless_row_goes_only_when_nothing_counts_on_it(
    logged: Logged, cast: Cast, rounds: RoundRunner, now: datetime
) -> None:
    rounds.open()
    add_session(logged.database, cast, at=now - DAY)
    leave(logged, cast, "Eva")
    erase(logged, cast, "Eva")
    tables: list[type[Base]] = [Participation, Booking]
    for table in tables:
        logged.do(lambda session: delete_nameless(session))
        assert find_person(logged, cast, "Eva") is not None
        with logged.database.writing(Reach.EVERYTHING) as session:
            for row in session.scalars(
                select(table).where(table.person_id == cast.people["Eva"])  # type: ignore[attr-defined]
            ):
                session.delete(row)
    logged.do(lambda session: delete_nameless(session))
    assert find_person(logged, cast, "Eva") is None
