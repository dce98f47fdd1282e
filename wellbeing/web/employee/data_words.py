"""The parts of one's own data in words: what each is, and what its columns are called."""

from typing import Any

from wellbeing.actions.outbox import MailKind
from wellbeing.actions.own_erasure import Erasable
from wellbeing.actions.session_letters import form_label
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import LinkPurpose, PersonStatus
from wellbeing.store.audit import MailState
from wellbeing.store.support import BookingState, OfferState, SessionState
from wellbeing.web.shared.i18n import _, available_locales, current_texts, own_names
from wellbeing.web.support_pages.incident_words import KINDS
from wellbeing.web.support_pages.request_words import WISHES

PARTS: dict[str, tuple[Any, Any]] = {
    "account": (_("You"), _("From the staff list of your workplace.")),
    "units": (_("Where you work and have worked"), _("From the staff list.")),
    "roles": (_("Your tasks in Wellbeing"), _("From the staff list.")),
    "rounds": (
        _("Rounds that asked you"),
        _("Only rounds that are not published yet. Nobody at work is shown whether you answered."),
    ),
    "codes": (_("One-time codes"), _("That a code was made for you, never the code itself.")),
    "diary": (
        _("Your diary"),
        _("Sealed: here it can only be counted. Open it with your code to read or download it."),
    ),
    "requests": (_("Your own requests for a talk"), _("Seen by you and by HR.")),
    "sessions": (_("Sessions you are invited to or have booked"), _("Never whether you came.")),
    "affected": (
        _("Incidents that affected you, as you have said yourself"),
        _("Seen by you and by HR."),
    ),
    "registered": (_("Incidents you have registered by name"), ""),
    "offers": (_("Offers of support that you see to"), ""),
    "supervisor": (_("What you offer as a supervisor"), ""),
    "hours": (_("Your weekly hours as a supervisor"), ""),
    "exceptions": (_("Days with other hours"), ""),
    "led": (_("Sessions you lead or have led"), ""),
    "series": (_("Your series of sessions"), ""),
    "calendar": (_("The address of your calendar"), _("In a form that cannot be read.")),
    "letters": (
        _("Letters to you"),
        _("Of which kind, and until when each could be sent. The contents are not kept."),
    ),
    "acts": (
        _("What the audit log says of you"),
        _("What you have done, and what was done to your account."),
    ),
    "sign_ins": (_("Where you are signed in"), ""),
    "links": (_("Links for choosing a password"), _("Never the link itself.")),
    "passkeys": (_("Passkeys you sign in with"), ""),
    "identities": (_("Who you are to the sign-in of your workplace"), ""),
    "ways_in": (
        _("What you sign in with"),
        _("Passwords and codes are kept in a form that cannot be read."),
    ),
}
COLUMNS: dict[str, Any] = {
    "name": _("Name"),
    "employee_number": _("Employee number"),
    "email": _("E-mail"),
    "mobile": _("Mobile"),
    "language": _("Language"),
    "status": _("Access"),
    "reminders_stopped": _("Reminders stopped"),
    "left_at": _("Left on"),
    "mail_came_back": _("Mail came back on"),
    "external_id": _("Id in the directory"),
    "unit": _("Unit"),
    "from_day": _("From"),
    "until_day": _("Until"),
    "role": _("Task"),
    "opens_at": _("Opens"),
    "closes_at": _("Closes"),
    "counted_in": _("Counted in"),
    "answered": _("You have answered"),
    "sealed_entries": _("Sealed entries"),
    "passkeys": _("Passkeys"),
    "asked_on": _("Asked on"),
    "wish": _("Your wish"),
    "contact": _("How to reach you"),
    "delete_on": _("Deleted on"),
    "starts_at": _("Begins"),
    "ends_at": _("Ends"),
    "form": _("Form"),
    "place": _("Place"),
    "state": _("State"),
    "said_how_useful": _("You have said how useful it was"),
    "happened_on": _("Happened on"),
    "registered_on": _("Registered on"),
    "kind": _("Kind"),
    "details": _("Details"),
    "offered_on": _("Offered on"),
    "qualifications": _("Qualifications"),
    "forms": _("Forms"),
    "sessions_a_week": _("Sessions a week at most"),
    "video_link": _("Video link"),
    "is_external": _("From outside the workplace"),
    "weekday": _("Weekday, Monday is 0"),
    "from_time": _("From the hour"),
    "until_time": _("Until the hour"),
    "every_weeks": _("Every so many weeks"),
    "first_day": _("First day"),
    "start": _("Begins at"),
    "made_at": _("Made on"),
    "expires_at": _("Ends on"),
    "at": _("When"),
    "act": _("Act"),
    "by": _("By"),
    "about_you": _("About you"),
    "started_at": _("Signed in"),
    "device": _("Device"),
    "purpose": _("Purpose"),
    "used_at": _("Used on"),
    "added_on": _("Added on"),
    "issuer": _("Issuer"),
    "subject": _("Id there"),
    "has_password": _("A password"),
    "has_authenticator": _("An app that shows codes"),
    "recovery_codes_left": _("Recovery codes left"),
    "holds_round_key": _("Holds a key of rounds"),
}
ROLE_NAMES = {
    Role.EMPLOYEE: _("employee"),
    Role.LEADER: _("leader"),
    Role.HR: _("HR"),
    Role.SAFETY_REPRESENTATIVE: _("safety representative"),
    Role.SUPERVISOR: _("supervisor"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.DPO: _("data-protection officer"),
}
LETTERS: dict[MailKind, Any] = {
    MailKind.ACTIVATION: _("Link to choose a password"),
    MailKind.RESET: _("Link to choose a new password"),
    MailKind.INVITATION: _("Invitation to a check-in"),
    MailKind.REMINDER: _("Reminder of a check-in"),
    MailKind.ROUND_PUBLISHED: _("That figures are published"),
    MailKind.SESSION_INVITATION: _("Invitation to a session"),
    MailKind.SESSION_CANCELLED: _("That a session is cancelled"),
    MailKind.SESSION_RELEASED: _("That a place is given back"),
    MailKind.STRUCTURE_CHANGED: _("That units have changed"),
    MailKind.SUPPORT_OVERDUE: _("That a step of support is overdue"),
    MailKind.REQUEST_WAITING: _("That somebody has asked for a talk"),
    MailKind.FEEDBACK_ASKED: _("Question whether a session was useful"),
    MailKind.INCIDENT_REGISTERED: _("That an incident was registered"),
}
# Values that are words of ours; every other value is shown as it is stored.
VALUES: dict[str, dict[str, Any]] = {
    "language": own_names(available_locales()),
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "status": {
        PersonStatus.INVITED.value: _("invited, no password yet"),
        PersonStatus.ACTIVE.value: _("open"),
        PersonStatus.DISABLED.value: _("closed"),
    },
    "wish": {wish.value: words for wish, words in WISHES.items()},
    "kind": {
        **{kind.value: words for kind, words in KINDS.items()},
        **{kind.value: words for kind, words in LETTERS.items()},
    },
    "state": {
        BookingState.INVITED.value: _("invited"),
        BookingState.BOOKED.value: _("booked"),
        BookingState.WAITING.value: _("waiting"),
        BookingState.RELEASED.value: _("the session is cancelled"),
        OfferState.OFFERED.value: _("offered"),
        OfferState.SCHEDULED.value: _("a time is found"),
        OfferState.HELD.value: _("held"),
        OfferState.CLOSED.value: _("closed"),
        SessionState.CANCELLED.value: _("cancelled"),
        MailState.SENDING.value: _("on its way"),
        MailState.HANDING_OVER.value: _("on its way"),
        MailState.ENDED.value: _("done with"),
    },
    "purpose": {
        LinkPurpose.ACTIVATION.value: _("a first password"),
        LinkPurpose.RESET.value: _("a new password"),
    },
    "by": {
        "you": _("you"),
        "person": _("somebody else with a task in Wellbeing"),
        "job": _("the service itself"),
        "command": _("whoever runs the server"),
        "somebody": _("not named"),
    },
    "act": {
        "password.set": _("A password was chosen"),
        "administrator.invited": _("You were made administrator"),
        "person.link_sent": _("A link was sent"),
        "person.mail_resumed": _("Mail goes to your address again"),
        "person.disabled": _("The access was closed"),
        "person.enabled": _("The access was opened again"),
        "calendar.address_made": _("A calendar address was made"),
        "calendar.address_revoked": _("A calendar address was stopped"),
        "figures.read": _("Figures were opened"),
    },
}


def in_words(column: str, value: str) -> str:
    """A stored value in the reader's words; a code that has none is shown as it is."""
    if column == "form":
        return str(form_label(SupportForm(value), current_texts()))
    return str(VALUES.get(column, {}).get(value, value))


# What is mine to erase: what it is called, and what becomes of it.
ERASABLE: dict[Erasable, tuple[Any, Any]] = {
    Erasable.DIARY: (
        _("My diary"),
        _("Gone for good. Nobody can bring it back. The figures of your team stay as they are."),
    ),
    Erasable.REQUEST: (
        _("My request for a talk"),
        _("Nothing is left of it, and a time that was found is cancelled. You can ask again."),
    ),
    Erasable.PLACES: (
        _("My places in sessions to come"),
        _("They go to the next in line. You can sign up again while there is room."),
    ),
    Erasable.AFFECTED: (
        _("That incidents affected me"),
        _("HR no longer sees your name there. You can say it again."),
    ),
    Erasable.CALENDAR: (
        _("The address of my calendar"),
        _("It stops working at once. You can make a new one."),
    ),
}
