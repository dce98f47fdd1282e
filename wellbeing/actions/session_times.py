"""When and where a session is: what is decided about it, checked before anything is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.session_people import find_supervisors
from wellbeing.domain.availability import Span, exists_once, is_skipped
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.supervision import Place, Supervisor

MAX_DAYS_AHEAD = 365
MAX_PLACE_LENGTH = 200
MAX_LINK_LENGTH = 400


@dataclass(frozen=True, slots=True)
class SessionValues:
    """What HR decides about a session; `start` is a wall-clock time in the organisation's zone.

    `seats` None invites the whole unit; else so many can book. A place is a room of the list, a
    text, a video link, or several of them.
    """

    form: SupportForm
    supervisor_id: UUID
    day: date
    start: time
    length_minutes: int
    place: str = ""
    place_id: UUID | None = None
    video_link: str = ""
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Where a session is, as it is kept."""

    place: str
    place_id: UUID | None
    video_link: str | None


def hours_of(values: SessionValues, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when, in UTC; BadInput where a clock change skips or doubles the start."""
    if not exists_once(values.day, values.start, zone):
        if is_skipped(values.day, values.start, zone):
            raise BadInput("The clocks go forward that night: this time does not exist.")
        raise BadInput("The clocks go back that night: this time comes twice.")
    starts_at = datetime.combine(values.day, values.start, tzinfo=zone).astimezone(UTC)
    return starts_at, starts_at + timedelta(minutes=values.length_minutes)


def check_times(values: SessionValues, zone: ZoneInfo, *, now: datetime) -> Span:
    """The hours, still to come and within a year, of a length that the form allows."""
    rule = load_support_rules().forms[values.form]
    if not rule.least_minutes <= values.length_minutes <= rule.most_minutes:
        raise BadInput(
            "A session of this form lasts {least} to {most} minutes.",
            least=rule.least_minutes,
            most=rule.most_minutes,
        )
    today = now.astimezone(zone).date()
    if values.day > today + timedelta(days=MAX_DAYS_AHEAD):
        raise BadInput("A session can be scheduled at most a year ahead.")
    hours = Span(*hours_of(values, zone)) if values.day >= today else None
    if hours is None or hours.starts_at <= now:
        raise BadInput("That time has passed. Choose one that is still to come.")
    return hours


def check_leader(session: Session, values: SessionValues, booker: Booker) -> None:
    """The form may be given to a unit, or a person, and this supervisor leads it."""
    if values.form not in load_support_rules().forms_for(booker):
        raise BadInput("This form cannot be given here. Choose another one.")
    if values.supervisor_id not in find_supervisors(session):
        raise BadInput("Choose who leads the session.")
    profile = session.get(Supervisor, values.supervisor_id)
    if profile is not None and values.form.value not in profile.forms:
        raise BadInput("This supervisor does not lead that form of support. Choose another one.")


def check_where(session: Session, values: SessionValues) -> Where:
    """The place as it is kept; BadInput unless a room, a text or a link says where it is."""
    text, link = one_line(values.place), one_line(values.video_link)
    if link and (len(link) > MAX_LINK_LENGTH or " " in link or not link.startswith("https://")):
        raise BadInput("A video link begins with https:// and has no spaces.")
    room = _get_room(session, values) if values.place_id else None
    place = ", ".join(part for part in (room.name if room else "", text) if part)
    if not (place or link) or len(place) > MAX_PLACE_LENGTH:
        raise BadInput("Say where it is, in at most {length} characters.", length=MAX_PLACE_LENGTH)
    return Where(place, values.place_id, link or None)


def check_seats(values: SessionValues) -> None:
    """No more places than suit the form."""
    most = load_support_rules().forms[values.form].most_people
    if values.seats is not None and not 1 <= values.seats <= most:
        raise BadInput("This form suits 1 to {most} people.", most=most)


@contextmanager
def wall_in_words(session: Session) -> Iterator[None]:
    """Says in one sentence which hour is given away already, where the database refuses it."""
    try:
        yield
        session.flush()
    except IntegrityError as fault:
        said = str(fault.orig)
        if "ex_support_session_supervisor_id" in said:
            raise Refused(
                "The supervisor is taken at that time. Choose another time or another person."
            ) from None
        if "ex_support_session_place_id" in said:
            raise Refused(
                "The room is taken at that time. Choose another room or another time."
            ) from None
        if "ex_booking_person_id" in said:
            raise Refused(
                "Somebody who is booked here has another booking at that time. Choose another time."
            ) from None
        raise


def _get_room(session: Session, values: SessionValues) -> Place:
    room = session.get(Place, values.place_id)
    if room is None or not room.active:
        raise BadInput("Choose a room from the list.")
    if values.seats is not None and values.seats > room.seats:
        raise BadInput("There are only {seats} seats in that room.", seats=room.seats)
    return room
