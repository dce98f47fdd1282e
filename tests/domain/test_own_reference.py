"""An organisation's own reference: from shown values only, and not before 200 answers."""

from dataclasses import replace
from datetime import date

import pytest

from tests.domain.series_notation import read_series
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.flags import find_flags
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.own_reference import MIN_ANSWERS, find_own_reference
from wellbeing.domain.publication_record import GroupRecord, RollupRecord, RoundRecord, ShownValue
from wellbeing.domain.trends import find_reference, find_trend

INSTRUMENT = load_instrument()
RULES = load_flag_rules()
SHIPPED = find_reference(INSTRUMENT, RULES.trend)


def values(burnout: str) -> dict[Scale, ShownValue]:
    point = int(burnout.split()[0])
    shown = ShownValue(burnout, point - 0.5, point + 0.49)
    return {Scale.CS: ShownValue("36", 35.5, 36.49), Scale.BO: shown, Scale.STS: shown}


def group(n: int, burnout: str, label: str = "a") -> GroupRecord:
    return GroupRecord(label, label, (label,), n, values(burnout))


def a_round(*groups: GroupRecord, quarter: int = 1, wording: str = "w") -> RoundRecord:
    closed_on = date(2026, 3 * quarter, 20)
    return RoundRecord(str(quarter), closed_on, "proqol5", wording, groups, (), ())


def test_nothing_published_is_no_reference() -> None:
    assert find_own_reference([]) is None


def test_a_reference_begins_at_200_answers_in_all() -> None:
    first = a_round(group(100, "26"))
    assert find_own_reference([first, a_round(group(99, "26"), quarter=2)]) is None
    reference = find_own_reference([first, a_round(group(100, "26"), quarter=2)])
    assert reference is not None
    assert reference.n == MIN_ANSWERS == 200


def test_its_means_are_shown_points_weighted_by_answers() -> None:
    reference = find_own_reference([a_round(group(150, "24"), group(50, "28", "b"))])
    assert reference is not None
    assert reference.mean[Scale.BO] == 25
    assert reference.mean[Scale.CS] == 36


def test_a_class_counts_as_its_x() -> None:
    reference = find_own_reference([a_round(group(200, "14 or less"))])
    assert reference is not None
    assert reference.mean[Scale.STS] == 14


def test_roll_ups_do_not_count_people_twice() -> None:
    shown = a_round(group(120, "24"))
    with_rollup = replace(shown, rollups=(RollupRecord("Top", ("a",), values("24")),))
    assert find_own_reference([with_rollup]) is None


def test_its_spread_is_the_shipped_one_and_it_says_so() -> None:
    reference = find_own_reference([a_round(group(200, "26"))])
    assert reference is not None
    assert reference.sd == SHIPPED.sd
    assert SHIPPED.label in reference.label
    assert SHIPPED.source in reference.source


def test_rounds_in_another_wording_are_left_out() -> None:
    before = a_round(group(200, "20"), quarter=1, wording="old")
    after = a_round(group(100, "26"), quarter=2, wording="new")
    assert find_own_reference([before, after]) is None
    more = a_round(group(100, "26"), quarter=3, wording="new")
    reference = find_own_reference([before, after, more])
    assert reference is not None
    assert reference.mean[Scale.BO] == 26


def test_a_team_above_the_published_sample_but_like_its_organisation_gets_no_flag() -> None:
    own = find_own_reference([a_round(group(300, "28"))])
    series = {Scale.BO: read_series("29 29 28 29 29", 8)}
    assert [flag.rule_id for flag in find_flags(series, INSTRUMENT, RULES)] == ["bo-high"]
    assert find_flags(series, INSTRUMENT, RULES, own) == ()


def test_a_trend_says_which_sample_its_level_was_compared_with() -> None:
    own = find_own_reference([a_round(group(300, "28"))])
    series = read_series("29 29 28 29 29", 8)
    level = find_trend(series, Scale.BO, INSTRUMENT, RULES.trend, own).level
    assert level is not None
    assert level.reference is own
    assert level.reference_mean == pytest.approx(28)


def test_a_chosen_sample_moves_no_verdict_on_change_and_no_line() -> None:
    teachers = next(ref for ref in INSTRUMENT.references if ref.id == "us-teachers")
    series = read_series("22 23 22 23 26 26", 8)
    named = find_trend(series, Scale.BO, INSTRUMENT, RULES.trend)
    chosen = find_trend(series, Scale.BO, INSTRUMENT, RULES.trend, teachers)
    assert (chosen.verdict, chosen.changes, chosen.levels) == (
        named.verdict,
        named.changes,
        named.levels,
    )
    assert chosen.level is not None
    assert chosen.level.reference_mean == teachers.mean[Scale.BO]
