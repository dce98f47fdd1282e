"""How often a rule raises flags in vain, and how soon it finds a shift; also for mixed limits."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.instrument import Reference, Scale
from wellbeing.domain.invented_teams import SCALES, DataModel, Invented
from wellbeing.domain.level_model import Floats
from wellbeing.domain.simulated_rules import Alarms, History, RuleOnTrial
from wellbeing.domain.trends import worse_direction

ROUNDS_PER_YEAR = 4
WITHIN_ROUNDS = (1, 2, 4)
MOST_CANDIDATES = 60
LAXEST_SHARE = 0.5


@dataclass(frozen=True)
class Limits:
    """A rule's limit; `stricter_share` of the teams are judged by the stricter one in its place.

    Values in whole points leave gaps between the rates a rule can have; a mix of two fills them.
    """

    limit: float
    stricter: float = np.inf
    stricter_share: float = 0.0

    def parts(self) -> tuple[tuple[float, float], ...]:
        """Each limit with its share of the teams, shares above 0 only."""
        both = ((self.limit, 1 - self.stricter_share), (self.stricter, self.stricter_share))
        return tuple((limit, share) for limit, share in both if share > 0)


@dataclass(frozen=True)
class FalseFlags:
    """Flags per team-year where nothing shifted: where there is no strain, and in all teams."""

    unstrained: float
    all_teams: float

    def counted(self, *, strained: bool) -> float:
        """The rate with or without the flags of truly strained teams."""
        return self.all_teams if strained else self.unstrained


@dataclass(frozen=True)
class Detection:
    """Shares of the teams without a standing flag at the shift, and the share that had one."""

    within: Mapping[int, float]
    already_flagged: float


def find_raised(alarms: Alarms, shown: NDArray[np.bool_]) -> Alarms:
    """Where a flag is raised: the alarm stands and did not in the last shown round before."""
    standing = _standing(alarms, shown)
    before = np.zeros_like(standing)
    before[:, 1:] = standing[:, :-1]
    return standing & ~before


def _standing(alarms: Alarms, shown: NDArray[np.bool_]) -> Alarms:
    """Alarms carried over withheld rounds."""
    latest = np.maximum.accumulate(np.where(shown, np.arange(shown.shape[1]), 0), axis=1)
    standing: Alarms = np.take_along_axis(alarms, latest[..., None], axis=1)
    return standing


def find_strengths(calm: Invented, rule: RuleOnTrial) -> dict[Scale, Floats]:
    """How strongly a rule speaks for a flag on each scale, (runs, rounds, k)."""
    return {scale: rule.strengths(calm.histories[scale], scale) for scale in SCALES}


def count_false_flags(
    calm: Invented,
    strengths: Mapping[Scale, Floats],
    limits: Limits,
    reference: Reference,
    model: DataModel,
) -> FalseFlags:
    """Flags per team-year in the rounds after `rounds_before`, over all three scales."""
    parts = [
        (share, _count_at(calm, strengths, limit, reference, model))
        for limit, share in limits.parts()
    ]
    return FalseFlags(
        unstrained=sum(share * false.unstrained for share, false in parts),
        all_teams=sum(share * false.all_teams for share, false in parts),
    )


def _count_at(
    calm: Invented,
    strengths: Mapping[Scale, Floats],
    limit: float,
    reference: Reference,
    model: DataModel,
) -> FalseFlags:
    judged = slice(model.rounds_before, None)
    flags, rounds = np.zeros(2), np.zeros(2)
    for i, scale in enumerate(SCALES):
        distance = worse_direction(scale) * (calm.true_levels[:, :, i] - reference.mean[scale])
        unstrained = (distance < model.strained_sd * reference.sd[scale])[:, judged]
        raised = find_raised(strengths[scale] > limit, calm.shown)[:, judged]
        flags += (raised & unstrained[..., None]).sum(), raised.sum()
        rounds += unstrained.sum() / len(SCALES), unstrained.size / len(SCALES)
    per_year = flags / np.maximum(rounds / ROUNDS_PER_YEAR, 1)
    return FalseFlags(float(per_year[0]), float(per_year[1]))


def detect(history: History, strengths: Floats, limits: Limits, model: DataModel) -> Detection:
    """Which teams get a flag within 1, 2 and 4 rounds of the shift."""
    parts = [
        (share, _detect_at(history, strengths, limit, model)) for limit, share in limits.parts()
    ]
    return Detection(
        within={w: sum(share * found.within[w] for share, found in parts) for w in WITHIN_ROUNDS},
        already_flagged=sum(share * found.already_flagged for share, found in parts),
    )


def _detect_at(history: History, strengths: Floats, limit: float, model: DataModel) -> Detection:
    shown = ~np.isnan(history.values)
    alarms = strengths > limit
    start = model.rounds_before
    free = ~_standing(alarms, shown)[:, start - 1].any(axis=1)
    raised = find_raised(alarms, shown)[free, start:]
    teams = max(len(raised), 1)
    return Detection(
        within={w: float(raised[:, :w].any(axis=(1, 2)).sum()) / teams for w in WITHIN_ROUNDS},
        already_flagged=1 - float(free.mean()),
    )


def tune(
    calm: Invented,
    strengths: Mapping[Scale, Floats],
    rate: float,
    reference: Reference,
    model: DataModel,
    *,
    count_strained: bool = False,
) -> Limits:
    """The limits with which a rule raises `rate` false flags per team-year in these teams.

    With `count_strained` the flags of truly strained teams count as false too. Sought from the
    strictest limit on, since a rule so lax that its alarm always stands raises few flags too. A
    rule that never comes so high gets the limit with which it comes highest.
    """
    stricter, rate_there = np.inf, 0.0
    highest = (0.0, np.inf)
    for limit in _candidates(strengths):
        false = _count_at(calm, strengths, limit, reference, model)
        reached = false.counted(strained=count_strained)
        if reached >= rate:
            gap = reached - rate_there
            return Limits(limit, stricter, (reached - rate) / gap if gap > 0 else 0.0)
        stricter, rate_there = limit, reached
        highest = max(highest, (reached, limit))
    return Limits(highest[1])


def _candidates(strengths: Mapping[Scale, Floats]) -> list[float]:
    """Limits from strict to lax: between values where they are few, else evenly in log share."""
    values = np.concatenate([table.ravel() for table in strengths.values()])
    values = values[np.isfinite(values)]
    steps = np.unique(values)
    if len(steps) > MOST_CANDIDATES:
        shares = np.geomspace(2 / len(values), LAXEST_SHARE, MOST_CANDIDATES)
        steps = np.unique(np.quantile(values, 1 - shares))
    between: list[float] = ((steps[1:] + steps[:-1]) / 2)[::-1].tolist()
    return between
