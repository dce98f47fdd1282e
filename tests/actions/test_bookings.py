"""What people book for themselves: a free time, a place, the waiting list, and stepping back."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.actions.desk import HR, LINK, ZONE, Desk, at, give_hours
from tests.actions.post_office import PostOffice
from wellbeing.actions.bookings import step_back, take_place
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.own_talks import WantedTime, book_slot, find_slots
from wellbeing.actions.places import PlaceValues, change_place
from wellbeing.actions.scheduling import cancel_session, schedule
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.supervisors import ExceptionValues, add_exception
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.support import BookingState, Offer, OfferState, SessionState

# Notice is two hours and the clock shows ten on Monday 2 February 2026.
FIRST_FREE = at("2026-02-02", "12:00")


@pytest.fixture
def wanted(desk: Desk) -> WantedTime:
    """Individual supervision with Susan, Tuesday at nine."""
    return WantedTime(SupportForm.INDIVIDUAL_SUPERVISION, desk.susan, at("2026-02-03", "09:00"))


def book(desk: Desk, name: str, wanted: WantedTime, now: datetime | None = None) -> UUID:
    """Books as the named person does."""
    with desk.database.writing(Reach.EMPLOYEE) as session:
        person_id = desk.cast.people[name]
        return book_slot(session, person_id, wanted, zone=ZONE, now=now or desk.now).id


def back(desk: Desk, name: str, session_id: UUID, now: datetime | None = None) -> None:
    """Steps back as the named person does."""
    with desk.database.writing(Reach.EMPLOYEE) as session:
        step_back(session, desk.cast.people[name], session_id, now=now or desk.now)


def take(desk: Desk, name: str, session_id: UUID) -> BookingState:
    """Takes a place as the named person does."""
    with desk.database.writing(Reach.EMPLOYEE) as session:
        person_id = desk.cast.people[name]
        return take_place(session, person_id, session_id, zone=ZONE, now=desk.now)


@pytest.fixture
def with_two_places(desk: Desk) -> UUID:
    """A session of team A in which two can book a place."""
    values = SessionValues(
        SupportForm.TEAM_SUPERVISION, desk.susan, date(2026, 2, 9), time(13), 90, "Loftet", seats=2
    )
    offer_id = desk.offer()
    with desk.database.writing(Reach.WORKPLACE) as session:
        return schedule(session, offer_id, values, zone=ZONE, now=desk.now, by=HR).id


def slots_of(desk: Desk, name: str, form: SupportForm) -> list[datetime]:
    """When Susan's free times begin, for the named person."""
    with desk.database.reading(Reach.EMPLOYEE) as session:
        found = find_slots(session, form, desk.cast.people[name], zone=ZONE, now=desk.now)
    return [slot.starts_at for slot in found.get(desk.susan, [])]


def test_free_times_begin_after_the_notice_and_reach_six_weeks(desk: Desk) -> None:
    found = slots_of(desk, "Eva", SupportForm.INDIVIDUAL_SUPERVISION)
    assert found[0] == FIRST_FREE
    assert found[-1] == at("2026-03-16", "14:00")


def test_a_free_time_becomes_a_talk_that_only_two_know_of(desk: Desk, wanted: WantedTime) -> None:
    session_id = book(desk, "Eva", wanted)
    found = desk.session(session_id)
    assert (found.starts_at, found.ends_at) == (
        at("2026-02-03", "09:00"),
        at("2026-02-03", "10:00"),
    )
    assert desk.bookings(session_id) == {desk.cast.people["Eva"]: "booked"}
    with desk.database.reading(Reach.LEADER) as session:
        offer = session.scalars(select(Offer)).one()
    assert (offer.unit_id, offer.flag_id, offer.owner_id) == (None, None, None)
    assert set(desk.letters(MailKind.SESSION_INVITATION)) == {desk.cast.people["Eva"], desk.susan}


def test_no_booking_is_in_the_audit_log(
    desk: Desk, wanted: WantedTime, with_two_places: UUID
) -> None:
    before = desk.acts()
    session_id = book(desk, "Eva", wanted)
    take(desk, "Tom", with_two_places)
    back(desk, "Eva", session_id)
    back(desk, "Tom", with_two_places)
    assert desk.acts() == before


def test_booking_twice_is_booking_once(desk: Desk, wanted: WantedTime) -> None:
    assert book(desk, "Eva", wanted) == book(desk, "Eva", wanted)
    assert desk.count_sessions() == 1
    assert len(desk.letters(MailKind.SESSION_INVITATION)) == 2


def test_a_time_that_is_gone_is_refused(desk: Desk, wanted: WantedTime) -> None:
    book(desk, "Eva", wanted)
    for minutes in (0, 30, -30):
        other = replace(wanted, starts_at=wanted.starts_at + timedelta(minutes=minutes))
        with pytest.raises(Refused, match="no longer free"):
            book(desk, "Tom", other)
    assert desk.count_sessions() == 1


WRONG = {
    "within the notice": ({"starts_at": at("2026-02-02", "11:30")}, "no longer free"),
    "yesterday": ({"starts_at": at("2026-02-01", "09:00")}, "free times"),
    "in a year": ({"starts_at": at("2027-02-01", "09:00")}, "free times"),
    "off the hour": ({"starts_at": at("2026-02-03", "09:10")}, "no longer free"),
    "on a Sunday": ({"starts_at": at("2026-02-08", "09:00")}, "no longer free"),
    "nobody": ({"supervisor_id": UUID(int=4)}, "free times"),
    "a form for units": ({"form": SupportForm.DEBRIEFING}, "book for yourself"),
    "no session at all": ({"form": SupportForm.TEAM_CONVERSATION}, "book for yourself"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_time_that_cannot_be_is_refused(desk: Desk, wanted: WantedTime, wrong: str) -> None:
    changes, says = WRONG[wrong]
    with pytest.raises((BadInput, Refused), match=says):
        book(desk, "Eva", replace(wanted, **changes))  # type: ignore[arg-type]
    assert desk.count_sessions() == 0


def test_nobody_books_themselves(desk: Desk, wanted: WantedTime) -> None:
    with pytest.raises(BadInput, match="free times"):
        book(desk, "Susan", wanted)
    assert slots_of(desk, "Susan", SupportForm.DEFUSING) == []


def test_who_is_no_supervisor_any_more_is_not_booked(desk: Desk, wanted: WantedTime) -> None:
    with desk.database.writing(Reach.EVERYTHING) as session:
        query = select(RoleGrant).where(RoleGrant.person_id == desk.susan)
        session.delete(session.scalars(query).one())
    with pytest.raises(BadInput, match="free times"):
        book(desk, "Eva", wanted)


def test_a_supervisor_is_offered_only_for_what_they_lead(desk: Desk) -> None:
    with desk.database.writing(Reach.EVERYTHING) as session:
        give_hours(session, desk.susan, desk.now, forms=[SupportForm.DEFUSING])
    assert slots_of(desk, "Eva", SupportForm.DEFUSING)
    assert slots_of(desk, "Eva", SupportForm.CRISIS_HELP) == []


def test_a_day_away_is_not_offered(desk: Desk, wanted: WantedTime) -> None:
    with desk.database.writing(Reach.SUPERVISOR) as session:
        away = ExceptionValues(date(2026, 2, 3), date(2026, 2, 3))
        add_exception(session, desk.susan, away, now=desk.now, by=HR)
    with pytest.raises(Refused, match="no longer free"):
        book(desk, "Eva", wanted)


def test_a_week_takes_no_more_than_the_supervisor_can(desk: Desk, wanted: WantedTime) -> None:
    with desk.database.writing(Reach.EVERYTHING) as session:
        give_hours(session, desk.susan, desk.now, a_week=1)
    book(desk, "Eva", wanted)
    with pytest.raises(Refused, match="no longer free"):
        book(desk, "Tom", replace(wanted, starts_at=at("2026-02-05", "09:00")))
    book(desk, "Tom", replace(wanted, starts_at=at("2026-02-10", "09:00")))


@pytest.mark.asvs("2.3.2")
def test_a_person_holds_three_talks_at_most(desk: Desk, wanted: WantedTime) -> None:
    days = ("2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06")
    for day in days[:3]:
        book(desk, "Eva", replace(wanted, starts_at=at(day, "09:00")))
    last = replace(wanted, starts_at=at(days[3], "09:00"))
    with pytest.raises(Refused, match="3 talks"):
        book(desk, "Eva", last)
    book(desk, "Eva", last, now=at("2026-02-03", "10:00"))


def test_two_talks_at_one_time_are_refused(desk: Desk, wanted: WantedTime) -> None:
    dina = desk.cast.people["Dina"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=dina, role=Role.SUPERVISOR))
        session.flush()
        give_hours(session, dina, desk.now)
    book(desk, "Eva", wanted)
    with pytest.raises(Refused, match="another booking"):
        book(desk, "Eva", replace(wanted, supervisor_id=dina))
    assert at("2026-02-03", "09:30") not in slots_of(desk, "Eva", SupportForm.CRISIS_HELP)


def test_the_smallest_free_room_is_given_and_then_the_next(desk: Desk, wanted: WantedTime) -> None:
    first = book(desk, "Eva", wanted)
    assert (desk.session(first).place, desk.session(first).place_id) == ("Kammeret", desk.rooms[0])
    people = [desk.cast.people[name] for name in ("Dina", "Adam")]
    with desk.database.writing(Reach.EVERYTHING) as session:
        for person_id in people:
            session.add(RoleGrant(person_id=person_id, role=Role.SUPERVISOR))
            session.flush()
            give_hours(session, person_id, desk.now)
    second = book(desk, "Tom", replace(wanted, supervisor_id=people[0]))
    assert desk.session(second).place_id == desk.rooms[1]
    third = replace(wanted, supervisor_id=people[1])
    with pytest.raises(Refused, match="No room"):
        book(desk, "Sara", third)
    assert desk.session(book(desk, "Sara", replace(third, by_video=True))).video_link == LINK


def test_without_rooms_the_place_is_left_to_whoever_leads(desk: Desk, wanted: WantedTime) -> None:
    with desk.database.writing(Reach.WORKPLACE) as session:
        for room, name in zip(desk.rooms, ("Kammeret", "Loftet"), strict=True):
            values = PlaceValues(name, 4, active=False)
            change_place(session, room, values, now=desk.now, by=HR)
    found = desk.session(book(desk, "Eva", wanted))
    assert (found.place, found.place_id, found.video_link) == ("", None, None)


def test_video_needs_a_link(desk: Desk, wanted: WantedTime) -> None:
    with desk.database.writing(Reach.EVERYTHING) as session:
        give_hours(session, desk.susan, desk.now, video_link="")
    with pytest.raises(BadInput, match="no video link"):
        book(desk, "Eva", replace(wanted, by_video=True))


def test_stepping_back_from_a_talk_leaves_no_trace_of_the_person_and_frees_the_time(
    desk: Desk, wanted: WantedTime
) -> None:
    session_id = book(desk, "Eva", wanted)
    for _ in range(2):
        back(desk, "Eva", session_id)
    assert desk.bookings(session_id) == {}
    assert desk.session(session_id).state is SessionState.CANCELLED
    assert desk.letters(MailKind.SESSION_CANCELLED) == [desk.susan]
    with desk.database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Offer)).one().state is OfferState.CLOSED
    book(desk, "Tom", wanted)


def test_whoever_books_again_after_stepping_back_gets_a_new_invitation(
    desk: Desk, wanted: WantedTime, with_two_places: UUID
) -> None:
    for _ in range(2):
        take(desk, "Eva", with_two_places)
        back(desk, "Eva", with_two_places)
    assert (
        desk.letters(MailKind.SESSION_INVITATION, with_two_places).count(desk.cast.people["Eva"])
        == 2
    )


def test_nobody_steps_back_from_what_has_begun(desk: Desk, wanted: WantedTime) -> None:
    session_id = book(desk, "Eva", wanted)
    with pytest.raises(Refused, match="has begun"):
        back(desk, "Eva", session_id, now=wanted.starts_at)


def test_another_person_s_talk_is_not_touched_by_stepping_back(
    desk: Desk, wanted: WantedTime
) -> None:
    session_id = book(desk, "Eva", wanted)
    back(desk, "Tom", session_id)
    with pytest.raises(Missing):
        back(desk, "Tom", uuid4())
    assert desk.bookings(session_id) == {desk.cast.people["Eva"]: "booked"}


def test_who_is_invited_with_the_unit_may_step_back_as_well(desk: Desk) -> None:
    values = SessionValues(
        SupportForm.TEAM_SUPERVISION, desk.susan, date(2026, 2, 9), time(13), 90, "Loftet"
    )
    offer_id = desk.offer()
    with desk.database.writing(Reach.WORKPLACE) as session:
        made = schedule(session, offer_id, values, zone=ZONE, now=desk.now, by=HR)
    back(desk, "Eva", made.id)
    assert len(desk.bookings(made.id)) == 8


def test_places_go_to_the_first_and_the_rest_wait(desk: Desk, with_two_places: UUID) -> None:
    states = [take(desk, name, with_two_places) for name in ("Eva", "Tom", "Anne", "Eva", "Anne")]
    booked, waiting = BookingState.BOOKED, BookingState.WAITING
    assert states == [booked, booked, waiting, booked, waiting]
    letters = desk.letters(MailKind.SESSION_INVITATION, with_two_places)
    expected = {desk.susan, desk.cast.people["Eva"], desk.cast.people["Tom"]}
    assert set(letters) == expected
    assert len(letters) == 3


def test_a_place_given_back_goes_to_the_first_in_line_with_a_letter(
    desk: Desk, with_two_places: UUID
) -> None:
    for name in ("Eva", "Tom", "Anne", "Bent"):
        take(desk, name, with_two_places)
    back(desk, "Eva", with_two_places)
    people = desk.cast.people
    assert desk.bookings(with_two_places) == {
        people["Tom"]: "booked",
        people["Anne"]: "booked",
        people["Bent"]: "waiting",
    }
    assert people["Anne"] in desk.letters(MailKind.SESSION_INVITATION, with_two_places)


def test_whoever_is_booked_elsewhere_by_then_is_passed_over_and_keeps_waiting(
    desk: Desk, with_two_places: UUID
) -> None:
    for name in ("Eva", "Tom", "Anne", "Bent"):
        take(desk, name, with_two_places)
    dina = desk.cast.people["Dina"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=dina, role=Role.SUPERVISOR))
        session.flush()
        give_hours(session, dina, desk.now)
    talk = WantedTime(SupportForm.CRISIS_HELP, dina, at("2026-02-09", "13:00"))
    book(desk, "Anne", talk)
    back(desk, "Eva", with_two_places)
    people = desk.cast.people
    found = desk.bookings(with_two_places)
    assert (found[people["Anne"]], found[people["Bent"]]) == ("waiting", "booked")


def test_whoever_waits_and_steps_back_gives_nobody_a_place(
    desk: Desk, with_two_places: UUID
) -> None:
    for name in ("Eva", "Tom", "Anne", "Bent"):
        take(desk, name, with_two_places)
    back(desk, "Anne", with_two_places)
    assert sorted(desk.bookings(with_two_places).values()) == ["booked", "booked", "waiting"]


@pytest.mark.parametrize("name", ["Ida", "Otto", "Hugo"])
def test_a_session_of_another_unit_does_not_exist(
    desk: Desk, with_two_places: UUID, name: str
) -> None:
    with pytest.raises(Missing):
        take(desk, name, with_two_places)


def test_the_leader_of_the_unit_can_take_a_place(desk: Desk, with_two_places: UUID) -> None:
    assert take(desk, "Lis", with_two_places) is BookingState.BOOKED


def test_a_session_without_places_or_one_s_own_or_cancelled_takes_nobody(
    desk: Desk, wanted: WantedTime, with_two_places: UUID
) -> None:
    with pytest.raises(Missing):
        take(desk, "Tom", book(desk, "Eva", wanted))
    with pytest.raises(Missing):
        take(desk, "Tom", uuid4())
    with desk.database.writing(Reach.WORKPLACE) as session:
        cancel_session(session, with_two_places, now=desk.now, by=HR)
    with pytest.raises(Refused, match="cancelled"):
        take(desk, "Tom", with_two_places)


def test_a_letter_to_somebody_who_has_stepped_back_is_not_sent_and_does_not_wait(
    desk: Desk, wanted: WantedTime, office: PostOffice
) -> None:
    session_id = book(desk, "Eva", wanted)
    back(desk, "Eva", session_id)
    done = office.deliver()
    with desk.database.reading(Reach.EVERYTHING) as session:
        waiting = session.scalars(select(OutboxMessage.state)).all()
    # To the supervisor that it is off, and to Eva's own calendar.
    assert (done.sent, done.postponed) == (2, 0)
    assert {state.value for state in waiting} == {"ended"}
