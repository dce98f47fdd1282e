"""150 free times and eight bookers at once: nobody and nothing is booked twice, nothing is lost.

What the database refuses is not asked here: overlaps are looked for among the rows, by hand.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import combinations
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.actions.desk import HR, ZONE, Desk, add_people, at, give_hours
from wellbeing.actions.bookings import step_back, take_place
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.own_talks import WantedTime, book_slot
from wellbeing.actions.places import PlaceValues, add_place
from wellbeing.actions.scheduling import MoveValues, move_session, schedule
from wellbeing.actions.session_times import SessionValues
from wellbeing.domain.errors import Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession

BOOKERS = 8
DAYS = ("2026-02-09", "2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13")
HOURS = range(8, 18)


@dataclass(frozen=True)
class Crowd:
    """Three supervisors with 50 hours each in one week, three rooms, and 400 people."""

    desk: Desk
    slots: tuple[WantedTime, ...]
    people: tuple[UUID, ...]

    def book(self, slot: WantedTime, person_id: UUID) -> UUID | None:
        """The session that the person has now; None where somebody was faster."""
        try:
            with self.desk.database.writing(Reach.EMPLOYEE) as session:
                return book_slot(session, person_id, slot, zone=ZONE, now=self.desk.now).id
        except Refused:
            return None


@pytest.fixture
def crowd(desk: Desk) -> Crowd:
    """150 free times, each with a room to be found."""
    with desk.database.writing(Reach.EVERYTHING) as session:
        supervisors = [desk.susan, *add_people(session, 2, unit_role=(Role.SUPERVISOR, None))]
        for supervisor_id in supervisors:
            give_hours(session, supervisor_id, desk.now, clocks=(time(8), time(18)), a_week=60)
        add_place(session, PlaceValues("Haven", 6), now=desk.now, by=HR)
        people = add_people(session, 400)
    slots = tuple(
        WantedTime(SupportForm.INDIVIDUAL_SUPERVISION, supervisor_id, at(day, f"{hour:02}:00"))
        for day in DAYS
        for hour in HOURS
        for supervisor_id in supervisors
    )
    assert len(slots) == 150
    return Crowd(desk, slots, tuple(people))


def at_once(acts: Iterable[Callable[[], object]]) -> list[object]:
    """What each act gave; all begin together."""
    waiting = list(acts)
    barrier = Barrier(len(waiting))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


def check_nothing_is_double(desk: Desk) -> None:
    """No two sessions share a supervisor or a room at a time, no two bookings a person."""
    with desk.database.reading(Reach.EVERYTHING) as session:
        query = select(SupportSession).where(SupportSession.state != SessionState.CANCELLED)
        sessions = session.scalars(query).all()
        booked = session.scalars(select(Booking).where(Booking.state == BookingState.BOOKED)).all()
    hours = [
        *(("supervisor", s.supervisor_id, s.starts_at, s.ends_at) for s in sessions),
        *(("room", s.place_id, s.starts_at, s.ends_at) for s in sessions if s.place_id),
        *(("person", b.person_id, b.starts_at, b.ends_at) for b in booked),
    ]
    by_owner: dict[tuple[str, UUID], list[tuple[datetime, datetime]]] = {}
    for kind, owner, starts_at, ends_at in hours:
        by_owner.setdefault((kind, owner), []).append((starts_at, ends_at))
    double = [
        (owner, one, other)
        for owner, spans in by_owner.items()
        for one, other in combinations(sorted(spans), 2)
        if one[0] < other[1] and other[0] < one[1]
    ]
    assert double == []


@pytest.mark.asvs("2.3.4")
@pytest.mark.timeout(900)
def test_150_slots_and_8_bookers_make_150_talks_and_none_twice(crowd: Crowd) -> None:
    # Where writers run beside each other all want the same slot; else each begins elsewhere.
    apart = len(crowd.slots) // BOOKERS if crowd.desk.database.is_sqlite else 0

    def book_all(booker: int) -> list[UUID]:
        made = []
        for number in range(len(crowd.slots)):
            which = (number + booker * apart) % len(crowd.slots)
            person = crowd.people[(which * BOOKERS + booker) % len(crowd.people)]
            found = crowd.book(crowd.slots[which], person)
            if found is not None:
                made.append(found)
        return made

    with ThreadPoolExecutor(BOOKERS) as pool:
        acknowledged = [made for given in pool.map(book_all, range(BOOKERS)) for made in given]

    assert len(acknowledged) == len(set(acknowledged)) == 150
    check_nothing_is_double(crowd.desk)
    with crowd.desk.database.reading(Reach.EVERYTHING) as session:
        there = set(session.scalars(select(SupportSession.id)))
        booked = session.scalars(select(Booking.session_id)).all()
    assert there == set(acknowledged)
    assert sorted(booked) == sorted(acknowledged)
    letters = crowd.desk.letters(MailKind.SESSION_INVITATION)
    assert len(letters) == 2 * 150


def test_one_person_with_eight_browsers_is_in_one_place_at_a_time(crowd: Crowd) -> None:
    person = crowd.people[0]
    same_hour = [slot for slot in crowd.slots if slot.starts_at == at(DAYS[0], "09:00")]
    acts = [partial(crowd.book, slot, person) for slot in same_hour * 3]
    made = {found for found in at_once(acts[:BOOKERS]) if found is not None}
    assert len(made) == 1
    check_nothing_is_double(crowd.desk)


@pytest.mark.asvs("2.3.2")
def test_a_person_s_limit_holds_against_eight_browsers(crowd: Crowd) -> None:
    person = crowd.people[0]
    made = at_once(partial(crowd.book, slot, person) for slot in crowd.slots[::3][:BOOKERS])
    assert sum(found is not None for found in made) == 3


def test_the_week_s_limit_of_a_supervisor_holds_against_eight_people(crowd: Crowd) -> None:
    with crowd.desk.database.writing(Reach.EVERYTHING) as session:
        give_hours(session, crowd.desk.susan, crowd.desk.now, clocks=(time(8), time(18)), a_week=3)
    of_susan = [slot for slot in crowd.slots if slot.supervisor_id == crowd.desk.susan]
    pairs = zip(of_susan[::2], crowd.people, strict=False)
    acts = [partial(crowd.book, slot, person) for slot, person in pairs]
    assert sum(found is not None for found in at_once(acts[:BOOKERS])) == 3


@pytest.fixture
def with_three_places(desk: Desk) -> UUID:
    """A session of team A in which three can book a place."""
    values = SessionValues(
        SupportForm.TEAM_SUPERVISION, desk.susan, date(2026, 2, 9), time(13), 90, "Haven", seats=3
    )
    offer_id = desk.offer()
    with desk.database.writing(Reach.WORKPLACE) as session:
        return schedule(session, offer_id, values, zone=ZONE, now=desk.now, by=HR).id


@pytest.mark.asvs("2.3.4")
def test_three_places_and_eight_who_want_one(desk: Desk, with_three_places: UUID) -> None:
    def take(person_id: UUID) -> BookingState:
        with desk.database.writing(Reach.EMPLOYEE) as session:
            return take_place(session, person_id, with_three_places, zone=ZONE, now=desk.now)

    team = desk.cast.members_of("team_a")
    states = at_once(partial(take, person) for person in team)
    assert states.count(BookingState.BOOKED) == 3
    with desk.database.reading(Reach.EVERYTHING) as session:
        waiting = select(Booking.position).where(Booking.state == BookingState.WAITING)
        assert sorted(session.scalars(waiting)) == [1, 2, 3, 4, 5]

    def leave(person_id: UUID) -> None:
        with desk.database.writing(Reach.EMPLOYEE) as session:
            step_back(session, person_id, with_three_places, now=desk.now)

    at_once(partial(leave, person) for person in team[:6])
    assert sorted(desk.bookings(with_three_places).values()) == ["booked", "booked"]


def test_booking_moving_and_scheduling_at_once_end_without_a_clash(crowd: Crowd) -> None:
    desk = crowd.desk
    values = SessionValues(
        form=SupportForm.TEAM_SUPERVISION,
        supervisor_id=desk.susan,
        day=date(2026, 2, 9),
        start=time(12),
        length_minutes=60,
        place_id=desk.rooms[0],
    )
    offers = [desk.offer(unit) for unit in ("team_a", "team_b")]
    with desk.database.writing(Reach.WORKPLACE) as session:
        moved = schedule(session, offers[0], values, zone=ZONE, now=desk.now, by=HR).id

    def move() -> bool:
        there = MoveValues(date(2026, 2, 9), time(9), 60, place_id=desk.rooms[0])
        return _done(desk, lambda s: move_session(s, moved, there, zone=ZONE, now=desk.now, by=HR))

    def plan() -> bool:
        asked = replace(values, start=time(9))
        return _done(desk, lambda s: schedule(s, offers[1], asked, zone=ZONE, now=desk.now, by=HR))

    slot = WantedTime(SupportForm.CRISIS_HELP, desk.susan, at("2026-02-09", "09:00"))
    bookers = [lambda p=person: crowd.book(slot, p) is not None for person in crowd.people[:6]]
    done = at_once([move, plan, *bookers])
    assert done.count(True) == 1
    check_nothing_is_double(desk)


def _done(desk: Desk, act: Callable[..., object]) -> bool:
    try:
        with desk.database.writing(Reach.WORKPLACE) as session:
            act(session)
    except Refused:
        return False
    return True


def test_the_look_for_overlaps_sees_one_that_is_planted(desk: Desk) -> None:
    slot = WantedTime(SupportForm.CRISIS_HELP, desk.susan, at("2026-02-09", "09:00"))
    with desk.database.writing(Reach.EMPLOYEE) as session:
        made = book_slot(session, desk.cast.people["Eva"], slot, zone=ZONE, now=desk.now)
    drop = "DROP TRIGGER ex_support_session_supervisor_id_insert"
    if not desk.database.is_sqlite:
        drop = "ALTER TABLE support_session DROP CONSTRAINT ex_support_session_supervisor_id"
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.connection().exec_driver_sql(drop)
        twin = {
            "offer_id": made.offer_id,
            "supervisor_id": made.supervisor_id,
            "starts_at": made.starts_at + timedelta(minutes=59),
            "ends_at": made.ends_at + timedelta(minutes=59),
            "place": "",
            "state": SessionState.SCHEDULED,
        }
        session.add(SupportSession(**twin))
    with pytest.raises(AssertionError, match="supervisor"):
        check_nothing_is_double(desk)
