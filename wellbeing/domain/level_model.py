"""The local-level model behind every trend, on arrays of shape (teams, rounds).

A team's true level drifts a little as people come and go; each published mean is that level plus
the noise of who answered, how people's days differ, and rounding. Floats only: no unit, no person.
"""

from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLASS_SIDE = {"or_less": -1, "exact": 0, "or_more": 1}
UNKNOWN_VARIANCE = 1e6
ROUNDING_VARIANCE = 1 / 12
LEAST_STEP = 1.0


@dataclass(frozen=True)
class TrendRules:
    """The stated variances and the thresholds; each is explained in config/flags.toml."""

    reference: str
    stability: float
    nonresponse: float
    turnover: float
    level_drift: float
    team_sd_share: float
    swing_sd_share: float
    windows: int
    min_rounds_before: int
    probably: float
    clearly: float
    clearly_at_once: float
    lasting_rounds: int
    interval_z: float


@dataclass(frozen=True)
class Noise:
    """Variances of one scale in points²: what one answer adds to a mean, and what teams share.

    `answer` passes with a round, `drift` stays from one round to the next, `lasting` is what people
    of one team differ by for good; `swing` is a round's mood of a whole team, `team` what teams
    differ by.
    """

    answer: float
    drift: float
    lasting: float
    swing: float
    team: float

    def of_mean(self, n: Floats) -> Floats:
        """Variance of a published mean of n answers around its team's level."""
        return self.answer / n + self.swing + ROUNDING_VARIANCE

    def of_drift(self, n: Floats) -> Floats:
        """Variance of one round's drift of the level of a team of about n people."""
        return self.drift / n

    def of_level(self, n: Floats) -> Floats:
        """Variance of the levels of teams of about n people around the mean of all people."""
        return self.team + self.lasting / n


@dataclass(frozen=True)
class Comparison:
    """One window compared with the rounds before it, for many teams at once; arrays of shape (R,).

    NaN in `score` where too few rounds are shown to compare.
    """

    rounds: NDArray[np.intp]
    rounds_before: NDArray[np.intp]
    before: Floats
    recent: Floats
    standard_error: Floats
    score: Floats
    lasting_rounds: NDArray[np.intp]


def variances_of(answers: Floats, noise: Noise) -> tuple[Floats, Floats]:
    """Variance of each mean, (R, T), NaN where withheld, and of one round's drift, (R,)."""
    shown = ~np.isnan(answers)
    typical = np.where(shown, answers, 0).sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
    return noise.of_mean(answers), noise.of_drift(np.maximum(typical, 1))


def filter_levels(values: Floats, noise: Floats, drift: Floats) -> tuple[Floats, Floats]:
    """Kalman filter over rounds: (R, T) values, NaN where withheld → level and variance, (R, T)."""
    if len(values) == 1:
        return _filter_one(values[0].tolist(), noise[0].tolist(), float(drift[0]))
    levels, variances = np.empty_like(values), np.empty_like(values)
    level, variance = np.zeros(len(values)), np.full(len(values), UNKNOWN_VARIANCE)
    for t in range(values.shape[1]):
        variance = np.minimum(variance + drift, UNKNOWN_VARIANCE)
        shown = ~np.isnan(values[:, t])
        gain = np.where(shown, variance / (variance + np.where(shown, noise[:, t], 1.0)), 0.0)
        level = level + gain * (np.where(shown, values[:, t], level) - level)
        variance = variance * (1 - gain)
        levels[:, t], variances[:, t] = level, variance
    return levels, variances


def smooth_levels(levels: Floats, variances: Floats, drift: Floats) -> tuple[Floats, Floats]:
    """Rauch-Tung-Striebel smoother over filtered levels and variances, (R, T) each."""
    if len(levels) == 1:
        return _smooth_one(levels[0].tolist(), variances[0].tolist(), float(drift[0]))
    levels, variances = levels.copy(), variances.copy()
    for t in range(levels.shape[1] - 2, -1, -1):
        pull = variances[:, t] / (variances[:, t] + drift)
        ahead = variances[:, t + 1] - variances[:, t] - drift
        levels[:, t] += pull * (levels[:, t + 1] - levels[:, t])
        variances[:, t] += pull**2 * ahead
    return levels, variances


# One team at a time is what a page asks for, and there arrays of one cost ten times the arithmetic.
# The same operations in the same order, so that a page and a simulation agree to the last bit.


def _filter_one(values: list[float], noise: list[float], drift: float) -> tuple[Floats, Floats]:
    levels, variances = [], []
    level, variance = 0.0, UNKNOWN_VARIANCE
    for value, of_mean in zip(values, noise, strict=True):
        variance = min(variance + drift, UNKNOWN_VARIANCE)
        if not isnan(value):
            gain = variance / (variance + of_mean)
            level = level + gain * (value - level)
            variance = variance * (1 - gain)
        levels.append(level)
        variances.append(variance)
    return np.array([levels]), np.array([variances])


def _smooth_one(levels: list[float], variances: list[float], drift: float) -> tuple[Floats, Floats]:
    for t in range(len(levels) - 2, -1, -1):
        pull = variances[t] / (variances[t] + drift)
        ahead = variances[t + 1] - variances[t] - drift
        levels[t] += pull * (levels[t + 1] - levels[t])
        variances[t] += pull * pull * ahead
    return np.array([levels]), np.array([variances])


def level_classes(values: Floats, sides: NDArray[np.int_]) -> Floats:
    """Values moved to the widest class of their series, so that a class never looks like a change.

    "12 or less" from ten answers and "14 or less" from five may be the same mean: both become 14.
    """
    floor = np.where(sides == CLASS_SIDE["or_less"], values, -np.inf).max(axis=1, keepdims=True)
    ceiling = np.where(sides == CLASS_SIDE["or_more"], values, np.inf).min(axis=1, keepdims=True)
    levelled: Floats = np.minimum(np.maximum(values, floor), ceiling)
    return levelled


def compare_windows(
    values: Floats, answers: Floats, noise: Noise, rules: TrendRules
) -> list[Comparison]:
    """The latest 1, 2, … `rules.windows` rounds against those before; (R, T) values and answers.

    NaN where withheld. Judges the last column; a team whose last round is withheld scores NaN.
    """
    of_mean, drift = variances_of(answers, noise)
    levels, variances = filter_levels(values, of_mean, drift)
    widest = min(rules.windows, values.shape[1] - 1)
    return [
        _compare(values, of_mean, drift, levels, variances, rules.min_rounds_before, width)
        for width in range(1, widest + 1)
    ]


def _compare(
    values: Floats,
    of_mean: Floats,
    drift: Floats,
    levels: Floats,
    variances: Floats,
    min_before: int,
    width: int,
) -> Comparison:
    shown = ~np.isnan(values)
    recent_shown = shown[:, -width:]
    rounds, rounds_before = recent_shown.sum(axis=1), shown[:, :-width].sum(axis=1)
    weights = recent_shown / np.maximum(rounds, 1)[:, None]
    recent = (weights * np.where(recent_shown, values[:, -width:], 0)).sum(axis=1)
    before = levels[:, -width - 1]
    steps = np.cumsum(weights[:, ::-1], axis=1)
    variance = (
        variances[:, -width - 1]
        + drift * (steps**2).sum(axis=1)
        + (weights**2 * np.where(recent_shown, of_mean[:, -width:], 0)).sum(axis=1)
    )
    usable = shown[:, -1] & (rounds_before >= min_before)
    standard_error = np.sqrt(variance)
    score = np.where(usable, (recent - before) / standard_error, np.nan)
    lasting = _count_lasting(values, before, np.sign(recent - before), width)
    return Comparison(rounds, rounds_before, before, recent, standard_error, score, lasting)


def _count_lasting(values: Floats, before: Floats, sign: Floats, width: int) -> NDArray[np.intp]:
    beyond = sign[:, None] * (values[:, -width:] - before[:, None]) >= LEAST_STEP
    withheld = np.isnan(values[:, -width:])
    unbroken = np.cumprod((beyond | withheld)[:, ::-1], axis=1).astype(bool)
    lasting: NDArray[np.intp] = (unbroken & beyond[:, ::-1]).sum(axis=1)
    return lasting


def pool_level(
    level: Floats, variance: Floats, mean: float, of_level: Floats
) -> tuple[Floats, Floats]:
    """A team's level drawn towards the reference mean by the variance of such teams' levels."""
    weight = of_level / (of_level + variance)
    return mean + weight * (level - mean), variance * weight
