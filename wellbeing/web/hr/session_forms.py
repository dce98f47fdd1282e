"""Forms of the supervision calendar: a session, its new time, and a series."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from wellbeing.actions.places import MAX_SEATS
from wellbeing.actions.scheduling import MoveValues
from wellbeing.actions.series import MAX_WEEKS, SeriesValues
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.session_times import MAX_LINK_LENGTH, MAX_PLACE_LENGTH, SessionValues
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import LEAST_MINUTES, MOST_MINUTES, load_support_rules
from wellbeing.store.supervision import Place
from wellbeing.web.shared.fields import WholeNumberField
from wellbeing.web.shared.i18n import _, current_texts, gettext, ngettext


class WhereForm(FlaskForm):  # type: ignore[misc]
    """Where a session is: a room of the list, a text, a video link."""

    room = SelectField(_("Room"), [Optional()])
    place = StringField(_("Where"), [Optional(), Length(max=MAX_PLACE_LENGTH)])
    video_link = StringField(_("Video link"), [Optional(), Length(max=MAX_LINK_LENGTH)])

    def __init__(self, places: Sequence[Place], **options: Any) -> None:
        super().__init__(**options)
        self.rooms = {str(place.id) for place in places}
        rooms = [(str(place.id), _room_label(place)) for place in places]
        self.room.choices = [("", gettext("No room of the list")), *rooms]

    def where(self) -> dict[str, Any]:
        """The room, text and link that were filled in."""
        return {
            "place": self.place.data or "",
            "place_id": UUID(self.room.data) if self.room.data else None,
            "video_link": self.video_link.data or "",
        }


class SessionForm(WhereForm):
    """A session; `values()` after it validated. No length means the usual one of the form."""

    form = SelectField(_("Form of support"), [InputRequired()])
    supervisor = SelectField(_("Led by whom"), [InputRequired()])
    day = DateField(_("Day"), [InputRequired()])
    start = TimeField(_("Begins at"), [InputRequired()], default=time(9))
    length = WholeNumberField(
        _("Length in minutes"), [Optional(), NumberRange(LEAST_MINUTES, MOST_MINUTES)]
    )
    seats = WholeNumberField(_("Places"), [Optional(), NumberRange(1, MAX_SEATS)])

    def __init__(
        self,
        supervisors: Mapping[UUID, str],
        places: Sequence[Place],
        forms: Iterable[SupportForm],
        **options: Any,
    ) -> None:
        super().__init__(places, **options)
        self.supervisors, self.forms = supervisors, tuple(forms)
        self.form.choices = form_choices(self.forms)
        self.supervisor.choices = supervisor_choices(supervisors)

    def values(self) -> SessionValues:
        """What was filled in."""
        given: dict[str, Any] = self.data
        form = SupportForm(given["form"])
        return SessionValues(
            form=form,
            supervisor_id=UUID(given["supervisor"]),
            day=given["day"],
            start=given["start"],
            length_minutes=given["length"] or usual_minutes(form),
            seats=given["seats"],
            **self.where(),
        )


class MoveForm(WhereForm):
    """Another time or place for a session; `values()` after it validated."""

    day = DateField(_("Day"), [InputRequired()])
    start = TimeField(_("Begins at"), [InputRequired()])
    length = WholeNumberField(
        _("Length in minutes"), [InputRequired(), NumberRange(LEAST_MINUTES, MOST_MINUTES)]
    )

    def values(self) -> MoveValues:
        """What was filled in."""
        given: dict[str, Any] = self.data
        return MoveValues(given["day"], given["start"], given["length"], **self.where())


class SeriesForm(WhereForm):
    """A series of sessions for a unit; `values()` after it validated."""

    unit = SelectField(_("For which unit"), [InputRequired()])
    form = SelectField(_("Form of support"), [InputRequired()])
    supervisor = SelectField(_("Led by whom"), [InputRequired()])
    every_weeks = WholeNumberField(
        _("Weeks between sessions"), [InputRequired(), NumberRange(1, MAX_WEEKS)], default=6
    )
    first_day = DateField(_("First day"), [InputRequired()])
    until_day = DateField(_("Last day"), [InputRequired()])
    start = TimeField(_("Begins at"), [InputRequired()], default=time(13))
    length = WholeNumberField(
        _("Length in minutes"), [Optional(), NumberRange(LEAST_MINUTES, MOST_MINUTES)]
    )

    def __init__(
        self,
        units: Mapping[UUID, str],
        supervisors: Mapping[UUID, str],
        places: Sequence[Place],
        forms: Iterable[SupportForm],
        **options: Any,
    ) -> None:
        super().__init__(places, **options)
        paths = [(str(unit_id), path) for unit_id, path in units.items()]
        self.unit.choices = [("", gettext("Choose a unit")), *paths]
        self.form.choices = form_choices(forms)
        self.supervisor.choices = supervisor_choices(supervisors)

    def values(self) -> SeriesValues:
        """What was filled in."""
        given: dict[str, Any] = self.data
        form = SupportForm(given["form"])
        return SeriesValues(
            form=form,
            supervisor_id=UUID(given["supervisor"]),
            every_weeks=given["every_weeks"],
            first_day=given["first_day"],
            until_day=given["until_day"],
            start=given["start"],
            length_minutes=given["length"] or usual_minutes(form),
            **self.where(),
        )


def usual_minutes(form: SupportForm) -> int:
    """How long a session of the form usually lasts."""
    return load_support_rules().forms[form].usual_minutes


def form_choices(forms: Iterable[SupportForm]) -> list[tuple[str, str]]:
    """The forms in the reader's language."""
    texts = current_texts()
    return [(form.value, form_label(form, texts)) for form in forms]


def supervisor_choices(supervisors: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """Nobody yet, then everyone by name."""
    people = [(str(person_id), name) for person_id, name in supervisors.items()]
    return [("", gettext("Choose a person")), *people]


def in_a_year(today: date) -> date:
    """The last day that a series planned today can reach."""
    return date(today.year + 1, today.month, min(today.day, 28))


def _room_label(place: Place) -> str:
    seats = ngettext("%(num)s seat", "%(num)s seats", place.seats)
    return f"{place.name} ({seats})"
