"""Forms of the diary; what makes a code good enough is said by the domain alone."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from wellbeing.domain.diary_codes import MAX_CODE_LENGTH
from wellbeing.web.shared.i18n import _

LONGEST_PASSKEY_NAME = 40


class NewCodeForm(FlaskForm):  # type: ignore[misc]
    """A code for a diary, twice."""

    code = PasswordField(_("Choose a code"), [InputRequired(), Length(max=MAX_CODE_LENGTH)])
    code_again = PasswordField(
        _("The same code again"),
        [InputRequired(), EqualTo("code", message=_("The two codes differ."))],
    )


class OpenDiaryForm(FlaskForm):  # type: ignore[misc]
    """The code, or the recovery code."""

    code = PasswordField(
        _("Your code or your recovery code"), [InputRequired(), Length(max=MAX_CODE_LENGTH)]
    )


class DeleteDiaryForm(FlaskForm):  # type: ignore[misc]
    """Deleting needs a tick."""

    confirm = BooleanField(
        _("Yes, delete my whole diary"),
        [InputRequired(message=_("Tick the box if you are sure."))],
    )


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """What the owner calls a passkey; the rest of it comes from the browser."""

    name = StringField(_("What do you call this passkey?"), [Length(max=LONGEST_PASSKEY_NAME)])
