"""Roles, statuses and acts in words."""

from wellbeing.domain.roles import Role
from wellbeing.store.accounts import PersonStatus
from wellbeing.web.shared.i18n import LazyText, _

ROLES: dict[Role, LazyText] = {
    Role.EMPLOYEE: _("Employee"),
    Role.LEADER: _("Leader"),
    Role.HR: _("HR"),
    Role.SAFETY_REPRESENTATIVE: _("Safety representative"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.DPO: _("Data-protection officer"),
}
STATUSES: dict[PersonStatus, LazyText] = {
    PersonStatus.INVITED: _("Invited, has no password yet"),
    PersonStatus.ACTIVE: _("Can sign in"),
    PersonStatus.DISABLED: _("Access is closed"),
}
# An act without words here is shown as the log has it.
ACTS: dict[str, LazyText] = {
    "password.set": _("Chose a password"),
    "administrator.invited": _("Invited the first administrator"),
    "person.link_sent": _("Sent a link"),
    "person.disabled": _("Closed an access"),
    "person.enabled": _("Opened an access again"),
    "staff.imported": _("Read a staff file in"),
    "group.formed": _("Counted teams together"),
    "group.dissolved": _("Counted teams apart again"),
    "structure.approved": _("Approved changed units"),
    "programme.created": _("Made a programme"),
    "round.opening_moved": _("Opened a round sooner"),
    "round.postponed": _("Postponed a round"),
    "round.opened": _("Opened a round"),
    "round.closed": _("Closed a round"),
    "round.tallied": _("Counted a round"),
    "round.published": _("Published a round"),
    "round.stopped": _("Stopped a count"),
    "round.resumed": _("Took a stopped count up again"),
    "figures.read": _("Opened the figures"),
    "flags.raised": _("Raised flags"),
    "flag.closed": _("Closed a flag"),
    "flag.snoozed": _("Put a flag off"),
    "flag.woken": _("Took a flag up that was put off"),
    "flag.reopened": _("Opened a closed flag again"),
    "reference.chosen": _("Chose the sample that levels are compared with"),
    "session.scheduled": _("Arranged a session"),
    "session.cancelled": _("Cancelled a session"),
    "session.held": _("Noted a session as held"),
    "support.offered": _("Offered support to a unit"),
    "offer.owner_set": _("Said who sees to an offer"),
    "offer.closed": _("Closed an offer"),
    "offer.reopened": _("Opened an offer again"),
    "offer.held": _("Noted support without a session as held"),
    "action.marked": _("Marked an agreement as done, or not done after all"),
    "request.arranged": _("Arranged support that somebody asked for"),
    "request.finished": _("Noted a request as seen to"),
    "theme.added": _("Added a theme"),
    "theme.renamed": _("Renamed a theme"),
    "theme.restored": _("Put a theme back on the list"),
    "theme.retired": _("Took a theme off the list"),
}
