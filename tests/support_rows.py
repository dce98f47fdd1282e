"""One row of everything that support leaves in the database, for tests of migrations and walls."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import Incident, IncidentAffected, RequestWish, SupportRequest
from wellbeing.store.org import LevelReference
from wellbeing.store.supervision import (
    Availability,
    AvailabilityException,
    CalendarFeed,
    Place,
    SessionSeries,
    Supervisor,
)
from wellbeing.store.support import (
    SessionAction,
    SessionFeedback,
    SessionTheme,
    SupportSession,
    Theme,
)


def add_rows_of_support(session: Session, cast: Cast, *, now: datetime) -> None:
    """Beside the first session there is: its record, and a supervisor, a place, an incident …"""
    today, susan = now.date(), cast.people["Susan"]
    held = session.scalars(select(SupportSession)).first()
    assert held is not None
    _add_supervision(session, cast, today)
    theme, incident = Theme(name="Arbejdspres"), _incident(cast, today)
    session.add_all(
        (
            theme,
            incident,
            LevelReference(sample="us-teachers", chosen_at=now),
            CalendarFeed(person_id=susan, secret_hash="0" * 64, made_at=now),
            SupportRequest(
                person_id=cast.people["Eva"], wish=RequestWish.TALK, contact="", asked_on=today
            ),
        )
    )
    session.flush()
    session.add_all(
        (
            SessionTheme(session_id=held.id, theme_id=theme.id),
            SessionAction(session_id=held.id, what="Fast refleksion", owner="Teamet"),
            SessionFeedback(session_id=held.id, useful=4, count=3),
            IncidentAffected(incident_id=incident.id, person_id=cast.people["Tom"]),
        )
    )
    session.flush()


def _incident(cast: Cast, today: date) -> Incident:
    return Incident(
        unit_id=cast.units["team_a"],
        kind=IncidentKind.THREAT,
        happened_on=today,
        registered_on=today,
        affected_count=2,
        details="",
    )


def _add_supervision(session: Session, cast: Cast, today: date) -> None:
    susan, place = cast.people["Susan"], Place(name="Mødelokale 1", seats=12)
    session.add(place)
    session.add(
        Supervisor(
            person_id=susan,
            qualifications="Psykolog",
            forms=[SupportForm.TEAM_SUPERVISION.value],
            sessions_a_week=6,
        )
    )
    session.flush()
    session.add_all(
        (
            Availability(
                supervisor_id=susan,
                weekday=0,
                from_time="09:00",
                until_time="15:00",
                from_day=today,
            ),
            AvailabilityException(supervisor_id=susan, from_day=today, until_day=today),
            SessionSeries(
                unit_id=cast.units["team_a"],
                form=SupportForm.TEAM_SUPERVISION,
                supervisor_id=susan,
                place_id=place.id,
                every_weeks=6,
                first_day=today,
                until_day=today + timedelta(days=365),
                start="13:00",
                length_minutes=90,
            ),
        )
    )
    session.flush()
