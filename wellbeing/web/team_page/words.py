"""What a team page says about figures and trends, to somebody who is no statistician."""

from collections.abc import Sequence
from datetime import date

from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import Scale
from wellbeing.domain.level_model import TrendRules
from wellbeing.domain.trends import Change, Trend, Verdict
from wellbeing.web.shared.i18n import (
    LazyText,
    _,
    format_day,
    format_number,
    gettext,
    ngettext,
)
from wellbeing.web.shared.scale_words import PAGE_ORDER, SCALE_NAMES, say_short

__all__ = ["PAGE_ORDER", "SCALE_NAMES", "say_short"]

SCALE_ABOUT = {
    Scale.BO: _("How much the work wears on people. A high figure means strain."),
    Scale.STS: _(
        "How much of what others have been through stays with people. A high figure means strain."
    ),
    Scale.CS: _("What people get back from helping others. A low figure means strain."),
}
VERDICTS = {
    (Scale.BO, Verdict.WORSE): _("Signs of burnout have risen."),
    (Scale.BO, Verdict.PROBABLY_WORSE): _("Signs of burnout have probably risen."),
    (Scale.BO, Verdict.PROBABLY_BETTER): _("Signs of burnout have probably fallen."),
    (Scale.BO, Verdict.BETTER): _("Signs of burnout have fallen."),
    (Scale.STS, Verdict.WORSE): _("Signs of secondary traumatic stress have risen."),
    (Scale.STS, Verdict.PROBABLY_WORSE): _(
        "Signs of secondary traumatic stress have probably risen."
    ),
    (Scale.STS, Verdict.PROBABLY_BETTER): _(
        "Signs of secondary traumatic stress have probably fallen."
    ),
    (Scale.STS, Verdict.BETTER): _("Signs of secondary traumatic stress have fallen."),
    (Scale.CS, Verdict.WORSE): _("The satisfaction of helping others has fallen."),
    (Scale.CS, Verdict.PROBABLY_WORSE): _(
        "The satisfaction of helping others has probably fallen."
    ),
    (Scale.CS, Verdict.PROBABLY_BETTER): _(
        "The satisfaction of helping others has probably risen."
    ),
    (Scale.CS, Verdict.BETTER): _("The satisfaction of helping others has risen."),
}
VERDICTS_OF_ANY_SCALE = {
    Verdict.NO_EVIDENCE: _("The figures show no certain change."),
    Verdict.TOO_FEW: _("There are too few figures to tell whether anything has changed."),
}
HOW_SURE = {
    Verdict.WORSE: _("A difference this large is seldom chance."),
    Verdict.BETTER: _("A difference this large is seldom chance."),
    Verdict.PROBABLY_WORSE: _("It may still be chance; the next round will show."),
    Verdict.PROBABLY_BETTER: _("It may still be chance; the next round will show."),
    Verdict.NO_EVIDENCE: _("Differences of this size often come by chance alone."),
}
POOLED = "pooled"
TOO_SMALL = ("too_few", "not_used")
WITHHELD_SHORT = {
    "too_few": _("Too few answers"),
    "not_used": _("Too few answers"),
    "nobody": _("Nobody counted here"),
    POOLED: _("Counted together with other teams"),
}


def say_verdict(trend: Trend) -> LazyText:
    """The verdict of a trend as one sentence out of the closed list."""
    return VERDICTS.get((trend.scale, trend.verdict)) or VERDICTS_OF_ANY_SCALE[trend.verdict]


def explain(trend: Trend, latest: str, rules: TrendRules, *, is_shown: bool) -> str:
    """From where to where, in whole points, and how sure; `latest` is the last figure as shown."""
    if trend.change is None:
        return _explain_too_few(trend, rules, is_shown=is_shown)
    before, rounds = round(trend.change.before), trend.change.rounds
    now = latest if rounds == 1 else str(round(trend.change.recent))
    if str(before) == now:
        moved = gettext("It lies where it lay before, at about %(now)s points.", now=now)
    elif rounds == 1:
        moved = gettext(
            "From about %(before)s points in the rounds before to %(now)s in the latest one.",
            before=before,
            now=now,
        )
    else:
        moved = gettext(
            "From about %(before)s points before to about %(now)s in the latest %(rounds)s rounds.",
            before=before,
            now=now,
            rounds=rounds,
        )
    return f"{moved} {HOW_SURE[trend.verdict]}"


def _explain_too_few(trend: Trend, rules: TrendRules, *, is_shown: bool) -> str:
    if not is_shown:
        return str(gettext("The latest round has no figure here, so nothing can be compared."))
    needed = rules.min_rounds_before + 1
    return str(
        ngettext(
            "A change can be judged from %(needed)s rounds with figures on. So far there is "
            "%(num)s.",
            "A change can be judged from %(needed)s rounds with figures on. So far there are "
            "%(num)s.",
            trend.rounds_shown,
            needed=needed,
        )
    )


def list_facts(change: Change) -> list[tuple[str, str]]:
    """The figures behind a verdict, in whole points: pairs of a label and a value."""
    difference = gettext(
        "about %(points)s points, very likely between %(low)s and %(high)s",
        points=_signed(change.estimate),
        low=_signed(change.low),
        high=_signed(change.high),
    )
    compared = gettext(
        "%(latest)s latest, %(before)s before", latest=change.rounds, before=change.rounds_before
    )
    return [
        (gettext("Level before"), gettext("about %(points)s", points=round(change.before))),
        (gettext("Level now"), gettext("about %(points)s", points=round(change.recent))),
        (gettext("Difference"), difference),
        (gettext("Rounds compared"), compared),
    ]


def say_rule(rules: TrendRules) -> str:
    """The rule that makes a verdict, with its numbers."""
    return str(
        gettext(
            "A change is stated outright when it is at least %(clearly)s times its own uncertainty "
            "and has lasted %(rounds)s rounds, or at least %(at_once)s times in one round. From "
            "%(probably)s times on it is called probable. These limits were chosen by trying them "
            "out on invented teams.",
            clearly=format_number(rules.clearly),
            rounds=rules.lasting_rounds,
            at_once=format_number(rules.clearly_at_once),
            probably=format_number(rules.probably),
        )
    )


def say_group(unit_path: str, *, is_others: bool) -> str:
    """What a group is called."""
    return str(gettext("Others in %(unit)s", unit=unit_path)) if is_others else unit_path


def say_why_withheld(reason: str, min_group_size: int) -> str:
    """Why a unit has no figure of its own, to somebody who leads it."""
    if reason == "nobody":
        return str(gettext("Nobody is counted in this unit itself, so it has no figure."))
    if reason == POOLED:
        return str(gettext("Before the round it was decided to count this team with others."))
    return str(
        gettext(
            "Fewer than %(size)s complete answers came from here. A figure of so few could say "
            "something about one person, so none is shown.",
            size=min_group_size,
        )
    )


def say_size(size: int) -> str:
    """A number of answers as a range, never exactly."""
    rules = load_rules()
    try:
        shown = rules.size_range(size)
    except BadInput:
        # Published when smaller groups were allowed than today.
        return str(gettext("fewer than %(num)s", num=rules.min_group_size))
    if shown.endswith("+"):
        return str(gettext("%(num)s or more", num=shown.removesuffix("+")))
    return shown


def say_response(response_class: int) -> str:
    """The share of those asked who answered, as a class."""
    starts = load_rules().response_class_starts
    if response_class <= 0:
        return str(gettext("Fewer than %(share)s %% of those asked", share=starts[0]))
    if response_class >= len(starts):
        return str(gettext("%(share)s %% or more of those asked", share=starts[-1]))
    low, high = starts[response_class - 1], starts[response_class] - 1
    return str(gettext("%(low)s–%(high)s %% of those asked", low=low, high=high))


def say_chart(scale: Scale, rounds: int, verdict: LazyText) -> str:
    """What a chart shows, for whoever cannot see it."""
    return str(
        ngettext(
            "%(name)s in %(num)s round. %(verdict)s The figures are in the table.",
            "%(name)s over %(num)s rounds. %(verdict)s The figures are in the table.",
            rounds,
            name=say_short(scale),
            verdict=verdict,
        )
    )


def say_incidents(days: Sequence[date]) -> str:
    """On which days incidents happened, and no more of them; "" for none."""
    if not days:
        return ""
    listed = ", ".join(format_day(day) for day in days)
    return str(
        ngettext(
            "Incident registered: %(days)s.",
            "Incidents registered: %(days)s.",
            len(days),
            days=listed,
        )
    )


def _signed(points: float) -> str:
    whole = round(points)
    return f"−{-whole}" if whole < 0 else f"+{whole}" if whole else "0"
