"""The simulation: real publication rules, the same judgement as the service, and the goals met."""

import numpy as np
import pytest

from tests.domain.series_notation import read_series
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.flag_simulation import (
    SIMULATIONS,
    DataModel,
    Outcome,
    find_raised,
    invent_teams,
    simulate_flags,
)
from wellbeing.domain.flags import find_flags
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.level_model import CLASS_SIDE
from wellbeing.domain.simulated_rules import History, find_alarms, rules_on_trial
from wellbeing.domain.trends import Point, PointKind, find_reference

RULES = load_flag_rules()
INSTRUMENT = load_instrument()
REFERENCE = find_reference(INSTRUMENT, RULES.trend)
KIND_OF_SIDE: dict[int, PointKind] = {
    CLASS_SIDE["exact"]: "exact",
    CLASS_SIDE["or_more"]: "or_more",
    CLASS_SIDE["or_less"]: "or_less",
}
ON_TRIAL = {rule.name: rule for rule in rules_on_trial(INSTRUMENT, RULES)}
OURS = "this service"


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return list(simulate_flags(INSTRUMENT, RULES, runs=1500, seed=1))


def ours(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.rule == OURS]


def history_of(*rows: str) -> History:
    series = [read_series(row, 8) for row in rows]
    points = np.array([[np.nan if p is None else p.point for p in row] for row in series])
    counts = np.where(np.isnan(points), np.nan, 8.0)
    return History(points, counts, np.zeros(points.shape, dtype=np.int_))


def rounds_alarmed(rule: str, shown: str, scale: Scale = Scale.BO) -> list[int]:
    return np.flatnonzero(ON_TRIAL[rule].alarms(history_of(shown), scale)[0].any(axis=-1)).tolist()


def series_of(history: History, team: int, rounds: int) -> list[Point | None]:
    shape = read_series("20 " * rounds, 8)
    return [
        None
        if np.isnan(history.values[team, t]) or point is None
        else Point(
            round_index=t,
            closed_on=point.closed_on,
            n=int(history.answers[team, t]),
            point=int(history.values[team, t]),
            kind=KIND_OF_SIDE[int(history.sides[team, t])],
        )
        for t, point in enumerate(shape)
    ]


@pytest.mark.parametrize("size", [5, 8])
@pytest.mark.parametrize("shifted", list(Scale))
def test_the_simulated_rule_judges_as_the_service_does(size: int, shifted: Scale) -> None:
    invented = invent_teams(REFERENCE, DataModel(), size, 25, 3, (shifted, 6))
    for scale, history in invented.histories.items():
        alarms = find_alarms(history, scale, REFERENCE, RULES)
        ids = [rule.id for rule in RULES.rows if rule.scale is scale]
        for team, t in np.ndindex(*history.values.shape):
            series = {scale: series_of(history, team, t + 1)}
            flags = [flag.rule_id for flag in find_flags(series, INSTRUMENT, RULES)]
            assert flags == [ids[k] for k in np.flatnonzero(alarms[team, t])]


def test_a_calm_team_has_at_most_one_false_flag_in_five_years(outcomes: list[Outcome]) -> None:
    assert all(outcome.false_flags_per_team_year * 5 <= 1 for outcome in ours(outcomes))


def test_a_rise_of_four_in_a_team_of_eight_is_mostly_detected_within_two_rounds(
    outcomes: list[Outcome],
) -> None:
    (outcome,) = [o for o in ours(outcomes) if (o.team_size, o.shift) == (8, 4)]
    assert outcome.detected_within[2] > 0.76


def test_the_published_high_band_detects_nothing(outcomes: list[Outcome]) -> None:
    bands = [outcome for outcome in outcomes if outcome.rule.startswith("band high")]
    assert bands
    assert all(set(outcome.detected_within.values()) == {0.0} for outcome in bands)


def test_there_is_one_outcome_per_rule_size_and_shift(outcomes: list[Outcome]) -> None:
    keys = {(outcome.rule, outcome.team_size, outcome.shift) for outcome in outcomes}
    assert len(keys) == len(outcomes) == 6 * 4 * 3


def test_detection_grows_with_patience_and_with_the_shift(outcomes: list[Outcome]) -> None:
    for outcome in ours(outcomes):
        shares = outcome.detected_within
        assert shares[1] <= shares[2] <= shares[4]
    for size in (8, 12, 20):
        within_two = [o.detected_within[2] for o in ours(outcomes) if o.team_size == size]
        assert within_two == sorted(within_two)


def test_the_same_seed_gives_the_same_outcomes_and_another_seed_others() -> None:
    first, again, other = (
        list(simulate_flags(INSTRUMENT, RULES, runs=40, seed=seed)) for seed in (5, 5, 6)
    )
    assert first == again
    assert first != other


def test_progress_is_told_once_per_simulation() -> None:
    told: list[int] = []
    list(simulate_flags(INSTRUMENT, RULES, runs=5, seed=1, progress=told.append))
    assert sum(told) == SIMULATIONS


def test_shift_and_calm_share_the_same_teams_until_the_shift() -> None:
    model = DataModel()
    calm = invent_teams(REFERENCE, model, 8, 50, 1)
    moved = invent_teams(REFERENCE, model, 8, 50, 1, (Scale.BO, 4))
    before = slice(0, model.rounds_before)
    for scale in Scale:
        np.testing.assert_array_equal(
            calm.histories[scale].values[:, before], moved.histories[scale].values[:, before]
        )


def test_a_shift_moves_only_its_scale_and_for_the_worse() -> None:
    model = DataModel()
    calm = invent_teams(REFERENCE, model, 20, 50, 1)
    moved = invent_teams(REFERENCE, model, 20, 50, 1, (Scale.CS, 4))
    rounds = moved.true_levels.shape[1]
    difference = moved.true_levels - calm.true_levels[:, :rounds]
    assert difference[:, -1, 0] == pytest.approx(np.full(50, -4.0))
    assert difference[..., 1:] == pytest.approx(0)


def test_invented_teams_are_published_as_real_ones_are() -> None:
    history = invent_teams(REFERENCE, DataModel(), 5, 200, 1).histories[Scale.STS]
    shown = ~np.isnan(history.values)
    assert (history.answers[shown] == 5).all()
    assert (history.values[shown] == np.rint(history.values[shown])).all()
    assert history.values[shown].min() == 14
    assert (history.sides[shown & (history.values == 14)] == CLASS_SIDE["or_less"]).all()
    assert 0.2 < shown.mean() < 0.6


def test_the_spread_of_invented_answers_follows_the_stated_model() -> None:
    invented = invent_teams(REFERENCE, DataModel(response=(1.0, 1.0)), 20, 400, 1)
    values = invented.histories[Scale.BO].values
    steps = np.diff(values[:, :8], axis=1)
    person = REFERENCE.sd[Scale.BO] ** 2
    passing = 2 * 0.3 * person / 20
    turnover = 2 * 0.03 * 0.58 * person / 20
    assert steps.var() == pytest.approx(passing + turnover + 2 / 12, rel=0.15)


def test_a_flag_is_raised_once_while_its_alarm_stands_also_over_a_withheld_round() -> None:
    alarms = np.array([[0, 1, 1, 0, 1, 0, 1]], dtype=np.bool_)[..., None]
    shown = np.array([[1, 1, 1, 0, 1, 1, 1]], dtype=np.bool_)
    assert np.flatnonzero(find_raised(alarms, shown)[0, :, 0]).tolist() == [1, 6]


def test_the_band_rule_waits_for_42() -> None:
    assert rounds_alarmed("band high (42 or more)", "41 42 43") == [1, 2]
    assert rounds_alarmed("band high (42 or more)", "23 22 21", Scale.CS) == [1, 2]


def test_the_quartile_rule_cuts_at_the_quartile_of_the_reference() -> None:
    assert rounds_alarmed("upper quartile", "26 27 26") == [1]
    assert rounds_alarmed("upper quartile", "34 33 34", Scale.CS) == [1]


def test_the_change_rule_compares_with_the_last_shown_round() -> None:
    assert rounds_alarmed("change over 3", "20 23 - 27 24") == [3]


def test_the_xmr_rule_sees_a_point_outside_and_seven_above_the_mean() -> None:
    assert rounds_alarmed("XmR chart", "22 23 22 23 22 23 22 30") == [7]
    assert rounds_alarmed("XmR chart", "20 24 20 24 20 24 20 24 20 24 20 24 " + "23 " * 7)[-1] == 18


def test_the_xmr_rule_sees_seven_rising_points() -> None:
    assert 6 in rounds_alarmed("XmR chart", "20 21 22 23 24 25 26")


def test_the_ewma_rule_sees_a_lasting_rise_after_its_baseline() -> None:
    assert rounds_alarmed("EWMA", "22 23 22 23 22 23 22 23 22 27 27 27") == [9, 10, 11]


def test_rules_on_shown_rounds_skip_withheld_ones() -> None:
    with_gap = rounds_alarmed("XmR chart", "22 23 22 - 23 22 23 22 30")
    assert with_gap == [8]
