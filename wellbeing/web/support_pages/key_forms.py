"""Forms of the page for key holders; what makes a code good enough is said by the domain alone."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from wellbeing.domain.diary_codes import MAX_CODE_LENGTH
from wellbeing.web.shared.i18n import _

_CODE = [InputRequired(), Length(max=MAX_CODE_LENGTH)]


class TakeKeyForm(FlaskForm):  # type: ignore[misc]
    """A code for one's key, twice."""

    code = PasswordField(_("Choose a code"), _CODE)
    code_again = PasswordField(
        _("The same code again"),
        [InputRequired(), EqualTo("code", message=_("The two codes differ."))],
    )


class ChangeKeyCodeForm(FlaskForm):  # type: ignore[misc]
    """The code so far, and the new one twice."""

    old_code = PasswordField(_("The code you have now"), _CODE)
    code = PasswordField(_("The new code"), _CODE)
    code_again = PasswordField(
        _("The same code again"),
        [InputRequired(), EqualTo("code", message=_("The two codes differ."))],
    )


class LeaveKeyForm(FlaskForm):  # type: ignore[misc]
    """Laying the key down needs a tick."""

    confirm = BooleanField(
        _("Yes, delete my key"), [InputRequired(message=_("Tick the box if you are sure."))]
    )


class GiveShareForm(FlaskForm):  # type: ignore[misc]
    """The code of one's key; for an open round also that it shall close now."""

    code = PasswordField(_("The code of your key"), _CODE)
    closes_early = BooleanField(_("Close the round now, before its day"))
