"""What can be looked for on the administrator's pages."""

from wtforms import Form, SearchField
from wtforms.validators import Length

from wellbeing.web.shared.i18n import _


class PeopleSearchForm(Form):
    """Words out of a name, an employee number or an address; changes nothing, needs no token."""

    q = SearchField(_("Name, number or e-mail"), [Length(max=100)])
