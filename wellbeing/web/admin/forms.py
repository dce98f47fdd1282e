"""What can be looked for, and what can be handed in, on the administrator's pages."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    Form,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.actions.webhooks import Event, WebhookValues
from wellbeing.domain.official_wording import official_locales
from wellbeing.web.admin.wording import ACTS, EVENTS
from wellbeing.web.shared.i18n import _, gettext, own_names


class PeopleSearchForm(Form):
    """Words out of a name, an employee number or an address; changes nothing, needs no token."""

    q = SearchField(_("Name, number or e-mail"), [Length(max=100)])


class LogFilterForm(Form):
    """Which entries of the log are looked for; changes nothing, needs no token."""

    act = SelectField(_("Act"), default="", choices=lambda: [("", gettext("All acts")), *_acts()])
    who = SearchField(_("Name"), [Length(max=100)])
    first = DateField(_("From"), [Optional()], name="from")
    last = DateField(_("Until and including"), [Optional()], name="until")

    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the fields, without what is empty or cannot be read."""
        given = {field.name: field.data for field in self if field.data and not field.errors}
        return {name: str(value) for name, value in given.items()}


class ImportFormForm(FlaskForm):  # type: ignore[misc]
    """A file with the official form, and the language it is in."""

    locale = SelectField(_("Language of the form"), choices=lambda: _languages())
    file = FileField(_("File"), [FileRequired(_("Choose a file."))])


class WebhookForm(FlaskForm):  # type: ignore[misc]
    """Where another system is told, of what and of which units; `values()` after it validated."""

    name = StringField(_("Name"), [InputRequired(), Length(max=80)])
    url = StringField(_("Address"), [InputRequired(), Length(max=500)])
    unit = SelectField(_("Unit, with all below"))
    events = SelectMultipleField(
        _("What it is told"),
        [InputRequired()],
        choices=lambda: [(event, str(said)) for event, said in EVENTS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, paths: Mapping[UUID, str]) -> None:
        super().__init__()
        whole = ("", gettext("The whole organisation"))
        self.unit.choices = [whole, *((str(unit), path) for unit, path in paths.items())]

    def values(self) -> WebhookValues:
        """What was filled in."""
        given: dict[str, Any] = self.data
        unit = UUID(given["unit"]) if given["unit"] else None
        events = frozenset(Event(event) for event in given["events"])
        return WebhookValues(given["name"], given["url"].strip(), unit, events)


def _acts() -> list[tuple[str, str]]:
    return sorted(((act, str(words)) for act, words in ACTS.items()), key=lambda pair: pair[1])


def _languages() -> list[tuple[str, str]]:
    return list(own_names(official_locales()).items())
