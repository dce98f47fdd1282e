"""A person's own request: one, changeable, gone when taken back, and named in no log or mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.actions.post_office import PostOffice
from tests.actions.support_helpers import (
    HR,
    ZONE,
    acts,
    add_session,
    rows_of,
    session_of,
)
from tests.cast import Cast, email_of
from tests.crawler import words_of
from tests.mail_server import MailServer
from wellbeing.actions import requests
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.requests import KEPT_DAYS_AFTER
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.session_mail import write_to_all
from wellbeing.actions.session_record import RecordValues, write_record
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.base import Base
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.org import Membership
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import (
    Booking,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)

CONTACT = "Ring på 12 34 56 78 efter kl. 15"


@pytest.fixture
def eva(cast: Cast) -> UUID:
    """Of team A, in the first department."""
    return cast.people["Eva"]


def ask(
    database: Database,
    person_id: UUID,
    now: datetime,
    wish: RequestWish = RequestWish.TALK,
    contact: str = CONTACT,
) -> None:
    """Asks as an employee does."""
    with database.writing(Reach.EMPLOYEE) as session:
        requests.ask(session, person_id, wish, contact, zone=ZONE, now=now)


def take_back(database: Database, person_id: UUID, now: datetime) -> None:
    """Takes it back as an employee does."""
    with database.writing(Reach.EMPLOYEE) as session:
        requests.take_back(session, person_id, now=now)


def arrange(database: Database, now: datetime) -> Offer:
    """Arranges the only request as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        (found,) = session.scalars(select(SupportRequest)).all()
        form = SupportForm.DEFUSING
        return requests.arrange(session, found.id, form, today=now.date(), now=now, by=HR)


def finish(database: Database, now: datetime) -> None:
    """Notes the only request as seen to, as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        (found,) = session.scalars(select(SupportRequest)).all()
        requests.finish(session, found.id, today=now.date(), now=now, by=HR)


def arrange_session(database: Database, cast: Cast, eva: UUID, now: datetime, at: datetime) -> UUID:
    """A session with Susan in answer to Eva's request, to which both are invited."""
    offer = arrange(database, now)
    session_id = add_session(database, cast, at=at, unit=None, offer_id=offer.id, invited=[eva])
    with database.writing(Reach.EVERYTHING) as session:
        about = session.get_one(SupportSession, session_id)
        write_to_all(session, about, MailKind.SESSION_INVITATION, now=now)
    return session_id


def retain(database: Database, now: datetime) -> None:
    """Runs the deletion."""
    with database.writing(Reach.EVERYTHING) as session:
        delete_expired(session, now=now)


def count(database: Database, table: type[Base]) -> int:
    """How many rows a table has."""
    return len(rows_of(database, table))


def test_a_request_is_kept_with_its_wish_and_its_words_on_one_line(
    database: Database, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now, contact="  Ring\r\n gerne\x00 ")
    (found,) = rows_of(database, SupportRequest)
    assert isinstance(found, SupportRequest)
    kept = (found.person_id, found.wish, found.contact, found.asked_on)
    assert kept == (eva, RequestWish.TALK, "Ring gerne", now.date())


def test_asking_again_changes_the_one_request(database: Database, eva: UUID, now: datetime) -> None:
    ask(database, eva, now)
    ask(database, eva, now + timedelta(days=1), RequestWish.CRISIS_HELP, "")
    (found,) = rows_of(database, SupportRequest)
    assert isinstance(found, SupportRequest)
    kept = (found.wish, found.contact, found.asked_on)
    assert kept == (RequestWish.CRISIS_HELP, "", now.date())


def test_asked_eight_times_at_once_there_is_one_request(
    database: Database, eva: UUID, now: datetime
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask(database, eva, now), range(8)))
    assert count(database, SupportRequest) == 1


def test_too_many_words_store_nothing(database: Database, eva: UUID, now: datetime) -> None:
    with pytest.raises(BadInput, match="400"):
        ask(database, eva, now, contact="x" * 401)
    assert count(database, SupportRequest) == 0


def test_taken_back_nothing_is_left(database: Database, eva: UUID, now: datetime) -> None:
    ask(database, eva, now)
    for _ in range(2):
        take_back(database, eva, now)
    assert count(database, SupportRequest) == 0
    assert acts(database) == []


def test_taking_back_cancels_the_session_through_the_usual_act(
    database: Database, cast: Cast, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    session_id = arrange_session(database, cast, eva, now, now + timedelta(days=3))
    take_back(database, eva, now)
    assert session_of(database, session_id).state is SessionState.CANCELLED
    letters = [
        row
        for row in rows_of(database, OutboxMessage)
        if isinstance(row, OutboxMessage) and row.kind == MailKind.SESSION_CANCELLED
    ]
    assert {row.person_id for row in letters} == {eva, cast.people["Susan"]}


def test_what_was_taken_back_goes_wholly_once_its_hour_has_passed(
    database: Database, cast: Cast, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    arrange_session(database, cast, eva, now, now + timedelta(days=3))
    take_back(database, eva, now)
    retain(database, now + timedelta(days=3))
    assert count(database, Offer) == 1
    retain(database, now + timedelta(days=3, hours=2))
    left = (SupportRequest, Offer, SupportSession, Booking, SupportRequest)
    assert [count(database, table) for table in left] == [0] * 5


def test_a_session_that_has_begun_is_not_cancelled_by_taking_back(
    database: Database, cast: Cast, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    session_id = arrange_session(database, cast, eva, now, now + timedelta(days=3))
    take_back(database, eva, now + timedelta(days=3, minutes=1))
    assert session_of(database, session_id).state is SessionState.SCHEDULED
    assert count(database, SupportRequest) == 0


def test_the_audit_log_never_names_who_asked_or_took_back(
    database: Database, cast: Cast, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    arrange_session(database, cast, eva, now, now + timedelta(days=3))
    ask(database, eva, now, RequestWish.CRISIS_HELP)
    take_back(database, eva, now)
    events = rows_of(database, AuditEvent)
    assert [event.act for event in events] == ["request.arranged", "session.cancelled"]  # type: ignore[attr-defined]
    assert [event.by for event in events] == [str(HR), "somebody"]  # type: ignore[attr-defined]
    said = " ".join(f"{e.by} {e.subject} {e.details}" for e in events)  # type: ignore[attr-defined]
    assert str(eva) not in said


def test_arranging_makes_one_offer_of_no_unit(database: Database, eva: UUID, now: datetime) -> None:
    ask(database, eva, now)
    first, second = arrange(database, now), arrange(database, now)
    assert first.id == second.id
    (offer,) = rows_of(database, Offer)
    assert isinstance(offer, Offer)
    found = (offer.unit_id, offer.flag_id, offer.owner_id, offer.state)
    assert found == (None, None, None, OfferState.OFFERED)
    assert acts(database) == ["request.arranged"]


def test_a_request_that_does_not_exist_is_missing(
    database: Database, cast: Cast, now: datetime
) -> None:
    with pytest.raises(Missing), database.writing(Reach.WORKPLACE) as session:
        requests.arrange(session, uuid4(), SupportForm.DEFUSING, today=now.date(), now=now, by=HR)


def test_a_request_seen_to_is_deleted_a_month_later_and_another_can_be_made(
    database: Database, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    for _ in range(2):
        finish(database, now)
    assert acts(database) == ["request.finished"]
    with database.reading(Reach.EMPLOYEE) as session:
        assert requests.find_own(session, eva) is None
    with pytest.raises(Refused, match="seen to"):
        arrange(database, now)
    ask(database, eva, now + timedelta(days=1))
    retain(database, now + timedelta(days=KEPT_DAYS_AFTER - 1))
    assert count(database, SupportRequest) == 2
    retain(database, now + timedelta(days=KEPT_DAYS_AFTER))
    assert count(database, SupportRequest) == 1


def test_a_request_is_not_seen_to_while_its_session_is_ahead(
    database: Database, cast: Cast, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    arrange_session(database, cast, eva, now, now + timedelta(days=3))
    with pytest.raises(Refused, match="still to come"):
        finish(database, now)
    finish(database, now + timedelta(days=4))


def test_a_month_after_the_session_nothing_says_who_it_was_with(
    database: Database, cast: Cast, eva: UUID, now: datetime
) -> None:
    ask(database, eva, now)
    session_id = arrange_session(database, cast, eva, now, now + timedelta(days=3))
    later = now + timedelta(days=4)
    with database.writing(Reach.SUPERVISOR) as session:
        write_record(session, session_id, RecordValues(1), zone=ZONE, now=later, by=HR)
    retain(database, later)
    assert count(database, SupportRequest) == 1
    retain(database, now + timedelta(days=4 + KEPT_DAYS_AFTER))
    assert (count(database, SupportRequest), count(database, Booking)) == (0, 0)
    assert session_of(database, session_id).state is SessionState.HELD


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("Eva", ["Hanne Thomsen"]),
        ("Karl", ["Hanne Thomsen", "Hugo Madsen"]),
        ("Susan", ["Hanne Thomsen"]),
    ],
)
def test_hr_of_ones_own_part_and_of_the_whole_see_a_request(
    database: Database, cast: Cast, now: datetime, name: str, who: list[str]
) -> None:
    with database.reading(Reach.EMPLOYEE) as session:
        found = requests.find_who_sees(session, cast.people[name], today=now.date())
    assert found == who


def test_whoever_has_moved_asks_hr_of_their_new_unit(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        old = session.scalars(select(Membership).where(Membership.person_id == cast.people["Karl"]))
        old.one().until_day = now.date()
        session.add(
            Membership(
                person_id=cast.people["Karl"], unit_id=cast.units["team_a"], from_day=now.date()
            )
        )
    with database.reading(Reach.EMPLOYEE) as session:
        found = requests.find_who_sees(session, cast.people["Karl"], today=now.date())
    assert found == ["Hanne Thomsen"]


def test_hr_gets_one_mail_that_names_nobody(
    database: Database, cast: Cast, now: datetime, office: PostOffice, mail_server: MailServer
) -> None:
    ask(database, cast.people["Karl"], now)
    ask(database, cast.people["Mia"], now + timedelta(minutes=2))
    assert {row.kind for row in office.rows()} == {MailKind.REQUEST_WAITING}
    assert all(row.context == {} and row.session_id is None for row in office.rows())
    office.clock.forward(minutes=16)
    office.deliver()
    assert sorted(str(m.message["To"]) for m in mail_server.received) == [
        f"Hanne Thomsen <{email_of('Hanne')}>",
        f"Hugo Madsen <{email_of('Hugo')}>",
    ]
    for mail in mail_server.received:
        words = words_of(mail.message)
        assert "/hr/requests" in words
        assert not any(name in words for name in ("Karl", "Mia", "12 34 56 78"))


def test_no_mail_goes_about_a_request_taken_back_or_arranged_meanwhile(
    database: Database, eva: UUID, cast: Cast, now: datetime, office: PostOffice
) -> None:
    ask(database, eva, now)
    take_back(database, eva, now)
    office.clock.forward(minutes=16)
    assert office.deliver().sent == 0
    ask(database, eva, office.clock.now())
    arrange(database, office.clock.now())
    office.clock.forward(minutes=16)
    assert office.deliver().sent == 0


@pytest.mark.parametrize("reach", [Reach.LEADER, Reach.SUPERVISOR, Reach.ADMIN, Reach.SIGN_IN])
def test_no_other_connection_can_read_a_request(
    database: Database, eva: UUID, now: datetime, reach: Reach
) -> None:
    ask(database, eva, now)
    with (
        pytest.raises(Exception, match=r"denied|prohibited|not authorized"),
        database.reading(reach) as session,
    ):
        session.scalars(select(SupportRequest)).all()
