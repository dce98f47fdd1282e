"""A series: one offer a session, the wall clock kept, left-out days said, the rest cancelled."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from tests.actions.desk import HR, ZONE, Desk, at
from tests.actions.post_office import PostOffice
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.scheduling import MoveValues, cancel_session, move_session, schedule
from wellbeing.actions.series import (
    DayState,
    SeriesValues,
    cancel_rest,
    make_series,
    plan_series,
)
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.supervisors import ExceptionValues, add_exception
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.org import Membership
from wellbeing.store.reach import Reach
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession


@pytest.fixture
def values(desk: Desk) -> SeriesValues:
    """Every six weeks on a Tuesday at one, from February to December."""
    return SeriesValues(
        form=SupportForm.TEAM_SUPERVISION,
        supervisor_id=desk.susan,
        every_weeks=6,
        first_day=date(2026, 2, 10),
        until_day=date(2026, 12, 31),
        start=time(13),
        length_minutes=90,
        place_id=desk.rooms[1],
    )


def make(desk: Desk, values: SeriesValues, unit: str = "team_a") -> UUID:
    """Makes the series as HR does."""
    unit_id = desk.cast.units[unit]
    with desk.database.writing(Reach.WORKPLACE) as session:
        return make_series(session, unit_id, values, zone=ZONE, now=desk.now, by=HR)


def plan(desk: Desk, values: SeriesValues) -> dict[date, DayState]:
    """The days that would be."""
    with desk.database.reading(Reach.WORKPLACE) as session:
        found = plan_series(session, values, zone=ZONE, now=desk.now)
    return {planned.day: planned.state for planned in found}


def sessions_of(desk: Desk, series_id: UUID) -> list[SupportSession]:
    """The sessions of the series, earliest first."""
    query = select(SupportSession).where(SupportSession.series_id == series_id)
    with desk.database.reading(Reach.WORKPLACE) as session:
        return list(session.scalars(query.order_by(SupportSession.starts_at)))


def test_a_series_keeps_the_wall_clock_through_both_clock_changes(
    desk: Desk, values: SeriesValues
) -> None:
    made = sessions_of(desk, make(desk, values))
    local = [found.starts_at.astimezone(ZONE) for found in made]
    assert len(made) == 8
    assert {moment.time() for moment in local} == {time(13)}
    assert {moment.utcoffset() for moment in local} == {timedelta(hours=1), timedelta(hours=2)}
    assert {found.ends_at - found.starts_at for found in made} == {timedelta(minutes=90)}


def test_every_session_has_an_offer_and_everyone_invited(desk: Desk, values: SeriesValues) -> None:
    made = sessions_of(desk, make(desk, values))
    assert len({found.offer_id for found in made}) == 8
    for found in made:
        assert len(desk.bookings(found.id)) == 9
    assert desk.acts() == ["support.offered"] * 8 + ["series.made"]


def test_whoever_leaves_is_invited_up_to_that_day(desk: Desk, values: SeriesValues) -> None:
    eva = desk.cast.people["Eva"]
    with desk.database.writing(Reach.EVERYTHING) as session:
        leaves = update(Membership).where(Membership.person_id == eva)
        session.execute(leaves.values(until_day=date(2026, 4, 1)))
    made = sessions_of(desk, make(desk, values))
    assert [eva in desk.bookings(found.id) for found in made] == [True, True] + [False] * 6


def test_made_twice_it_is_one_series(desk: Desk, values: SeriesValues) -> None:
    assert make(desk, values) == make(desk, values)
    assert desk.count_sessions() == 8


def test_a_holiday_moves_its_session_a_week(desk: Desk, values: SeriesValues) -> None:
    # Maundy Thursday is 2 April 2026.
    thursdays = replace(values, first_day=date(2026, 2, 19), until_day=date(2026, 5, 31))
    made = sessions_of(desk, make(desk, thursdays))
    days = [found.starts_at.astimezone(ZONE).date() for found in made]
    assert days == [date(2026, 2, 19), date(2026, 4, 9), date(2026, 5, 21)]


def test_what_is_taken_and_days_away_are_said_and_left_out(
    desk: Desk, values: SeriesValues
) -> None:
    taken, away = date(2026, 2, 10), date(2026, 3, 24)
    with desk.database.writing(Reach.WORKPLACE) as session:
        add_exception(session, desk.susan, ExceptionValues(away, away), now=desk.now, by=HR)
    other = SessionValues(values.form, desk.susan, taken, time(12), 90, "Kantinen")
    offer_id = desk.offer("team_b")
    with desk.database.writing(Reach.WORKPLACE) as session:
        schedule(session, offer_id, other, zone=ZONE, now=desk.now, by=HR)
    planned = plan(desk, values)
    assert (planned[taken], planned[away]) == (DayState.TAKEN, DayState.AWAY)
    made = sessions_of(desk, make(desk, values))
    days = {found.starts_at.astimezone(ZONE).date() for found in made}
    assert days == planned.keys() - {taken, away}


@pytest.mark.parametrize("first_day", [date(2026, 3, 15), date(2026, 10, 11)])
def test_a_time_that_a_clock_change_touches_is_left_out_that_night(
    desk: Desk, values: SeriesValues, first_day: date
) -> None:
    nightly = replace(
        values,
        first_day=first_day,
        until_day=first_day + timedelta(days=14),
        every_weeks=1,
        start=time(2, 30),
    )
    planned = list(plan(desk, nightly).values())
    assert planned == [DayState.FREE, DayState.FREE, DayState.NO_SUCH_TIME]
    assert len(sessions_of(desk, make(desk, nightly))) == 2


WRONG = {
    "never": ({"every_weeks": 0}, "1 to 26"),
    "too seldom": ({"every_weeks": 27}, "1 to 26"),
    "backwards": ({"until_day": date(2026, 2, 9)}, "before the first"),
    "for years": ({"until_day": date(2028, 1, 1)}, "year ahead"),
    "the last day there is": ({"until_day": date.max}, "year ahead"),
    "the first day there is": ({"first_day": date.min}, "passed"),
    "too short": ({"length_minutes": 15}, "60 to 180"),
    "one to one": ({"form": SupportForm.INDIVIDUAL_SUPERVISION}, "cannot be given"),
    "nobody": ({"supervisor_id": UUID(int=9)}, "who leads"),
    "nowhere": ({"place_id": None}, "where it is"),
    "only a holiday": (
        {"first_day": date(2026, 12, 24), "until_day": date(2026, 12, 31)},
        "None of these days",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_series_that_cannot_be_is_refused_and_leaves_nothing(
    desk: Desk, values: SeriesValues, wrong: str
) -> None:
    changes, says = WRONG[wrong]
    with pytest.raises(BadInput, match=says):
        make(desk, replace(values, **changes))  # type: ignore[arg-type]
    assert desk.count_sessions() == 0
    with desk.database.reading(Reach.WORKPLACE) as session:
        assert session.scalar(select(func.count()).select_from(Offer)) == 0


def test_invitations_go_out_six_weeks_before_and_not_a_year_at_once(
    desk: Desk, values: SeriesValues, office: PostOffice
) -> None:
    make(desk, values)
    assert office.deliver().sent == 10
    office.clock.forward(days=10)
    assert office.deliver().sent == 10


def test_what_nobody_was_invited_to_yet_is_moved_and_cancelled_without_mail(
    desk: Desk, values: SeriesValues, office: PostOffice
) -> None:
    made = sessions_of(desk, make(desk, values))
    office.deliver()
    last = MoveValues(date(2026, 12, 3), time(9), 90, place_id=desk.rooms[1])
    with desk.database.writing(Reach.WORKPLACE) as session:
        move_session(session, made[-1].id, last, zone=ZONE, now=desk.now, by=HR)
        cancel_session(session, made[-2].id, now=desk.now, by=HR)
    assert office.deliver().sent == 0
    office.clock.moment = at("2026-10-25", "12:00")
    with desk.database.reading(Reach.EVERYTHING) as session:
        waiting = session.scalars(
            select(OutboxMessage.context).where(
                OutboxMessage.session_id == made[-1].id, OutboxMessage.state == MailState.WAITING
            )
        ).all()
    assert sorted(str(context["sequence"]) for context in waiting) == ["0"] * 10 + ["1"] * 10
    before = len(desk.letters(MailKind.SESSION_CANCELLED))
    assert before == 0


def test_one_session_moves_alone(desk: Desk, values: SeriesValues) -> None:
    made = sessions_of(desk, make(desk, values))
    there = MoveValues(date(2026, 3, 25), time(9), 90, place_id=desk.rooms[1])
    with desk.database.writing(Reach.WORKPLACE) as session:
        move_session(session, made[1].id, there, zone=ZONE, now=desk.now, by=HR)
    after = sessions_of(desk, made[0].series_id or uuid4())
    moved = [a.id for a, b in zip(after, made, strict=True) if a.starts_at != b.starts_at]
    assert moved == [made[1].id]


def test_cancelling_the_rest_keeps_what_was_and_closes_the_offers(
    desk: Desk, values: SeriesValues
) -> None:
    series_id = make(desk, values)
    later = at("2026-05-01", "12:00")
    for expected in (6, 0):
        with desk.database.writing(Reach.WORKPLACE) as session:
            assert cancel_rest(session, series_id, now=later, by=HR) == expected
    states = [found.state for found in sessions_of(desk, series_id)]
    assert states == [SessionState.SCHEDULED] * 2 + [SessionState.CANCELLED] * 6
    with desk.database.reading(Reach.WORKPLACE) as session:
        closed = select(func.count()).where(Offer.state == OfferState.CLOSED)
        assert session.scalar(closed) == 6
    assert desk.acts().count("series.cancelled") == 1


def test_after_cancelling_the_same_series_can_be_made_again(
    desk: Desk, values: SeriesValues
) -> None:
    first = make(desk, values)
    with desk.database.writing(Reach.WORKPLACE) as session:
        cancel_rest(session, first, now=desk.now, by=HR)
    assert make(desk, values) != first
    assert desk.count_sessions() == 8


def test_a_series_that_does_not_exist_is_missing(desk: Desk, now: datetime) -> None:
    with desk.database.writing(Reach.WORKPLACE) as session, pytest.raises(Missing):
        cancel_rest(session, uuid4(), now=now, by=HR)
