"""Forms of the HR pages: a programme, and why no support is offered."""

import re
from datetime import date, time, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange

from wellbeing.actions.programmes import LARGEST_MIN_GROUP, MAX_NAME_LENGTH, ProgrammeValues
from wellbeing.actions.support import MAX_REASON_LENGTH
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.web.hr.occupation_form import occupation_in
from wellbeing.web.shared.fields import WholeNumberField
from wellbeing.web.shared.i18n import _, gettext

_LONGEST_REMINDER_TEXT = 40


class ProgrammeForm(FlaskForm):  # type: ignore[misc]
    """A programme; `values()` after it validated."""

    name = StringField(_("Name"), [InputRequired(), Length(max=MAX_NAME_LENGTH)])
    every_months = WholeNumberField(
        _("Months between rounds"), [InputRequired(), NumberRange(1, 12)], default=3
    )
    first_day = DateField(_("First day"), [InputRequired()])
    opening_time = TimeField(_("Opens at"), [InputRequired()], default=time(8))
    window_days = WholeNumberField(
        _("Days open"), [InputRequired(), NumberRange(2, 28)], default=14
    )
    reminder_days = StringField(
        _("Reminders on day"), [Length(max=_LONGEST_REMINDER_TEXT)], default="5, 10"
    )
    min_group_size = WholeNumberField(_("Smallest group"), [InputRequired()], default=5)

    def validate_reminder_days(self, control: StringField) -> None:
        """Whole numbers, at most three, all while the round is open."""
        days = _read_days(control.data or "")
        if days is None:
            raise ValidationError(gettext("Write whole numbers with commas between: 5, 10."))
        if len(set(days)) > 3:
            raise ValidationError(gettext("At most three reminders, please: more is a burden."))
        window = self.window_days.data
        if any(day < 1 for day in days) or (window and any(day >= window for day in days)):
            raise ValidationError(gettext("A reminder must fall while the round is open."))

    def validate_min_group_size(self, control: WholeNumberField) -> None:
        """No smaller than the rules of publication allow."""
        NumberRange(load_rules().min_group_size, LARGEST_MIN_GROUP)(self, control)

    def values(self) -> ProgrammeValues:
        """What was filled in."""
        given: dict[str, Any] = self.data
        return ProgrammeValues(
            name=given["name"],
            every_months=given["every_months"],
            window_days=given["window_days"],
            opening_time=given["opening_time"],
            reminder_days=tuple(_read_days(given["reminder_days"] or "") or ()),
            first_day=given["first_day"],
            min_group_size=given["min_group_size"],
            occupation=occupation_in(self),
        )


class CloseFlagForm(FlaskForm):  # type: ignore[misc]
    """Why no support is offered this time."""

    reason = TextAreaField(_("Reason"), [InputRequired(), Length(max=MAX_REASON_LENGTH)])


def next_monday(today: date) -> date:
    """The first Monday after today."""
    return today + timedelta(days=7 - today.weekday())


def _read_days(text: str) -> list[int] | None:
    """The numbers in "5, 10"; None where anything else stands between them."""
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    if any(not re.fullmatch(r"[0-9]{1,3}", part) for part in parts):
        return None
    return [int(part) for part in parts]
