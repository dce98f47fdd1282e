"""Evaluates rules for raising flags on invented teams: false alarms against delay of detection.

The data model, stated so that it can be argued with: a person's score is the team's level, a
lasting personal part and a passing part; two answers of one person correlate by `stability`. A few
people are replaced each round. A team's response rate is its own, 60–100 %, and who answers is
chance. Each round is published by the real disclosure rules, so what every rule sees is withheld,
rounded and classed as leaders see it. A shift moves everyone in the team on one scale and lasts.
All rules judge the same invented series.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.disclosure import UnitTree, load_rules, publish_groups
from wellbeing.domain.flag_rules import FlagRules
from wellbeing.domain.instrument import HIGHEST_SCORE, LOWEST_SCORE, Instrument, Reference, Scale
from wellbeing.domain.level_model import CLASS_SIDE, Floats
from wellbeing.domain.publication import Kind
from wellbeing.domain.simulated_rules import Alarms, History, RuleOnTrial, rules_on_trial
from wellbeing.domain.trends import find_reference, worse_direction

TEAM_SIZES = (5, 8, 12, 20)
SHIFTS = (2, 4, 6)
WITHIN_ROUNDS = (1, 2, 4)
SIMULATIONS = len(TEAM_SIZES) * (1 + len(SHIFTS))
ROUNDS_PER_YEAR = 4
SCALES = tuple(Scale)
SIDE_OF_KIND = {Kind.OR_MORE: CLASS_SIDE["or_more"], Kind.OR_LESS: CLASS_SIDE["or_less"]}


@dataclass(frozen=True)
class DataModel:
    """How invented teams behave; shares of 1, rounds of a quarter. Correlations are CS, BO, STS."""

    stability: float = 0.7
    team_sd_share: float = 0.35
    turnover: float = 0.03
    response: tuple[float, float] = (0.6, 1.0)
    correlations: tuple[tuple[float, float, float], ...] = (
        (1.0, -0.77, -0.45),
        (-0.77, 1.0, 0.60),
        (-0.45, 0.60, 1.0),
    )
    rounds_before: int = 8
    calm_rounds: int = 20
    strained_sd: float = 0.5


@dataclass(frozen=True)
class Outcome:
    """One rule, team size and shift; shares are of teams without a standing flag at the shift."""

    rule: str
    team_size: int
    shift: int
    false_flags_per_team_year: float
    detected_within: dict[int, float]
    rounds_shown: float


@dataclass(frozen=True)
class Invented:
    """Invented teams: histories per scale, true levels (runs, rounds, 3), shown (runs, rounds)."""

    histories: dict[Scale, History]
    true_levels: Floats
    shown: NDArray[np.bool_]


def simulate_flags(
    instrument: Instrument,
    rules: FlagRules,
    runs: int,
    seed: int,
    shifted: Scale = Scale.BO,
    model: DataModel | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Outcome]:
    """One outcome per rule, team size and shift; calls `progress` with 1 after each simulation."""
    model = model or DataModel()
    reference = find_reference(instrument, rules.trend)
    on_trial = rules_on_trial(instrument, rules)
    for size in TEAM_SIZES:
        calm = invent_teams(reference, model, size, runs, seed)
        progress(1)
        false = {rule.name: _false_per_year(calm, rule, reference, model) for rule in on_trial}
        for shift in SHIFTS:
            moved = invent_teams(reference, model, size, runs, seed, (shifted, shift))
            progress(1)
            for rule in on_trial:
                yield Outcome(
                    rule=rule.name,
                    team_size=size,
                    shift=shift,
                    false_flags_per_team_year=false[rule.name],
                    detected_within=_detected(moved.histories[shifted], rule, shifted, model),
                    rounds_shown=float(calm.shown.mean()),
                )


def invent_teams(
    reference: Reference,
    model: DataModel,
    size: int,
    runs: int,
    seed: int,
    shift: tuple[Scale, int] | None = None,
) -> Invented:
    """`runs` teams of `size` people; a shift for the worse begins after `rounds_before` rounds.

    Without a shift the history goes on for `calm_rounds` more. The same seed gives the same people
    and the same days with and without a shift.
    """
    random, who_answers = np.random.default_rng([seed, size]).spawn(2)
    rounds = model.rounds_before + (max(WITHIN_ROUNDS) if shift else model.calm_rounds)
    levels, answers = _true_levels(random, reference, model, (runs, size), rounds)
    moved = np.zeros(3)
    if shift:
        moved[SCALES.index(shift[0])] = worse_direction(shift[0]) * shift[1]
    rate = who_answers.uniform(*model.response, (runs, 1))
    published = []
    for t in range(rounds):
        raw = answers[t] + (moved if t >= model.rounds_before else 0)
        scores = np.clip(np.rint(raw), LOWEST_SCORE, HIGHEST_SCORE).astype(np.int16)
        published.append(_publish(scores, who_answers.random((runs, size)) < rate))
        levels[:, t] += moved if t >= model.rounds_before else 0
    values, counts, sides = (np.stack(parts, axis=1) for parts in zip(*published, strict=True))
    histories = {
        scale: History(values[:, :, i], counts, sides[:, :, i]) for i, scale in enumerate(SCALES)
    }
    return Invented(histories, levels, ~np.isnan(counts))


def _true_levels(
    random: np.random.Generator,
    reference: Reference,
    model: DataModel,
    shape: tuple[int, int],
    rounds: int,
) -> tuple[Floats, list[Floats]]:
    """The teams' true levels (runs, rounds, 3) and everyone's unrounded score of each round."""
    sd = np.array([reference.sd[scale] for scale in SCALES])
    mean = np.array([reference.mean[scale] for scale in SCALES])
    root = np.linalg.cholesky(np.array(model.correlations)).T

    def draw(size: tuple[int, ...], share: float) -> Floats:
        drawn: Floats = random.standard_normal((*size, 3)) @ root * (sd * np.sqrt(share))
        return drawn

    between = model.team_sd_share**2
    team = mean + draw((shape[0], 1), between)
    lasting = draw(shape, model.stability - between)
    levels, answers = np.empty((shape[0], rounds, 3)), []
    for t in range(rounds):
        leaves = random.random(shape) < model.turnover
        lasting = np.where(leaves[..., None], draw(shape, model.stability - between), lasting)
        levels[:, t] = (team + lasting).mean(axis=1)
        answers.append(team + lasting + draw(shape, 1 - model.stability))
    return levels, answers


def _publish(
    scores: NDArray[np.int16], answered: NDArray[np.bool_]
) -> tuple[Floats, Floats, NDArray[np.int_]]:
    """One round as published: points (runs, 3), answers (runs,), NaN if withheld, class sides."""
    runs, size = answered.shape
    tree = UnitTree(np.concatenate([[-1], np.zeros(runs, dtype=np.intp)]))
    units = np.repeat(np.arange(1, runs + 1), size).reshape(runs, size)
    publication = publish_groups(tree, units[answered], scores[answered], load_rules())
    groups = publication.groups
    teams = groups.unit > 0
    at = groups.unit[teams] - 1
    values, counts = np.full((runs, 3), np.nan), np.full(runs, np.nan)
    sides = np.zeros((runs, 3), dtype=np.int_)
    values[at], counts[at] = groups.values.point[teams], groups.answers[teams]
    for kind, side in SIDE_OF_KIND.items():
        sides[at] = np.where(groups.values.kind[teams] == kind, side, sides[at])
    return values, counts, sides


def find_raised(alarms: Alarms, shown: NDArray[np.bool_]) -> Alarms:
    """Where a flag is raised: the alarm stands and did not in the last shown round before."""
    standing = _standing(alarms, shown)
    before = np.zeros_like(standing)
    before[:, 1:] = standing[:, :-1]
    return standing & ~before


def _standing(alarms: Alarms, shown: NDArray[np.bool_]) -> Alarms:
    """Alarms carried over withheld rounds."""
    standing = alarms.copy()
    for t in range(1, alarms.shape[1]):
        standing[:, t] = np.where(shown[:, t, None], alarms[:, t], standing[:, t - 1])
    return standing


def _false_per_year(
    calm: Invented, rule: RuleOnTrial, reference: Reference, model: DataModel
) -> float:
    """Flags raised per team-year in rounds in which the team is not truly strained on the scale."""
    flags = years = 0.0
    for i, scale in enumerate(SCALES):
        edge = model.strained_sd * reference.sd[scale]
        direction = worse_direction(scale)
        distance = direction * (calm.true_levels[:, :, i] - reference.mean[scale])
        judged = distance < edge
        judged[:, : model.rounds_before] = False
        raised = find_raised(rule.alarms(calm.histories[scale], scale), calm.shown)
        flags += float((raised & judged[..., None]).sum())
        years += float(judged.sum()) / ROUNDS_PER_YEAR / len(SCALES)
    return flags / years


def _detected(
    history: History, rule: RuleOnTrial, scale: Scale, model: DataModel
) -> dict[int, float]:
    """The share of teams with a flag raised within 1, 2, 4 rounds of the shift."""
    shown = ~np.isnan(history.values)
    alarms = rule.alarms(history, scale)
    start = model.rounds_before
    free = ~_standing(alarms, shown)[:, start - 1].any(axis=1)
    raised = find_raised(alarms, shown)[free, start:]
    teams = max(len(raised), 1)
    return {
        within: float(raised[:, :within].any(axis=(1, 2)).sum()) / teams for within in WITHIN_ROUNDS
    }
