"""What a letter about a session says, to one person at a time: the words and the calendar event."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import MailKind
from wellbeing.actions.units import find_paths
from wellbeing.calendar_invitations import CalendarEvent, Method, host_of
from wellbeing.domain.errors import Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.org import Unit
from wellbeing.store.support import Booking, Offer, SessionState, SupportSession
from wellbeing.texts import Texts

_WANTED_WHILE = {
    MailKind.SESSION_INVITATION: SessionState.SCHEDULED,
    MailKind.SESSION_CANCELLED: SessionState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class SessionLetter:
    """`words` is the variable `session` of the mail templates; `event` goes into the calendar."""

    words: dict[str, str]
    event: CalendarEvent


def form_label(form: SupportForm, texts: Texts) -> str:
    """A form of support in words."""
    gettext = texts.gettext
    return {
        SupportForm.TEAM_SUPERVISION: gettext("Team supervision"),
        SupportForm.INDIVIDUAL_SUPERVISION: gettext("Individual supervision"),
        SupportForm.PEER_SUPERVISION: gettext("Peer supervision"),
        SupportForm.OPEN_SUPERVISION: gettext("Open supervision room"),
        SupportForm.DEFUSING: gettext("Defusing talk"),
        SupportForm.DEBRIEFING: gettext("Psychological debriefing"),
        SupportForm.CRISIS_HELP: gettext("Crisis help"),
        SupportForm.FIRST_AID: gettext("Psychological first aid"),
        SupportForm.FOLLOW_UP: gettext("Follow-up"),
        SupportForm.TEAM_CONVERSATION: gettext("Team conversation"),
    }[form]


def is_letter_wanted(session: Session, kind: MailKind, session_id: UUID, *, now: datetime) -> bool:
    """Whether a waiting letter is still true: none invites to what was cancelled or is over."""
    found = session.get(SupportSession, session_id)
    return found is not None and found.state is _WANTED_WHILE[kind] and now < found.ends_at


def describe_session(
    session: Session,
    session_id: UUID,
    person_id: UUID,
    *,
    texts: Texts,
    settings: Settings,
    now: datetime,
) -> SessionLetter:
    """The session as one person's letter tells it; Missing if they have no part or no address."""
    about = session.get(SupportSession, session_id)
    person = session.get(Person, person_id)
    if about is None or person is None or not person.email or not _has_part(session, about, person):
        raise Missing("That session does not exist.")
    offer = session.get_one(Offer, about.offer_id)
    title = texts.gettext("Time for professional reflection")
    event = CalendarEvent(
        session_id=about.id,
        host=host_of(settings.base_url),
        method=Method.CANCEL if about.state is SessionState.CANCELLED else Method.REQUEST,
        sequence=about.sequence,
        title=title,
        place=about.place,
        starts_at=about.starts_at,
        ends_at=about.ends_at,
        zone=settings.zone,
        organiser_name=settings.organisation,
        organiser_address=settings.mail_from,
        attendee_name=person.name,
        attendee_address=person.email,
        written_at=now,
    )
    words = {
        "title": title,
        "starts_text": texts.format_moment(about.starts_at, settings.zone, weekday=True),
        "ends_text": texts.format_moment(about.ends_at, settings.zone),
        "place": about.place,
        "form_label": form_label(offer.form, texts),
        "supervisor_name": session.get_one(Person, about.supervisor_id).name,
        "unit_label": unit_label(session, offer.unit_id) if offer.unit_id else "",
    }
    return SessionLetter(words, event)


def unit_label(session: Session, unit_id: UUID) -> str:
    """The unit's path, or its bare name once it is closed."""
    return find_paths(session).get(unit_id) or session.get_one(Unit, unit_id).name


def _has_part(session: Session, about: SupportSession, person: Person) -> bool:
    booking = select(Booking.person_id).where(
        Booking.session_id == about.id, Booking.person_id == person.id
    )
    return about.supervisor_id == person.id or session.scalars(booking).first() is not None
