"""The steps of support: done, next, overdue, later or left out, on every day that matters."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from wellbeing.domain.ledger import (
    DAYS_OF_FEEDBACK,
    DAYS_TO_ARRANGE,
    DAYS_TO_OFFER,
    DAYS_TO_WRITE_DOWN,
    NEVER_OVERDUE,
    Facts,
    Progress,
    Step,
    days_to_arrange,
    find_overdue,
    is_open,
    read_steps,
)
from wellbeing.domain.support_forms import WITHOUT_SESSION, SupportForm

DAY = date(2026, 3, 2)
OFFERED = Facts(SupportForm.TEAM_SUPERVISION, suggested_on=DAY, offered_on=DAY)
SCHEDULED = replace(OFFERED, scheduled_for=DAY + timedelta(days=10))
HELD = replace(
    SCHEDULED,
    held_on=DAY + timedelta(days=10),
    is_counted=True,
    feedback_until=DAY + timedelta(days=10 + DAYS_OF_FEEDBACK),
)


def progress(facts: Facts, step: Step, days: int) -> Progress:
    """How far a step has come so many days after the first."""
    steps = read_steps(facts, today=DAY + timedelta(days=days))
    return next(read.progress for read in steps if read.step is step)


def test_every_row_has_all_steps_in_their_order() -> None:
    assert [read.step for read in read_steps(OFFERED, today=DAY)] == list(Step)


def test_what_comes_after_the_next_step_is_later() -> None:
    steps = read_steps(OFFERED, today=DAY)
    assert [read.progress for read in steps] == [
        Progress.DONE,
        Progress.NEXT,
        *[Progress.LATER] * 4,
    ]


# On its last day a step is still in time, and one day later it is not.
@pytest.mark.parametrize(
    ("facts", "step", "last"),
    [
        (Facts(SupportForm.TEAM_SUPERVISION, suggested_on=DAY), Step.OFFERED, DAYS_TO_OFFER),
        (OFFERED, Step.SCHEDULED, DAYS_TO_ARRANGE),
        (replace(OFFERED, due_on=DAY + timedelta(days=3)), Step.SCHEDULED, 3),
        (replace(OFFERED, due_on=DAY + timedelta(days=40)), Step.SCHEDULED, 40),
        (SCHEDULED, Step.HELD, 10 + DAYS_TO_WRITE_DOWN),
        (replace(HELD, is_counted=False), Step.ATTENDED, 10 + DAYS_TO_WRITE_DOWN),
        (replace(OFFERED, form=SupportForm.FIRST_AID), Step.HELD, 1),
        (replace(OFFERED, form=SupportForm.DEFUSING), Step.SCHEDULED, 2),
        (replace(OFFERED, form=SupportForm.TEAM_CONVERSATION), Step.HELD, DAYS_TO_ARRANGE),
    ],
)
def test_a_step_is_overdue_from_the_day_after_its_last(facts: Facts, step: Step, last: int) -> None:
    assert progress(facts, step, last) is Progress.NEXT
    assert progress(facts, step, last + 1) is Progress.OVERDUE
    overdue = find_overdue(read_steps(facts, today=DAY + timedelta(days=last + 1)))
    assert overdue is not None
    assert (overdue.step, overdue.day) == (step, DAY + timedelta(days=last))


@pytest.mark.parametrize("step", sorted(NEVER_OVERDUE))
def test_what_waits_for_others_is_never_overdue(step: Step) -> None:
    assert progress(HELD, step, 9999) is not Progress.OVERDUE
    assert find_overdue(read_steps(HELD, today=DAY + timedelta(days=9999))) is None


def test_answers_are_in_once_their_last_day_is_over() -> None:
    last = 10 + DAYS_OF_FEEDBACK
    assert progress(HELD, Step.USEFUL, last) is Progress.NEXT
    assert progress(HELD, Step.USEFUL, last + 1) is Progress.DONE


def test_nobody_is_waited_for_where_nobody_is_asked() -> None:
    assert progress(replace(HELD, feedback_until=None), Step.USEFUL, 11) is Progress.LEFT_OUT


def test_scores_come_with_the_first_figures_after_it_was_held() -> None:
    assert progress(HELD, Step.SCORES, 40) is Progress.NEXT
    published = replace(HELD, scores_on=DAY + timedelta(days=60))
    assert progress(published, Step.SCORES, 61) is Progress.DONE


def test_figures_do_not_wait_for_answers_to_close() -> None:
    early = replace(HELD, scores_on=DAY + timedelta(days=15))
    assert progress(early, Step.USEFUL, 16) is Progress.NEXT
    assert progress(early, Step.SCORES, 16) is Progress.DONE


@pytest.mark.parametrize("form", sorted(WITHOUT_SESSION))
def test_a_form_without_a_session_leaves_out_what_belongs_to_sessions(form: SupportForm) -> None:
    steps = read_steps(replace(OFFERED, form=form), today=DAY)
    left_out = {read.step for read in steps if read.progress is Progress.LEFT_OUT}
    assert left_out == {Step.SCHEDULED, Step.ATTENDED, Step.USEFUL}


def test_a_closed_row_waits_for_nothing() -> None:
    steps = read_steps(replace(OFFERED, is_closed=True), today=DAY + timedelta(days=999))
    assert {read.progress for read in steps} == {Progress.DONE, Progress.LEFT_OUT}
    assert not is_open(steps)


def test_a_row_is_open_while_somebody_at_the_desk_has_something_to_do() -> None:
    assert is_open(read_steps(OFFERED, today=DAY))
    assert is_open(read_steps(SCHEDULED, today=DAY + timedelta(days=99)))
    assert not is_open(read_steps(HELD, today=DAY + timedelta(days=11)))


@pytest.mark.parametrize("form", SupportForm)
def test_every_form_has_a_number_of_days_to_arrange_it_in(form: SupportForm) -> None:
    assert 1 <= days_to_arrange(form) <= DAYS_TO_ARRANGE
