"""A private address shows its owner's own sessions, to whoever has it, until it is revoked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
import vobject
from sqlalchemy import select

from tests.cast import Cast
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.calendar_feeds import (
    find_address_made_at,
    find_feed,
    make_address,
    revoke_address,
)
from wellbeing.actions.session_letters import describe_session
from wellbeing.actions.session_people import invite_to
from wellbeing.crypto.secrets import hash_token
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SupportForm
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import CalendarFeed
from wellbeing.store.support import (
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)
from wellbeing.texts import Texts

BY = Actor.command("test")
SETTINGS = Settings(base_url="https://trivsel.example.dk", organisation="Østerhus")


@dataclass
class Calendars:
    """Sessions of Susan's, and the addresses of people."""

    database: Database
    cast: Cast
    now: datetime

    def add(
        self,
        places: Mapping[str, BookingState],
        *,
        days: float = 7,
        state: SessionState = SessionState.SCHEDULED,
    ) -> UUID:
        """A session in so many days, in which people have places."""
        starts_at = self.now + timedelta(days=days)
        offer = Offer(
            id=uuid4(),
            unit_id=self.cast.units["team_a"],
            form=SupportForm.DEBRIEFING,
            state=OfferState.SCHEDULED,
            offered_on=self.now.date(),
        )
        about = SupportSession(
            id=uuid4(),
            offer_id=offer.id,
            supervisor_id=self.cast.people["Susan"],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            place="Mødelokale 2",
            video_link="https://video.example/hemmelig",
            state=state,
            sequence=2,
        )
        with self.database.writing(Reach.EVERYTHING) as session:
            session.add(offer)
            session.flush()
            session.add(about)
            session.flush()
            for name, booked in places.items():
                row = invite_to(about, self.cast.people[name])
                row.state = booked
                session.add(row)
        return about.id

    def make(self, name: str) -> str:
        """A new address."""
        with self.database.writing(Reach.EMPLOYEE) as session:
            return make_address(session, self.cast.people[name], now=self.now, by=BY)

    def revoke(self, name: str) -> None:
        """As its owner does."""
        with self.database.writing(Reach.EMPLOYEE) as session:
            revoke_address(session, self.cast.people[name], now=self.now, by=BY)

    def read(self, secret: str) -> bytes | None:
        """What is behind the address, as the employee's pages reach it."""
        with self.database.reading(Reach.EMPLOYEE) as session:
            return find_feed(session, secret, settings=SETTINGS, now=self.now)

    def events(self, name: str) -> list[Any]:
        """What a calendar program reads at a new address of the person."""
        raw = self.read(self.make(name))
        assert raw is not None
        return list(vobject.readOne(raw.decode()).contents.get("vevent", []))

    def acts(self) -> list[AuditEvent]:
        """The audit log, which is whole."""
        with self.database.reading(Reach.EVERYTHING) as session:
            assert find_break(session) is None
            return list(session.scalars(select(AuditEvent).order_by(AuditEvent.number)))


@pytest.fixture
def calendars(database: Database, cast: Cast, now: datetime) -> Calendars:
    """Nobody has an address yet."""
    return Calendars(database, cast, now)


def test_everybody_sees_their_own_sessions_only(calendars: Calendars) -> None:
    mine = calendars.add({"Eva": BookingState.INVITED})
    booked = calendars.add({"Eva": BookingState.BOOKED, "Tom": BookingState.BOOKED}, days=8)
    found = [event.uid.value for event in calendars.events("Eva")]
    assert found == [f"session-{one}@trivsel.example.dk" for one in (mine, booked)]
    assert len(calendars.events("Tom")) == 1
    assert calendars.events("Ida") == []


def test_a_supervisor_who_belongs_to_no_unit_sees_what_they_lead(calendars: Calendars) -> None:
    calendars.add({"Eva": BookingState.INVITED})
    assert len(calendars.events("Susan")) == 1


@pytest.mark.parametrize("state", [BookingState.WAITING, BookingState.RELEASED])
def test_whoever_has_no_place_sees_nothing(calendars: Calendars, state: BookingState) -> None:
    calendars.add({"Eva": state})
    assert calendars.events("Eva") == []


def test_a_cancelled_session_is_gone_and_a_held_one_stays(calendars: Calendars) -> None:
    eva = {"Eva": BookingState.BOOKED}
    calendars.add(eva, state=SessionState.CANCELLED)
    held = calendars.add(eva, days=-8, state=SessionState.HELD)
    (event,) = calendars.events("Eva")
    assert str(held) in event.uid.value


@pytest.mark.parametrize(
    ("days", "is_shown"), [(-91, False), (-89, True), (399, True), (401, False)]
)
def test_it_reaches_90_days_back_and_400_ahead(
    calendars: Calendars, days: int, is_shown: bool
) -> None:
    calendars.add({"Eva": BookingState.BOOKED}, days=days)
    assert bool(calendars.events("Eva")) is is_shown


def test_every_time_in_it_is_right_whenever_it_is_fetched(calendars: Calendars) -> None:
    start = calendars.now
    for month in range(0, 13, 3):
        calendars.now = start + timedelta(days=30.5 * month)
        ids = {calendars.add({"Eva": BookingState.BOOKED}, days=d) for d in (-89, 60, 240, 399)}
        for event in calendars.events("Eva"):
            session_id = UUID(event.uid.value.removeprefix("session-").partition("@")[0])
            with calendars.database.reading(Reach.EVERYTHING) as session:
                about = session.get_one(SupportSession, session_id)
            assert event.dtstart.value == about.starts_at
            ids.discard(session_id)
        assert ids == set()


def test_it_says_when_and_where_and_nothing_of_who_or_why(calendars: Calendars) -> None:
    calendars.add({"Eva": BookingState.BOOKED, "Tom": BookingState.BOOKED})
    raw = calendars.read(calendars.make("Eva"))
    assert raw is not None
    text = raw.decode().replace("\r\n ", "")
    assert "SUMMARY:Tid til faglig refleksion" in text
    assert "LOCATION:Mødelokale 2" in text
    for word in ("mailto", "Tom", "Eva", "Susan", "Anemonen", "ebriefing", "video.example"):
        assert word not in text
    for line in ("METHOD", "ATTENDEE", "ORGANIZER", "DESCRIPTION"):
        assert f"\n{line}" not in text


def test_a_session_has_the_same_uid_and_number_as_its_invitation(
    calendars: Calendars, cast: Cast
) -> None:
    session_id = calendars.add({"Eva": BookingState.BOOKED})
    (event,) = calendars.events("Eva")
    with calendars.database.reading(Reach.EVERYTHING) as session:
        letter = describe_session(
            session,
            session_id,
            cast.people["Eva"],
            texts=Texts("da"),
            settings=SETTINGS,
            now=calendars.now,
        )
    assert event.uid.value == letter.event.uid
    assert int(event.sequence.value) == letter.event.sequence == 2


def test_it_stays_the_same_to_the_byte_until_something_changes(calendars: Calendars) -> None:
    calendars.add({"Eva": BookingState.BOOKED})
    secret = calendars.make("Eva")
    before = calendars.read(secret)
    calendars.now += timedelta(hours=5)
    assert calendars.read(secret) == before
    calendars.add({"Eva": BookingState.BOOKED}, days=9)
    assert calendars.read(secret) != before


def test_only_the_hash_of_the_secret_is_kept_and_the_log_has_nothing_of_it(
    calendars: Calendars, cast: Cast
) -> None:
    secret = calendars.make("Eva")
    with calendars.database.reading(Reach.EVERYTHING) as session:
        (feed,) = session.scalars(select(CalendarFeed))
    assert feed.secret_hash == hash_token(secret)
    calendars.revoke("Eva")
    acts = calendars.acts()
    assert [act.act for act in acts] == ["calendar.address_made", "calendar.address_revoked"]
    for act in acts:
        assert secret not in f"{act.subject} {act.details}"
        assert hash_token(secret) not in f"{act.subject} {act.details}"


def test_a_new_address_ends_the_old_one(calendars: Calendars) -> None:
    first, second = calendars.make("Eva"), calendars.make("Eva")
    assert calendars.read(first) is None
    assert calendars.read(second) is not None


def test_a_revoked_address_opens_nothing_and_revoking_twice_is_once(calendars: Calendars) -> None:
    secret, other = calendars.make("Eva"), calendars.make("Tom")
    calendars.revoke("Eva")
    calendars.revoke("Eva")
    assert calendars.read(secret) is None
    assert calendars.read(other) is not None
    assert [act.act for act in calendars.acts()].count("calendar.address_revoked") == 1


def test_whoever_has_left_has_no_calendar_here_any_more(calendars: Calendars, cast: Cast) -> None:
    secret = calendars.make("Eva")
    with calendars.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).status = PersonStatus.DISABLED
    assert calendars.read(secret) is None


@pytest.mark.parametrize("secret", ["", "x", "æ" * 500, "' OR 1=1 --", "0" * 64])
def test_a_secret_that_is_none_opens_nothing(calendars: Calendars, secret: str) -> None:
    calendars.make("Eva")
    assert calendars.read(secret) is None


def test_two_presses_at_once_leave_one_address_that_works(calendars: Calendars, cast: Cast) -> None:
    made, together = list[str](), Barrier(4)

    def press() -> None:
        together.wait()
        made.append(calendars.make("Eva"))

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert sum(calendars.read(secret) is not None for secret in made) == 1
    with calendars.database.reading(Reach.EMPLOYEE) as session:
        assert find_address_made_at(session, cast.people["Eva"]) == calendars.now
