"""Evaluates rules for raising flags on invented teams: false flags against delay of detection.

All rules judge the same invented series. Each is judged as it is used, and again with its limit
tuned, for each team size, on other invented teams, to raise as many false flags as the rules of
this service do: only then does its detection say which rule is better. A flag is false where the
team has neither shifted nor is truly strained on that scale; the flags of all teams that have not
shifted, truly strained or not, are counted beside.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from wellbeing.domain.flag_rates import (
    FalseFlags,
    Limits,
    count_false_flags,
    detect,
    find_strengths,
    tune,
)
from wellbeing.domain.flag_rules import FlagRules
from wellbeing.domain.instrument import Instrument, Reference, Scale
from wellbeing.domain.invented_teams import DataModel, Invented, invent_teams
from wellbeing.domain.simulated_rules import OURS, RuleOnTrial, rules_on_trial
from wellbeing.domain.trends import find_reference

TEAM_SIZES = (5, 8, 12, 20)
SHIFTS = (2, 4, 6)
SIMULATIONS = len(TEAM_SIZES) * (2 + len(SHIFTS))
SENSITIVITY_SIZES = (8, 12)
SENSITIVITY_SHIFT = 4
TUNING_SEED_STEP = 1_000_003
AS_MODELLED = "as modelled"
SCENARIOS: Mapping[str, DataModel] = {
    AS_MODELLED: DataModel(),
    "stability 0.5": DataModel(stability=0.5),
    "stability 0.85": DataModel(stability=0.85),
    "half the team replaced": DataModel(renewed_share=0.5),
    "one person at 50": DataModel(outlier_chance=0.125),
    "rounded to 2 points": DataModel(point=2),
    "60 % response": DataModel(response=(0.6, 0.6)),
    "whole team swings": DataModel(swing_sd_share=0.13),
}
SENSITIVITY_SIMULATIONS = len(SCENARIOS) * len(SENSITIVITY_SIZES) * 3


class Compared(StrEnum):
    """With which limit a rule is judged."""

    AS_USED = "as used"
    EQUAL = "equal false alarms"


@dataclass(frozen=True)
class Outcome:
    """One rule, team size and shift; None as a limit is "never".

    The detected are shares of the teams without a standing flag at the shift; `already_flagged` is
    the share of the others. `stricter_share` of the teams are judged by `stricter_limit`.
    """

    scenario: str
    rule: str
    comparison: str
    team_size: int
    shift: int
    false_flags_per_team_year: float
    flags_per_unshifted_team_year: float
    detected_1: float
    detected_2: float
    detected_4: float
    already_flagged: float
    rounds_shown: float
    limit: float | None
    stricter_limit: float | None
    stricter_share: float


@dataclass(frozen=True)
class _Entry:
    """A rule with the limits it is judged with, and the false flags these raise."""

    rule: RuleOnTrial
    comparison: Compared
    limits: Limits
    false: FalseFlags


@dataclass(frozen=True)
class _Bench:
    """What stays the same for all rules of a simulation; `step` is called after each invention."""

    reference: Reference
    rules: Sequence[RuleOnTrial]
    model: DataModel
    runs: int
    seed: int
    shifted: Scale
    step: Callable[[int], object]
    count_strained: bool

    def invent(self, size: int, shift: int | None = None, *, for_tuning: bool = False) -> Invented:
        seed = self.seed + TUNING_SEED_STEP if for_tuning else self.seed
        moved = (self.shifted, shift) if shift else None
        invented = invent_teams(self.reference, self.model, size, self.runs, seed, moved)
        self.step(1)
        return invented


def simulate_flags(
    instrument: Instrument,
    rules: FlagRules,
    runs: int,
    seed: int,
    shifted: Scale = Scale.BO,
    model: DataModel | None = None,
    progress: Callable[[int], object] = lambda _: None,
    *,
    count_strained: bool = False,
) -> Iterator[Outcome]:
    """One outcome per comparison, rule, team size and shift; `progress(1)` SIMULATIONS times.

    Rivals are tuned to our rate of false flags; with `count_strained`, to our rate in all teams.
    """
    bench = _Bench(
        find_reference(instrument, rules.trend),
        rules_on_trial(instrument, rules),
        model or DataModel(),
        runs,
        seed,
        shifted,
        progress,
        count_strained,
    )
    for size in TEAM_SIZES:
        yield from _simulate_size(bench, AS_MODELLED, size, SHIFTS)


def simulate_sensitivity(
    instrument: Instrument,
    rules: FlagRules,
    runs: int,
    seed: int,
    shifted: Scale = Scale.BO,
    progress: Callable[[int], object] = lambda _: None,
    *,
    count_strained: bool = False,
) -> Iterator[Outcome]:
    """Our outcome where the truth is not as modelled, and that of the best rival beside it.

    A rise of four; the rivals are tuned to the false flags that our rules raise in that scenario,
    and the best is the one that finds most within two rounds.
    """
    reference = find_reference(instrument, rules.trend)
    on_trial = rules_on_trial(instrument, rules)
    for name, model in SCENARIOS.items():
        bench = _Bench(reference, on_trial, model, runs, seed, shifted, progress, count_strained)
        for size in SENSITIVITY_SIZES:
            found = [
                outcome
                for outcome in _simulate_size(bench, name, size, (SENSITIVITY_SHIFT,))
                if outcome.comparison == Compared.EQUAL
            ]
            yield next(outcome for outcome in found if outcome.rule == OURS)
            rivals = (outcome for outcome in found if outcome.rule != OURS)
            yield max(rivals, key=lambda outcome: outcome.detected_2)


def _simulate_size(
    bench: _Bench, scenario: str, size: int, shifts: Sequence[int]
) -> Iterator[Outcome]:
    calm = bench.invent(size)
    entries = _enter_rules(bench, calm, bench.invent(size, for_tuning=True))
    for shift in shifts:
        history = bench.invent(size, shift).histories[bench.shifted]
        strengths = {rule.name: rule.strengths(history, bench.shifted) for rule in bench.rules}
        for entry in entries:
            found = detect(history, strengths[entry.rule.name], entry.limits, bench.model)
            yield Outcome(
                scenario=scenario,
                rule=entry.rule.name,
                comparison=entry.comparison.value,
                team_size=size,
                shift=shift,
                false_flags_per_team_year=entry.false.unstrained,
                flags_per_unshifted_team_year=entry.false.all_teams,
                detected_1=found.within[1],
                detected_2=found.within[2],
                detected_4=found.within[4],
                already_flagged=found.already_flagged,
                rounds_shown=float(calm.shown.mean()),
                limit=_or_none(entry.limits.limit),
                stricter_limit=_or_none(entry.limits.stricter),
                stricter_share=entry.limits.stricter_share,
            )


def _or_none(limit: float) -> float | None:
    return limit if np.isfinite(limit) else None


def _enter_rules(bench: _Bench, calm: Invented, tuning: Invented) -> list[_Entry]:
    """Every rule as it is used, then ours and those that can be tuned at equal false alarms."""
    ours = next(rule for rule in bench.rules if rule.name == OURS)
    false = _count(bench, tuning, ours, Limits(ours.limit))
    rate = false.counted(strained=bench.count_strained)
    entries = [(rule, Compared.AS_USED, Limits(rule.limit)) for rule in bench.rules]
    for rule in bench.rules:
        if rule.can_be_tuned:
            strengths = find_strengths(tuning, rule)
            limits = tune(
                tuning,
                strengths,
                rate,
                bench.reference,
                bench.model,
                count_strained=bench.count_strained,
            )
            entries.append((rule, Compared.EQUAL, limits))
    entries.append((ours, Compared.EQUAL, Limits(ours.limit)))
    return [_Entry(*entry, _count(bench, calm, entry[0], entry[2])) for entry in entries]


def _count(bench: _Bench, teams: Invented, rule: RuleOnTrial, limits: Limits) -> FalseFlags:
    strengths = find_strengths(teams, rule)
    return count_false_flags(teams, strengths, limits, bench.reference, bench.model)
