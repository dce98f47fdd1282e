"""The rules a simulation compares: what workplaces use today, and the rules of this service.

Each looks at one scale of many teams and tells, per round, whether its alarm stands. Every rule
looks for change or strain for the worse only, and sees nothing but published values.
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
UPPER_QUARTILE_SD = 0.6745
CHANGE_POINTS = 3
XMR_LIMIT, XMR_WARNING = 2.66, 2.66 * 2 / 3
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
    """A named rule; `alarms` gives (runs, rounds, k) for k separate flags of the scale."""

    name: str
    alarms: Callable[[History, Scale], Alarms]


def rules_on_trial(instrument: Instrument, rules: FlagRules) -> tuple[RuleOnTrial, ...]:
    """The rules compared, the rules of this service last."""
    reference = find_reference(instrument, rules.trend)
    return (
        RuleOnTrial("band high (42 or more)", lambda h, s: _beyond(h, s, _band_cut(instrument, s))),
        RuleOnTrial("upper quartile", lambda h, s: _beyond(h, s, _quartile_cut(reference, s))),
        RuleOnTrial("change over 3", _changed),
        RuleOnTrial("XmR chart", _each_team(_xmr)),
        RuleOnTrial("EWMA", _each_team(_ewma)),
        RuleOnTrial("this service", lambda h, s: find_alarms(h, s, reference, rules)),
    )


def _band_cut(instrument: Instrument, scale: Scale) -> float:
    """The edge of the published band for strain: high, and for satisfaction low."""
    if worse_direction(scale) > 0:
        return instrument.bands[scale][Band.HIGH][0]
    return instrument.bands[scale][Band.LOW][1]


def _quartile_cut(reference: Reference, scale: Scale) -> float:
    step = UPPER_QUARTILE_SD * reference.sd[scale]
    return reference.mean[scale] + worse_direction(scale) * step


def _beyond(history: History, scale: Scale, cut: float) -> Alarms:
    direction = worse_direction(scale)
    alarms: Alarms = direction * history.values >= direction * cut
    return alarms[..., None]


def _changed(history: History, scale: Scale) -> Alarms:
    last = np.full(len(history.values), np.nan)
    alarms = np.zeros(history.values.shape, dtype=np.bool_)
    for t, value in enumerate(history.values.T):
        alarms[:, t] = worse_direction(scale) * (value - last) > CHANGE_POINTS
        last = np.where(np.isnan(value), last, value)
    return alarms[..., None]


def _each_team(rule: Callable[[Floats], Alarms]) -> Callable[[History, Scale], Alarms]:
    """Applies a rule on shown rounds only, pushed together, upwards meaning worse."""

    def alarms(history: History, scale: Scale) -> Alarms:
        shown = ~np.isnan(history.values)
        order = np.argsort(~shown, axis=1, kind="stable")
        together = np.take_along_axis(worse_direction(scale) * history.values, order, axis=1)
        found = np.empty_like(shown)
        np.put_along_axis(found, order, rule(together), axis=1)
        return (found & shown)[..., None]

    return alarms


def _xmr(values: Floats) -> Alarms:
    """Outside the limits, 7 in a row above the mean, 7 rising, or 2 of 3 near the upper limit.

    Limits from all points so far, the latest included, from the sixth point on.
    """
    alarms = np.zeros(values.shape, dtype=np.bool_)
    for t in range(XMR_FEWEST - 1, values.shape[1]):
        seen = values[:, : t + 1]
        mean = seen.mean(axis=1)
        moving_range = np.abs(np.diff(seen, axis=1)).mean(axis=1)
        outside = seen[:, -1] > mean + XMR_LIMIT * moving_range
        near = seen[:, -3:] > (mean + XMR_WARNING * moving_range)[:, None]
        two_of_three = near[:, -1] & (near.sum(axis=1) >= 2)
        run = (seen[:, -XMR_RUN:] > mean[:, None]).sum(axis=1) == XMR_RUN
        rising = (np.diff(seen[:, -XMR_RUN:], axis=1) > 0).sum(axis=1) == XMR_RUN - 1
        alarms[:, t] = outside | two_of_three | run | rising
    return alarms


def _ewma(values: Floats) -> Alarms:
    """Exponentially weighted mean beyond its limit; mean and spread from the first eight points."""
    alarms = np.zeros(values.shape, dtype=np.bool_)
    baseline = values[:, :EWMA_BASELINE]
    mean = baseline.mean(axis=1)
    spread = np.abs(np.diff(baseline, axis=1)).mean(axis=1) / MOVING_RANGE_TO_SD
    limit = EWMA_LIMIT_SD * spread * np.sqrt(EWMA_WEIGHT / (2 - EWMA_WEIGHT))
    weighted = mean
    for t in range(baseline.shape[1], values.shape[1]):
        weighted = EWMA_WEIGHT * values[:, t] + (1 - EWMA_WEIGHT) * weighted
        alarms[:, t] = weighted - mean > limit
    return alarms


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
    level, variance = pool_level(*filtered, mean, noise.team)
    distance = direction * (level - mean) - rules.trend.interval_z * np.sqrt(variance)
    shown = ~np.isnan(history.values)
    enough = np.cumsum(shown, axis=1) >= max(rule.rounds, rules.trend.min_rounds_before + 1)
    alarms: Alarms = shown & enough & (distance > rule.threshold * reference.sd[rule.scale])
    return alarms
