"""What can be looked for, and what can be handed in, on the administrator's pages."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Form, SearchField, SelectField
from wtforms.validators import Length

from wellbeing.domain.official_wording import official_locales
from wellbeing.web.shared.i18n import _, own_names


class PeopleSearchForm(Form):
    """Words out of a name, an employee number or an address; changes nothing, needs no token."""

    q = SearchField(_("Name, number or e-mail"), [Length(max=100)])


class ImportFormForm(FlaskForm):  # type: ignore[misc]
    """A file with the official form, and the language it is in."""

    locale = SelectField(_("Language of the form"), choices=lambda: _languages())
    file = FileField(_("File"), [FileRequired(_("Choose a file."))])


def _languages() -> list[tuple[str, str]]:
    return list(own_names(official_locales()).items())
