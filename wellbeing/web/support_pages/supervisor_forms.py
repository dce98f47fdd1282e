"""Forms of what a supervisor offers: a profile, weekly hours, and days that are different."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from wellbeing.actions import supervisors as actions
from wellbeing.actions.free_times import Profile
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.session_times import MAX_LINK_LENGTH
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SESSION_FORMS, SupportForm
from wellbeing.web.shared.fields import WholeNumberField
from wellbeing.web.shared.i18n import _, current_texts

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)


class CheckboxesField(SelectMultipleField):
    """Some of several, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DeskForm(FlaskForm):  # type: ignore[misc]
    """A form of the page; `do` is what its button sends."""

    do: ClassVar[str] = ""

    def save(self, session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
        """Does what was filled in; BadInput or Refused says why not."""
        raise NotImplementedError


class ProfileForm(DeskForm):
    """What a supervisor offers."""

    do = "profile"

    is_external = BooleanField(_("Comes from outside the organisation"))
    qualifications = TextAreaField(
        _("Qualifications"), [Optional(), Length(max=actions.MAX_QUALIFICATIONS_LENGTH)]
    )
    forms = CheckboxesField(_("Forms of support"))
    sessions_a_week = WholeNumberField(
        _("Sessions a week at most"),
        [InputRequired(), NumberRange(1, actions.MAX_SESSIONS_A_WEEK)],
        default=6,
    )
    video_link = StringField(_("Video link"), [Optional(), Length(max=MAX_LINK_LENGTH)])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        texts = current_texts()
        self.forms.choices = [(form.value, form_label(form, texts)) for form in SESSION_FORMS]

    def show(self, profile: Profile | None) -> None:
        """Fills in what is kept."""
        if profile is None:
            return
        kept = profile.supervisor
        self.qualifications.data, self.forms.data = kept.qualifications, list(kept.forms)
        self.sessions_a_week.data, self.video_link.data = kept.sessions_a_week, kept.video_link
        if "is_external" in self:
            self.is_external.data = kept.is_external

    def save(self, session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
        """Keeps the profile."""
        given: dict[str, Any] = self.data
        values = actions.ProfileValues(
            qualifications=given["qualifications"] or "",
            forms=frozenset(SupportForm(form) for form in given["forms"] or ()),
            sessions_a_week=given["sessions_a_week"],
            video_link=given["video_link"] or "",
            is_external=given.get("is_external"),
        )
        actions.save_profile(session, person_id, values, now=now, by=by)


class HoursForm(DeskForm):
    """Hours of a weekday."""

    do = "hours"

    weekday = SelectField(_("Day of the week"), [InputRequired()])
    from_time = TimeField(_("From"), [InputRequired()])
    until_time = TimeField(_("Until"), [InputRequired()])
    from_day = DateField(_("First day"), [InputRequired()])
    until_day = DateField(_("Last day"), [Optional()])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.weekday.choices = [(str(n), str(name)) for n, name in enumerate(WEEKDAYS)]

    def show(self, today: date) -> None:
        """Fills in that the hours hold from today."""
        self.from_day.data = today

    def save(self, session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
        """Adds the hours."""
        given: dict[str, Any] = self.data
        values = actions.HoursValues(
            int(given["weekday"]),
            given["from_time"],
            given["until_time"],
            given["from_day"],
            given["until_day"],
        )
        actions.add_hours(session, person_id, values, now=now, by=by)


class ExceptionForm(DeskForm):
    """Days away, or with other hours."""

    do = "exception"

    from_day = DateField(_("First day"), [InputRequired()])
    until_day = DateField(_("Last day"), [InputRequired()])
    from_time = TimeField(_("From"), [Optional()])
    until_time = TimeField(_("Until"), [Optional()])

    def save(self, session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
        """Adds the exception."""
        given: dict[str, Any] = self.data
        values = actions.ExceptionValues(
            given["from_day"], given["until_day"], given["from_time"], given["until_time"]
        )
        actions.add_exception(session, person_id, values, now=now, by=by)
