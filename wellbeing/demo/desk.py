"""The demo's supervision desk: two supervisors with their hours, two rooms, and one series."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from wellbeing.actions.places import PlaceValues, add_place
from wellbeing.actions.series import SeriesValues, make_series
from wellbeing.actions.supervisors import (
    ExceptionValues,
    HoursValues,
    ProfileValues,
    add_exception,
    add_hours,
    save_profile,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SupportForm

_WEEKS_AHEAD = 30
_PSYCHOLOGIST = ProfileValues(
    qualifications="Autoriseret psykolog, uddannet i debriefing",
    forms=frozenset(
        {
            SupportForm.TEAM_SUPERVISION,
            SupportForm.OPEN_SUPERVISION,
            SupportForm.DEFUSING,
            SupportForm.DEBRIEFING,
            SupportForm.CRISIS_HELP,
        }
    ),
    sessions_a_week=6,
    video_link="https://video.fjordhjem.example/psykolog",
    is_external=True,
)
_SUPERVISOR = ProfileValues(
    qualifications="Socialrådgiver med supervisoruddannelse",
    forms=frozenset(
        {
            SupportForm.TEAM_SUPERVISION,
            SupportForm.INDIVIDUAL_SUPERVISION,
            SupportForm.PEER_SUPERVISION,
            SupportForm.DEFUSING,
        }
    ),
    sessions_a_week=8,
    is_external=False,
)
# Weekdays with their hours; Monday is 0.
_HOURS = {
    "psychologist": ((1, time(9), time(15)), (3, time(9), time(15))),
    "supervisor": ((0, time(12), time(16)), (2, time(8, 30), time(15, 30))),
}


def give_hours(
    session: Session, psychologist: UUID, supervisor: UUID, *, now: datetime, by: Actor
) -> None:
    """Both say what they offer and when; one has a week off."""
    today = now.date()
    for person_id, profile, key in (
        (psychologist, _PSYCHOLOGIST, "psychologist"),
        (supervisor, _SUPERVISOR, "supervisor"),
    ):
        save_profile(session, person_id, profile, now=now, by=by)
        for weekday, from_time, until_time in _HOURS[key]:
            values = HoursValues(weekday, from_time, until_time, today)
            add_hours(session, person_id, values, now=now, by=by)
    monday = _next_monday(today) + timedelta(weeks=3)
    away = ExceptionValues(monday, monday + timedelta(days=4))
    add_exception(session, psychologist, away, now=now, by=by)


def start_series(
    session: Session,
    unit_id: UUID,
    psychologist: UUID,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> None:
    """Team supervision every six weeks on a Tuesday, in one of two rooms."""
    rooms = [
        add_place(session, PlaceValues(name, seats), now=now, by=by)
        for name, seats in (("Mødelokale 2", 14), ("Havestuen", 4))
    ]
    first_day = _next_monday(now.date()) + timedelta(days=8)
    values = SeriesValues(
        form=SupportForm.TEAM_SUPERVISION,
        supervisor_id=psychologist,
        every_weeks=6,
        first_day=first_day,
        until_day=first_day + timedelta(weeks=_WEEKS_AHEAD),
        start=time(13),
        length_minutes=90,
        place_id=rooms[0].id,
    )
    make_series(session, unit_id, values, zone=zone, now=now, by=by)


def _next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())
