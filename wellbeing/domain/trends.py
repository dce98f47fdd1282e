"""A unit's published series in, a level with its uncertainty and a plain verdict out.

Nothing here sees an answer: every number is arithmetic on values as they were published.
The model is a local level: a team's true level drifts a little as people come and go, and each
published mean is that level plus the noise of who answered, how people's days differ, and rounding.
Change is judged by comparing the mean of the latest one to four rounds with what the rounds
before them led one to expect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.errors import Missing
from wellbeing.domain.instrument import Instrument, Reference, Scale
from wellbeing.domain.level_model import (
    CLASS_SIDE,
    Comparison,
    Floats,
    Noise,
    TrendRules,
    compare_windows,
    filter_levels,
    level_classes,
    pool_level,
    smooth_levels,
)

PointKind = Literal["exact", "or_more", "or_less"]


class Verdict(StrEnum):
    """What may be said about a trend; the list is closed."""

    NO_EVIDENCE = "no_evidence"
    PROBABLY_WORSE = "probably_worse"
    WORSE = "worse"
    PROBABLY_BETTER = "probably_better"
    BETTER = "better"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Point:
    """One published figure of a unit on one scale; `point` is the X of a class such as "X or more".

    `series_break`: the wording or the membership changed, so earlier rounds are not compared.
    """

    round_index: int
    closed_on: date
    n: int
    point: int
    kind: PointKind = "exact"
    series_break: bool = False


Series = Sequence[Point | None]


@dataclass(frozen=True)
class SmoothedLevel:
    """The level of one shown round, in points, with the interval it lies in."""

    round_index: int
    closed_on: date
    level: float
    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """The mean of the latest `rounds` shown rounds against the level expected from those before.

    `score` is the estimate in standard errors, above 0 when the figure rose. `lasting_rounds`
    counts the latest shown rounds in a row that lie at least one point beyond `before`.
    `at_least` says that a class such as "X or more" took part, entered at its X.
    """

    rounds: int
    rounds_before: int
    before: float
    recent: float
    estimate: float
    low: float
    high: float
    score: float
    lasting_rounds: int
    at_least: bool


@dataclass(frozen=True)
class LevelEstimate:
    """Where the team lies now, drawn towards the reference mean as far as its few rounds demand."""

    level: float
    low: float
    high: float
    standard_error: float
    reference: Reference
    reference_mean: float
    reference_sd: float


@dataclass(frozen=True)
class Trend:
    """The judged series of one scale; `levels` has one entry per round, None where withheld.

    `change` made the verdict; `changes` holds every comparison. `rounds_shown` counts the shown
    rounds since the latest break. `change` and `level` are None when the verdict is TOO_FEW.
    """

    scale: Scale
    levels: tuple[SmoothedLevel | None, ...]
    verdict: Verdict
    change: Change | None
    changes: tuple[Change, ...]
    level: LevelEstimate | None
    rounds_shown: int


def worse_direction(scale: Scale) -> int:
    """+1 where a higher figure is worse (burnout, traumatic stress), -1 for satisfaction."""
    return -1 if scale is Scale.CS else 1


def find_reference(instrument: Instrument, rules: TrendRules) -> Reference:
    """The reference sample the rules name; Missing if the instrument has none with its SDs."""
    for reference in instrument.references:
        if reference.id == rules.reference and set(reference.sd) == set(Scale):
            return reference
    raise Missing(f"The instrument has no reference sample '{rules.reference}' with its spread.")


def noise_of(scale: Scale, reference: Reference, rules: TrendRules) -> Noise:
    """The variances of one scale from the reference SD and the stated shares."""
    person = reference.sd[scale] ** 2
    answer = person * (1 - rules.stability + rules.stability * rules.nonresponse)
    drift = person * rules.stability * 2 * rules.turnover
    return Noise(
        answer=answer,
        drift=drift,
        lasting=person * (rules.stability - rules.team_sd_share**2),
        swing=person * rules.swing_sd_share**2,
        team=person * rules.team_sd_share**2,
    )


def find_trend(
    series: Series,
    scale: Scale,
    instrument: Instrument,
    rules: TrendRules,
    reference: Reference | None = None,
) -> Trend:
    """The trend of one scale from one entry per round, oldest first; None is a withheld round.

    Levels are compared with `reference`, or with the sample that the rules name. The noise is
    always that of the sample the rules name: a chosen reference moves no verdict on change.
    """
    named = find_reference(instrument, rules)
    noise = noise_of(scale, named, rules)
    segments = [_filter(points, noise, rules) for points in split_at_breaks(series)]
    latest = segments[-1]
    changes = _find_changes(latest, noise, rules)
    change = _deciding_change(changes, rules)
    return Trend(
        scale=scale,
        levels=tuple(level for segment in segments for level in _smooth(segment, rules)),
        verdict=_verdict(change, scale, rules),
        change=change,
        changes=changes,
        level=_estimate_level(latest, scale, noise, reference or named, rules) if changes else None,
        rounds_shown=sum(point is not None for point in latest.points),
    )


def split_at_breaks(series: Series) -> list[Series]:
    """The runs of rounds that may be compared with each other; a break begins the next."""
    starts = [i for i, point in enumerate(series) if point is not None and point.series_break]
    edges = [0, *(i for i in starts if i > 0), len(series)]
    return [series[a:b] for a, b in pairwise(edges)]


def as_arrays(segment: Series) -> tuple[Floats, Floats, NDArray[np.int_]]:
    """Points, answers (both NaN where withheld) and class sides as one row each, (1, rounds)."""
    values = [np.nan if point is None else float(point.point) for point in segment]
    answers = [np.nan if point is None else float(point.n) for point in segment]
    sides = [0 if point is None else CLASS_SIDE[point.kind] for point in segment]
    return np.array([values]), np.array([answers]), np.array([sides])


@dataclass(frozen=True)
class _Segment:
    """The rounds between two breaks as arrays of one team, and their levels as they came in."""

    points: Series
    values: Floats
    answers: Floats
    sides: NDArray[np.int_]
    levels: Floats
    variances: Floats


def _filter(points: Series, noise: Noise, rules: TrendRules) -> _Segment:
    values, answers, sides = as_arrays(points)
    drift = np.array([rules.level_drift])
    levels, variances = filter_levels(values, noise.of_mean(answers), drift)
    return _Segment(points, values, answers, sides, levels, variances)


def _find_changes(segment: _Segment, noise: Noise, rules: TrendRules) -> tuple[Change, ...]:
    if not segment.points:
        return ()
    values = level_classes(segment.values, segment.sides)
    compared = compare_windows(values, segment.answers, noise, rules)
    classed = bool((segment.sides != 0).any())
    return tuple(
        _as_change(window, classed, rules) for window in compared if not np.isnan(window.score[0])
    )


def _as_change(window: Comparison, classed: bool, rules: TrendRules) -> Change:
    estimate = float(window.recent[0] - window.before[0])
    margin = rules.interval_z * float(window.standard_error[0])
    return Change(
        rounds=int(window.rounds[0]),
        rounds_before=int(window.rounds_before[0]),
        before=float(window.before[0]),
        recent=float(window.recent[0]),
        estimate=estimate,
        low=estimate - margin,
        high=estimate + margin,
        score=float(window.score[0]),
        lasting_rounds=int(window.lasting_rounds[0]),
        at_least=classed,
    )


def is_sure(change: Change, lasting: float, lasting_rounds: int, at_once: float) -> bool:
    """Whether a change measures `at_once` errors, or `lasting` over `lasting_rounds` rounds."""
    strength, rounds = abs(change.score), min(change.rounds, change.lasting_rounds)
    return (rounds >= lasting_rounds and strength >= lasting) or (
        rounds >= 1 and strength >= at_once
    )


def _deciding_change(changes: tuple[Change, ...], rules: TrendRules) -> Change | None:
    """The strongest of the sure changes, else of those that still stand, else of all."""
    sure = [change for change in changes if _is_clear(change, rules)]
    standing = [change for change in changes if change.lasting_rounds >= 1]
    return max(sure or standing or changes, key=lambda change: abs(change.score), default=None)


def _is_clear(change: Change, rules: TrendRules) -> bool:
    return is_sure(change, rules.clearly, rules.lasting_rounds, rules.clearly_at_once)


def _verdict(change: Change | None, scale: Scale, rules: TrendRules) -> Verdict:
    if change is None:
        return Verdict.TOO_FEW
    worse = change.score * worse_direction(scale) > 0
    if _is_clear(change, rules):
        return Verdict.WORSE if worse else Verdict.BETTER
    if abs(change.score) >= rules.probably and change.lasting_rounds >= 1:
        return Verdict.PROBABLY_WORSE if worse else Verdict.PROBABLY_BETTER
    return Verdict.NO_EVIDENCE


def _smooth(segment: _Segment, rules: TrendRules) -> list[SmoothedLevel | None]:
    drift = np.array([rules.level_drift])
    levels, variances = smooth_levels(segment.levels, segment.variances, drift)
    margins = (rules.interval_z * np.sqrt(variances[0])).tolist()
    return [
        None
        if point is None
        else SmoothedLevel(
            point.round_index, point.closed_on, level, level - margin, level + margin
        )
        for point, level, margin in zip(segment.points, levels[0].tolist(), margins, strict=True)
    ]


def _estimate_level(
    segment: _Segment, scale: Scale, noise: Noise, reference: Reference, rules: TrendRules
) -> LevelEstimate:
    mean, of_level = reference.mean[scale], noise.of_level(np.nanmean(segment.answers, axis=1))
    level, variance = pool_level(segment.levels[:, -1], segment.variances[:, -1], mean, of_level)
    standard_error = float(np.sqrt(variance[0]))
    margin = rules.interval_z * standard_error
    return LevelEstimate(
        level=float(level[0]),
        low=float(level[0]) - margin,
        high=float(level[0]) + margin,
        standard_error=standard_error,
        reference=reference,
        reference_mean=mean,
        reference_sd=reference.sd[scale],
    )
