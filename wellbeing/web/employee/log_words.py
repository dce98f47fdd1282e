"""What the log has about a person, in words to that person."""

from wellbeing.actions.own_log import About, LogLine, Who
from wellbeing.domain.roles import Role
from wellbeing.web.shared.i18n import LazyText, _, gettext

WHO: dict[Who, LazyText] = {
    Who.MYSELF: _("You"),
    Who.GONE: _("Somebody whose account no longer exists"),
    Who.UNNAMED: _("Somebody whom the log does not name"),
    Who.SERVICE: _("Wellbeing itself"),
    Who.COMMAND: _("Whoever runs Wellbeing, on the server"),
    Who.SYSTEM: _("Another system of your workplace"),
}
OFFICES: dict[Role, LazyText] = {
    Role.EMPLOYEE: _("employee"),
    Role.LEADER: _("leader"),
    Role.HR: _("HR"),
    Role.SAFETY_REPRESENTATIVE: _("safety representative"),
    Role.SUPERVISOR: _("supervisor"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.DPO: _("data-protection officer"),
}
OF_UNIT: dict[str, LazyText] = {
    "figures.read": _("Opened the figures of %(unit)s"),
    "figures.taken": _("Took the figures of %(unit)s out as a file"),
    "support.read": _("Opened the support for %(unit)s"),
    "support.taken": _("Took the support for %(unit)s out as a file"),
    "incidents.read": _("Opened the incidents in %(unit)s"),
    "talks.read": _("Opened the list of people's own requests and talks in %(unit)s"),
}
OF_EVERYTHING: dict[str, LazyText] = {
    "figures.read": _("Opened the figures of the whole organisation"),
    "figures.taken": _("Took the figures of the whole organisation out as a file"),
    "support.read": _("Opened the support for the whole organisation"),
    "support.taken": _("Took the support for the whole organisation out as a file"),
    "incidents.read": _("Opened the incidents in the whole organisation"),
    "talks.read": _("Opened the list of people's own requests and talks in the whole organisation"),
}
ACTS: dict[str, LazyText] = {
    "person.provisioned": _("Updated what the staff directory says of you"),
    "person.link_sent": _("Sent you a link to choose a password"),
    "person.mail_resumed": _("Let mail go to your address again"),
    "person.disabled": _("Closed your access"),
    "person.enabled": _("Opened your access again"),
    "administrator.invited": _("Made you the first administrator"),
    "password.set": _("Chose a password for your account"),
    "password.changed": _("Changed the password of your account"),
    "second_factor.set": _("Began to use an authenticator app for your account"),
    "second_factor.removed": _("Removed the authenticator app of your account"),
    "second_factor.reset": _("Reset the second factor of your account"),
    "passkey.added": _("Added a passkey to your account"),
    "passkey.removed": _("Removed a passkey from your account"),
    "recovery_codes.renewed": _("Made new recovery codes for your account"),
    "recovery_code.used": _("Used a recovery code of your account"),
    "sign_in.ended": _("Ended a sign-in to your account"),
    "sign_in.ended_elsewhere": _("Ended all sign-ins to your account but one"),
    "sign_in.ended_everywhere": _("Ended all sign-ins to your account"),
    "identity.linked": _("Linked your work account"),
    "identity.unlinked": _("Unlinked your work account"),
    "person.erasure_asked": _("Asked that your account be erased"),
    "person.erasure_cancelled": _("Took back that your account be erased"),
    "key.taken": _("Took a key for rounds for your account"),
    "key.code_changed": _("Changed the code of your key for rounds"),
    "key.left": _("Laid down your key for rounds"),
    "staff.imported": _("Changed something about you in the staff list"),
    "calendar.address_made": _("Made an address for your calendar"),
    "calendar.address_revoked": _("Took the address for your calendar away"),
    "session.scheduled": _("Arranged a session that you have a place in"),
    "session.moved": _("Moved a session that you have a place in"),
    "session.cancelled": _("Cancelled a session that you have a place in"),
    "session.held": _("Noted a session that you have a place in as held"),
    "incident.registered": _("Registered an incident that you are part of"),
    "incident.corrected": _("Corrected an incident that you are part of"),
    "incident.closed": _("Closed an incident that you are part of"),
    "incident.withdrawn": _("Took back an incident that you are part of"),
}
OTHER_ACTS: dict[About, LazyText] = {
    About.ACCOUNT: _("Changed something about your account"),
    About.SESSION: _("Changed a session that you have a place in"),
    About.INCIDENT: _("Changed an incident that you are part of"),
}


def say_who(line: LogLine) -> str:
    """The name and the office, or what stands for them."""
    name = line.name or str(WHO[line.who])
    offices = ", ".join(str(OFFICES[role]) for role in line.roles)
    return f"{name} ({offices})" if offices else name


def say_what(line: LogLine) -> str:
    """What was done, in one line."""
    if line.about is About.MY_SESSIONS:
        return str(gettext("Opened the sessions they lead; you have a place in one of them"))
    if line.about is About.EVERYTHING:
        return str(OF_EVERYTHING[line.act])
    if line.about is About.UNIT:
        unit = line.unit or gettext("a unit that no longer exists")
        return f"{OF_UNIT[line.act]}" % {"unit": unit}
    return str(ACTS.get(line.act, OTHER_ACTS[line.about]))
