"""Forms of the shared pages."""

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from wellbeing.actions.sign_in_passkeys import NAME_LENGTH
from wellbeing.crypto.codes import LONGEST_TYPED
from wellbeing.domain.passwords import MIN_LENGTH
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

    min_length = MIN_LENGTH

    password = PasswordField(_("New password"), [InputRequired(), Length(max=200)])
    password_again = PasswordField(
        _("The same again"),
        [InputRequired(), EqualTo("password", message=_("The two passwords differ."))],
    )


class ChangePasswordForm(SetPasswordForm):
    """The present password, and a new one twice."""

    present = PasswordField(_("Present password"), [InputRequired(), Length(max=200)])


class SecondFactorForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, a recovery code, or what a passkey answers; one of them."""

    code = StringField(_("Code from your app"), [Length(max=LONGEST_TYPED)])
    recovery = StringField(_("Recovery code"), [Length(max=LONGEST_TYPED)])
    answer = HiddenField()


class ConfirmForm(SecondFactorForm):
    """The same, or the password of whoever has nothing else."""

    password = PasswordField(_("Password"), [Length(max=200)])


class NewAppForm(FlaskForm):  # type: ignore[misc]
    """The first code that a new app shows."""

    code = StringField(_("Code from the app"), [InputRequired(), Length(max=LONGEST_TYPED)])


class NewPasskeyForm(FlaskForm):  # type: ignore[misc]
    """What a new passkey is called, and what it answers."""

    name = StringField(_("Name of the passkey"), [Length(max=NAME_LENGTH)])
    answer = HiddenField()
