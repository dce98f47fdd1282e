"""What a mail says, decided at the moment it is sent; None when it is no longer wanted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions import ledger_contents
from wellbeing.actions.incident_letters import find_incident_address
from wellbeing.actions.letters import is_paused
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.reminders import make_stop_token
from wellbeing.actions.session_letters import describe_session, is_letter_wanted
from wellbeing.actions.session_post import forget_letters, is_overtaken, was_written_to
from wellbeing.actions.share_letters import describe_wanted_share
from wellbeing.actions.sign_in import issue_link
from wellbeing.actions.structure import find_counted_in
from wellbeing.actions.webhook_letters import describe_webhook_off
from wellbeing.calendar_invitations import make_invitation
from wellbeing.settings import Settings
from wellbeing.store.accounts import LinkPurpose, Person, PersonStatus
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Participation
from wellbeing.store.support import SupportSession
from wellbeing.texts import translations_for


@dataclass(frozen=True, slots=True)
class Contents:
    """The variables of the templates, extra headers, and a calendar object with its method."""

    variables: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    calendar: tuple[bytes, str] | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """A message about to be sent: to whom, and what is true now."""

    session: Session
    message: OutboxMessage
    person: Person
    settings: Settings
    now: datetime


def describe(occasion: Occasion) -> Contents | None:
    """The contents of a message for its receiver, from what is true now."""
    return _WRITERS[MailKind(occasion.message.kind)](occasion)


def _link(occasion: Occasion) -> Contents | None:
    person, hours = occasion.person, occasion.settings.link_hours
    purpose = LinkPurpose(occasion.message.kind)
    if purpose is LinkPurpose.ACTIVATION and person.status is not PersonStatus.INVITED:
        return None
    secret = issue_link(occasion.session, person.id, purpose, hours=hours, now=occasion.now)
    return Contents({"link": f"{occasion.settings.base_url}/link/{secret}", "hours": hours})


def find_wanted_round(occasion: Occasion) -> Round | None:
    """The round that an invitation or reminder is about; None where it is not wanted any more."""
    person, session = occasion.person, occasion.session
    round_ = session.get_one(Round, occasion.message.round_id)
    is_open = round_.state is RoundState.OPEN and round_.closes_at > occasion.now
    if not is_open or _is_done(session, round_, person):
        return None
    today = occasion.now.astimezone(occasion.settings.zone).date()
    is_unwelcome = person.reminders_stopped or is_paused(session, today)
    if occasion.message.kind == MailKind.REMINDER and is_unwelcome:
        return None
    return round_


def _round(occasion: Occasion) -> Contents | None:
    person, settings = occasion.person, occasion.settings
    round_ = find_wanted_round(occasion)
    if round_ is None:
        return None
    texts = translations_for(person.language)
    token = make_stop_token(person.id, folder=settings.key_folder)
    stop_url = f"{settings.base_url}/reminders/stop/{token}"
    variables = {
        "link": f"{settings.base_url}/check-in/{round_.id}",
        "closes_text": texts.format_moment(round_.closes_at, settings.zone),
        "opens_text": texts.format_moment(round_.opens_at, settings.zone),
        "stop_url": stop_url,
    }
    one_click = {
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    is_reminder = occasion.message.kind == MailKind.REMINDER
    return Contents(variables, one_click if is_reminder else {})


def _published(occasion: Occasion) -> Contents | None:
    return Contents({"link": f"{occasion.settings.base_url}/"})


def _structure(occasion: Occasion) -> Contents | None:
    counted_in = find_counted_in(occasion.session, occasion.person.id, today=occasion.now.date())
    if counted_in is None:
        return None
    return Contents({"link": f"{occasion.settings.base_url}/", "counted_in": counted_in})


def _incident(occasion: Occasion) -> Contents | None:
    incident_id = UUID(occasion.message.context["incident"])
    path = find_incident_address(occasion.session, incident_id, occasion.person.id)
    return None if path is None else Contents({"link": f"{occasion.settings.base_url}{path}"})


def _security(occasion: Occasion) -> Contents | None:
    said, settings = occasion.message.context, occasion.settings
    texts = translations_for(occasion.person.language)
    at = texts.format_moment(datetime.fromisoformat(said["at"]), settings.zone)
    link = f"{settings.base_url}/me/security"
    return Contents({"change": said["change"], "at_text": at, "link": link})


def _support(occasion: Occasion) -> Contents | None:
    session, message, person = occasion.session, occasion.message, occasion.person
    assert message.session_id is not None
    kind, settings = MailKind(message.kind), occasion.settings
    # Held against a booking made meanwhile: either it comes first, or it finds no letters left.
    about = session.get(SupportSession, message.session_id, with_for_update=True)
    if about is None or not is_letter_wanted(session, kind, about.id, person.id, now=occasion.now):
        return None
    if is_overtaken(session, message, about):
        session.delete(message)
        return None
    letter = describe_session(
        session,
        about.id,
        person.id,
        texts=translations_for(person.language),
        settings=settings,
        now=occasion.now,
        is_moved=was_written_to(session, message),
        is_release=kind is MailKind.SESSION_RELEASED,
    )
    if letter.event.is_release:
        forget_letters(session, message)
    calendar = (make_invitation(letter.event), letter.event.method.value)
    headers = {"Reply-To": settings.mail_reply_to} if settings.mail_reply_to else {}
    return Contents({"session": letter.words}, headers, calendar)


def _overdue(occasion: Occasion) -> Contents | None:
    o = occasion
    said = ledger_contents.describe_overdue(o.session, o.message, o.person, o.settings, o.now)
    return None if said is None else Contents(said)


def _waiting(occasion: Occasion) -> Contents | None:
    o = occasion
    said = ledger_contents.describe_waiting(o.session, o.person, o.settings, o.now)
    return None if said is None else Contents(said)


def _question(occasion: Occasion) -> Contents | None:
    o = occasion
    said = ledger_contents.describe_question(o.session, o.message, o.person, o.settings, o.now)
    return None if said is None else Contents(said)


def _share(occasion: Occasion) -> Contents | None:
    o = occasion
    assert o.message.round_id is not None
    said = describe_wanted_share(o.session, o.message.round_id, o.person, o.settings, o.now)
    return None if said is None else Contents(said)


def _webhook_off(occasion: Occasion) -> Contents | None:
    said = describe_webhook_off(occasion.session, occasion.message)
    link = f"{occasion.settings.base_url}/admin/webhooks"
    return None if said is None else Contents({**said, "link": link})


def _is_done(session: Session, round_: Round, person: Person) -> bool:
    done = session.scalar(
        select(Participation.done).where(
            Participation.round_id == round_.id, Participation.person_id == person.id
        )
    )
    return done is not False


_WRITERS: dict[MailKind, Callable[[Occasion], Contents | None]] = {
    MailKind.ACTIVATION: _link,
    MailKind.RESET: _link,
    MailKind.INVITATION: _round,
    MailKind.REMINDER: _round,
    MailKind.ROUND_PUBLISHED: _published,
    MailKind.SESSION_INVITATION: _support,
    MailKind.SESSION_CANCELLED: _support,
    MailKind.SESSION_RELEASED: _support,
    MailKind.STRUCTURE_CHANGED: _structure,
    MailKind.SUPPORT_OVERDUE: _overdue,
    MailKind.REQUEST_WAITING: _waiting,
    MailKind.FEEDBACK_ASKED: _question,
    MailKind.INCIDENT_REGISTERED: _incident,
    MailKind.SHARE_WANTED: _share,
    MailKind.SECURITY_CHANGED: _security,
    MailKind.WEBHOOK_OFF: _webhook_off,
}
