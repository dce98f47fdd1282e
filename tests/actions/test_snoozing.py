"""Suggestions put off, woken, and opened again: by itself on the day, and once however often."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from tests.actions.test_support import (
    HR,
    ZONE,
    acts,
    close,
    flag_id,
    make_flag,
    offers_of,
    schedule,
    state_of,
    values,
)
from tests.cast import Cast
from wellbeing.actions.scheduling import cancel_session
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.snoozing import (
    MAX_SNOOZE_DAYS,
    REOPEN_DAYS,
    find_last_day_to_reopen,
    is_snoozed,
    reopen_flag,
    snooze_flag,
    wake_flag,
)
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import OfferState

__all__ = ["flag_id", "make_flag", "values"]

WHY = "Supervisionen begynder i uge 10."


@pytest.fixture
def in_two_weeks(now: datetime) -> date:
    """A day a flag can be put off until."""
    return now.date() + timedelta(weeks=2)


def snooze(
    database: Database, flag_id: UUID, until: date, now: datetime, *, reason: str = WHY
) -> None:
    """Puts off as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        snooze_flag(session, flag_id, until, reason, zone=ZONE, now=now, by=HR)


def wake(database: Database, flag_id: UUID, now: datetime) -> None:
    """Wakes as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        wake_flag(session, flag_id, zone=ZONE, now=now, by=HR)


def reopen(database: Database, flag_id: UUID, now: datetime) -> None:
    """Takes a closing back as HR does."""
    with database.writing(Reach.WORKPLACE) as session:
        reopen_flag(session, flag_id, zone=ZONE, now=now, by=HR)


def flag_of(database: Database, flag_id: UUID) -> Flag:
    """The flag as it stands."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.get_one(Flag, flag_id)


def is_off(database: Database, flag_id: UUID, today: date) -> bool:
    """Whether the flag waits on a day."""
    return is_snoozed(flag_of(database, flag_id), today)


def test_a_snoozed_flag_waits_until_its_day_and_is_back_on_it(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    assert is_off(database, flag_id, in_two_weeks - timedelta(days=1))
    assert not is_off(database, flag_id, in_two_weeks)
    assert state_of(database, flag_id) is FlagState.RAISED
    assert acts(database) == ["flag.snoozed"]


def test_snoozing_twice_alike_counts_once(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    snooze(database, flag_id, in_two_weeks, now + timedelta(hours=1), reason=f"  {WHY} ")
    assert acts(database) == ["flag.snoozed"]


def test_another_day_or_reason_replaces_the_one_before(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    later = in_two_weeks + timedelta(weeks=2)
    snooze(database, flag_id, later, now, reason="Ferie i teamet.")
    found = flag_of(database, flag_id)
    assert (found.snoozed_until, found.snoozed_because) == (later, "Ferie i teamet.")
    assert acts(database) == ["flag.snoozed", "flag.snoozed"]


@pytest.mark.parametrize("days", [-1, 0, MAX_SNOOZE_DAYS + 1])
def test_a_day_that_is_not_ahead_or_too_far_ahead_changes_nothing(
    database: Database, flag_id: UUID, now: datetime, days: int
) -> None:
    with pytest.raises(BadInput):
        snooze(database, flag_id, now.date() + timedelta(days=days), now)
    assert flag_of(database, flag_id).snoozed_until is None
    assert acts(database) == []


def test_the_last_day_allowed_is_allowed(database: Database, flag_id: UUID, now: datetime) -> None:
    snooze(database, flag_id, now.date() + timedelta(days=MAX_SNOOZE_DAYS), now)
    assert acts(database) == ["flag.snoozed"]


def test_today_is_the_day_it_is_where_the_organisation_is(
    database: Database, flag_id: UUID, now: datetime
) -> None:
    late = now.replace(hour=23, minute=30)
    with pytest.raises(BadInput):
        snooze(database, flag_id, late.date() + timedelta(days=1), late)


@pytest.mark.parametrize("reason", ["", " \n\t ", "x" * 401])
def test_snoozing_needs_a_reason_that_can_be_read(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime, reason: str
) -> None:
    with pytest.raises(BadInput):
        snooze(database, flag_id, in_two_weeks, now, reason=reason)
    assert flag_of(database, flag_id).snoozed_because is None


def test_a_flag_that_does_not_exist_is_missing(
    database: Database, in_two_weeks: date, now: datetime
) -> None:
    with pytest.raises(Missing):
        snooze(database, UUID(int=5), in_two_weeks, now)
    with pytest.raises(Missing):
        wake(database, UUID(int=5), now)
    with pytest.raises(Missing):
        reopen(database, UUID(int=5), now)


def test_a_woken_flag_asks_at_once(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    wake(database, flag_id, now)
    wake(database, flag_id, now)
    assert not is_off(database, flag_id, now.date())
    assert acts(database) == ["flag.snoozed", "flag.woken"]


def test_waking_a_flag_that_is_back_already_is_nothing(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    wake(database, flag_id, now + timedelta(weeks=2))
    assert acts(database) == ["flag.snoozed"]


def test_scheduling_ends_a_snooze_and_a_cancellation_does_not_bring_it_back(
    database: Database, flag_id: UUID, values: SessionValues, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    session_id = schedule(database, flag_id, values, now)
    assert flag_of(database, flag_id).snoozed_until is None
    with database.writing(Reach.WORKPLACE) as session:
        cancel_session(session, session_id, now=now, by=HR)
    assert not is_off(database, flag_id, now.date())


def test_closing_ends_a_snooze_and_reopening_does_not_bring_it_back(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    snooze(database, flag_id, in_two_weeks, now)
    close(database, flag_id, "I gang", now)
    reopen(database, flag_id, now)
    assert not is_off(database, flag_id, now.date())
    assert state_of(database, flag_id) is FlagState.RAISED


@pytest.mark.parametrize("end", ["schedule", "close"])
def test_a_flag_that_is_answered_or_closed_cannot_be_snoozed(
    database: Database,
    flag_id: UUID,
    values: SessionValues,
    in_two_weeks: date,
    now: datetime,
    end: str,
) -> None:
    if end == "schedule":
        schedule(database, flag_id, values, now)
    else:
        close(database, flag_id, "I gang", now)
    with pytest.raises(Refused):
        snooze(database, flag_id, in_two_weeks, now)
    assert flag_of(database, flag_id).snoozed_until is None


def test_a_closed_flag_can_be_opened_again_for_two_weeks(
    database: Database, flag_id: UUID, now: datetime
) -> None:
    close(database, flag_id, "I gang", now)
    with database.reading(Reach.WORKPLACE) as session:
        last_day = find_last_day_to_reopen(session, session.get_one(Flag, flag_id), zone=ZONE)
    assert last_day == now.date() + timedelta(days=REOPEN_DAYS)
    with pytest.raises(Refused):
        reopen(database, flag_id, now + timedelta(days=REOPEN_DAYS + 1))
    reopen(database, flag_id, now + timedelta(days=REOPEN_DAYS))
    found = flag_of(database, flag_id)
    assert (found.state, found.closed_because) == (FlagState.RAISED, None)
    assert acts(database) == ["flag.closed", "flag.reopened"]


def test_reopening_twice_counts_once(database: Database, flag_id: UUID, now: datetime) -> None:
    close(database, flag_id, "I gang", now)
    reopen(database, flag_id, now)
    reopen(database, flag_id, now)
    assert acts(database) == ["flag.closed", "flag.reopened"]


def test_the_two_weeks_count_from_the_newest_closing(
    database: Database, flag_id: UUID, now: datetime
) -> None:
    close(database, flag_id, "I gang", now)
    reopen(database, flag_id, now)
    later = now + timedelta(days=30)
    close(database, flag_id, "I gang", later)
    reopen(database, flag_id, later + timedelta(days=1))
    assert state_of(database, flag_id) is FlagState.RAISED


def test_an_offer_that_was_closed_with_its_flag_is_offered_again(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    session_id = schedule(database, flag_id, values, now)
    with database.writing(Reach.WORKPLACE) as session:
        cancel_session(session, session_id, now=now, by=HR)
    close(database, flag_id, "I gang", now)
    reopen(database, flag_id, now)
    assert [offer.state for offer in offers_of(database, flag_id)] == [OfferState.OFFERED]


def test_a_flag_is_not_opened_again_beside_a_newer_one_of_its_kind(
    database: Database, make_flag: Callable[[str], UUID], now: datetime
) -> None:
    old, _newer = make_flag("team_a"), make_flag("team_a")
    make_flag("team_b")
    close(database, old, "I gang", now)
    with pytest.raises(Refused):
        reopen(database, old, now)
    assert state_of(database, old) is FlagState.CLOSED


def test_a_flag_that_was_closed_without_a_trace_stays_closed(
    database: Database, flag_id: UUID, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Flag, flag_id).state = FlagState.CLOSED
    with pytest.raises(Refused):
        reopen(database, flag_id, now)


def _try(act: Callable[[], object]) -> bool:
    try:
        act()
    except Refused:
        return False
    return True


def test_snoozing_closing_and_scheduling_at_once_leave_one_sound_state(
    database: Database,
    cast: Cast,
    make_flag: Callable[[str], UUID],
    values: SessionValues,
    in_two_weeks: date,
    now: datetime,
) -> None:
    flags = [make_flag(unit) for unit in ("team_a", "team_b", "team_c", "department_1")]
    hours = (time(9), time(11), time(13), time(15))

    def race(at: int) -> list[bool]:
        chosen = SessionValues(
            values.form,
            values.supervisor_id,
            values.day,
            hours[at],
            values.length_minutes,
            values.place,
        )
        acts_at_once = (
            lambda: snooze(database, flags[at], in_two_weeks, now),
            lambda: close(database, flags[at], "I gang", now),
            lambda: schedule(database, flags[at], chosen, now),
        )
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(_try, acts_at_once))

    for at in range(len(flags)):
        _, closed, scheduled = race(at)
        found = flag_of(database, flags[at])
        assert closed != scheduled
        expected = FlagState.CLOSED if closed else FlagState.ANSWERED
        assert (found.state, found.snoozed_until) == (expected, None)


def test_eight_snoozes_at_once_are_one(
    database: Database, flag_id: UUID, in_two_weeks: date, now: datetime
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: snooze(database, flag_id, in_two_weeks, now), range(8)))
    assert acts(database) == ["flag.snoozed"]


def test_a_reopened_and_a_rescheduled_flag_at_once_end_with_its_session_or_open(
    database: Database, flag_id: UUID, values: SessionValues, now: datetime
) -> None:
    close(database, flag_id, "I gang", now)
    with ThreadPoolExecutor(2) as pool:
        reopened, scheduled = pool.map(
            _try,
            (
                lambda: reopen(database, flag_id, now),
                lambda: schedule(database, flag_id, values, now),
            ),
        )
    assert reopened
    expected = FlagState.ANSWERED if scheduled else FlagState.RAISED
    assert state_of(database, flag_id) is expected
    states = {offer.state for offer in offers_of(database, flag_id)}
    assert states == ({OfferState.SCHEDULED} if scheduled else set())
