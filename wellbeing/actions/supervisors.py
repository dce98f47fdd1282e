"""What a supervisor can be asked for: their profile, weekly hours, and days that are different."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.session_people import find_supervisors
from wellbeing.actions.session_times import MAX_LINK_LENGTH
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.support_forms import SESSION_FORMS, SupportForm
from wellbeing.store.supervision import Availability, AvailabilityException, Supervisor

MAX_QUALIFICATIONS_LENGTH = 400
MAX_SESSIONS_A_WEEK = 60
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class ProfileValues:
    """What a supervisor offers; `is_external` None leaves it as it is."""

    qualifications: str
    forms: frozenset[SupportForm]
    sessions_a_week: int
    video_link: str = ""
    is_external: bool | None = None


@dataclass(frozen=True, slots=True)
class HoursValues:
    """Hours of a weekday (0 is Monday) on the wall clock, from a day on, to a last day or not."""

    weekday: int
    from_time: time
    until_time: time
    from_day: date
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class ExceptionValues:
    """Days, first to last, without hours, or with these hours instead of the weekly ones."""

    from_day: date
    until_day: date
    from_time: time | None = None
    until_time: time | None = None


def save_profile(
    session: Session, person_id: UUID, values: ProfileValues, *, now: datetime, by: Actor
) -> None:
    """Keeps what the supervisor offers; BadInput names what cannot be."""
    _check_supervisor(session, person_id)
    qualifications, link = one_line(values.qualifications), one_line(values.video_link)
    if len(qualifications) > MAX_QUALIFICATIONS_LENGTH:
        raise BadInput("Write at most {length} characters.", length=MAX_QUALIFICATIONS_LENGTH)
    if not 1 <= values.sessions_a_week <= MAX_SESSIONS_A_WEEK:
        raise BadInput("Between 1 and {most} sessions a week.", most=MAX_SESSIONS_A_WEEK)
    if not values.forms or not values.forms <= set(SESSION_FORMS):
        raise BadInput("Choose at least one form of support.")
    if link and (len(link) > MAX_LINK_LENGTH or " " in link or not link.startswith("https://")):
        raise BadInput("A video link begins with https:// and has no spaces.")
    profile = session.get(Supervisor, person_id, with_for_update=True)
    if profile is None:
        profile = Supervisor(person_id=person_id, is_external=False)
        session.add(profile)
    profile.qualifications, profile.video_link = qualifications, link or None
    profile.forms = [form.value for form in SESSION_FORMS if form in values.forms]
    profile.sessions_a_week = values.sessions_a_week
    if values.is_external is not None:
        profile.is_external = values.is_external
    if session.is_modified(profile):
        session.flush()
        record(session, "supervisor.changed", str(person_id), by=by, now=now)


def add_hours(
    session: Session, person_id: UUID, values: HoursValues, *, now: datetime, by: Actor
) -> None:
    """Gives hours of a weekday; the same twice is once."""
    _check_profile(session, person_id)
    if not 0 <= values.weekday <= 6:
        raise BadInput("Choose a day of the week.")
    _check_order(values.from_time, values.until_time)
    if values.until_day is not None and values.until_day < values.from_day:
        raise BadInput("The last day comes before the first.")
    row = {
        "supervisor_id": person_id,
        "weekday": values.weekday,
        "from_time": _clock(values.from_time),
        "until_time": _clock(values.until_time),
        "from_day": values.from_day,
        "until_day": values.until_day,
    }
    _add_once(session, Availability, row, now=now, by=by)


def add_exception(
    session: Session, person_id: UUID, values: ExceptionValues, *, now: datetime, by: Actor
) -> None:
    """Marks days as away, or as having other hours; the same twice is once."""
    _check_profile(session, person_id)
    if values.until_day < values.from_day:
        raise BadInput("The last day comes before the first.")
    if (values.from_time is None) != (values.until_time is None):
        raise BadInput("Give both times for other hours, or none for being away.")
    if values.from_time is not None and values.until_time is not None:
        _check_order(values.from_time, values.until_time)
    row = {
        "supervisor_id": person_id,
        "from_day": values.from_day,
        "until_day": values.until_day,
        "from_time": _clock(values.from_time) if values.from_time is not None else None,
        "until_time": _clock(values.until_time) if values.until_time is not None else None,
    }
    _add_once(session, AvailabilityException, row, now=now, by=by)


def remove_hours(
    session: Session, person_id: UUID, row_id: UUID, *, now: datetime, by: Actor
) -> None:
    """Takes weekly hours or an exception of this supervisor away; twice is fine.

    Sessions that are scheduled in them stay. Missing for a row of somebody else.
    """
    row = session.get(Availability, row_id) or session.get(AvailabilityException, row_id)
    if row is None:
        return
    if row.supervisor_id != person_id:
        raise Missing("Those hours do not exist.")
    session.delete(row)
    session.flush()
    record(session, "supervisor.hours_changed", str(person_id), by=by, now=now)


def _add_once(
    session: Session,
    table: type[Availability | AvailabilityException],
    row: dict[str, object],
    *,
    now: datetime,
    by: Actor,
) -> None:
    query = select(table.id).filter_by(supervisor_id=row["supervisor_id"])
    if session.scalars(query.filter_by(**row)).first() is not None:
        return
    if len(session.scalars(query).all()) >= MOST_ROWS:
        raise Refused("There are too many lines of hours. Remove some that are over.")
    session.add(table(id=uuid4(), **row))
    session.flush()
    record(session, "supervisor.hours_changed", str(row["supervisor_id"]), by=by, now=now)


def _check_supervisor(session: Session, person_id: UUID) -> None:
    if person_id not in find_supervisors(session):
        raise Missing("There is no such supervisor.")


def _check_profile(session: Session, person_id: UUID) -> None:
    """Held, so that two presses of one button add one line."""
    _check_supervisor(session, person_id)
    if session.get(Supervisor, person_id, with_for_update=True) is None:
        raise Refused("Save first what the supervisor offers. Then add their hours.")


def _check_order(from_time: time, until_time: time) -> None:
    if until_time <= from_time:
        raise BadInput("The hours must end after they begin.")


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
