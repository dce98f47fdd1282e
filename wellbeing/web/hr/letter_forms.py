"""The form of letters and cards: for which unit, for whom, on what."""

import re
from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from wellbeing.actions.printed_codes import PrintKind, ToWhom
from wellbeing.web.shared.i18n import _

_LONGEST_LIST = 1000
_KINDS = {
    PrintKind.LETTERS: _("Letters: a page for each person"),
    PrintKind.CARDS: _("Cards: eight on a page, a sheet for each unit"),
}


class LettersForm(FlaskForm):  # type: ignore[misc]
    """What to print; `numbers_given()` after it validated."""

    unit = SelectField(_("Unit, with all units below it"), [InputRequired()])
    to_whom = RadioField(_("For whom?"), [InputRequired()], default=ToWhom.UNREACHED.value)
    numbers = StringField(_("Only these employee numbers"), [Optional(), Length(max=_LONGEST_LIST)])
    kind = RadioField(
        _("On what?"),
        [InputRequired()],
        choices=[SelectChoice(kind.value, _KINDS[kind]) for kind in PrintKind],
        default=PrintKind.LETTERS.value,
    )

    def offer(self, units: Sequence[tuple[str, str]], *, sends_sms: bool) -> None:
        """Fills in what there is to choose from."""
        self.unit.choices = [SelectChoice(*pair) for pair in units]
        unreached = (
            _("Those without a work e-mail and without a mobile number")
            if sends_sms
            else _("Those without a work e-mail")
        )
        words = {ToWhom.UNREACHED: unreached, ToWhom.EVERYBODY: _("Everybody")}
        self.to_whom.choices = [SelectChoice(who.value, words[who]) for who in ToWhom]

    def numbers_given(self) -> frozenset[str]:
        """The employee numbers, each once."""
        return frozenset(part for part in re.split(r"[,;\s]+", self.numbers.data or "") if part)
