"""The form that puts a suggestion off: for some weeks or until a day, with a reason."""

from datetime import date, timedelta
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation

from wellbeing.actions.snoozing import MAX_SNOOZE_DAYS
from wellbeing.actions.support import MAX_REASON_LENGTH
from wellbeing.web.shared.i18n import _, gettext, ngettext

WEEKS = (2, 4, 8)
UNTIL_A_DAY = "day"


class _NeededIfChosen:
    """A day is needed only where that was chosen, and then within the days allowed."""

    field_flags: ClassVar = {"optional": True}

    def __call__(self, form: "SnoozeForm", control: DateField) -> None:
        control.errors = []
        if form.wait.data != UNTIL_A_DAY:
            raise StopValidation
        if not control.data:
            raise StopValidation(gettext("Choose a day."))
        if not form.today < control.data <= form.latest:
            raise StopValidation(
                gettext("Choose a day within the next %(days)s days.", days=MAX_SNOOZE_DAYS)
            )


class SnoozeForm(FlaskForm):  # type: ignore[misc]
    """How long a suggestion may wait, and why; `until()` after it validated."""

    wait = RadioField(_("How long can it wait?"), default=str(WEEKS[0]))
    until_day = DateField(_("Until this day"), [_NeededIfChosen()])
    because = TextAreaField(_("Why it can wait"), [InputRequired(), Length(max=MAX_REASON_LENGTH)])

    def __init__(self, today: date, **options: Any) -> None:
        super().__init__(**options)
        self.today = today
        weeks = [(str(num), ngettext("%(num)s week", "%(num)s weeks", num)) for num in WEEKS]
        self.wait.choices = [*weeks, (UNTIL_A_DAY, gettext("Until a day I choose"))]

    @property
    def latest(self) -> date:
        """The last day it can wait until."""
        return self.today + timedelta(days=MAX_SNOOZE_DAYS)

    def until(self) -> date:
        """The day on which the suggestion comes back."""
        if self.wait.data == UNTIL_A_DAY and self.until_day.data:
            return self.until_day.data
        return self.today + timedelta(weeks=int(self.wait.data))
