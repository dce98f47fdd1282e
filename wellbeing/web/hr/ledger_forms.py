"""Forms of HR's ledger pages: who sees to it, why it is closed, a day, a form, a theme."""

from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from wellbeing.actions.ledger import MAX_REASON_LENGTH
from wellbeing.actions.requests import ARRANGED_FORMS
from wellbeing.actions.session_letters import form_label
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.themes import MAX_THEME_LENGTH
from wellbeing.store.incidents import RequestWish
from wellbeing.web.shared.i18n import _, current_texts, gettext

_FORMS_FOR_ONE = (
    SupportForm.DEFUSING,
    SupportForm.INDIVIDUAL_SUPERVISION,
    SupportForm.DEBRIEFING,
    SupportForm.CRISIS_HELP,
)


class OwnerForm(FlaskForm):  # type: ignore[misc]
    """Who sees to an offer."""

    owner = SelectField(_("Who sees to it"))

    def __init__(self, options: dict[UUID, str], **more: Any) -> None:
        super().__init__(**more)
        people = [(str(person_id), name) for person_id, name in options.items()]
        self.owner.choices = [("", gettext("Nobody yet")), *people]

    def owner_id(self) -> UUID | None:
        """Who was chosen."""
        return UUID(self.owner.data) if self.owner.data else None


class CloseOfferForm(FlaskForm):  # type: ignore[misc]
    """Why an offer comes to nothing."""

    reason = TextAreaField(_("Reason"), [InputRequired(), Length(max=MAX_REASON_LENGTH)])


class HeldOnForm(FlaskForm):  # type: ignore[misc]
    """The day on which support without a session took place."""

    held_on = DateField(_("It took place on"), [InputRequired()])


class ArrangeForm(FlaskForm):  # type: ignore[misc]
    """The form in which a request is met."""

    form = SelectField(_("Form of support"), [InputRequired()])

    def __init__(self, wish: RequestWish | None = None, **more: Any) -> None:
        super().__init__(**more)
        texts = current_texts()
        self.form.choices = [(form.value, form_label(form, texts)) for form in _FORMS_FOR_ONE]
        if wish is not None and not self.is_submitted():
            self.form.data = ARRANGED_FORMS[wish].value


class ThemeForm(FlaskForm):  # type: ignore[misc]
    """The name of a theme."""

    name = StringField(_("Theme"), [InputRequired(), Length(max=MAX_THEME_LENGTH)])
