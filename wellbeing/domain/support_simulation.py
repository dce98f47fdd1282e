"""Evaluates "did it help?" on invented organisations: how often each verdict is given and right.

Forty teams, ten of which had support, eight rounds; the effect on one scale is planted. Every rule
judges the same published figures. The verdict over all ten teams is counted once per organisation,
that of one team once per helped team of a size.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.effect_rivals import RIVALS
from wellbeing.domain.effect_rules import EffectRules
from wellbeing.domain.effects import Effect, EffectVerdict, find_effects
from wellbeing.domain.flag_rules import FlagRules
from wellbeing.domain.instrument import Instrument, Reference, Scale
from wellbeing.domain.invented_support import (
    FORM,
    Organisations,
    Picked,
    Scenario,
    as_series,
    invent_organisations,
    support_of,
)
from wellbeing.domain.invented_teams import DataModel
from wellbeing.domain.simulated_rules import OURS
from wellbeing.domain.trends import find_reference, worse_direction

TEAMS = 40
EFFECTS = (0.0, 1.5, 3.0)
BATCH = 25
BATCH_SEED_STEP = 1_000_003
ALL_TEAMS = "all ten"
EIGHTS, TWELVES = (8,) * TEAMS, (12,) * TEAMS
MIXED = (6, 8, 12, 20) * (TEAMS // 4)
SCENARIOS = (
    Scenario("teams of 8", EIGHTS),
    Scenario("teams of 12", TWELVES),
    Scenario("teams of 6 to 20", MIXED),
    Scenario("picked by flag", MIXED, Picked.FLAGGED),
    Scenario("picked by flag, of 8", EIGHTS, Picked.FLAGGED),
    Scenario("2 rounds after", MIXED, Picked.FLAGGED, rounds_before=6),
    Scenario("2 rounds before", MIXED, Picked.FLAGGED, rounds_before=2),
    Scenario("everyone better by 3", MIXED, Picked.FLAGGED, everyone=3.0),
)
SENSITIVITY_SCENARIOS = (
    Scenario("stability 0.5", MIXED, Picked.FLAGGED, model=DataModel(stability=0.5)),
    Scenario("stability 0.85", MIXED, Picked.FLAGGED, model=DataModel(stability=0.85)),
    Scenario("teams more alike", MIXED, Picked.FLAGGED, model=DataModel(team_sd_share=0.15)),
    Scenario("whole team swings", MIXED, Picked.FLAGGED, model=DataModel(swing_sd_share=0.13)),
    Scenario("swings twice that", MIXED, Picked.FLAGGED, model=DataModel(swing_sd_share=0.26)),
    Scenario("half renewed", MIXED, Picked.FLAGGED, model=DataModel(renewed_share=0.5)),
    Scenario("works in half of them", MIXED, Picked.FLAGGED, works_in=0.5),
    Scenario("a hard time that passes", MIXED, hard_time=3.0),
)


@dataclass(frozen=True)
class EffectOutcome:
    """How often one rule gives each verdict; shares of `judgements`.

    `about` is all helped teams together or one helped team of a size; "in vain" are those in which
    support does not work. `effect` is planted where it works, `truth` is what is true of those
    judged; both are points for the better, as is `mean_gain`, the mean of the estimates. `covered`
    is the share of the intervals that hold the truth, None for rules that give no interval.
    """

    scenario: str
    picked: str
    rounds_before: int
    rounds_after: int
    effect: float
    truth: float
    rule: str
    about: str
    judgements: int
    helped: float
    no_evidence: float
    cannot_tell_yet: float
    mean_gain: float | None
    covered: float | None


@dataclass
class _Tally:
    """Verdicts, gains and interval hits of one rule about one kind of team."""

    verdicts: list[EffectVerdict] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)

    def share(self, verdict: EffectVerdict) -> float:
        return self.verdicts.count(verdict) / len(self.verdicts)


_Key = tuple[float, str, str, float]


@dataclass(frozen=True)
class _Bench:
    """What stays the same for all scenarios."""

    instrument: Instrument
    reference: Reference
    flag_rules: FlagRules
    rules: EffectRules
    scale: Scale
    runs: int
    seed: int
    step: Callable[[int], object]


def count_batches(runs: int, scenarios: Sequence[Scenario]) -> int:
    """How often a simulation calls its progress."""
    return len(scenarios) * -(-runs // BATCH)


def simulate_support(
    instrument: Instrument,
    flag_rules: FlagRules,
    rules: EffectRules,
    runs: int,
    seed: int,
    scale: Scale = Scale.BO,
    scenarios: Sequence[Scenario] = SCENARIOS,
    progress: Callable[[int], object] = lambda _: None,
) -> Iterator[EffectOutcome]:
    """One outcome per scenario, effect, rule and kind of team; `progress(1)` after each batch."""
    reference = find_reference(instrument, flag_rules.trend)
    bench = _Bench(instrument, reference, flag_rules, rules, scale, runs, seed, progress)
    for scenario in scenarios:
        tallies = _simulate(bench, scenario)
        for key in sorted(tallies, key=_reading_order):
            yield _outcome(scenario, key, tallies[key])


def _reading_order(key: _Key) -> tuple[float, bool, bool, list[int]]:
    """By effect, all teams before single ones, sizes upwards; the rest as it came."""
    effect, _, about, _ = key
    sizes = [int(word) for word in re.findall(r"\d+", about)]
    return effect, about != ALL_TEAMS, "vain" in about, sizes


def _simulate(bench: _Bench, scenario: Scenario) -> dict[_Key, _Tally]:
    tallies: dict[_Key, _Tally] = defaultdict(_Tally)
    for batch, start in enumerate(range(0, bench.runs, BATCH)):
        worlds = invent_organisations(
            scenario,
            bench.scale,
            EFFECTS,
            min(BATCH, bench.runs - start),
            bench.seed + batch * BATCH_SEED_STEP,
            bench.reference,
            bench.flag_rules,
        )
        for effect, world in zip(EFFECTS, worlds, strict=True):
            for run in range(len(world.helped)):
                case = _Case(scenario, world, run, effect)
                _judge_ours(bench, case, tallies)
                _judge_rivals(bench, case, tallies)
        bench.step(1)
    return tallies


@dataclass(frozen=True)
class _Case:
    """One organisation with the effect planted in it."""

    scenario: Scenario
    world: Organisations
    run: int
    effect: float

    @property
    def helped(self) -> NDArray[np.intp]:
        own: NDArray[np.intp] = self.world.helped[self.run]
        return own

    def key(self, rule: str) -> _Key:
        """Under which the verdict on all helped teams is counted."""
        truth = self.effect * float(self.world.works[self.run].mean())
        return self.effect, rule, ALL_TEAMS, truth

    def keys(self, rule: str) -> Iterator[_Key]:
        """Under which the verdict on each helped team is counted."""
        for team, works in zip(self.helped, self.world.works[self.run], strict=True):
            name = f"one of {self.scenario.sizes[team]}" + (
                "" if works or not self.effect else ", in vain"
            )
            yield self.effect, rule, name, self.effect * bool(works)


def _judge_ours(bench: _Bench, case: _Case, tallies: dict[_Key, _Tally]) -> None:
    series = as_series(case.world.of_run(case.run))
    supports = [support_of(int(team), case.scenario) for team in case.helped]
    trend = bench.flag_rules.trend
    effects = find_effects(series, supports, bench.scale, bench.instrument, trend, bench.rules)
    _add(tallies, case.key(OURS), effects.by_form[FORM])
    for support, key in zip(supports, case.keys(OURS), strict=True):
        _add(tallies, key, effects.by_support[support])


def _add(tallies: dict[_Key, _Tally], key: _Key, effect: Effect) -> None:
    tally, truth = tallies[key], key[-1]
    tally.verdicts.append(effect.verdict)
    if effect.estimate is None or effect.low is None or effect.high is None:
        return
    better = -worse_direction(effect.scale)
    tally.gains.append(better * effect.estimate)
    tally.covered.append(effect.low <= better * truth <= effect.high)


def _judge_rivals(bench: _Bench, case: _Case, tallies: dict[_Key, _Tally]) -> None:
    history = case.world.of_run(case.run)
    better = -worse_direction(bench.scale) * history.values
    for rule, judge in RIVALS.items():
        found = judge(better, case.scenario.rounds_before, case.helped)
        _claim(tallies[case.key(rule)], found.gain, found.claim)
        for key, gain, claim in zip(case.keys(rule), found.gains, found.claims, strict=True):
            _claim(tallies[key], float(gain), bool(claim))


def _claim(tally: _Tally, gain: float, claim: bool) -> None:
    if np.isnan(gain):
        tally.verdicts.append(EffectVerdict.CANNOT_TELL_YET)
        return
    tally.verdicts.append(EffectVerdict.HELPED if claim else EffectVerdict.NO_EVIDENCE)
    tally.gains.append(gain)


def _outcome(scenario: Scenario, key: _Key, tally: _Tally) -> EffectOutcome:
    effect, rule, about, truth = key
    return EffectOutcome(
        scenario=scenario.name,
        picked=scenario.picked.value,
        rounds_before=scenario.rounds_before,
        rounds_after=scenario.rounds - scenario.rounds_before,
        effect=effect,
        truth=truth,
        rule=rule,
        about=about,
        judgements=len(tally.verdicts),
        helped=tally.share(EffectVerdict.HELPED),
        no_evidence=tally.share(EffectVerdict.NO_EVIDENCE),
        cannot_tell_yet=tally.share(EffectVerdict.CANNOT_TELL_YET),
        mean_gain=float(np.mean(tally.gains)) if tally.gains else None,
        covered=float(np.mean(tally.covered)) if tally.covered else None,
    )
