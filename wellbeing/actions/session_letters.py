"""What a letter about a session says, to one person at a time: the words and the calendar event."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import MailKind
from wellbeing.actions.units import find_paths
from wellbeing.calendar_invitations import CalendarEvent, Method, find_web_address, host_of
from wellbeing.domain.errors import Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.org import Unit
from wellbeing.store.support import Booking, BookingState, Offer, SessionState, SupportSession
from wellbeing.texts import Texts

_HAS_PLACE = (BookingState.INVITED, BookingState.BOOKED)


@dataclass(frozen=True, slots=True)
class SessionLetter:
    """`words` is the variable `session` of the mail templates; `event` goes into the calendar."""

    words: dict[str, str | bool]
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


def is_letter_wanted(
    session: Session, kind: MailKind, session_id: UUID, person_id: UUID, *, now: datetime
) -> bool:
    """Whether a waiting letter is still true for this person.

    None invites whoever has no place, or to what was cancelled or is over; none takes a session
    out of the calendar of somebody who has a place there.
    """
    about = session.get(SupportSession, session_id)
    if about is None or now >= about.ends_at:
        return False
    leads, booked = about.supervisor_id == person_id, _find_booking(session, about, person_id)
    match kind:
        case MailKind.SESSION_INVITATION:
            has_place = leads or booked in _HAS_PLACE
            return has_place and about.state is SessionState.SCHEDULED
        case MailKind.SESSION_CANCELLED:
            return (leads or booked is not None) and about.state is SessionState.CANCELLED
        case _:
            is_off = not leads and booked in (None, BookingState.WAITING)
            return is_off and about.state is not SessionState.HELD


def describe_session(
    session: Session,
    session_id: UUID,
    person_id: UUID,
    *,
    texts: Texts,
    settings: Settings,
    now: datetime,
    is_moved: bool = False,
    is_release: bool = False,
) -> SessionLetter:
    """The session as one person's letter tells it; Missing if they have no part or no address.

    `is_moved`: they were written to before. `is_release`: they are taken off, so need no part.
    """
    about = session.get(SupportSession, session_id)
    person = session.get(Person, person_id)
    if about is None or person is None or not person.email:
        raise Missing("That session does not exist.")
    leads = about.supervisor_id == person_id
    if not (is_release or leads or _find_booking(session, about, person_id)):
        raise Missing("That session does not exist.")
    is_cancelled = is_release or about.state is SessionState.CANCELLED
    event = CalendarEvent(
        session_id=about.id,
        host=host_of(settings.base_url),
        method=Method.CANCEL if is_cancelled else Method.REQUEST,
        sequence=about.sequence,
        title=neutral_title(texts),
        place=place_in_words(about, texts),
        starts_at=about.starts_at,
        ends_at=about.ends_at,
        zone=settings.zone,
        organiser_name=settings.organisation,
        organiser_address=settings.organiser_address,
        attendee_name=person.name,
        attendee_address=person.email,
        written_at=now,
        video_link=about.video_link or "",
        may_reply=not leads and settings.reply_maildir is not None,
        is_release=is_release,
    )
    words = _describe_in_words(session, about, texts, settings)
    return SessionLetter(
        {**words, "is_moved": is_moved, "leads": leads, "may_reply": event.may_reply}, event
    )


def neutral_title(texts: Texts) -> str:
    """What a calendar says: nothing of why, nor of whom."""
    return texts.gettext("Time for professional reflection")


def place_in_words(about: SupportSession, texts: Texts) -> str:
    """Where it is; without a place, that it is by video, and never the link."""
    return about.place or (texts.gettext("Video meeting") if about.video_link else "")


def _describe_in_words(
    session: Session, about: SupportSession, texts: Texts, settings: Settings
) -> dict[str, str]:
    offer = session.get_one(Offer, about.offer_id)
    return {
        "title": neutral_title(texts),
        "starts_text": texts.format_moment(about.starts_at, settings.zone, weekday=True),
        "ends_text": texts.format_moment(about.ends_at, settings.zone),
        "place": place_in_words(about, texts),
        "video_link": find_web_address(about.video_link or ""),
        "form_label": form_label(offer.form, texts),
        "supervisor_name": session.get_one(Person, about.supervisor_id).name,
        "unit_label": unit_label(session, offer.unit_id) if offer.unit_id else "",
    }


def unit_label(session: Session, unit_id: UUID) -> str:
    """The unit's path, or its bare name once it is closed."""
    return find_paths(session).get(unit_id) or session.get_one(Unit, unit_id).name


def _find_booking(session: Session, about: SupportSession, person_id: UUID) -> BookingState | None:
    query = select(Booking.state).where(
        Booking.session_id == about.id, Booking.person_id == person_id
    )
    return session.scalars(query).first()
