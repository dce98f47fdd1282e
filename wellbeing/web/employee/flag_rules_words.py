"""The rows of config/flags.toml in words: nothing here holds a number of its own."""

from dataclasses import dataclass, fields
from math import isfinite
from statistics import NormalDist

from wellbeing.domain.flag_rules import FlagRule, Guidance, LooksAt, Measured
from wellbeing.domain.flags import reason_of
from wellbeing.domain.instrument import Reference
from wellbeing.domain.level_model import LEAST_STEP, TrendRules
from wellbeing.domain.trends import worse_direction
from wellbeing.web.shared.flag_words import ACTIONS, CAUTIONS, KINDS, REASONS
from wellbeing.web.shared.i18n import LazyText, _, format_number, gettext, ngettext
from wellbeing.web.shared.reference_words import say_reference, say_sample
from wellbeing.web.team_page.words import SCALE_ABOUT, SCALE_NAMES

LOOKS_AT = {
    LooksAt.CHANGE: _("A change from round to round"),
    LooksAt.LEVEL: _("The level itself, whether it moves or not"),
}
NUMBERS: dict[str, LazyText] = {
    "reference": _(
        "The sample that says how much people differ. Levels are compared with it, too, until HR "
        "chooses another one."
    ),
    "stability": _(
        "How alike the answers of one person are, one round apart. 0 is not at all, 1 is exactly."
    ),
    "nonresponse": _("The share of a team that usually does not answer."),
    "turnover": _("The share of a team that is replaced from one round to the next."),
    "level_drift": _("How far the line in the charts may move from one round to the next."),
    "team_sd_share": _("How much teams differ, as a share of how much people differ."),
    "swing_sd_share": _(
        "How much a whole team swings together in a hard or a good month, as a share of how much "
        "people differ."
    ),
    "windows": _("A change is looked for in the latest round, in the latest two, up to so many."),
    "min_rounds_before": _("So many rounds with figures must lie before the ones compared."),
    "probably": _("A change is called probable from so many times its own uncertainty on."),
    "clearly": _("It is stated outright from so many times its own uncertainty on, if it lasts."),
    "lasting_rounds": _("It has lasted once it is seen in so many rounds."),
    "clearly_at_once": _("Seen in one round only, it must be so many times its own uncertainty."),
    "interval_z": _("How far every interval reaches to each side, in times its own uncertainty."),
}


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule in words; `facts` are pairs of a label and a value."""

    id: str
    reason: LazyText
    about: LazyText
    facts: list[tuple[str, str]]
    actions: list[LazyText]
    caution: LazyText
    guidance: tuple[Guidance, ...]


@dataclass(frozen=True, slots=True)
class NumberShown:
    """A number of the model: its name in the file, its value, and what it means."""

    name: str
    value: str
    meaning: LazyText


@dataclass(frozen=True, slots=True)
class MeasuredShown:
    """What the rules cost and find: `rows` hold team size, false flags and shares found."""

    command: str
    rise: int
    headings: list[str]
    rows: list[list[str]]


def describe_rule(rule: FlagRule, reference: Reference) -> RuleShown:
    """One row of the file; a level in points of the sample that is in use."""
    return RuleShown(
        id=rule.id,
        reason=REASONS[rule.scale, reason_of(rule)],
        about=SCALE_ABOUT[rule.scale],
        facts=[
            (gettext("Scale"), str(SCALE_NAMES[rule.scale])),
            (gettext("Looks at"), str(LOOKS_AT[rule.looks_at])),
            (gettext("Threshold"), _say_threshold(rule, reference)),
            (gettext("Rounds"), _say_rounds(rule)),
            (gettext("Suggests"), str(KINDS[rule.kind])),
        ],
        actions=[ACTIONS[action] for action in rule.actions],
        caution=CAUTIONS[rule.kind],
        guidance=rule.guidance,
    )


def list_numbers(rules: TrendRules) -> list[NumberShown]:
    """Every number of the table [trend], in its order."""
    return [
        NumberShown(field.name, _say_value(getattr(rules, field.name)), NUMBERS[field.name])
        for field in fields(rules)
    ]


def describe_measured(measured: Measured) -> MeasuredShown:
    """False suggestions a year, and the share of rises found, by the size of the team."""
    within = sorted({rounds for team in measured.teams for rounds in team.found})
    found = [
        ngettext("Found within %(num)s round", "Found within %(num)s rounds", rounds)
        for rounds in within
    ]
    return MeasuredShown(
        command=measured.command,
        rise=measured.rise,
        headings=[gettext("People in the team"), gettext("In vain, per year"), *found],
        rows=[
            [
                str(team.size),
                format_number(team.false_a_year),
                *(f"{team.found[rounds]} %" if rounds in team.found else "–" for rounds in within),
            ]
            for team in measured.teams
        ],
    )


def _say_threshold(rule: FlagRule, reference: Reference) -> str:
    return _say_level(rule, reference) if rule.looks_at is LooksAt.LEVEL else _say_change(rule)


def _say_change(rule: FlagRule) -> str:
    lasting, at_once = format_number(rule.threshold), format_number(rule.at_once)
    if worse_direction(rule.scale) > 0:
        said = gettext(
            "The figure has risen by %(times)s times its own uncertainty.", times=lasting
        )
    else:
        said = gettext(
            "The figure has fallen by %(times)s times its own uncertainty.", times=lasting
        )
    if not isfinite(rule.at_once):
        return str(said)
    once = gettext("Where it is seen in one round only: %(times)s times.", times=at_once)
    return f"{said} {once}"


def _say_level(rule: FlagRule, reference: Reference) -> str:
    mean, spread = reference.mean[rule.scale], reference.sd[rule.scale]
    limit = mean + worse_direction(rule.scale) * rule.threshold * spread
    values = {
        "times": format_number(rule.threshold),
        "limit": format_number(round(limit, 1)),
        "mean": format_number(round(mean, 1)),
        "sample": say_reference(reference),
        "sure": round(100 * NormalDist().cdf(rule.sure_z)),
    }
    if worse_direction(rule.scale) > 0:
        text = gettext(
            "The level lies above %(limit)s points, and that is %(sure)s %% sure. %(limit)s is "
            "%(times)s times the spread above the average of %(mean)s (%(sample)s).",
            **values,
        )
    else:
        text = gettext(
            "The level lies below %(limit)s points, and that is %(sure)s %% sure. %(limit)s is "
            "%(times)s times the spread below the average of %(mean)s (%(sample)s).",
            **values,
        )
    return str(text)


def _say_rounds(rule: FlagRule) -> str:
    if rule.looks_at is LooksAt.LEVEL:
        return str(
            ngettext(
                "From %(num)s round with figures on.",
                "From %(num)s rounds with figures on.",
                rule.rounds,
            )
        )
    return str(
        ngettext(
            "It must be seen in the latest %(num)s round, at least %(step)s point beyond what it "
            "was before.",
            "It must be seen in each of the latest %(num)s rounds, at least %(step)s point beyond "
            "what it was before.",
            rule.rounds,
            step=format_number(LEAST_STEP),
        )
    )


def _say_value(value: object) -> str:
    return format_number(value) if isinstance(value, int | float) else say_sample(str(value))
