"""A session for an offer: where, for how many, moved and cancelled; one hour only once."""

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.actions.desk import HR, LINK, ZONE, Desk, at
from tests.actions.post_office import PostOffice
from tests.mail_server import MailServer
from wellbeing.actions.bookings import take_place
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.places import PlaceValues, change_place
from wellbeing.actions.scheduling import MoveValues, cancel_session, move_session, schedule
from wellbeing.actions.session_people import count_taken_elsewhere
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.supervisors import ProfileValues, save_profile
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.reach import Reach
from wellbeing.store.support import Booking, Offer, OfferState


@pytest.fixture
def values(desk: Desk) -> SessionValues:
    """Susan, a Monday at one, on the loft."""
    return SessionValues(
        SupportForm.TEAM_SUPERVISION, desk.susan, date(2026, 2, 9), time(13), 90,
        place_id=desk.rooms[1],
    )  # fmt: skip


def make(desk: Desk, offer_id: UUID, values: SessionValues) -> UUID:
    """Schedules as HR does."""
    with desk.database.writing(Reach.WORKPLACE) as session:
        return schedule(session, offer_id, values, zone=ZONE, now=desk.now, by=HR).id


def move(desk: Desk, session_id: UUID, values: MoveValues, now: datetime | None = None) -> None:
    """Moves as HR does."""
    with desk.database.writing(Reach.WORKPLACE) as session:
        move_session(session, session_id, values, zone=ZONE, now=now or desk.now, by=HR)


def cancel(desk: Desk, session_id: UUID) -> None:
    """Cancels as HR does."""
    with desk.database.writing(Reach.WORKPLACE) as session:
        cancel_session(session, session_id, now=desk.now, by=HR)


def request_of(desk: Desk, name: str, form: SupportForm = SupportForm.DEFUSING) -> UUID:
    """The offer that answers the named person's own request."""
    with desk.database.writing(Reach.WORKPLACE) as session:
        offer = Offer(form=form, state=OfferState.OFFERED, offered_on=desk.now.date())
        session.add(offer)
        session.flush()
        session.add(
            SupportRequest(
                person_id=desk.cast.people[name],
                wish=RequestWish.TALK,
                contact="",
                asked_on=desk.now.date(),
                offer_id=offer.id,
            )
        )
        return offer.id


def state_of(desk: Desk, offer_id: UUID) -> OfferState:
    """Where the offer has got to."""
    with desk.database.reading(Reach.WORKPLACE) as session:
        return session.get_one(Offer, offer_id).state


def test_an_offer_to_a_unit_invites_all_of_it(desk: Desk, values: SessionValues) -> None:
    offer_id = desk.offer()
    session_id = make(desk, offer_id, values)
    found = desk.session(session_id)
    assert (found.place, found.place_id, found.seats) == ("Loftet", desk.rooms[1], None)
    members = {*desk.cast.members_of("team_a"), desk.cast.people["Lis"]}
    assert desk.bookings(session_id) == dict.fromkeys(members, "invited")
    assert state_of(desk, offer_id) is OfferState.SCHEDULED
    assert desk.acts() == ["support.offered", "session.scheduled"]


def test_an_offer_that_is_answered_gives_the_session_there_is(
    desk: Desk, values: SessionValues
) -> None:
    offer_id = desk.offer()
    first = make(desk, offer_id, values)
    assert make(desk, offer_id, replace(values, start=time(9))) == first
    assert desk.count_sessions() == 1


def test_whoever_asked_is_booked_alone_and_the_leader_is_told_nothing(
    desk: Desk, values: SessionValues
) -> None:
    values = replace(values, form=SupportForm.DEFUSING, length_minutes=45, seats=8)
    session_id = make(desk, request_of(desk, "Eva"), values)
    assert desk.bookings(session_id) == {desk.cast.people["Eva"]: "booked"}
    assert desk.session(session_id).seats is None
    letters = desk.letters(MailKind.SESSION_INVITATION)
    assert set(letters) == {desk.cast.people["Eva"], desk.susan}


def test_a_request_that_was_taken_back_is_not_scheduled(desk: Desk, values: SessionValues) -> None:
    offer_id = request_of(desk, "Eva")
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.delete(session.scalars(select(SupportRequest)).one())
    with pytest.raises(BadInput, match="taken it back"):
        make(desk, offer_id, replace(values, form=SupportForm.DEFUSING, length_minutes=45))


def test_an_offer_that_is_closed_or_unknown_gets_no_session(
    desk: Desk, values: SessionValues
) -> None:
    offer_id = desk.offer()
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.get_one(Offer, offer_id).state = OfferState.CLOSED
    with pytest.raises(Refused, match="closed"):
        make(desk, offer_id, values)
    with pytest.raises(Missing):
        make(desk, uuid4(), values)


WRONG = {
    "a form for one": ({"form": SupportForm.INDIVIDUAL_SUPERVISION}, "cannot be given here"),
    "a form without sessions": ({"form": SupportForm.FOLLOW_UP}, "cannot be given here"),
    "too many places": ({"seats": 13}, "1 to 12"),
    "no place at all": ({"seats": 0}, "1 to 12"),
    "more places than seats": ({"seats": 11}, "only 10"),
    "a room that is not there": ({"place_id": uuid4()}, "from the list"),
    "a link that is none": ({"video_link": "javascript:alert(1)"}, "https"),
    "a link in two parts": ({"video_link": "https://a b"}, "https"),
    "a link without end": ({"video_link": "https://" + "x" * 400}, "https"),
    "nowhere": ({"place_id": None}, "where it is"),
}


@pytest.mark.asvs("2.2.3")
@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_is_refused_and_the_offer_stays_open(
    desk: Desk, values: SessionValues, wrong: str
) -> None:
    changes, says = WRONG[wrong]
    offer_id = desk.offer()
    with pytest.raises(BadInput, match=says):
        make(desk, offer_id, replace(values, **changes))  # type: ignore[arg-type]
    assert state_of(desk, offer_id) is OfferState.OFFERED
    assert desk.count_sessions() == 0


def test_a_video_link_is_place_enough(desk: Desk, values: SessionValues) -> None:
    session_id = make(desk, desk.offer(), replace(values, place_id=None, video_link=LINK))
    assert (desk.session(session_id).place, desk.session(session_id).video_link) == ("", LINK)


def test_words_about_the_room_stand_after_its_name(desk: Desk, values: SessionValues) -> None:
    session_id = make(desk, desk.offer(), replace(values, place="ring på døren"))
    assert desk.session(session_id).place == "Loftet, ring på døren"


def test_a_room_out_of_use_is_not_given(desk: Desk, values: SessionValues) -> None:
    with desk.database.writing(Reach.WORKPLACE) as session:
        values_of_room = PlaceValues("Loftet", 10, active=False)
        change_place(session, desk.rooms[1], values_of_room, now=desk.now, by=HR)
    with pytest.raises(BadInput, match="from the list"):
        make(desk, desk.offer(), values)


def test_a_supervisor_leads_only_the_forms_they_offer(desk: Desk, values: SessionValues) -> None:
    with desk.database.writing(Reach.WORKPLACE) as session:
        profile = ProfileValues("", frozenset({SupportForm.DEBRIEFING}), 5)
        save_profile(session, desk.susan, profile, now=desk.now, by=HR)
    with pytest.raises(BadInput, match="does not lead"):
        make(desk, desk.offer(), values)


def test_a_room_is_not_given_away_twice(desk: Desk, values: SessionValues) -> None:
    make(desk, desk.offer(), values)
    dina = desk.cast.people["Dina"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=dina, role=Role.SUPERVISOR))
    with pytest.raises(Refused, match="room is taken"):
        make(desk, desk.offer("team_b"), replace(values, supervisor_id=dina))
    make(desk, desk.offer("team_c"), replace(values, supervisor_id=dina, place_id=desk.rooms[0]))


def test_somebody_booked_elsewhere_is_not_booked_by_name_but_still_invited_with_their_unit(
    desk: Desk, values: SessionValues
) -> None:
    talk = replace(values, form=SupportForm.DEFUSING, length_minutes=45)
    make(desk, request_of(desk, "Eva"), talk)
    dina = desk.cast.people["Dina"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=dina, role=Role.SUPERVISOR))
    other = replace(values, supervisor_id=dina, place_id=desk.rooms[0])
    with pytest.raises(Refused, match="another booking"):
        make(
            desk, request_of(desk, "Eva"), replace(talk, supervisor_id=dina, place_id=desk.rooms[0])
        )
    session_id = make(desk, desk.offer(), other)
    assert desk.bookings(session_id)[desk.cast.people["Eva"]] == "invited"
    with desk.database.reading(Reach.WORKPLACE) as session:
        assert count_taken_elsewhere(session, session_id) == 1


def test_moving_changes_time_and_place_for_everyone(desk: Desk, values: SessionValues) -> None:
    session_id = make(desk, desk.offer(), values)
    move(desk, session_id, MoveValues(date(2026, 2, 10), time(9), 60, place_id=desk.rooms[0]))
    found = desk.session(session_id)
    assert (found.starts_at, found.ends_at) == (
        at("2026-02-10", "09:00"),
        at("2026-02-10", "10:00"),
    )
    assert (found.place, found.sequence) == ("Kammeret", 1)
    with desk.database.reading(Reach.EVERYTHING) as session:
        hours = session.execute(select(Booking.starts_at, Booking.ends_at).distinct()).all()
    assert [tuple(row) for row in hours] == [(found.starts_at, found.ends_at)]
    assert desk.acts()[-1] == "session.moved"


def test_moving_twice_to_the_same_is_one_move(desk: Desk, values: SessionValues) -> None:
    session_id = make(desk, desk.offer(), values)
    there = MoveValues(date(2026, 2, 10), time(9), 60, place_id=desk.rooms[0])
    for _ in range(2):
        move(desk, session_id, there)
    assert desk.session(session_id).sequence == 1
    assert len(desk.letters(MailKind.SESSION_INVITATION)) == 2 * 10


def test_moving_by_half_its_length_does_not_stand_in_its_own_way(
    desk: Desk, values: SessionValues
) -> None:
    session_id = make(desk, request_of(desk, "Eva"), replace(values, form=SupportForm.CRISIS_HELP))
    move(desk, session_id, MoveValues(date(2026, 2, 9), time(13, 45), 90, place_id=desk.rooms[1]))
    assert desk.session(session_id).starts_at == at("2026-02-09", "13:45")


def test_a_move_onto_a_booked_person_s_other_hour_is_refused(
    desk: Desk, values: SessionValues
) -> None:
    talk = replace(values, form=SupportForm.DEFUSING, length_minutes=45)
    make(desk, request_of(desk, "Eva"), talk)
    dina = desk.cast.people["Dina"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=dina, role=Role.SUPERVISOR))
    later = replace(talk, supervisor_id=dina, start=time(15), place_id=desk.rooms[0])
    second = make(desk, request_of(desk, "Eva"), later)
    with pytest.raises(Refused, match="another booking"):
        move(desk, second, MoveValues(date(2026, 2, 9), time(13), 45, place_id=desk.rooms[0]))
    assert desk.session(second).starts_at == at("2026-02-09", "15:00")


@pytest.mark.parametrize(("start", "says"), [(time(13), "is taken"), (time(9), "passed")])
def test_a_move_to_an_hour_that_cannot_be_changes_nothing(
    desk: Desk, values: SessionValues, start: time, says: str
) -> None:
    make(desk, desk.offer(), values)
    other = make(desk, desk.offer("team_b"), replace(values, start=time(15)))
    day = date(2026, 2, 9) if start == time(13) else date(2026, 2, 2)
    with pytest.raises((BadInput, Refused), match=says):
        move(desk, other, MoveValues(day, start, 90, place_id=desk.rooms[1]))
    assert desk.session(other).sequence == 0


def test_a_session_that_has_begun_or_is_cancelled_is_not_moved(
    desk: Desk, values: SessionValues
) -> None:
    session_id = make(desk, desk.offer(), values)
    there = MoveValues(date(2026, 2, 20), time(9), 60, place="Kantinen")
    with pytest.raises(Refused, match="still to come"):
        move(desk, session_id, there, now=at("2026-02-09", "13:00"))
    cancel(desk, session_id)
    with pytest.raises(Refused, match="still to come"):
        move(desk, session_id, there)


def test_whoever_has_a_part_gets_words_that_it_has_moved_and_nobody_the_old_time(
    desk: Desk, values: SessionValues, office: PostOffice, mail_server: MailServer
) -> None:
    session_id = make(desk, desk.offer(), values)
    office.deliver()
    mail_server.received.clear()
    move(desk, session_id, MoveValues(date(2026, 2, 10), time(9), 60, place="Kantinen"))
    office.deliver()
    mail = mail_server.mail_to("eva@osterhus.example")
    assert str(mail.message["Subject"]) == "Flyttet: Tid til faglig refleksion"
    assert "Mødet er flyttet." in mail.body("plain")
    assert "10. februar 2026 kl. 09.00" in mail.body("plain")


def test_a_move_over_a_clock_change_keeps_the_wall_clock(desk: Desk, values: SessionValues) -> None:
    session_id = make(desk, desk.offer(), replace(values, day=date(2026, 3, 27)))
    assert desk.session(session_id).starts_at.hour == 12
    move(desk, session_id, MoveValues(date(2026, 3, 30), time(13), 90, place_id=desk.rooms[1]))
    assert desk.session(session_id).starts_at.hour == 11


def test_a_cancelled_session_releases_whom_it_held_and_forgets_who_waited(
    desk: Desk, values: SessionValues
) -> None:
    session_id = make(desk, desk.offer(), replace(values, seats=1))
    eva, tom = desk.cast.people["Eva"], desk.cast.people["Tom"]
    with desk.database.writing(Reach.EMPLOYEE) as session:
        for person in (eva, tom):
            take_place(session, person, session_id, zone=ZONE, now=desk.now)
    cancel(desk, session_id)
    assert desk.bookings(session_id) == {eva: "released"}
    assert set(desk.letters(MailKind.SESSION_CANCELLED)) == {eva, desk.susan}


@pytest.mark.parametrize(
    ("asker", "left"), [(None, OfferState.OFFERED), ("Eva", OfferState.OFFERED)]
)
def test_a_cancelled_offer_waits_for_another_time(
    desk: Desk, values: SessionValues, asker: str | None, left: OfferState
) -> None:
    offer_id = request_of(desk, asker) if asker else desk.offer()
    talk = replace(values, form=SupportForm.DEFUSING, length_minutes=45)
    first = make(desk, offer_id, talk if asker else values)
    cancel(desk, first)
    assert state_of(desk, offer_id) is left
    assert make(desk, offer_id, talk if asker else values) != first
