"""The ledger of support: offered, scheduled, held, counted, found useful, scores after.

Each step is done, next, overdue, still to come, or left out where the form needs none of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.domain.support_forms import WITHOUT_SESSION, SupportForm


class Step(StrEnum):
    """What happens to support, in this order."""

    OFFERED = "offered"
    SCHEDULED = "scheduled"
    HELD = "held"
    ATTENDED = "attended"
    USEFUL = "useful"
    SCORES = "scores"


class Progress(StrEnum):
    """How far a step has come."""

    DONE = "done"
    NEXT = "next"
    OVERDUE = "overdue"
    LATER = "later"
    LEFT_OUT = "left_out"


# A suggestion from the figures is to become an offer within so many days.
DAYS_TO_OFFER = 14
# An offer is to be scheduled (or held, where no session is needed) within so many days.
DAYS_TO_ARRANGE = 14
DAYS_TO_ARRANGE_SOONER: Mapping[SupportForm, int] = MappingProxyType(
    {SupportForm.DEFUSING: 2, SupportForm.CRISIS_HELP: 2, SupportForm.FIRST_AID: 1}
)
# A session is to be written down, with the number who came, within so many days.
DAYS_TO_WRITE_DOWN = 7
# Those invited can say whether it was useful for so many days.
DAYS_OF_FEEDBACK = load_retention_table().days_of("usefulness")
# A record of one person's session is nobody's business: of these only that it was held is told.
FOR_ONE = frozenset({SupportForm.INDIVIDUAL_SUPERVISION, SupportForm.CRISIS_HELP})
# These two wait for others, not for somebody at the desk: they are never overdue.
NEVER_OVERDUE = frozenset({Step.USEFUL, Step.SCORES})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one row; a day is None until it has come.

    `offered_on` None: suggested by a flag, and nobody has answered it. `due_on`: a day set for
    the next step by whoever made the offer. `is_counted`: the number who came is written down.
    """

    form: SupportForm
    suggested_on: date
    offered_on: date | None = None
    due_on: date | None = None
    scheduled_for: date | None = None
    held_on: date | None = None
    is_counted: bool = False
    feedback_until: date | None = None
    scores_on: date | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class StepRead:
    """A step, how far it has come, and the day it was done or has to be done by, if any."""

    step: Step
    progress: Progress
    day: date | None = None


def read_steps(facts: Facts, *, today: date) -> tuple[StepRead, ...]:
    """All six steps in order; after a row is closed, whatever was not done is left out."""
    return tuple(_walk(facts, today))


def find_overdue(steps: Iterable[StepRead]) -> StepRead | None:
    """The first step that should have been taken before today."""
    return next((read for read in steps if read.progress is Progress.OVERDUE), None)


def days_to_arrange(form: SupportForm) -> int:
    """Within how many days an offer of this form is to be arranged."""
    return DAYS_TO_ARRANGE_SOONER.get(form, DAYS_TO_ARRANGE)


def is_open(steps: Iterable[StepRead]) -> bool:
    """Whether somebody at the desk still has something to do."""
    waiting = (Progress.NEXT, Progress.OVERDUE)
    return any(r.progress in waiting and r.step not in NEVER_OVERDUE for r in steps)


def _walk(facts: Facts, today: date) -> Iterator[StepRead]:
    is_reached = True
    for step in Step:
        if _is_left_out(facts, step):
            yield StepRead(step, Progress.LEFT_OUT)
            continue
        done_on = _done_on(facts, step, today)
        if done_on is not None:
            yield StepRead(step, Progress.DONE, done_on)
        elif facts.is_closed:
            yield StepRead(step, Progress.LEFT_OUT)
        elif not is_reached:
            yield StepRead(step, Progress.LATER)
        else:
            is_reached = False
            yield _waiting(step, _due_on(facts, step), today)


def _waiting(step: Step, due_on: date | None, today: date) -> StepRead:
    is_late = due_on is not None and due_on < today and step not in NEVER_OVERDUE
    return StepRead(step, Progress.OVERDUE if is_late else Progress.NEXT, due_on)


def _is_left_out(facts: Facts, step: Step) -> bool:
    if facts.form in WITHOUT_SESSION:
        return step in (Step.SCHEDULED, Step.ATTENDED, Step.USEFUL)
    return step is Step.USEFUL and facts.held_on is not None and facts.feedback_until is None


def _done_on(facts: Facts, step: Step, today: date) -> date | None:
    """The day a step was done; for a scheduled session the day it is scheduled for."""
    is_answered = facts.feedback_until is not None and facts.feedback_until < today
    return {
        Step.OFFERED: facts.offered_on,
        Step.SCHEDULED: facts.scheduled_for or facts.held_on,
        Step.HELD: facts.held_on,
        Step.ATTENDED: facts.held_on if facts.is_counted else None,
        Step.USEFUL: facts.feedback_until if is_answered else None,
        Step.SCORES: facts.scores_on,
    }[step]


def _due_on(facts: Facts, step: Step) -> date | None:
    if step is Step.OFFERED:
        return facts.suggested_on + timedelta(days=DAYS_TO_OFFER)
    arranges = Step.HELD if facts.form in WITHOUT_SESSION else Step.SCHEDULED
    if step is arranges:
        offered_on = facts.offered_on or facts.suggested_on
        return facts.due_on or offered_on + timedelta(days=days_to_arrange(facts.form))
    if step in (Step.HELD, Step.ATTENDED):
        held_on = facts.scheduled_for or facts.held_on
        return held_on + timedelta(days=DAYS_TO_WRITE_DOWN) if held_on else None
    return facts.feedback_until if step is Step.USEFUL else None
