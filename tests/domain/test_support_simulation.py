"""Planted effects: the goals are met, and what rivals claim where nothing helped is counted."""

import numpy as np
import pytest

from wellbeing.domain.effect_rivals import (
    RIVALS,
    compare_differences,
    compare_means,
    compare_means_surely,
    compare_nearest,
)
from wellbeing.domain.effect_rules import load_effect_rules
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.invented_support import (
    HELPED_TEAMS,
    Organisations,
    Picked,
    Scenario,
    as_series,
    invent_organisations,
    support_of,
)
from wellbeing.domain.simulated_rules import OURS
from wellbeing.domain.support_simulation import (
    ALL_TEAMS,
    BATCH,
    EFFECTS,
    EIGHTS,
    MIXED,
    SCENARIOS,
    SENSITIVITY_SCENARIOS,
    TEAMS,
    EffectOutcome,
    count_batches,
    simulate_support,
)
from wellbeing.domain.trends import find_reference

RULES = load_flag_rules()
INSTRUMENT = load_instrument()
REFERENCE = find_reference(INSTRUMENT, RULES.trend)
NAN = float("nan")
JUDGED = [
    scenario
    for scenario in SCENARIOS
    if scenario.name in {"teams of 8", "picked by flag", "everyone better by 3"}
]
RUNS = 50


@pytest.fixture(scope="module")
def outcomes() -> list[EffectOutcome]:
    given = (INSTRUMENT, RULES, load_effect_rules(), RUNS, 3)
    return list(simulate_support(*given, scenarios=JUDGED))


def of(outcomes: list[EffectOutcome], rule: str, effect: float, about: str) -> list[EffectOutcome]:
    return [o for o in outcomes if (o.rule, o.effect, o.about) == (rule, effect, about)]


def invent(scenario: Scenario, runs: int = 3, scale: Scale = Scale.BO) -> list[Organisations]:
    return list(invent_organisations(scenario, scale, EFFECTS, runs, 5, REFERENCE, RULES))


def test_three_points_in_ten_of_forty_teams_are_called_helped_four_times_in_five(
    outcomes: list[EffectOutcome],
) -> None:
    found = of(outcomes, OURS, 3.0, ALL_TEAMS)
    assert len(found) == len(JUDGED)
    assert all(outcome.helped >= 0.8 for outcome in found)


def test_no_effect_is_called_helped_once_in_twenty_at_most(outcomes: list[EffectOutcome]) -> None:
    found = of(outcomes, OURS, 0.0, ALL_TEAMS)
    assert len(found) == len(JUDGED)
    assert all(outcome.helped <= 0.05 for outcome in found)


def test_one_team_without_effect_is_called_helped_once_in_twenty_at_most(
    outcomes: list[EffectOutcome],
) -> None:
    single = [o for o in outcomes if o.rule == OURS and o.truth == 0 and o.about != ALL_TEAMS]
    assert single
    assert all(outcome.helped <= 0.05 for outcome in single)


def test_one_team_of_eight_with_three_points_is_most_often_called_helped(
    outcomes: list[EffectOutcome],
) -> None:
    assert all(o.helped >= 0.7 for o in of(outcomes, OURS, 3.0, "one of 8"))


def test_the_estimate_is_near_the_truth_and_its_interval_holds_it(
    outcomes: list[EffectOutcome],
) -> None:
    for outcome in (o for o in outcomes if o.rule == OURS and o.about == ALL_TEAMS):
        assert outcome.mean_gain == pytest.approx(outcome.truth, abs=0.4)
        assert outcome.covered is not None
        assert outcome.covered >= 0.9


def test_rivals_call_teams_helped_that_were_picked_because_they_were_high(
    outcomes: list[EffectOutcome],
) -> None:
    picked = {o.rule: o.helped for o in outcomes if is_null(o, "picked by flag")}
    assert picked["last and first"] >= 0.6
    assert picked["before and after"] >= 0.5
    assert picked[OURS] < min(share for rule, share in picked.items() if rule != OURS)


def test_rivals_without_comparison_call_everybodys_gain_help(
    outcomes: list[EffectOutcome],
) -> None:
    everyone = {o.rule: o.helped for o in outcomes if is_null(o, "everyone better by 3")}
    assert everyone["before and after"] >= 0.9
    assert everyone["before and after, sure"] >= 0.9
    assert everyone[OURS] <= 0.05


def is_null(outcome: EffectOutcome, scenario: str) -> bool:
    return (outcome.scenario, outcome.effect, outcome.about) == (scenario, 0.0, ALL_TEAMS)


def test_the_three_shares_are_all_there_is(outcomes: list[EffectOutcome]) -> None:
    for outcome in outcomes:
        shares = outcome.helped + outcome.no_evidence + outcome.cannot_tell_yet
        assert shares == pytest.approx(1)


def test_every_rule_judges_the_same_teams(outcomes: list[EffectOutcome]) -> None:
    counts: dict[tuple[str, float, str], set[int]] = {}
    for o in outcomes:
        counts.setdefault((o.scenario, o.effect, o.about), set()).add(o.judgements)
    assert all(len(judged) == 1 for judged in counts.values())
    assert {o.rule for o in outcomes} == {OURS, *RIVALS}
    assert all(o.judgements == RUNS for o in outcomes if o.about == ALL_TEAMS)


def test_progress_is_told_after_each_batch() -> None:
    steps: list[int] = []
    given = (INSTRUMENT, RULES, load_effect_rules(), BATCH + 1, 1)
    list(simulate_support(*given, scenarios=JUDGED[:1], progress=steps.append))
    assert len(steps) == count_batches(BATCH + 1, JUDGED[:1]) == 2


def test_there_are_forty_teams_in_each_scenario_and_each_has_its_name() -> None:
    scenarios = (*SCENARIOS, *SENSITIVITY_SCENARIOS)
    assert {len(scenario.sizes) for scenario in scenarios} == {TEAMS}
    assert {scenario.rounds for scenario in scenarios} == {8}
    assert len({scenario.name for scenario in scenarios}) == len(scenarios)


def test_the_same_people_answer_whatever_is_planted() -> None:
    scenario = Scenario("mixed", MIXED, Picked.FLAGGED)
    calm, _, helped = invent(scenario)
    assert (calm.helped == helped.helped).all()
    before = slice(0, scenario.rounds_before)
    for one, other in zip(vars(calm.history).values(), vars(helped.history).values(), strict=True):
        np.testing.assert_array_equal(one[:, before], other[:, before])
    np.testing.assert_array_equal(calm.history.answers, helped.history.answers)


@pytest.mark.parametrize(("scale", "sign"), [(Scale.BO, -1), (Scale.CS, 1)])
def test_the_effect_is_planted_for_the_better_after_support_in_helped_teams_only(
    scale: Scale, sign: int
) -> None:
    scenario = Scenario("of 8", EIGHTS)
    calm, _, helped = invent(scenario, scale=scale)
    moved = (helped.history.values - calm.history.values).reshape(3, TEAMS, 8)
    for run in range(3):
        others = np.delete(moved[run], helped.helped[run], axis=0)
        assert np.nanmax(np.abs(others)) == 0
        own = moved[run, helped.helped[run]][:, scenario.rounds_before :]
        assert np.nanmean(own) == pytest.approx(3 * sign, abs=0.3)


def test_flagged_teams_were_high_before_support_and_random_ones_were_not() -> None:
    for picked, least, most in ((Picked.FLAGGED, 2, 9), (Picked.AT_RANDOM, -1.5, 1.5)):
        world = invent(Scenario("of 8", EIGHTS, picked), runs=20)[0]
        last = world.history.values[:, 3].reshape(20, TEAMS)
        above = [
            np.nanmean(last[run, world.helped[run]]) - np.nanmean(last[run]) for run in range(20)
        ]
        assert least < np.mean(above) < most


def test_support_works_in_the_share_of_teams_asked_for() -> None:
    world = invent(Scenario("half", EIGHTS, works_in=0.5))[0]
    assert (world.works.sum(axis=1) == HELPED_TEAMS / 2).all()


def test_a_hard_time_strains_helped_teams_in_two_rounds_and_passes() -> None:
    plain, hard = (invent(Scenario("h", EIGHTS, hard_time=by))[0] for by in (0, 3))
    moved = (hard.history.values - plain.history.values).reshape(3, TEAMS, 8)[0, hard.helped[0]]
    means = np.nanmean(moved, axis=0)
    assert means[[0, 1, 4, 5, 6, 7]] == pytest.approx(0)
    assert means[[2, 3]] == pytest.approx(3, abs=0.5)


def test_everyone_moves_together() -> None:
    plain, moved = (invent(Scenario("e", EIGHTS, everyone=by))[0] for by in (0, 3))
    change = moved.history.values - plain.history.values
    assert np.nanmean(change[:, :4]) == 0
    assert np.nanmean(change[:, 4:]) == pytest.approx(-3, abs=0.2)


def test_series_have_what_was_published_and_nothing_else() -> None:
    world = invent(Scenario("mixed", MIXED))[0]
    history = world.of_run(1)
    for team, points in as_series(history).items():
        shown = [None if p is None else (float(p.point), float(p.n)) for p in points]
        expected = [
            None if np.isnan(value) else (value, n)
            for value, n in zip(history.values[team], history.answers[team], strict=True)
        ]
        assert shown == expected


def test_support_lies_between_the_rounds_before_and_after() -> None:
    scenario = Scenario("mixed", MIXED, rounds_before=6)
    points = as_series(invent(scenario)[0].of_run(0))[3]
    days = [point.closed_on for point in points if point is not None]
    began_on = support_of(3, scenario).began_on
    assert sum(day <= began_on for day in days) == 6


BETTER = np.array(
    [
        [1.0, 3.0, 4.0, 4.0],
        [NAN, 2.0, 5.0, 3.0],
        [2.0, 2.0, 3.0, 3.0],
        [5.0, 5.0, 5.0, 7.0],
        [4.0, 4.0, 4.0, 4.0],
    ]
)
HELPED = np.array([0, 1])


def test_before_and_after_compares_means_of_shown_rounds() -> None:
    found = compare_means(BETTER, 2, HELPED)
    assert found.gains.tolist() == [2, 2]
    assert (found.gain, found.claim) == (2, True)


def test_last_and_first_looks_at_two_rounds() -> None:
    assert compare_nearest(BETTER, 2, HELPED).gains.tolist() == [1, 3]


def test_a_loss_is_no_claim_and_a_team_never_shown_before_is_unknown() -> None:
    worse = np.array([[4.0, 4.0, 1.0, 1.0], [NAN, NAN, 3.0, 3.0]])
    for rule in RIVALS.values():
        found = rule(worse, 2, HELPED)
        assert found.claims.tolist() == [False, False]
        assert np.isnan(found.gains[1])


def test_sure_before_and_after_wants_a_gain_beyond_its_noise() -> None:
    steady = np.array([[1.0, 1.0, 3.0, 3.1], [1.1, 1.0, 3.0, 3.0]])
    noisy = np.array([[0.0, 2.0, 4.0, 0.0], [3.0, 1.0, 0.0, 4.0]])
    assert compare_means_surely(steady, 2, HELPED).claims.tolist() == [True, True]
    assert compare_means_surely(noisy, 2, HELPED).claims.tolist() == [False, False]
    assert not compare_means_surely(noisy, 2, HELPED).claim


def test_difference_in_differences_takes_off_what_the_others_gained() -> None:
    found = compare_differences(BETTER, 2, HELPED)
    assert found.gains == pytest.approx([2 - 2 / 3] * 2)
