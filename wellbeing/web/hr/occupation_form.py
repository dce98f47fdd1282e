"""What staff are called in the official form: a field for each language that form can be in."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms.validators import Length, Optional

from wellbeing.domain.errors import BadInput
from wellbeing.domain.official_wording import (
    MAX_OCCUPATION_LENGTH,
    check_occupation,
    official_locales,
)
from wellbeing.web.shared.i18n import _, gettext, own_names

_PREFIX = "occupation_"

Form = TypeVar("Form", bound=FlaskForm)


class OccupationForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the occupation; use it `with_occupation`."""


def with_occupation(form: type[Form]) -> type[Form]:
    """The form with a field for the occupation in each language, none of which has to be filled."""
    names = own_names(official_locales())
    rules = [Optional(), Length(max=MAX_OCCUPATION_LENGTH), _check_word]
    fields = {
        f"{_PREFIX}{locale}": StringField(_("Occupation, %(language)s", language=name), rules)
        for locale, name in names.items()
    }
    return type(form.__name__, (form,), fields)


def occupation_fields(form: FlaskForm) -> list[Field]:
    """Its fields for the occupation, by language."""
    return [field for field in form if field.name.startswith(_PREFIX)]


def occupation_in(form: FlaskForm) -> dict[str, str]:
    """What was filled in, by language; "" where nothing was."""
    return {f.name.removeprefix(_PREFIX): f.data or "" for f in occupation_fields(form)}


def fill_in_occupation(form: FlaskForm, occupation: Mapping[str, str]) -> None:
    """Shows the words that hold now."""
    for field in occupation_fields(form):
        field.data = occupation.get(field.name.removeprefix(_PREFIX), "")


def _check_word(_form: Any, field: Field) -> None:
    try:
        check_occupation(field.data or "")
    except BadInput as fault:
        raise ValidationError(fault.in_words_of(gettext)) from None
