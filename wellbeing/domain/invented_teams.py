"""Invented teams whose truth is known, published by the real disclosure rules.

The data model, stated so that it can be argued with: a person's score is the team's level, a
lasting personal part and a passing part; two answers of one person correlate by `stability`. A few
people are replaced each round. A team's response rate is its own, 60–100 %, and who answers is
chance. Each round is withheld, rounded and classed as leaders see it. A shift moves everyone in the
team on one scale and lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.disclosure import UnitTree, load_rules, publish_groups
from wellbeing.domain.disclosure_rules import Rules
from wellbeing.domain.instrument import HIGHEST_SCORE, LOWEST_SCORE, Reference, Scale
from wellbeing.domain.level_model import CLASS_SIDE, Floats
from wellbeing.domain.publication import Kind
from wellbeing.domain.simulated_rules import History
from wellbeing.domain.trends import worse_direction

SCALES = tuple(Scale)
DIRECTIONS = np.array([worse_direction(scale) for scale in SCALES])
WORST_SCORES = np.where(DIRECTIONS > 0, HIGHEST_SCORE, LOWEST_SCORE)
SIDE_OF_KIND = {Kind.OR_MORE: CLASS_SIDE["or_more"], Kind.OR_LESS: CLASS_SIDE["or_less"]}


@dataclass(frozen=True)
class DataModel:
    """How invented teams behave; shares of 1, rounds of a quarter. Correlations are CS, BO, STS.

    Stress on the rules: `renewed_share` of a team is replaced when the judged rounds begin, the
    whole team swings by `swing_sd_share` each round, in `outlier_chance` of the rounds one person
    answers at the worst end of every scale, and figures are rounded to `point`.
    """

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
    shifted_rounds: int = 4
    strained_sd: float = 0.5
    renewed_share: float = 0.0
    swing_sd_share: float = 0.0
    outlier_chance: float = 0.0
    point: int = 1


@dataclass(frozen=True)
class Invented:
    """Invented teams: histories per scale, true levels (runs, rounds, 3), shown (runs, rounds)."""

    histories: dict[Scale, History]
    true_levels: Floats
    shown: NDArray[np.bool_]


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
    rounds = model.rounds_before + (model.shifted_rounds if shift else model.calm_rounds)
    moved = np.zeros((runs, rounds, 3))
    if shift:
        by = worse_direction(shift[0]) * shift[1]
        moved[:, model.rounds_before :, SCALES.index(shift[0])] = by
    return invent_moved_teams(reference, model, size, moved, seed)


def invent_moved_teams(
    reference: Reference, model: DataModel, size: int, moved: Floats, seed: int
) -> Invented:
    """Teams of `size` people whose scores are moved by (runs, rounds, 3) points a team and round.

    The same seed and shape give the same people and the same days, however they are moved.
    """
    random, who_answers, stress = np.random.default_rng([seed, size]).spawn(3)
    runs, rounds = moved.shape[:2]
    levels, answers = _true_levels(random, reference, model, (runs, size), rounds)
    rate = who_answers.uniform(*model.response, (runs, 1))
    rules = replace(load_rules(), point=model.point)
    published = []
    for t in range(rounds):
        raw = _put_under_stress(stress, answers[t] + moved[:, t, None], reference, model)
        scores = np.clip(np.rint(raw), LOWEST_SCORE, HIGHEST_SCORE).astype(np.int16)
        published.append(_publish(scores, who_answers.random((runs, size)) < rate, rules))
    values, counts, sides = (np.stack(parts, axis=1) for parts in zip(*published, strict=True))
    histories = {
        scale: History(values[:, :, i], counts, sides[:, :, i]) for i, scale in enumerate(SCALES)
    }
    return Invented(histories, levels + moved, ~np.isnan(counts))


def _true_levels(
    random: np.random.Generator,
    reference: Reference,
    model: DataModel,
    shape: tuple[int, int],
    rounds: int,
) -> tuple[Floats, list[Floats]]:
    """The teams' true levels (runs, rounds, 3) and everyone's unrounded score of each round."""
    sd = _per_scale(reference.sd)
    mean = _per_scale(reference.mean)
    root = np.linalg.cholesky(np.array(model.correlations)).T

    def draw(size: tuple[int, ...], share: float) -> Floats:
        drawn: Floats = random.standard_normal((*size, 3)) @ root * (sd * np.sqrt(share))
        return drawn

    between = model.team_sd_share**2
    team = mean + draw((shape[0], 1), between)
    lasting = draw(shape, model.stability - between)
    levels, answers = np.empty((shape[0], rounds, 3)), []
    for t in range(rounds):
        renewed = model.renewed_share if t == model.rounds_before else 0
        leaves = random.random(shape) < max(renewed, model.turnover)  # nosec B311  # chance for invented data
        lasting = np.where(leaves[..., None], draw(shape, model.stability - between), lasting)
        levels[:, t] = (team + lasting).mean(axis=1)
        answers.append(team + lasting + draw(shape, 1 - model.stability))
    return levels, answers


def _put_under_stress(
    random: np.random.Generator, raw: Floats, reference: Reference, model: DataModel
) -> Floats:
    """Swings of whole teams and single people at the worst end, none of which lasts."""
    teams = len(raw)
    swing = random.standard_normal((teams, 1, 1)) * DIRECTIONS * _per_scale(reference.sd)
    stressed: Floats = raw + model.swing_sd_share * swing
    hit = random.random(teams) < model.outlier_chance  # nosec B311  # chance for invented data
    stressed[hit, 0] = WORST_SCORES
    return stressed


def _per_scale(values: Mapping[Scale, float]) -> Floats:
    return np.array([values[scale] for scale in SCALES])


def _publish(
    scores: NDArray[np.int16], answered: NDArray[np.bool_], rules: Rules
) -> tuple[Floats, Floats, NDArray[np.int_]]:
    """One round as published: points (runs, 3), answers (runs,), NaN if withheld, class sides."""
    runs, size = answered.shape
    tree = UnitTree(np.concatenate([[-1], np.zeros(runs, dtype=np.intp)]))
    units = np.repeat(np.arange(1, runs + 1), size).reshape(runs, size)
    publication = publish_groups(tree, units[answered], scores[answered], rules)
    groups = publication.groups
    teams = groups.unit > 0
    at = groups.unit[teams] - 1
    values, counts = np.full((runs, 3), np.nan), np.full(runs, np.nan)
    sides = np.zeros((runs, 3), dtype=np.int_)
    values[at], counts[at] = groups.values.point[teams], groups.answers[teams]
    for kind, side in SIDE_OF_KIND.items():
        sides[at] = np.where(groups.values.kind[teams] == kind, side, sides[at])
    return values, counts, sides
