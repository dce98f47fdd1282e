"""Forms of the employee pages; the check-in itself is read by `flow`."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length

from wellbeing.web.employee.flow import MAX_RECEIPT_LENGTH
from wellbeing.web.shared.i18n import _, available_locales, own_names


class ReceiptForm(FlaskForm):  # type: ignore[misc]
    """The receipt somebody kept."""

    receipt = StringField(_("Your receipt"), [InputRequired(), Length(max=MAX_RECEIPT_LENGTH)])


class MeForm(FlaskForm):  # type: ignore[misc]
    """What a person decides about their mails and pages."""

    language = RadioField(
        _("Language of pages and mails"),
        choices=[SelectChoice(*pair) for pair in own_names(available_locales()).items()],
    )
    reminders = BooleanField(_("Remind me by mail while a check-in is open"))
