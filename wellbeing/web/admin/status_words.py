"""The checks and their states in words."""

from wellbeing.actions.health.findings import State
from wellbeing.web.shared.i18n import LazyText, _

CHECKS: dict[str, LazyText] = {
    "database": _("The database"),
    "migrations": _("The database's version"),
    "clock": _("The clock"),
    "mail": _("The mail server"),
    "keys": _("The keys"),
    "disk": _("Room on the disk"),
    "rounds": _("Rounds"),
    "jobs": _("What runs by itself"),
    "outbox": _("Mail on its way"),
    "audit_log": _("The audit log"),
    "backups": _("Backups"),
    "security_log": _("The security log"),
}
STATES: dict[State, LazyText] = {
    State.OK: _("Well"),
    State.LOOK: _("Have a look"),
    State.BROKEN: _("Needs help now"),
}
OVERALL: dict[State, tuple[LazyText, LazyText]] = {
    State.OK: (_("All is well"), _("There is nothing for you to do.")),
    State.LOOK: (
        _("All works, and something wants a look"),
        _("Nobody notices it yet. Take it when you have a quiet hour."),
    ),
    State.BROKEN: (
        _("Something does not work"),
        _("Begin with the first line that says so: those below it may follow from it."),
    ),
}
