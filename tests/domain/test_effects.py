"""The table of cases is the specification; the sentences below pin single facts."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.domain.support_cases import (
    CALM,
    CALM_SERIES,
    DEBRIEFING,
    FELL,
    INSTRUMENT,
    RULES,
    SUPERVISION,
    TREND,
    held_after,
    judge,
    judge_one,
    organisation,
)
from wellbeing.domain.effects import (
    Effect,
    EffectVerdict,
    Unjudged,
    find_effect,
    find_pooled_effect,
)
from wellbeing.domain.errors import Missing
from wellbeing.domain.instrument import Scale

TABLE: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "support_effects.toml").read_text(encoding="utf-8")
)["case"]
CASE_NAMES = [case["why_case"] for case in TABLE]


def judge_case(case: dict[str, Any]) -> tuple[Effect, Effect]:
    """The effect in the first helped unit, and in all."""
    others = CALM if case["others"] == "calm" else case["others"]
    series = organisation(case["helped"], others, case["n"])
    supports = [held_after(f"h{at}", case["held_after"]) for at in range(len(case["helped"]))]
    found = judge(series, supports, Scale(case["scale"]))
    return found.by_support[supports[0]], found.by_form[SUPERVISION]


@pytest.mark.parametrize("case", TABLE, ids=CASE_NAMES)
def test_a_helped_unit_gets_its_verdict(case: dict[str, Any]) -> None:
    unit, _ = judge_case(case)
    assert (unit.verdict, unit.why) == (case["unit"], case.get("why"))


@pytest.mark.parametrize("case", TABLE, ids=CASE_NAMES)
def test_all_helped_units_together_get_their_verdict(case: dict[str, Any]) -> None:
    _, pooled = judge_case(case)
    assert pooled.verdict == case["pooled"]


def test_every_verdict_is_in_the_table_for_units_and_for_all() -> None:
    assert set(EffectVerdict) == {case["unit"] for case in TABLE}
    assert set(EffectVerdict) == {case["pooled"] for case in TABLE}


def test_every_reason_that_a_unit_alone_can_have_is_in_the_table() -> None:
    elsewhere = {Unjudged.MIXED, Unjudged.TOO_FEW_UNITS}
    assert {case["why"] for case in TABLE if "why" in case} == set(Unjudged) - elsewhere


def test_a_reason_stands_exactly_where_it_cannot_be_told() -> None:
    for effect in (effect for case in TABLE for effect in judge_case(case)):
        assert (effect.why is not None) == (effect.verdict is EffectVerdict.CANNOT_TELL_YET)


def test_the_estimate_is_points_beyond_what_was_expected_and_falls_are_below_nought() -> None:
    effect = judge_one(FELL)
    assert effect.estimate is not None
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < effect.estimate < effect.high < 0
    assert effect.estimate == pytest.approx(-4, abs=0.7)


def test_a_page_shows_half_points_only() -> None:
    for effect in (effect for case in TABLE for effect in judge_case(case)):
        if effect.shown is not None:
            for figure in (effect.shown.estimate, effect.shown.low, effect.shown.high):
                assert figure * 2 == int(figure * 2)


@pytest.mark.parametrize(
    ("points", "shown"),
    [(-0.24, "0.0"), (-0.25, "-0.5"), (0.25, "0.5"), (1.74, "1.5"), (-2.8, "-3.0"), (0.0, "0.0")],
)
def test_figures_are_rounded_to_the_nearest_half_point(points: float, shown: str) -> None:
    effect = replace(judge_one(FELL), estimate=points)
    assert effect.shown is not None
    assert str(effect.shown.estimate) == shown


def test_the_verdict_can_be_checked_on_the_figures_shown() -> None:
    for effect in (effect for case in TABLE for effect in judge_case(case)):
        if effect.why is None and effect.shown is not None:
            better = 1 if effect.scale is Scale.CS else -1
            sides = (better * effect.shown.low, better * effect.shown.high)
            helped = min(sides) > 0 and better * effect.shown.estimate >= RULES.least_effect
            assert (effect.verdict is EffectVerdict.HELPED) == helped


def test_what_was_not_judged_has_no_figures() -> None:
    effect = judge_one("27 26 27 26 - - - 22")
    assert (effect.estimate, effect.low, effect.high, effect.shown) == (None,) * 4


def test_what_is_too_unsure_shows_how_unsure() -> None:
    effect = judge_one("26 25 24 23", after=2, n=5)
    assert effect.why is Unjudged.TOO_UNSURE
    assert effect.shown is not None


def test_a_unit_picked_at_its_highest_is_expected_to_come_down() -> None:
    """Its last figure is four above its mean, so before and after would say four points gained."""
    effect = judge_one("23 23 23 27 23 23 23 23", n=8)
    assert effect.estimate is not None
    assert effect.estimate > -1.5


def test_few_high_rounds_are_drawn_towards_the_other_units_more_than_many() -> None:
    few = judge_one("27 27 24 24 24 24 24 24", after=2, n=6)
    many = judge_one("27 27 27 27 27 27 24 24", after=6, n=6)
    assert few.estimate is not None
    assert many.estimate is not None
    assert few.estimate > many.estimate


def test_more_answers_make_a_narrower_interval() -> None:
    widths = []
    for n in (6, 10, 20):
        effect = judge_one(FELL, n=n)
        assert effect.low is not None
        assert effect.high is not None
        widths.append(effect.high - effect.low)
    assert widths == sorted(widths, reverse=True)


def test_restless_figures_make_a_wider_interval_than_calm_ones() -> None:
    restless = [
        "18 27 20 28 19 27 20 28", "28 19 27 18 28 20 27 19", "20 28 18 26 20 28 18 27",
        "27 18 28 20 26 18 28 20",
    ]  # fmt: skip
    calm, unsure = judge_one(FELL), judge_one(FELL, others=restless)
    assert calm.low is not None
    assert calm.high is not None
    assert unsure.low is not None
    assert unsure.high is not None
    assert unsure.high - unsure.low > 2 * (calm.high - calm.low)


def test_a_units_effect_is_drawn_towards_that_of_the_others_with_the_same_support() -> None:
    alone = judge_one(CALM_SERIES)
    series = organisation([CALM_SERIES, FELL, FELL, FELL, FELL])
    supports = [held_after(f"h{at}", 4) for at in range(5)]
    together = judge(series, supports).by_support[supports[0]]
    assert alone.estimate is not None
    assert together.estimate is not None
    assert -2 < together.estimate < alone.estimate < 0.6


def test_a_unit_without_any_gain_is_not_carried_to_helped_by_the_others() -> None:
    series = organisation([CALM_SERIES, FELL, FELL, FELL, FELL])
    supports = [held_after(f"h{at}", 4) for at in range(5)]
    assert judge(series, supports).by_support[supports[0]].verdict is EffectVerdict.NO_EVIDENCE


def test_each_form_of_support_is_judged_for_itself() -> None:
    series = organisation([FELL] * 3 + [CALM_SERIES] * 3)
    supports = [held_after(f"h{at}", 4, SUPERVISION if at < 3 else DEBRIEFING) for at in range(6)]
    by_form = judge(series, supports).by_form
    assert by_form[SUPERVISION].verdict is EffectVerdict.HELPED
    assert by_form[DEBRIEFING].verdict is EffectVerdict.NO_EVIDENCE


def test_a_class_that_took_part_is_told() -> None:
    assert judge_one("38+ 38+ 38+ 38+ 31 31 32 31", n=5).at_least
    assert not judge_one(FELL).at_least


def test_all_forms_together_are_one_pooled_effect() -> None:
    series = organisation([FELL] * 4)
    supports = [held_after(f"h{at}", 4, SUPERVISION if at < 2 else DEBRIEFING) for at in range(4)]
    given = (series, supports, Scale.BO, INSTRUMENT, TREND, RULES)
    one_form, any_form = (find_pooled_effect(form, *given) for form in (SUPERVISION, None))
    assert (one_form.why, one_form.units) == (Unjudged.TOO_FEW_UNITS, 2)
    assert (any_form.verdict, any_form.units) == (EffectVerdict.HELPED, 4)
    assert any_form.form is None


def test_one_effect_is_the_same_alone_and_among_all() -> None:
    series = organisation([FELL] * 3)
    supports = [held_after(f"h{at}", 4) for at in range(3)]
    given = (series, supports, Scale.BO, INSTRUMENT, TREND, RULES)
    found = judge(series, supports)
    assert find_effect(supports[1], *given) == found.by_support[supports[1]]
    assert find_pooled_effect(SUPERVISION, *given) == found.by_form[SUPERVISION]


def test_asking_for_support_that_nobody_had_is_missing() -> None:
    given = (organisation([FELL]), [held_after("h0", 4)], Scale.BO, INSTRUMENT, TREND, RULES)
    with pytest.raises(Missing):
        find_effect(held_after("c0", 4), *given)
    with pytest.raises(Missing):
        find_pooled_effect(DEBRIEFING, *given)


def test_no_support_at_all_gives_no_effects() -> None:
    found = judge(organisation([]), [])
    assert (dict(found.by_support), dict(found.by_form)) == ({}, {})
