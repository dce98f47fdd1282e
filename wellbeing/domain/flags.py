"""Which support a unit should be offered now, from its published series and the rules in config.

Pure: a flag is found again each round while its condition holds. Raising it once and closing it
is the store's task, by `rule_id`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wellbeing.domain.flag_rules import FlagKind, FlagRule, FlagRules, Guidance, LooksAt, Suggestion
from wellbeing.domain.instrument import Instrument, Reference, Scale
from wellbeing.domain.trends import (
    Change,
    LevelEstimate,
    Series,
    Trend,
    Verdict,
    find_trend,
    is_sure,
    worse_direction,
)

__all__ = [
    "Flag",
    "FlagKind",
    "FlagReason",
    "FlagRule",
    "FlagRules",
    "Guidance",
    "Suggestion",
    "find_flags",
]


# Where the second and the third class of severity begin, as multiples of what the rule asks for.
# Only the class is kept: a finer number beside rounded figures would tell more than they do.
SEVERITY_LIMITS = (1.5, 2.0)


class FlagReason(StrEnum):
    """Why a flag is raised; its sentence takes the flag's `change` or `level` figures."""

    ROSE = "rose"
    FELL = "fell"
    ABOVE_REFERENCE = "above_reference"
    BELOW_REFERENCE = "below_reference"


@dataclass(frozen=True)
class Flag:
    """One offer to make. `change` is set where the reason is a change, `level` where a level.

    `severity` is 1, 2 or 3: how far beyond its rule the unit lies, as coarse as that.
    """

    rule_id: str
    kind: FlagKind
    scale: Scale
    reason: FlagReason
    change: Change | None
    level: LevelEstimate | None
    severity: int
    actions: tuple[Suggestion, ...]
    guidance: tuple[Guidance, ...]


def find_flags(
    series_by_scale: Mapping[Scale, Series],
    instrument: Instrument,
    rules: FlagRules,
    reference: Reference | None = None,
) -> tuple[Flag, ...]:
    """The flags of one unit after its latest round, in the order of the rules; often none.

    Levels are compared with `reference`, or with the sample that the rules name.
    """
    trends = {
        scale: find_trend(series, scale, instrument, rules.trend, reference)
        for scale, series in series_by_scale.items()
        if _can_be_judged(series)
    }
    flags = (_find_flag(rule, trends[rule.scale]) for rule in rules.rows if rule.scale in trends)
    return tuple(flag for flag in flags if flag is not None)


def _can_be_judged(series: Series) -> bool:
    """Whether two rounds since the latest break are shown: without, no rule can be met."""
    shown = 0
    for point in reversed(series):
        shown += point is not None
        if shown == 2 or (point is not None and point.series_break):
            break
    return shown == 2


def _find_flag(rule: FlagRule, trend: Trend) -> Flag | None:
    change = find_worse_change(rule, trend) if rule.looks_at is LooksAt.CHANGE else None
    level = find_strained_level(rule, trend) if rule.looks_at is LooksAt.LEVEL else None
    if change is None and level is None:
        return None
    return Flag(
        rule_id=rule.id,
        kind=rule.kind,
        scale=rule.scale,
        reason=reason_of(rule),
        change=change,
        level=level,
        severity=_class_of(_times_beyond(rule, change, level)),
        actions=rule.actions,
        guidance=rule.guidance,
    )


def find_worse_change(rule: FlagRule, trend: Trend) -> Change | None:
    """The strongest change for the worse that meets the rule; None unless the verdict is worse."""
    if trend.verdict is not Verdict.WORSE:
        return None
    direction = worse_direction(rule.scale)
    met = [
        change
        for change in trend.changes
        if direction * change.score > 0
        and is_sure(change, rule.threshold, rule.rounds, rule.at_once)
    ]
    return max(met, key=lambda change: abs(change.score), default=None)


def find_strained_level(rule: FlagRule, trend: Trend) -> LevelEstimate | None:
    """The level, if it surely lies beyond the rule's distance from the reference mean."""
    level = trend.level
    if level is None or trend.rounds_shown < rule.rounds:
        return None
    return level if _times_of_level(rule, level) > 1 else None


def _times_of_level(rule: FlagRule, level: LevelEstimate) -> float:
    """How many times the rule's distance from the reference mean the level surely lies away."""
    distance = worse_direction(rule.scale) * (level.level - level.reference_mean)
    nearest = distance - rule.sure_z * level.standard_error
    return nearest / (rule.threshold * level.reference_sd)


def _times_beyond(rule: FlagRule, change: Change | None, level: LevelEstimate | None) -> float:
    if change is not None:
        return abs(change.score) / rule.threshold
    assert level is not None
    return _times_of_level(rule, level)


def _class_of(times: float) -> int:
    return 1 + sum(times >= limit for limit in SEVERITY_LIMITS)


def reason_of(rule: FlagRule) -> FlagReason:
    """Why this rule raises a flag."""
    up = worse_direction(rule.scale) > 0
    if rule.looks_at is LooksAt.CHANGE:
        return FlagReason.ROSE if up else FlagReason.FELL
    return FlagReason.ABOVE_REFERENCE if up else FlagReason.BELOW_REFERENCE
