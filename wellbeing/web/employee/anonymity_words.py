"""What the anonymity report says about numbers, reasons, roles and events."""

from wellbeing.actions.anonymity import AnonymityReport
from wellbeing.domain.disclosure_rules import Rules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.publication import Reason
from wellbeing.domain.roles import Role
from wellbeing.web.shared.i18n import _, gettext, ngettext

EVENT_WORDS = {
    "round.opened": _("Opened"),
    "round.postponed": _("Moved to a later day"),
    "round.closed": _("Closed"),
    "round.stopped": _("Stopped, because something did not add up"),
    "round.resumed": _("Taken up again after the cause was mended"),
    "round.tallied": _("Counted, and the figures made"),
    "round.published": _("Published"),
}
READER_WORDS = {
    Role.LEADER: _("Leaders"),
    Role.HR: _("HR"),
    Role.SAFETY_REPRESENTATIVE: _("Safety representatives"),
}
KNOWN_WORDS = (
    _("only what was published"),
    _("also one answer, their own or a colleague's"),
    _("also two answers, their own and a colleague's"),
)


def say_known(answers: int) -> str:
    """What a reader knows besides what was published."""
    if answers < len(KNOWN_WORDS):
        return str(KNOWN_WORDS[answers])
    return str(gettext("also %(num)s answers", num=answers))


def say_size(answers: int, rules: Rules) -> str:
    """A number of answers as a range."""
    try:
        shown = rules.size_range(answers)
    except BadInput:
        return str(gettext("fewer than %(num)s", num=rules.min_group_size))
    if shown.endswith("+"):
        return str(gettext("%(num)s or more", num=shown.removesuffix("+")))
    return shown


def list_withheld(report: AnonymityReport) -> list[str]:
    """How many units have no figure of their own, a sentence for each reason."""
    return [say_withheld(reason, units) for reason, units in report.withheld.items()]


def list_reads(report: AnonymityReport) -> list[tuple[str, str]]:
    """Roles, and on how many days their people looked."""
    return [
        (str(READER_WORDS[role]), str(ngettext("%(num)s time", "%(num)s times", times)))
        for role, times in report.reads.items()
    ]


def say_withheld(reason: Reason, units: int) -> str:
    """How many units have no figure of their own for one reason."""
    if reason is Reason.TOO_FEW:
        text = ngettext(
            "%(num)s unit had too few answers. Its people are counted in a group further up.",
            "%(num)s units had too few answers. Their people are counted in a group further up.",
            units,
        )
    elif reason is Reason.NOT_USED:
        text = ngettext(
            "%(num)s unit had too few answers, and so had those around it. The answers are part "
            "of no figure.",
            "%(num)s units had too few answers, and so had those around them. The answers are "
            "part of no figure.",
            units,
        )
    elif reason is Reason.NOBODY:
        text = ngettext(
            "%(num)s unit has nobody who is counted in it.",
            "%(num)s units have nobody who is counted in them.",
            units,
        )
    else:
        text = ngettext(
            "%(num)s small team is counted together with others, as decided before the round.",
            "%(num)s small teams are counted together with others, as decided before the round.",
            units,
        )
    return str(text)
