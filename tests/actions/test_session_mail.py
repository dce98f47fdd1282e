"""Letters about sessions as they arrive: moved, given back, taken again; the newest is right."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import vobject
from sqlalchemy import delete, select

from tests.actions.post_office import PostOffice
from tests.cast import Cast, email_of, full_name_of
from tests.mail_server import MailServer, ReceivedMail
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.bookings import step_back
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.scheduling import cancel_session
from wellbeing.actions.session_people import invite_to
from wellbeing.actions.session_post import write_letter
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import AuditEvent, MailState, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)

BY = Actor.job("test")
INVITATION, RELEASED = MailKind.SESSION_INVITATION, MailKind.SESSION_RELEASED
VIDEO = "https://video.example/rum/7"


@dataclass
class Desk:
    """A session of Susan's in team A with Eva and Tom in it, and what HR and they do about it."""

    office: PostOffice
    cast: Cast
    server: MailServer
    session_id: UUID

    @classmethod
    def open(cls, office: PostOffice, cast: Cast, server: MailServer) -> "Desk":
        """The session in a week, nobody told yet."""
        starts_at = office.clock.now() + timedelta(days=7)
        about = SupportSession(
            id=uuid4(),
            offer_id=uuid4(),
            supervisor_id=cast.people["Susan"],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=90),
            place="Mødelokale 2",
            video_link=VIDEO,
            state=SessionState.SCHEDULED,
            sequence=0,
        )
        with office.database.writing(Reach.EVERYTHING) as session:
            session.add(
                Offer(
                    id=about.offer_id,
                    unit_id=cast.units["team_a"],
                    form=SupportForm.DEBRIEFING,
                    state=OfferState.SCHEDULED,
                    offered_on=office.clock.now().date(),
                )
            )
            session.flush()
            session.add(about)
            session.flush()
            session.add_all(invite_to(about, cast.people[name]) for name in ("Eva", "Tom"))
        return cls(office, cast, server, about.id)

    def write_to(self, *names: str, kind: MailKind = INVITATION) -> int:
        """Posts a letter about the session as it is now; how many were new."""
        with self.office.database.writing(Reach.EVERYTHING) as session:
            about = session.get_one(SupportSession, self.session_id)
            people = [self.cast.people[name] for name in names]
            now = self.office.clock.now()
            return post(session, [write_letter(about, kind, one, now=now) for one in people])

    def move(self, *names: str, days: int = 1) -> None:
        """To a later day, and tells whoever is named."""
        with self.office.database.writing(Reach.WORKPLACE) as session:
            about = session.get_one(SupportSession, self.session_id)
            about.starts_at += timedelta(days=days)
            about.ends_at += timedelta(days=days)
            about.sequence += 1
        self.write_to(*names)

    def step_back(self, name: str) -> None:
        """As somebody does on their own page."""
        with self.office.database.writing(Reach.EMPLOYEE) as session:
            person_id = self.cast.people[name]
            step_back(session, person_id, self.session_id, now=self.office.clock.now())

    def book(self, name: str, state: BookingState) -> None:
        """Gives the person a row in this state."""
        with self.office.database.writing(Reach.EMPLOYEE) as session:
            about = session.get_one(SupportSession, self.session_id)
            booking = invite_to(about, self.cast.people[name])
            booking.state = state
            session.add(booking)

    def cancel(self) -> None:
        """As HR does."""
        with self.office.database.writing(Reach.WORKPLACE) as session:
            cancel_session(session, self.session_id, now=self.office.clock.now(), by=BY)

    def deliver(self, name: str) -> list[ReceivedMail]:
        """Sends what is due, a minute on; what has come to the person by now."""
        self.office.clock.forward(minutes=1)
        self.office.deliver()
        return [mail for mail in self.server.received if mail.to == email_of(name)]

    def rows(self, name: str) -> list[OutboxMessage]:
        """The letters to a person that the outbox knows of."""
        person_id = self.cast.people[name]
        return [row for row in self.office.rows() if row.person_id == person_id]

    @property
    def starts_at(self) -> datetime:
        """When the session begins."""
        with self.office.database.reading(Reach.EVERYTHING) as session:
            return session.get_one(SupportSession, self.session_id).starts_at


@pytest.fixture
def desk(office: PostOffice, cast: Cast, mail_server: MailServer) -> Desk:
    """The session, with nobody told of it."""
    return Desk.open(office, cast, mail_server)


def calendars(mails: Iterable[ReceivedMail]) -> list[Any]:
    """The calendar object of each mail, as the second parser reads it."""
    found = []
    for mail in mails:
        (part,) = (p for p in mail.message.walk() if p.get_content_type() == "text/calendar")
        calendar = vobject.readOne(part.get_content())
        assert part.get_param("method") == calendar.method.value
        found.append(calendar)
    return found


def story(mails: Iterable[ReceivedMail]) -> list[str]:
    """What the mails asked of the calendar, in the order they came."""
    return [calendar.method.value for calendar in calendars(mails)]


def test_a_move_reaches_the_same_event_and_says_so(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.move("Eva")
    first, second = desk.deliver("Eva")
    before, after = (calendar.vevent for calendar in calendars([first, second]))
    assert before.uid.value == after.uid.value
    assert (before.sequence.value, after.sequence.value) == ("0", "1")
    assert before.dtstamp.value < after.dtstamp.value
    assert after.dtstart.value == desk.starts_at
    assert first.message["Subject"] == "Invitation til: Tid til faglig refleksion"
    assert second.message["Subject"] == "Flyttet: Tid til faglig refleksion"
    assert "Mødet er flyttet." in second.body("plain")


def test_whoever_is_told_first_after_a_move_is_invited_and_not_told_of_a_move(desk: Desk) -> None:
    desk.move("Eva")
    (mail,) = desk.deliver("Eva")
    assert mail.message["Subject"] == "Invitation til: Tid til faglig refleksion"


def test_a_letter_that_still_waits_when_the_session_moves_is_not_sent_as_well(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.move("Eva")
    desk.move("Eva")
    (mail,) = desk.deliver("Eva")
    assert mail.message["Subject"] == "Invitation til: Tid til faglig refleksion"
    (calendar,) = calendars([mail])
    assert (calendar.vevent.sequence.value, calendar.vevent.dtstart.value) == ("2", desk.starts_at)


def test_of_two_letters_under_keys_of_their_own_the_later_one_is_sent(
    desk: Desk, cast: Cast
) -> None:
    for number in (0, 1):
        if number:
            desk.move()
        with desk.office.database.writing(Reach.EVERYTHING) as session:
            about = session.get_one(SupportSession, desk.session_id)
            now = desk.office.clock.now()
            letter = write_letter(about, INVITATION, cast.people["Eva"], now=now)
            post(session, [replace(letter, occasion=f"{uuid4()}")])
    assert story(desk.deliver("Eva")) == ["REQUEST"]


def test_a_letter_that_is_tried_again_after_a_later_one_went_is_dropped(
    desk: Desk, cast: Cast
) -> None:
    desk.write_to("Eva")
    with desk.office.database.writing(Reach.EVERYTHING) as session:
        first = session.scalars(select(OutboxMessage)).one()
        first.due_at += timedelta(hours=1)
    desk.move("Eva")
    assert story(desk.deliver("Eva")) == ["REQUEST"]
    desk.office.clock.forward(hours=2)
    assert story(desk.deliver("Eva")) == ["REQUEST"]
    assert {row.state for row in desk.rows("Eva")} == {MailState.ENDED}


def test_without_a_place_the_letter_says_that_it_is_by_video(desk: Desk) -> None:
    with desk.office.database.writing(Reach.EVERYTHING) as session:
        session.get_one(SupportSession, desk.session_id).place = ""
    desk.write_to("Eva")
    (mail,) = desk.deliver("Eva")
    assert "Sted: Videomøde" in mail.body("plain")
    assert calendars([mail])[0].vevent.location.value == "Videomøde"


def test_a_letter_that_was_held_up_tells_what_is_true_when_it_goes(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.server.data_refusal = "451 Try again later"
    assert desk.deliver("Eva") == []
    desk.server.data_refusal = None
    desk.move("Eva")
    desk.office.clock.forward(minutes=30)
    (mail,) = desk.deliver("Eva")
    (calendar,) = calendars([mail])
    assert calendar.vevent.dtstart.value == desk.starts_at


def test_the_letters_of_scheduling_are_the_ones_that_a_move_overtakes(
    desk: Desk, cast: Cast
) -> None:
    with desk.office.database.reading(Reach.EVERYTHING) as session:
        about = session.get_one(SupportSession, desk.session_id)
    now, eva = desk.office.clock.now(), cast.people["Eva"]
    by_scheduling = Letter(INVITATION, eva, f"{about.id}/{about.sequence}", now, about.ends_at)
    assert write_letter(about, INVITATION, eva, now=now).once_key == by_scheduling.once_key


def test_somebody_elses_step_back_keeps_no_invitation_from_going(desk: Desk) -> None:
    desk.write_to("Eva", "Tom")
    desk.step_back("Tom")
    assert story(desk.deliver("Eva")) == ["REQUEST"]


def test_somebody_who_waits_is_invited_once_they_have_a_place(desk: Desk, cast: Cast) -> None:
    desk.book("Anne", BookingState.WAITING)
    desk.write_to("Anne")
    assert desk.deliver("Anne") == []
    with desk.office.database.writing(Reach.EVERYTHING) as session:
        booking = session.get_one(Booking, (desk.session_id, cast.people["Anne"]))
        booking.state = BookingState.BOOKED
        session.execute(delete(OutboxMessage))
    desk.write_to("Anne")
    assert story(desk.deliver("Anne")) == ["REQUEST"]


def test_whoever_steps_back_is_taken_off_alone(desk: Desk) -> None:
    desk.write_to("Eva", "Tom")
    desk.deliver("Eva")
    desk.step_back("Eva")
    mails = desk.deliver("Eva")
    assert story(mails) == ["REQUEST", "CANCEL"]
    event = calendars(mails)[1].vevent
    assert "status" not in event.contents
    assert int(event.sequence.value) == 1
    assert [one.value for one in event.attendee_list] == ["mailto:eva@osterhus.example"]
    assert story(desk.deliver("Tom")) == ["REQUEST"]


def test_stepping_back_leaves_no_trace_of_who_it_was(desk: Desk, cast: Cast) -> None:
    desk.write_to("Eva", "Tom")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.deliver("Eva")
    assert desk.rows("Eva") == []
    assert len(desk.rows("Tom")) == 1
    with desk.office.database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None
        for event in session.scalars(select(AuditEvent)):
            assert str(cast.people["Eva"]) not in f"{event.by} {event.subject} {event.details}"
        assert session.get(Booking, (desk.session_id, cast.people["Eva"])) is None


def test_stepping_back_twice_is_once(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.step_back("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    assert story(desk.deliver("Eva")) == ["REQUEST", "CANCEL"]


def test_stepping_back_from_the_waiting_list_writes_to_nobody(desk: Desk) -> None:
    desk.book("Anne", BookingState.WAITING)
    desk.step_back("Anne")
    assert desk.deliver("Anne") == []
    assert desk.office.rows() == []


def test_nobody_steps_back_from_a_session_that_does_not_exist(desk: Desk) -> None:
    desk.session_id = uuid4()
    with pytest.raises(Missing):
        desk.step_back("Eva")


def test_whoever_comes_back_is_invited_anew(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.deliver("Eva")
    desk.book("Eva", BookingState.BOOKED)
    assert desk.write_to("Eva") == 1
    mails = desk.deliver("Eva")
    assert story(mails) == ["REQUEST", "CANCEL", "REQUEST"]
    stamps = [(int(c.vevent.sequence.value), c.vevent.dtstamp.value) for c in calendars(mails)]
    assert stamps == sorted(set(stamps))
    assert mails[2].message["Subject"] == "Invitation til: Tid til faglig refleksion"


def test_whoever_comes_back_before_the_mail_goes_keeps_what_is_in_the_calendar(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.book("Eva", BookingState.BOOKED)
    assert story(desk.deliver("Eva")) == ["REQUEST"]
    assert {row.kind for row in desk.rows("Eva")} == {INVITATION}


def test_a_session_that_is_cancelled_is_taken_out_of_every_calendar(desk: Desk) -> None:
    desk.write_to("Eva", "Susan")
    desk.deliver("Eva")
    desk.cancel()
    for name in ("Eva", "Susan"):
        mails = desk.deliver(name)
        assert story(mails) == ["REQUEST", "CANCEL"]
        assert calendars(mails)[1].vevent.status.value == "CANCELLED"


def test_whoever_stepped_back_is_not_written_to_again_when_it_moves_or_is_cancelled(
    desk: Desk,
) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.deliver("Eva")
    desk.cancel()
    assert story(desk.deliver("Eva")) == ["REQUEST", "CANCEL"]


def test_a_release_that_comes_too_late_is_not_sent_and_leaves_nothing(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.office.clock.forward(days=8)
    assert story(desk.deliver("Eva")) == ["REQUEST"]
    assert [row.kind for row in desk.rows("Eva")] == [INVITATION]


def test_a_release_whose_handover_broke_off_is_sent_again_and_then_forgotten(desk: Desk) -> None:
    desk.write_to("Eva")
    desk.deliver("Eva")
    desk.step_back("Eva")
    desk.server.data_refusal = "451 Try again later"
    desk.deliver("Eva")
    assert [(row.kind, row.state) for row in desk.rows("Eva")] == [(RELEASED, MailState.WAITING)]
    desk.server.data_refusal = None
    desk.office.clock.forward(hours=1)
    assert story(desk.deliver("Eva")) == ["REQUEST", "CANCEL"]
    assert desk.rows("Eva") == []


def test_no_message_names_anybody_else_who_is_invited(desk: Desk) -> None:
    desk.write_to("Eva", "Tom", "Susan")
    desk.deliver("Eva")
    desk.move("Eva", "Tom", "Susan")
    desk.deliver("Eva")
    desk.step_back("Tom")
    desk.deliver("Eva")
    desk.cancel()
    desk.deliver("Eva")
    assert len(desk.server.received) == 3 + 3 + 1 + 2
    for mail in desk.server.received:
        others = [name for name in ("Eva", "Tom", "Susan", "Lis") if email_of(name) != mail.to]
        whole = "\n".join(
            (str(mail.message), *(part.get_payload(decode=True).decode() for part in _leaves(mail)))
        )
        decoded = whole + "".join(mail.body(kind) for kind in ("plain", "html"))
        for name in others:
            assert email_of(name) not in decoded
            # Who leads it is told in words, so that people know whom they will meet.
            if name != "Susan":
                assert full_name_of(name) not in decoded
        (calendar,) = calendars([mail])
        assert "Susan Clarke" not in calendar.serialize() or mail.to == email_of("Susan")


def _leaves(mail: ReceivedMail) -> list[Any]:
    return [part for part in mail.message.walk() if not part.is_multipart()]


def test_the_calendar_says_nothing_of_unit_form_or_supervisor(desk: Desk) -> None:
    desk.write_to("Eva")
    (mail,) = desk.deliver("Eva")
    (part,) = (p for p in mail.message.walk() if p.get_content_type() == "text/calendar")
    raw = part.get_content().replace("\r\n ", "")
    for word in ("Anemonen", "Bostøtte", "ebriefing", "Susan", "upervision", "elastning"):
        assert word not in raw
    for header in mail.message:
        assert "Anemonen" not in str(mail.message[header])


def test_the_video_link_stands_in_the_words_and_in_the_calendar(desk: Desk) -> None:
    desk.write_to("Eva")
    (mail,) = desk.deliver("Eva")
    assert VIDEO in mail.body("plain")
    assert calendars([mail])[0].vevent.url.value == VIDEO


def test_whoever_leads_is_told_that_they_do(desk: Desk) -> None:
    desk.write_to("Susan", "Eva")
    (mail,) = desk.deliver("Susan")
    assert "Du leder mødet herunder." in mail.body("plain")
    assert "skriv til den, der leder" not in mail.body("plain")
    assert "skriv til den, der leder" in desk.server.mail_to(email_of("Eva")).body("plain")


def test_without_a_mailbox_for_answers_none_is_asked_for(desk: Desk) -> None:
    desk.write_to("Eva")
    (mail,) = desk.deliver("Eva")
    event = calendars([mail])[0].vevent
    assert event.attendee.params["RSVP"] == ["FALSE"]
    assert event.organizer.value == "mailto:trivsel@osterhus.example"
    assert mail.message["Reply-To"] is None


def test_with_a_mailbox_answers_go_there_and_whoever_leads_is_not_asked(
    desk: Desk, office: PostOffice
) -> None:
    office.settings = office.settings.model_copy(
        update={"reply_maildir": office.settings.data, "mail_reply_to": "svar@osterhus.example"}
    )
    desk.write_to("Eva", "Susan")
    (mail,) = desk.deliver("Eva")
    event = calendars([mail])[0].vevent
    assert event.attendee.params["RSVP"] == ["TRUE"]
    assert event.organizer.value == "mailto:svar@osterhus.example"
    assert str(mail.message["Reply-To"]) == "svar@osterhus.example"
    assert "afvis invitationen i din kalender" in mail.body("plain")
    (leads,) = desk.deliver("Susan")
    assert calendars([leads])[0].vevent.attendee.params["RSVP"] == ["FALSE"]
