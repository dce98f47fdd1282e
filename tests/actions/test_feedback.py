"""Was it useful? One answer each, kept as a sum, asked of everybody alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.actions.post_office import PostOffice
from tests.actions.support_helpers import ZONE, acts, add_session
from tests.cast import Cast, email_of, make_cast
from tests.crawler import words_of
from tests.mail_server import MailServer
from wellbeing.actions.feedback import give_feedback
from wellbeing.actions.ledger_letters import ask_whether_useful
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.session_record import RecordValues, write_record
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Booking, BookingState, SessionFeedback, SupportSession

DAY = timedelta(days=1)


@pytest.fixture
def held(database: Database, cast: Cast, now: datetime) -> UUID:
    """A session of team A, held yesterday and written down then; Lis was invited, too."""
    invited = [*cast.members_of("team_a"), cast.people["Lis"]]
    session_id = add_session(database, cast, at=now - DAY, invited=invited)
    with database.writing(Reach.WORKPLACE) as session:
        by = Actor.command("test")
        at = now - DAY + timedelta(hours=2)
        write_record(session, session_id, RecordValues(7), zone=ZONE, now=at, by=by)
    return session_id


def answer(
    database: Database, session_id: UUID, person_id: UUID, useful: int, now: datetime
) -> bool:
    """Answers as an employee does."""
    with database.writing(Reach.EMPLOYEE) as session:
        return give_feedback(session, session_id, person_id, useful, today=now.date())


def sums(database: Database) -> dict[int, int]:
    """How many gave each answer."""
    with database.reading(Reach.EVERYTHING) as session:
        return {row.useful: row.count for row in session.scalars(select(SessionFeedback))}


def test_an_answer_is_a_sum_and_nothing_else(
    database: Database, cast: Cast, held: UUID, now: datetime
) -> None:
    before = acts(database)
    for name, useful in (("Eva", 4), ("Tom", 4), ("Anne", 2)):
        assert answer(database, held, cast.people[name], useful, now)
    assert sums(database) == {1: 0, 2: 1, 3: 0, 4: 2, 5: 0}
    assert acts(database) == before


def test_a_second_answer_changes_nothing(
    database: Database, cast: Cast, held: UUID, now: datetime
) -> None:
    assert answer(database, held, cast.people["Eva"], 4, now)
    assert not answer(database, held, cast.people["Eva"], 1, now)
    assert sums(database) == {1: 0, 2: 0, 3: 0, 4: 1, 5: 0}


def test_sent_eight_times_at_once_it_counts_once(
    database: Database, cast: Cast, held: UUID, now: datetime
) -> None:
    with ThreadPoolExecutor(8) as pool:
        counted = list(
            pool.map(lambda n: answer(database, held, cast.people["Eva"], n % 5 + 1, now), range(8))
        )
    assert sum(counted) == 1
    assert sum(sums(database).values()) == 1


def test_eight_people_at_once_are_all_counted(
    database: Database, cast: Cast, held: UUID, now: datetime
) -> None:
    people = cast.members_of("team_a")
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda p: answer(database, held, p, 5, now), people))
    assert all(counted)
    assert sums(database)[5] == len(people)


def test_the_age_of_the_sums_does_not_tell_which_one_grew(
    postgresql_database: Database, now: datetime
) -> None:
    database = postgresql_database
    with database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    session_id = add_session(database, cast, at=now - DAY)
    with database.writing(Reach.WORKPLACE) as session:
        by = Actor.command("test")
        write_record(session, session_id, RecordValues(7), zone=ZONE, now=now, by=by)
    for name, useful in (("Eva", 4), ("Tom", 2), ("Anne", 5)):
        answer(database, session_id, cast.people[name], useful, now)
    with database.reading(Reach.EVERYTHING) as session:
        ages = set(session.scalars(text("SELECT xmin::text FROM session_feedback")))
        marks = set(session.scalars(text("SELECT xmin::text FROM booking WHERE feedback_given")))
    assert len(ages) == 1
    assert len(marks) == 3


@pytest.mark.parametrize("useful", [0, 6, -1, 10**9])
def test_any_other_number_is_refused(
    database: Database, cast: Cast, held: UUID, now: datetime, useful: int
) -> None:
    with pytest.raises(BadInput):
        answer(database, held, cast.people["Eva"], useful, now)
    assert sums(database) == {}


def test_after_its_last_day_no_answer_is_taken(
    database: Database, cast: Cast, held: UUID, now: datetime
) -> None:
    last = now + timedelta(days=13)
    assert answer(database, held, cast.people["Eva"], 4, last)
    with pytest.raises(Refused, match="closed"):
        answer(database, held, cast.people["Tom"], 4, last + DAY)


@pytest.mark.parametrize("name", ["Karl", "Susan", "Hanne"])
def test_whoever_was_not_invited_is_told_nothing(
    database: Database, cast: Cast, held: UUID, now: datetime, name: str
) -> None:
    with pytest.raises(Missing):
        answer(database, held, cast.people[name], 4, now)


@pytest.mark.parametrize("state", [BookingState.WAITING, BookingState.RELEASED])
def test_whoever_got_no_place_is_not_asked(
    database: Database, cast: Cast, held: UUID, now: datetime, state: BookingState
) -> None:
    eva = cast.people["Eva"]
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Booking, (held, eva)).state = state
    with pytest.raises(Missing):
        answer(database, held, eva, 4, now)


def test_a_session_to_come_takes_no_answer(database: Database, cast: Cast, now: datetime) -> None:
    session_id = add_session(database, cast, at=now + DAY)
    with pytest.raises(Missing):
        answer(database, session_id, cast.people["Eva"], 4, now)


def test_once_answers_are_closed_nothing_says_who_had_answered(
    database: Database, cast: Cast, held: UUID, now: datetime
) -> None:
    answer(database, held, cast.people["Eva"], 4, now)
    for days, given in ((13, 1), (14, 0)):
        with database.writing(Reach.EVERYTHING) as session:
            delete_expired(session, now=now + timedelta(days=days))
        with database.reading(Reach.EVERYTHING) as session:
            marked = session.scalars(select(Booking).where(Booking.feedback_given)).all()
        assert len(marked) == given
    assert sums(database)[4] == 1


def ask(database: Database, now: datetime) -> int:
    """Runs the asking."""
    with database.writing(Reach.EVERYTHING) as session:
        return ask_whether_useful(session, zone=ZONE, now=now)


def test_everyone_invited_is_asked_once_the_day_after_with_the_same_words(
    database: Database, cast: Cast, held: UUID, office: PostOffice, mail_server: MailServer
) -> None:
    invited = len(cast.members_of("team_a")) + 1
    assert [ask(database, office.clock.now()) for _ in range(3)] == [invited, 0, 0]
    assert {row.kind for row in office.rows()} == {MailKind.FEEDBACK_ASKED}
    assert office.deliver().sent == invited
    bodies = {
        "\n".join(mail.message.get_body(("plain",)).get_content().splitlines()[1:])  # type: ignore[union-attr]
        for mail in mail_server.received
    }
    assert len(bodies) == 1
    assert f"/support/sessions/{held}/useful" in bodies.pop()
    assert not any("Susan" in words_of(mail.message) for mail in mail_server.received)


@pytest.mark.parametrize("back", [DAY, timedelta(hours=4)])
def test_nobody_is_asked_on_the_day_itself_or_at_night(
    database: Database, held: UUID, now: datetime, back: timedelta
) -> None:
    assert ask(database, now - back) == 0


def test_whoever_has_answered_meanwhile_gets_no_mail_and_their_row_looks_like_all_others(
    database: Database, cast: Cast, held: UUID, office: PostOffice, mail_server: MailServer
) -> None:
    ask(database, office.clock.now())
    answer(database, held, cast.people["Eva"], 5, office.clock.now())
    office.deliver()
    assert not any(email_of("Eva") in str(m.message["To"]) for m in mail_server.received)
    assert len({(r.state, r.due_at, r.attempts, str(r.context)) for r in office.rows()}) == 1


def test_a_session_of_too_few_is_asked_about_by_nobody(
    database: Database, cast: Cast, now: datetime
) -> None:
    few = cast.members_of("team_a")[:3]
    session_id = add_session(database, cast, at=now - DAY, invited=few)
    with database.writing(Reach.WORKPLACE) as session:
        by = Actor.command("test")
        write_record(session, session_id, RecordValues(3), zone=ZONE, now=now, by=by)
        assert session.get_one(SupportSession, session_id).feedback_until is None
    assert ask(database, now) == 0
    with pytest.raises(Refused):
        answer(database, session_id, few[0], 4, now)
