"""The table of published series is the specification; the sentences below pin single facts."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.domain.series_notation import read_series
from wellbeing.domain.errors import Missing
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.flags import find_flags
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.level_model import filter_levels, smooth_levels
from wellbeing.domain.trends import Trend, Verdict, find_reference, find_trend, noise_of

TABLE: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "published_series.toml").read_text(encoding="utf-8")
)["series"]
RULES = load_flag_rules()
INSTRUMENT = load_instrument()


def trend_of(shown: str, n: int | list[int] = 8, scale: Scale = Scale.BO) -> Trend:
    return find_trend(read_series(shown, n), scale, INSTRUMENT, RULES.trend)


@pytest.mark.parametrize("row", TABLE, ids=[row["why"] for row in TABLE])
def test_a_published_series_gets_its_verdict(row: dict[str, Any]) -> None:
    assert trend_of(row["shown"], row["n"], Scale(row["scale"])).verdict == row["verdict"]


@pytest.mark.parametrize("row", TABLE, ids=[row["why"] for row in TABLE])
def test_a_published_series_gets_its_flags(row: dict[str, Any]) -> None:
    series = {Scale(row["scale"]): read_series(row["shown"], row["n"])}
    assert [flag.rule_id for flag in find_flags(series, INSTRUMENT, RULES)] == row["flags"]


def test_the_table_has_thirty_series() -> None:
    assert len(TABLE) == 30


def test_every_verdict_is_in_the_table() -> None:
    assert set(Verdict) == {row["verdict"] for row in TABLE}


def test_every_rule_fires_in_the_table() -> None:
    assert {rule.id for rule in RULES.rows} == {flag for row in TABLE for flag in row["flags"]}


def test_the_same_series_mirrored_gets_the_mirrored_verdict() -> None:
    assert trend_of("23 22 23 23 22 23 27 27").verdict is Verdict.WORSE
    assert trend_of("27 28 27 27 28 27 23 23").verdict is Verdict.BETTER


def test_a_rise_is_worse_for_burnout_and_better_for_satisfaction() -> None:
    assert trend_of("30 30 31 30 37 37", scale=Scale.BO).verdict is Verdict.WORSE
    assert trend_of("30 30 31 30 37 37", scale=Scale.CS).verdict is Verdict.BETTER


def test_one_team_alone_and_among_others_has_the_same_levels_to_the_last_bit() -> None:
    random = np.random.default_rng(7)
    values = random.integers(12, 44, (2, 40)).astype(float)
    values[random.random((2, 40)) < 0.2] = np.nan
    noise, drift = random.uniform(0.5, 9, (2, 40)), random.uniform(0.1, 2, 2)
    levels, variances = filter_levels(values, noise, drift)
    smoothed = smooth_levels(levels, variances, drift)
    for team in ([0], [1]):
        alone = filter_levels(values[team], noise[team], drift[team])
        assert np.array_equal(alone, (levels[team], variances[team]))
        assert np.array_equal(smooth_levels(*alone, drift[team]), np.array(smoothed)[:, team])


def test_the_empty_series_is_too_few() -> None:
    trend = trend_of("")
    assert (trend.verdict, trend.levels, trend.level) == (Verdict.TOO_FEW, (), None)


def test_a_series_of_withheld_rounds_only_is_too_few() -> None:
    trend = trend_of("- - - -")
    assert (trend.verdict, trend.levels) == (Verdict.TOO_FEW, (None,) * 4)


def test_each_shown_round_has_a_level_and_withheld_rounds_have_none() -> None:
    levels = trend_of("22 - 23 22").levels
    assert [level is not None for level in levels] == [True, False, True, True]


def test_each_level_lies_inside_its_interval() -> None:
    for level in trend_of("22 25 - 24 29 | 20 22").levels:
        assert level is None or level.low < level.level < level.high


def test_more_answers_make_a_narrower_interval() -> None:
    def width(n: int) -> float:
        level = trend_of("22 23 22 23", n).levels[-1]
        assert level is not None
        return level.high - level.low

    assert width(5) > width(8) > width(20)


def test_the_smoothed_level_lies_between_the_extremes_shown() -> None:
    for level in trend_of("22 26 21 25 23 24").levels:
        assert level is not None
        assert 21 < level.level < 26


def test_a_break_separates_the_levels_before_from_those_after() -> None:
    after = trend_of("35 35 35 | 22 22 22").levels[3]
    assert after is not None
    assert after.level == pytest.approx(22, abs=0.01)


def test_a_change_tells_the_figures_of_its_sentence() -> None:
    change = trend_of("23 22 23 23 22 23 27 27").change
    assert change is not None
    assert (change.rounds, change.rounds_before) == (2, 6)
    assert change.recent == pytest.approx(27)
    assert change.estimate == pytest.approx(change.recent - change.before)
    assert change.low < change.estimate < change.high


def test_a_change_out_of_an_open_class_is_marked_as_at_least() -> None:
    assert trend_of("13- 13- 14 13- 13- 20 20", 7, Scale.STS).change.at_least  # type: ignore[union-attr]
    assert not trend_of("14 14 14 14 14 20 20", 7, Scale.STS).change.at_least  # type: ignore[union-attr]


def test_the_pooled_level_lies_between_the_series_and_the_reference_mean() -> None:
    level = trend_of("30 30 30 30").level
    assert level is not None
    assert level.reference_mean < level.level < 30


def test_a_small_team_is_drawn_further_towards_the_reference_mean() -> None:
    small, large = trend_of("30 30 30 30", 5).level, trend_of("30 30 30 30", 25).level
    assert small is not None
    assert large is not None
    assert small.level < large.level


def test_a_small_team_s_level_may_lie_further_from_the_mean_by_its_own_people() -> None:
    noise = noise_of(Scale.BO, find_reference(INSTRUMENT, RULES.trend), RULES.trend)
    of_five, of_twenty = noise.of_level(np.array([5.0, 20.0]))
    assert of_five > of_twenty > noise.team


def test_a_swing_of_the_whole_team_is_not_averaged_out() -> None:
    noise = noise_of(Scale.BO, find_reference(INSTRUMENT, RULES.trend), RULES.trend)
    assert noise.of_mean(np.array([1e9]))[0] == pytest.approx(noise.swing + 1 / 12)


def test_a_verdict_of_worse_never_has_an_interval_that_holds_no_change() -> None:
    assert RULES.trend.probably >= RULES.trend.interval_z


def test_a_round_shown_after_the_judged_one_does_not_exist_for_the_judgement() -> None:
    series = read_series("23 22 23 23 22 23 27 27 23 23", 8)
    judged_then = find_trend(series[:8], Scale.BO, INSTRUMENT, RULES.trend)
    assert judged_then.verdict is Verdict.WORSE


def test_an_unknown_reference_sample_is_refused_by_name() -> None:
    rules = replace(RULES.trend, reference="nowhere")
    with pytest.raises(Missing, match="nowhere"):
        find_trend(read_series("22 23", 8), Scale.BO, INSTRUMENT, rules)
