"""Forms about an incident: what happened, putting it right, and what came of a step."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from wellbeing.actions.incidents import IncidentValues
from wellbeing.domain.identifying_text import find_identifying
from wellbeing.domain.incidents import (
    MAX_AFFECTED,
    MAX_DETAILS_LENGTH,
    ClosingReason,
    IncidentKind,
)
from wellbeing.web.shared.fields import WholeNumberField
from wellbeing.web.shared.i18n import _, gettext
from wellbeing.web.support_pages.incident_words import KINDS, REASONS, STEP_REASONS


class CorrectIncidentForm(FlaskForm):  # type: ignore[misc]
    """What kind, when, how many, and in a few words; `values()` after it validated."""

    kind = SelectField(_("What kind of thing happened"), [InputRequired()])
    happened_on = DateField(_("Which day"), [InputRequired()])
    affected_count = WholeNumberField(
        _("How many colleagues were affected"),
        [InputRequired(), NumberRange(min=0, max=MAX_AFFECTED)],
    )
    details = TextAreaField(
        _("What should your leader and HR know"), [Optional(), Length(max=MAX_DETAILS_LENGTH)]
    )
    names_ok = BooleanField(_("No citizen is named here"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        choices = [(kind.value, str(words)) for kind, words in KINDS.items()]
        self.kind.choices = [("", gettext("Choose")), *choices]
        self.names: tuple[str, ...] = ()

    def validate_details(self, control: TextAreaField) -> None:
        """No person number ever; what looks like a name only once somebody has said it is none."""
        found = find_identifying(control.data or "")
        if found.person_numbers:
            raise ValidationError(
                gettext("This looks like a person number. Take it out: nobody may be identified.")
            )
        self.names = found.names
        if found.names and not self.names_ok.data:
            raise ValidationError(
                gettext(
                    "Is this the name of a citizen: %(names)s? Then take it out, please.",
                    names=", ".join(found.names),
                )
            )

    def values_for(self, unit_id: UUID) -> IncidentValues:
        """What was filled in, for a unit."""
        given: dict[str, Any] = self.data
        return IncidentValues(
            unit_id=unit_id,
            kind=IncidentKind(given["kind"]),
            happened_on=given["happened_on"],
            affected_count=given["affected_count"],
            details=given["details"] or "",
            names_confirmed=bool(given["names_ok"]),
        )


class IncidentForm(CorrectIncidentForm):
    """A new incident; `form_id` was made with the page, so that twice sent is once sent."""

    form_id = HiddenField()
    unit = SelectField(_("Where"), [InputRequired()])
    affected_me = BooleanField(_("I was affected myself"))
    say_who = BooleanField(_("You may see who I am"))
    is_another = BooleanField(_("This is another incident"))

    def __init__(self, units: Mapping[UUID, str], **options: Any) -> None:
        super().__init__(**options)
        choices = [(str(unit), path) for unit, path in units.items()]
        only = len(choices) == 1
        self.unit.choices = choices if only else [("", gettext("Choose")), *choices]

    def validate_form_id(self, control: HiddenField) -> None:
        """As the page sent it."""
        try:
            UUID(control.data or "")
        except ValueError:
            raise ValidationError(gettext("This page has grown old. Open it again.")) from None

    def values(self) -> IncidentValues:
        """What was filled in."""
        return self.values_for(UUID(self.unit.data))


class StepForm(FlaskForm):  # type: ignore[misc]
    """A step that was taken on a day, or closed with a reason."""

    held_on = DateField(_("Which day"), [Optional()])
    reason = SelectField(_("Why it is not given"), [Optional()])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        choices = [(reason.name.lower(), str(REASONS[reason])) for reason in STEP_REASONS]
        self.reason.choices = [("", gettext("Choose")), *choices]

    @property
    def day(self) -> date | None:
        """The day, where one was given."""
        given: date | None = self.held_on.data
        return given

    @property
    def closing_reason(self) -> ClosingReason | None:
        """The reason, where one was chosen."""
        return ClosingReason[self.reason.data.upper()] if self.reason.data else None
