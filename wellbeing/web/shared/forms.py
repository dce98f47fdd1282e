"""Forms of the shared pages."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from wellbeing.crypto.codes import LONGEST_TYPED
from wellbeing.web.shared.i18n import _


class SignInForm(FlaskForm):  # type: ignore[misc]
    """E-mail and password."""

    email = EmailField(_("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(_("Password"), [InputRequired(), Length(max=200)])


class ForgotPasswordForm(FlaskForm):  # type: ignore[misc]
    """The e-mail a link is sent to."""

    email = EmailField(_("E-mail"), [InputRequired(), Length(max=254)])


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A one-time code, as somebody types it."""

    code = StringField(_("Your code"), [InputRequired(), Length(max=LONGEST_TYPED)])


class SetPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, twice."""

    password = PasswordField(_("New password"), [InputRequired(), Length(max=200)])
    password_again = PasswordField(
        _("The same again"),
        [InputRequired(), EqualTo("password", message=_("The two passwords differ."))],
    )
