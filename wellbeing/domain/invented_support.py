"""Invented organisations in which some teams had support, with a planted effect, as published.

Teams follow the data model of the flag simulation. Beside it, a whole organisation has better and
worse quarters together (`mood_sd`). Support is held the day after a round closed; its effect is
full from the next round on and lasts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.flag_rules import FlagRules
from wellbeing.domain.instrument import Reference, Scale
from wellbeing.domain.invented_teams import SCALES, DataModel, Invented, invent_moved_teams
from wellbeing.domain.level_model import CLASS_SIDE, Floats
from wellbeing.domain.simulated_rules import History, find_alarms
from wellbeing.domain.support_steps import Support
from wellbeing.domain.trends import Point, PointKind, Series, worse_direction

HELPED_TEAMS = 10
FORM = "supervision"
FIRST_CLOSING = date(2024, 2, 20)
ROUND_DAYS = 91
HARD_ROUNDS = 2
KIND_OF_SIDE: dict[int, PointKind] = {
    CLASS_SIDE["exact"]: "exact",
    CLASS_SIDE["or_more"]: "or_more",
    CLASS_SIDE["or_less"]: "or_less",
}


class Picked(StrEnum):
    """Which teams get support."""

    AT_RANDOM = "at random"
    FLAGGED = "flagged"


@dataclass(frozen=True)
class Scenario:
    """One kind of organisation; `sizes` has one entry per team, points are for the better.

    Support lies after `rounds_before` of `rounds`. `everyone` moves all teams from then on;
    `hard_time` strains the helped teams in the two rounds before and passes by itself; support
    works in `works_in` of the helped teams. FLAGGED teams are those with a flag on the scale, then
    those with the worst latest figure.
    """

    name: str
    sizes: tuple[int, ...]
    picked: Picked = Picked.AT_RANDOM
    rounds: int = 8
    rounds_before: int = 4
    everyone: float = 0.0
    hard_time: float = 0.0
    works_in: float = 1.0
    mood_sd: float = 1.0
    model: DataModel = field(default_factory=DataModel)


@dataclass(frozen=True)
class Organisations:
    """Published histories of one scale, rows run by run and team by team; who was helped, (runs,
    teams), in the order of picking, and in whom it works."""

    history: History
    helped: NDArray[np.intp]
    works: NDArray[np.bool_]

    def of_run(self, run: int) -> History:
        """The history of one organisation, (teams, rounds)."""
        teams = len(self.history.values) // len(self.helped)
        own = slice(run * teams, (run + 1) * teams)
        return History(*(table[own] for table in vars(self.history).values()))


def invent_organisations(
    scenario: Scenario,
    scale: Scale,
    effects: tuple[float, ...],
    runs: int,
    seed: int,
    reference: Reference,
    rules: FlagRules,
) -> Iterator[Organisations]:
    """The same organisations once for each effect, in points for the better."""
    random = np.random.default_rng([seed, 7])
    teams, rounds = len(scenario.sizes), scenario.rounds
    mood = random.normal(0, scenario.mood_sd, (runs, 1, rounds))
    moved = np.broadcast_to(mood, (runs, teams, rounds)).copy()
    after = np.arange(rounds) >= scenario.rounds_before
    worse = worse_direction(scale)
    moved -= worse * scenario.everyone * after
    chance = random.random((runs, teams))  # nosec B311  # chance for invented data

    def publish(points: Floats) -> History:
        return _publish(scenario, scale, points, seed, reference)

    helped = np.argsort(chance, axis=1)[:, :HELPED_TEAMS]
    if scenario.picked is Picked.FLAGGED:
        before = publish(moved)
        helped = _pick_flagged(before, chance, scenario, scale, reference, rules)
    works = random.random(helped.shape).argsort(axis=1) < round(scenario.works_in * HELPED_TEAMS)  # nosec B311  # chance for invented data
    at = np.arange(runs)[:, None]
    hard = (np.arange(rounds) >= scenario.rounds_before - HARD_ROUNDS) & ~after
    moved[at, helped] += worse * scenario.hard_time * hard
    for effect in effects:
        points = moved.copy()
        points[at, helped] -= worse * effect * works[..., None] * after
        yield Organisations(publish(points), helped, works)


def _publish(
    scenario: Scenario, scale: Scale, moved: Floats, seed: int, reference: Reference
) -> History:
    """Every team as published, (runs · teams, rounds); teams of a size are invented together."""
    runs, teams, rounds = moved.shape
    tables = np.empty((3, runs, teams, rounds))
    model = replace(scenario.model, rounds_before=scenario.rounds_before)
    for size in sorted(set(scenario.sizes)):
        own = np.flatnonzero(np.array(scenario.sizes) == size)
        points = np.zeros((runs * len(own), rounds, 3))
        points[:, :, SCALES.index(scale)] = moved[:, own].reshape(-1, rounds)
        found = _history(invent_moved_teams(reference, model, size, points, seed), scale)
        for table, part in zip(tables, found, strict=True):
            table[:, own] = part.reshape(runs, len(own), rounds)
    values, answers, sides = tables.reshape(3, runs * teams, rounds)
    return History(values, answers, sides.astype(np.int_))


def _history(invented: Invented, scale: Scale) -> tuple[Floats, Floats, NDArray[np.int_]]:
    history = invented.histories[scale]
    return history.values, history.answers, history.sides


def _pick_flagged(
    history: History,
    chance: Floats,
    scenario: Scenario,
    scale: Scale,
    reference: Reference,
    rules: FlagRules,
) -> NDArray[np.intp]:
    """Per run the teams with a flag after the last round before support, then the worst figures."""
    so_far = History(*(table[:, : scenario.rounds_before] for table in vars(history).values()))
    alarms = find_alarms(so_far, scale, reference, rules)
    latest = np.full(len(alarms), -np.inf)
    for column in so_far.values.T:
        latest = np.where(np.isnan(column), latest, worse_direction(scale) * column)
    urgency = np.where(alarms[:, -1].any(axis=-1), 1000.0, 0.0) + latest
    return np.argsort(-(urgency.reshape(chance.shape) + chance), axis=1)[:, :HELPED_TEAMS]


def as_series(history: History) -> dict[int, Series]:
    """The published series of each team, as the service reads them."""
    return {team: _series_of(history, team) for team in range(len(history.values))}


def _series_of(history: History, team: int) -> list[Point | None]:
    tables = (history.values[team], history.answers[team], history.sides[team])
    return [
        None
        if np.isnan(value)
        else Point(
            round_index=t,
            closed_on=FIRST_CLOSING + timedelta(ROUND_DAYS * t),
            n=int(n),
            point=int(value),
            kind=KIND_OF_SIDE[int(side)],
        )
        for t, (value, n, side) in enumerate(zip(*tables, strict=True))
    ]


def support_of(team: int, scenario: Scenario) -> Support[int]:
    """Support held the day after the last round before it closed."""
    closed_on = FIRST_CLOSING + timedelta(ROUND_DAYS * (scenario.rounds_before - 1))
    return Support(team, FORM, (closed_on + timedelta(1),))
