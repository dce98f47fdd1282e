"""What is offered after an incident, and by when: first aid now, then a talk, later a follow-up.

Days are counted from the day it happened. What belongs to the first two days does not wait for a
weekend or a holiday to pass, for hardly any of these workplaces closes; what a psychologist or a
leader has to find time for is moved to a working day. An incident that is registered late asks for
nothing in the past: a step whose day has gone is due on the day it is registered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from wellbeing.domain.danish_holidays import is_working_day
from wellbeing.domain.support_forms import SupportForm

DEFUSING_DAYS = 1
DEBRIEFING_FROM_DAYS, DEBRIEFING_UNTIL_DAYS = 3, 7
FOLLOW_UP_DAYS = 30
STEPS = (
    SupportForm.FIRST_AID,
    SupportForm.DEFUSING,
    SupportForm.DEBRIEFING,
    SupportForm.FOLLOW_UP,
)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of the timeline, to be taken from a day on and at the latest on `due_on`."""

    form: SupportForm
    from_day: date
    due_on: date


def plan_steps(happened_on: date, registered_on: date) -> tuple[PlannedStep, ...]:
    """The four steps in their order; none is due before the incident was registered."""
    return tuple(
        PlannedStep(form, from_day, max(due_on, registered_on, from_day))
        for form, from_day, due_on in _days(happened_on)
    )


def _days(happened_on: date) -> Iterator[tuple[SupportForm, date, date]]:
    def day(number: int) -> date:
        return happened_on + timedelta(days=number)

    yield SupportForm.FIRST_AID, day(0), day(0)
    yield SupportForm.DEFUSING, day(0), day(DEFUSING_DAYS)
    first = working_day_from(day(DEBRIEFING_FROM_DAYS))
    last = working_day_until(day(DEBRIEFING_UNTIL_DAYS))
    yield SupportForm.DEBRIEFING, first, max(first, last)
    follow_up = working_day_from(day(FOLLOW_UP_DAYS))
    yield SupportForm.FOLLOW_UP, follow_up, follow_up


def working_day_from(day: date) -> date:
    """The first working day from `day` on."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_until(day: date) -> date:
    """The last working day up to `day`."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
