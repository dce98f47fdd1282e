"""The rules a simulation compares: what workplaces use today, and the rules of this service.

Each looks at one scale of many teams and tells, per round, how strongly it speaks for a flag; the
alarm stands where that is above the rule's limit. Every rule looks for change or strain for the
worse only, and sees nothing but published values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.flag_rules import FlagRule, FlagRules, LooksAt
from wellbeing.domain.instrument import Band, Instrument, Reference, Scale
from wellbeing.domain.level_model import (
    Comparison,
    Floats,
    compare_windows,
    filter_levels,
    level_classes,
    pool_level,
)
from wellbeing.domain.trends import find_reference, noise_of, worse_direction

Alarms = NDArray[np.bool_]
OURS = "this service"
UPPER_QUARTILE_SD = 0.6745
CHANGE_POINTS = 3
XMR_LIMIT, XMR_WARNING_SHARE = 2.66, 2 / 3
XMR_RUN, XMR_FEWEST = 7, 6
EWMA_WEIGHT, EWMA_LIMIT_SD, EWMA_BASELINE = 0.3, 2.7, 8
MOVING_RANGE_TO_SD = 1.128


@dataclass(frozen=True)
class History:
    """One scale of many teams as published: (runs, rounds) points, answers, class sides.

    NaN where withheld; sides are -1 for "X or less", 1 for "X or more", 0 else.
    """

    values: Floats
    answers: Floats
    sides: NDArray[np.int_]


@dataclass(frozen=True)
class RuleOnTrial:
    """A named rule; `strengths` gives (runs, rounds, k) for k separate flags of the scale.

    `limit` is the one it is used with. A rule that cannot be tuned has no other limit.
    """

    name: str
    strengths: Callable[[History, Scale], Floats]
    limit: float
    can_be_tuned: bool = True

    def alarms(self, history: History, scale: Scale) -> Alarms:
        """Where the alarm stands with the limit the rule is used with, (runs, rounds, k)."""
        above: Alarms = self.strengths(history, scale) > self.limit
        return above


def rules_on_trial(instrument: Instrument, rules: FlagRules) -> tuple[RuleOnTrial, ...]:
    """The rules compared, the rules of this service last."""
    reference = find_reference(instrument, rules.trend)
    return (
        RuleOnTrial(
            "band high (42 or more)",
            lambda h, s: _beyond(h, s, _band_cut(instrument, s), 1),
            limit=-0.5,
            can_be_tuned=False,
        ),
        RuleOnTrial(
            "upper quartile",
            lambda h, s: _beyond(h, s, reference.mean[s], reference.sd[s]),
            UPPER_QUARTILE_SD,
        ),
        RuleOnTrial("change over 3", _changed, CHANGE_POINTS),
        RuleOnTrial("XmR chart", _each_team(_xmr), XMR_LIMIT),
        RuleOnTrial("XmR limits only", _each_team(_xmr_limits), XMR_LIMIT),
        RuleOnTrial("EWMA", _each_team(_ewma), EWMA_LIMIT_SD),
        RuleOnTrial(
            OURS,
            lambda h, s: find_alarms(h, s, reference, rules).astype(np.float64),
            limit=0.5,
            can_be_tuned=False,
        ),
    )


def _band_cut(instrument: Instrument, scale: Scale) -> float:
    """The edge of the published band for strain: high, and for satisfaction low."""
    if worse_direction(scale) > 0:
        return instrument.bands[scale][Band.HIGH][0]
    return instrument.bands[scale][Band.LOW][1]


def _beyond(history: History, scale: Scale, start: float, unit: float) -> Floats:
    """How many units a value lies to the worse side of `start`."""
    distance: Floats = worse_direction(scale) * (history.values - start) / unit
    return _or_silent(distance)[..., None]


def _or_silent(strengths: Floats) -> Floats:
    """A comparison that could not be made never speaks for a flag."""
    return np.where(np.isnan(strengths), -np.inf, strengths)


def _changed(history: History, scale: Scale) -> Floats:
    """Points for the worse since the last shown round."""
    last = np.full(len(history.values), np.nan)
    change = np.empty_like(history.values)
    for t, value in enumerate(history.values.T):
        change[:, t] = worse_direction(scale) * (value - last)
        last = np.where(np.isnan(value), last, value)
    return _or_silent(change)[..., None]


def _each_team(rule: Callable[[Floats], Floats]) -> Callable[[History, Scale], Floats]:
    """Applies a rule on shown rounds only, pushed together, upwards meaning worse."""

    def strengths(history: History, scale: Scale) -> Floats:
        shown = ~np.isnan(history.values)
        order = np.argsort(~shown, axis=1, kind="stable")
        together = np.take_along_axis(worse_direction(scale) * history.values, order, axis=1)
        found = np.full(together.shape, -np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            np.put_along_axis(found, order, _or_silent(rule(together)), axis=1)
        return np.where(shown, found, -np.inf)[..., None]

    return strengths


def _xmr(values: Floats) -> Floats:
    """Beyond the limits, 7 in a row above the mean, 7 rising, or 2 of 3 near the upper limit.

    Limits from all points so far, the latest included, from the sixth point on. What is found in
    runs has no limit to tune, so it speaks for a flag whatever the limit.
    """
    strengths = _xmr_limits(values)
    for t in range(XMR_RUN - 1, values.shape[1]):
        mean, latest = values[:, : t + 1].mean(axis=1), values[:, t + 1 - XMR_RUN : t + 1]
        run = (latest > mean[:, None]).all(axis=1)
        rising = (np.diff(latest, axis=1) > 0).all(axis=1)
        strengths[:, t] = np.where(run | rising, np.inf, strengths[:, t])
    return strengths


def _xmr_limits(values: Floats) -> Floats:
    """The distance in moving ranges: of the latest, or of two among three that are near a limit."""
    strengths = np.full(values.shape, -np.inf)
    for t in range(XMR_FEWEST - 1, values.shape[1]):
        seen = values[:, : t + 1]
        moving_range = np.abs(np.diff(seen, axis=1)).mean(axis=1)
        distance = (seen[:, -3:] - seen.mean(axis=1)[:, None]) / moving_range[:, None]
        near = np.minimum(distance[:, -1], distance[:, :-1].max(axis=1))
        strengths[:, t] = np.maximum(distance[:, -1], near / XMR_WARNING_SHARE)
    return strengths


def _ewma(values: Floats) -> Floats:
    """Exponentially weighted mean in its SDs; mean and spread from the first eight points."""
    strengths = np.full(values.shape, -np.inf)
    baseline = values[:, :EWMA_BASELINE]
    mean = baseline.mean(axis=1)
    spread = np.abs(np.diff(baseline, axis=1)).mean(axis=1) / MOVING_RANGE_TO_SD
    sd = spread * np.sqrt(EWMA_WEIGHT / (2 - EWMA_WEIGHT))
    weighted = mean
    for t in range(baseline.shape[1], values.shape[1]):
        weighted = EWMA_WEIGHT * values[:, t] + (1 - EWMA_WEIGHT) * weighted
        strengths[:, t] = (weighted - mean) / sd
    return strengths


def find_alarms(history: History, scale: Scale, reference: Reference, rules: FlagRules) -> Alarms:
    """What the service's own rules say of one scale: (runs, rounds, rules of the scale)."""
    judged = {LooksAt.CHANGE: _risen, LooksAt.LEVEL: _strained}
    rows = [rule for rule in rules.rows if rule.scale is scale]
    return np.stack([judged[row.looks_at](history, row, reference, rules) for row in rows], axis=-1)


def _risen(history: History, rule: FlagRule, reference: Reference, rules: FlagRules) -> Alarms:
    """Change for the worse that meets the rule, unless a sure change for the better is stronger."""
    trend = rules.trend
    noise = noise_of(rule.scale, reference, trend)
    alarms = np.zeros(history.values.shape, dtype=np.bool_)
    for t in range(1, history.values.shape[1]):
        so_far = slice(0, t + 1)
        values = level_classes(history.values[:, so_far], history.sides[:, so_far])
        windows = compare_windows(values, history.answers[:, so_far], noise, trend)
        up = worse_direction(rule.scale)
        raised = _strongest(windows, up, rule.threshold, rule.rounds, rule.at_once)
        clear = (trend.clearly, trend.lasting_rounds, trend.clearly_at_once)
        worse, better = (_strongest(windows, side, *clear) for side in (up, -up))
        alarms[:, t] = (raised > 0) & (worse > 0) & (worse >= better)
    return alarms


def _strongest(
    windows: list[Comparison], direction: int, lasting: float, lasting_rounds: int, at_once: float
) -> Floats:
    """The strength of the strongest sure change in a direction, 0 where there is none; (runs,)."""
    best = np.zeros(len(windows[0].score))
    for window in windows:
        strength = np.nan_to_num(direction * window.score)
        rounds = np.minimum(window.rounds, window.lasting_rounds)
        sure = (rounds >= lasting_rounds) & (strength >= lasting)
        sure |= (rounds >= 1) & (strength >= at_once)
        best = np.maximum(best, np.where(sure, strength, 0))
    return best


def _strained(history: History, rule: FlagRule, reference: Reference, rules: FlagRules) -> Alarms:
    noise = noise_of(rule.scale, reference, rules.trend)
    drift = np.array([rules.trend.level_drift])
    filtered = filter_levels(history.values, noise.of_mean(history.answers), drift)
    mean, direction = reference.mean[rule.scale], worse_direction(rule.scale)
    shown = ~np.isnan(history.values)
    rounds = np.cumsum(shown, axis=1)
    answers = np.cumsum(np.where(shown, history.answers, 0), axis=1) / np.maximum(rounds, 1)
    level, variance = pool_level(*filtered, mean, noise.of_level(np.maximum(answers, 1)))
    distance = direction * (level - mean) - rule.sure_z * np.sqrt(variance)
    enough = rounds >= max(rule.rounds, rules.trend.min_rounds_before + 1)
    alarms: Alarms = shown & enough & (distance > rule.threshold * reference.sd[rule.scale])
    return alarms
