"""The form of a room."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from wellbeing.actions.places import MAX_SEATS, PlaceValues
from wellbeing.actions.session_times import MAX_PLACE_LENGTH
from wellbeing.web.shared.fields import WholeNumberField
from wellbeing.web.shared.i18n import _


class PlaceForm(FlaskForm):  # type: ignore[misc]
    """A room; `values()` after it validated."""

    name = StringField(_("Name"), [InputRequired(), Length(max=MAX_PLACE_LENGTH)])
    seats = WholeNumberField(_("Seats"), [InputRequired(), NumberRange(1, MAX_SEATS)])
    active = BooleanField(_("In use"), default=True)

    def values(self) -> PlaceValues:
        """What was filled in."""
        given: dict[str, Any] = self.data
        return PlaceValues(given["name"], given["seats"], given["active"])
