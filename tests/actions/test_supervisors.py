"""Supervisors' profiles and hours, and the rooms."""

from dataclasses import replace
from datetime import date, time
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.actions.desk import HR, Desk
from wellbeing.actions.free_times import Profile, find_profiles
from wellbeing.actions.places import PlaceValues, add_place, change_place, find_places
from wellbeing.actions.supervisors import (
    ExceptionValues,
    HoursValues,
    ProfileValues,
    add_exception,
    add_hours,
    remove_hours,
    save_profile,
)
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.supervision import Availability

PROFILE = ProfileValues("Psykolog", frozenset({SupportForm.DEBRIEFING}), 4, "https://v.example/x")
HOURS = HoursValues(0, time(9), time(12), date(2026, 1, 1))
AWAY = ExceptionValues(date(2026, 7, 1), date(2026, 7, 21))


def save(desk: Desk, person_id: UUID, values: ProfileValues) -> None:
    """Saves as a supervisor does."""
    with desk.database.writing(Reach.SUPERVISOR) as session:
        save_profile(session, person_id, values, now=desk.now, by=HR)


def profile_of(desk: Desk) -> Profile:
    """Susan's."""
    with desk.database.reading(Reach.SUPERVISOR) as session:
        return find_profiles(session, [desk.susan])[desk.susan]


def count_acts(desk: Desk) -> int:
    """How many events the audit log has."""
    with desk.database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_a_profile_is_kept_and_only_a_change_is_an_act(desk: Desk) -> None:
    save(desk, desk.susan, PROFILE)
    before = count_acts(desk)
    save(desk, desk.susan, PROFILE)
    kept = profile_of(desk).supervisor
    assert (kept.qualifications, kept.forms, kept.sessions_a_week, kept.video_link) == (
        "Psykolog",
        ["debriefing"],
        4,
        "https://v.example/x",
    )
    assert count_acts(desk) == before


@pytest.mark.parametrize(
    ("asked", "kept"), [((True, None), True), ((True, False), False), ((None, None), False)]
)
def test_only_who_may_say_so_changes_whether_a_supervisor_comes_from_outside(
    desk: Desk, asked: tuple[bool | None, ...], *, kept: bool
) -> None:
    for is_external in asked:
        save(desk, desk.susan, replace(PROFILE, is_external=is_external))
    assert profile_of(desk).supervisor.is_external is kept


WRONG_PROFILES = {
    "no form": {"forms": frozenset()},
    "a form without sessions": {"forms": frozenset({SupportForm.FOLLOW_UP})},
    "no session": {"sessions_a_week": 0},
    "more than a week holds": {"sessions_a_week": 61},
    "far too many words": {"qualifications": "x" * 401},
    "a link that is none": {"video_link": "http://x.example"},
}


@pytest.mark.parametrize("wrong", WRONG_PROFILES)
def test_a_profile_that_cannot_be_is_refused(desk: Desk, wrong: str) -> None:
    with pytest.raises(BadInput):
        save(desk, desk.susan, replace(PROFILE, **WRONG_PROFILES[wrong]))  # type: ignore[arg-type]
    assert profile_of(desk).supervisor.sessions_a_week == 40


def test_only_supervisors_have_a_profile(desk: Desk) -> None:
    for person_id in (desk.cast.people["Eva"], uuid4()):
        with pytest.raises(Missing):
            save(desk, person_id, PROFILE)


def test_hours_come_after_the_profile(desk: Desk) -> None:
    dina = desk.cast.people["Dina"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add(RoleGrant(person_id=dina, role=Role.SUPERVISOR))
        session.flush()
        with pytest.raises(Refused, match="Save first"):
            add_hours(session, dina, HOURS, now=desk.now, by=HR)


def test_the_same_hours_twice_are_one_line(desk: Desk) -> None:
    for _ in range(2):
        with desk.database.writing(Reach.SUPERVISOR) as session:
            add_hours(session, desk.susan, HOURS, now=desk.now, by=HR)
            add_exception(session, desk.susan, AWAY, now=desk.now, by=HR)
    found = profile_of(desk)
    assert (len(found.weekly), len(found.exceptions)) == (6, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"weekday": 7},
        {"weekday": -1},
        {"until_time": time(9)},
        {"until_time": time(8)},
        {"until_day": date(2025, 12, 31)},
    ],
)
def test_hours_that_cannot_be_are_refused(desk: Desk, changes: dict[str, object]) -> None:
    with desk.database.writing(Reach.SUPERVISOR) as session, pytest.raises(BadInput):
        add_hours(session, desk.susan, replace(HOURS, **changes), now=desk.now, by=HR)  # type: ignore[arg-type]
    assert len(profile_of(desk).weekly) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"until_day": date(2026, 6, 30)},
        {"from_time": time(9)},
        {"until_time": time(9)},
        {"from_time": time(9), "until_time": time(9)},
    ],
)
def test_exceptions_that_cannot_be_are_refused(desk: Desk, changes: dict[str, object]) -> None:
    with desk.database.writing(Reach.SUPERVISOR) as session, pytest.raises(BadInput):
        add_exception(session, desk.susan, replace(AWAY, **changes), now=desk.now, by=HR)  # type: ignore[arg-type]
    assert profile_of(desk).exceptions == ()


def test_lines_are_removed_by_their_owner_only_and_twice_is_once(desk: Desk) -> None:
    row = profile_of(desk).weekly[0].id
    with desk.database.writing(Reach.SUPERVISOR) as session, pytest.raises(Missing):
        remove_hours(session, desk.cast.people["Dina"], row, now=desk.now, by=HR)
    for _ in range(2):
        with desk.database.writing(Reach.SUPERVISOR) as session:
            remove_hours(session, desk.susan, row, now=desk.now, by=HR)
    assert len(profile_of(desk).weekly) == 4


def test_there_is_an_end_to_lines_of_hours(desk: Desk) -> None:
    with desk.database.writing(Reach.EVERYTHING) as session:
        session.add_all(
            Availability(
                supervisor_id=desk.susan,
                weekday=0,
                from_time="09:00",
                until_time="10:00",
                from_day=date(2026, 1, 1),
            )
            for _ in range(95)
        )
        session.flush()
        with pytest.raises(Refused, match="too many"):
            add_hours(session, desk.susan, HOURS, now=desk.now, by=HR)


def test_a_room_is_added_once_renamed_and_taken_out_of_use(desk: Desk) -> None:
    room = PlaceValues("Haven", 6)
    with desk.database.writing(Reach.WORKPLACE) as session:
        first = add_place(session, room, now=desk.now, by=HR).id
        assert add_place(session, room, now=desk.now, by=HR).id == first
        change_place(session, first, PlaceValues("Gården", 6, False), now=desk.now, by=HR)
    with desk.database.reading(Reach.WORKPLACE) as session:
        assert [place.name for place in find_places(session)] == ["Kammeret", "Loftet"]
        everything = [place.name for place in find_places(session, with_unused=True)]
    assert everything == ["Gården", "Kammeret", "Loftet"]


@pytest.mark.parametrize(
    "values",
    [
        PlaceValues("", 4),
        PlaceValues(" \n", 4),
        PlaceValues("x" * 201, 4),
        PlaceValues("Haven", 0),
        PlaceValues("Haven", 501),
        PlaceValues("Loftet", 4),
    ],
)
def test_a_room_that_cannot_be_is_refused(desk: Desk, values: PlaceValues) -> None:
    with desk.database.writing(Reach.WORKPLACE) as session, pytest.raises(BadInput):
        add_place(session, values, now=desk.now, by=HR)
    with desk.database.writing(Reach.WORKPLACE) as session, pytest.raises(BadInput):
        change_place(session, desk.rooms[0], values, now=desk.now, by=HR)


def test_a_room_that_does_not_exist_is_missing(desk: Desk) -> None:
    with desk.database.writing(Reach.WORKPLACE) as session, pytest.raises(Missing):
        change_place(session, uuid4(), PlaceValues("Haven", 4), now=desk.now, by=HR)
