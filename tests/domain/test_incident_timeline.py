"""What is due when after an incident, over weekends and holidays, and when registered late."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.danish_holidays import is_working_day
from wellbeing.domain.incident_timeline import STEPS, plan_steps
from wellbeing.domain.support_forms import SupportForm

TUESDAY = date(2026, 5, 5)
DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))


def due(happened_on: date, registered_on: date | None = None) -> dict[SupportForm, date]:
    """When each step is due."""
    return {s.form: s.due_on for s in plan_steps(happened_on, registered_on or happened_on)}


def test_first_aid_is_due_the_same_day_and_the_talk_by_the_next() -> None:
    assert due(TUESDAY)[SupportForm.FIRST_AID] == TUESDAY
    assert due(TUESDAY)[SupportForm.DEFUSING] == date(2026, 5, 6)


def test_the_debriefing_lies_between_the_third_and_the_seventh_day() -> None:
    step = plan_steps(TUESDAY, TUESDAY)[2]
    assert (step.from_day, step.due_on) == (date(2026, 5, 8), date(2026, 5, 12))


def test_the_follow_up_comes_after_thirty_days() -> None:
    assert due(TUESDAY)[SupportForm.FOLLOW_UP] == date(2026, 6, 4)


@pytest.mark.parametrize(
    ("happened_on", "first_aid", "defusing", "debriefing", "follow_up"),
    [
        # A Friday: the first two days do not wait for Monday.
        (date(2026, 5, 8), date(2026, 5, 8), date(2026, 5, 9), date(2026, 5, 15), date(2026, 6, 8)),
        # Wednesday before Easter 2026: day 7 is a Wednesday after it.
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 8), date(2026, 5, 1)),
        # Saturday: day 7 is a Saturday, so the Friday before it.
        (
            date(2026, 5, 9),
            date(2026, 5, 9),
            date(2026, 5, 10),
            date(2026, 5, 15),
            date(2026, 6, 8),
        ),
        # Two days before Christmas Eve; day 30 is a Thursday.
        (
            date(2026, 12, 22),
            date(2026, 12, 22),
            date(2026, 12, 23),
            date(2026, 12, 29),
            date(2027, 1, 21),
        ),
    ],
)
def test_weekends_and_holidays(
    happened_on: date, first_aid: date, defusing: date, debriefing: date, follow_up: date
) -> None:
    assert list(due(happened_on).values()) == [first_aid, defusing, debriefing, follow_up]


def test_nothing_is_due_before_it_was_registered() -> None:
    registered_on = TUESDAY + timedelta(days=20)
    assert due(TUESDAY, registered_on)[SupportForm.FIRST_AID] == registered_on
    assert due(TUESDAY, registered_on)[SupportForm.DEBRIEFING] == registered_on
    assert due(TUESDAY, registered_on)[SupportForm.FOLLOW_UP] == date(2026, 6, 4)


@given(happened_on=DAYS, late=st.integers(0, 60))
def test_the_steps_keep_their_order_and_what_needs_an_office_is_on_a_working_day(
    happened_on: date, late: int
) -> None:
    steps = plan_steps(happened_on, happened_on + timedelta(days=late))
    assert tuple(step.form for step in steps) == STEPS
    assert [step.due_on for step in steps] == sorted(step.due_on for step in steps)
    for step in steps:
        assert step.from_day <= step.due_on
    assert is_working_day(steps[3].from_day)
    assert happened_on + timedelta(days=30) <= steps[3].from_day
    assert is_working_day(steps[2].from_day)
    if late == 0:
        assert steps[2].due_on - happened_on <= timedelta(days=11)
