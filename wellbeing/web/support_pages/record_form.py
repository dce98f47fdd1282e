"""The form of a session's record: numbers, themes from the list, what was agreed. No notes."""

from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.actions.session_head import SessionHead
from wellbeing.actions.session_record import (
    MAX_MINUTES_HELD,
    MAX_OWNER_LENGTH,
    MAX_WHAT_LENGTH,
    MOST_ACTIONS,
    Agreed,
    RecordValues,
)
from wellbeing.domain.plain_text import one_line
from wellbeing.store.support import SessionState, Theme
from wellbeing.web.shared.fields import WholeNumberField
from wellbeing.web.shared.i18n import _, gettext

SPARE_ROWS = 2


class RecordForm(FlaskForm):  # type: ignore[misc]
    """A record; `values()` after it validated. Rows of agreements are added below the class."""

    attended = WholeNumberField(
        _("How many came"), [InputRequired(), NumberRange(min=0, max=100_000)]
    )
    minutes = WholeNumberField(
        _("How many minutes it lasted"), [Optional(), NumberRange(1, MAX_MINUTES_HELD)]
    )
    themes = SelectMultipleField(
        _("Themes taken up"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    next_on = DateField(_("Next time"), [Optional()])

    def __init__(self, head: SessionHead, themes: list[Theme], **options: Any) -> None:
        super().__init__(**options)
        offered = [t for t in themes if t.active or t.id in head.theme_ids]
        self.themes.choices = [SelectChoice(str(t.id), t.name) for t in offered]
        self.shown_rows = min(MOST_ACTIONS, len(head.agreed) + SPARE_ROWS)
        if not self.is_submitted():
            self._fill(head)

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The rows to show: what, who sees to it, by when."""
        return [(self[f"what_{n}"], self[f"owner_{n}"], self[f"due_{n}"]) for n in self._shown()]

    def validate(self, extra_validators: Any = None) -> bool:
        """As every form, and a row with one of its texts has the other too."""
        is_sound = bool(super().validate(extra_validators))
        for number in range(MOST_ACTIONS):
            what, owner = self[f"what_{number}"], self[f"owner_{number}"]
            due = self[f"due_{number}"]
            for missing, other in ((what, owner), (owner, what)):
                if not one_line(missing.data or "") and (other.data or due.data):
                    missing.errors = [gettext("Write both what was agreed and who sees to it.")]
                    is_sound = False
        return is_sound

    def values(self) -> RecordValues:
        """What was filled in."""
        return RecordValues(
            attended=self.attended.data or 0,
            minutes=self.minutes.data,
            theme_ids=frozenset(UUID(value) for value in self.themes.data or ()),
            agreed=tuple(self._agreed()),
            next_on=self.next_on.data,
        )

    def _agreed(self) -> list[Agreed]:
        rows = [(self[f"what_{n}"], self[f"owner_{n}"], self[f"due_{n}"]) for n in _ROWS]
        return [Agreed(what.data, owner.data, due.data) for what, owner, due in rows if what.data]

    def _shown(self) -> list[int]:
        given = [n for n in _ROWS if self[f"what_{n}"].data or self[f"owner_{n}"].data]
        return list(range(max(self.shown_rows, max(given, default=-1) + 1)))

    def _fill(self, head: SessionHead) -> None:
        if head.state is SessionState.HELD:
            self.attended.data = head.attended
        self.minutes.data = head.minutes
        self.next_on.data = head.next_on
        self.themes.data = [str(theme_id) for theme_id in head.theme_ids]
        for number, agreed in enumerate(head.agreed[:MOST_ACTIONS]):
            self[f"what_{number}"].data = agreed.what
            self[f"owner_{number}"].data = agreed.owner
            due: date | None = agreed.due_on
            self[f"due_{number}"].data = due


_ROWS = range(MOST_ACTIONS)
for _number in _ROWS:
    _what = StringField(_("What was agreed"), [Optional(), Length(max=MAX_WHAT_LENGTH)])
    _owner = StringField(_("Who sees to it"), [Optional(), Length(max=MAX_OWNER_LENGTH)])
    setattr(RecordForm, f"what_{_number}", _what)
    setattr(RecordForm, f"owner_{_number}", _owner)
    setattr(RecordForm, f"due_{_number}", DateField(_("By when"), [Optional()]))
