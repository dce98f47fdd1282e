"""Forms of the employee pages; the check-in itself is read by `flow`."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import EqualTo, InputRequired, Length

from wellbeing.crypto.diaries import MIN_CODE_LENGTH
from wellbeing.web.employee.flow import MAX_RECEIPT_LENGTH
from wellbeing.web.shared.i18n import _, available_locales, own_names

MAX_CODE_LENGTH = 200


class ReceiptForm(FlaskForm):  # type: ignore[misc]
    """The receipt somebody kept."""

    receipt = StringField(_("Your receipt"), [InputRequired(), Length(max=MAX_RECEIPT_LENGTH)])


class StartDiaryForm(FlaskForm):  # type: ignore[misc]
    """A code for a new diary, twice."""

    code = PasswordField(
        _("Choose a code"), [InputRequired(), Length(min=MIN_CODE_LENGTH, max=MAX_CODE_LENGTH)]
    )
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


class MeForm(FlaskForm):  # type: ignore[misc]
    """What a person decides about their mails and pages."""

    language = RadioField(
        _("Language of pages and mails"),
        choices=[SelectChoice(*pair) for pair in own_names(available_locales()).items()],
    )
    reminders = BooleanField(_("Remind me by mail while a check-in is open"))
