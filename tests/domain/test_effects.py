"""The table of cases is the specification; the sentences below pin single facts."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.domain.effect_tables import make_settings_table
from tests.domain.series_notation import read_series
from wellbeing.domain.effect_rules import EffectRules, load_effect_rules
from wellbeing.domain.effects import (
    Effect,
    Effects,
    EffectVerdict,
    Support,
    Unjudged,
    find_effect,
    find_effects,
    find_pooled_effect,
)
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.trends import Series

TABLE: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "support_effects.toml").read_text(encoding="utf-8")
)["case"]
RULES = load_effect_rules()
TREND = load_flag_rules().trend
INSTRUMENT = load_instrument()
CALM = (
    "23 22 23 24 22 23 23 22",
    "24 23 25 24 23 25 24 24",
    "22 23 21 22 23 22 22 23",
    "20 21 20 21 21 20 21 20",
    "25 24 25 26 25 25 24 25",
    "23 24 22 23 23 24 23 23",
)
FELL = "27 26 27 26 23 22 23 22"
CALM_SERIES = CALM[0]
SUPERVISION, DEBRIEFING = "supervision", "debriefing"
CASE_NAMES = [case["why_case"] for case in TABLE]


def closing(round_number: int) -> date:
    """When a round of `read_series` closes; 1 is the first."""
    at = round_number - 1
    return date(2024 + at // 4, 2 + 3 * (at % 4), 20)


def held_after(
    unit: str, round_number: int, form: str = SUPERVISION, days: int = 1
) -> Support[str]:
    return Support(unit, form, (closing(round_number) + timedelta(days),))


def organisation(
    helped: Sequence[str], others: Sequence[str] = CALM, n: int | list[int] = 10
) -> dict[str, Series]:
    """Units h0, h1 … and c0, c1 …, cut to the rounds of the shortest."""
    rounds = min(len(read_series(shown, 10)) for shown in (*helped, *others))
    named = {f"h{at}": shown for at, shown in enumerate(helped)}
    named |= {f"c{at}": shown for at, shown in enumerate(others)}
    return {
        unit: read_series(shown, n if unit[0] == "h" else 10)[:rounds]
        for unit, shown in named.items()
    }


def judge(
    series: dict[str, Series],
    supports: Sequence[Support[str]],
    scale: Scale = Scale.BO,
    rules: EffectRules = RULES,
) -> Effects[str]:
    return find_effects(series, supports, scale, INSTRUMENT, TREND, rules)


def judge_one(
    shown: str, after: int = 4, n: int = 10, others: Sequence[str] = CALM, days: int = 1
) -> Effect:
    support = held_after("h0", after, days=days)
    return judge(organisation([shown], others, n), [support]).by_support[support]


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


def test_an_effect_tells_the_rounds_and_the_units_behind_it() -> None:
    effect = judge_one("27 26 - 26 23 22 - 22")
    told = (effect.units, effect.rounds_before, effect.rounds_after, effect.comparisons)
    assert told == (1, 3, 3, 6)


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


def test_two_forms_begun_between_the_same_rounds_cannot_be_told_apart() -> None:
    series = organisation([FELL])
    supports = [held_after("h0", 4), held_after("h0", 4, DEBRIEFING, days=10)]
    effects = judge(series, supports).by_support
    assert {effect.why for effect in effects.values()} == {Unjudged.MIXED}
    assert {effect.form for effect in effects.values()} == {None}


def test_two_forms_half_a_year_apart_are_each_judged() -> None:
    series = organisation(["30 29 30 29 25 26 21 22 22 21"], [f"{shown} 23 23" for shown in CALM])
    supports = [held_after("h0", 4), held_after("h0", 6, DEBRIEFING)]
    first, second = (judge(series, supports).by_support[support] for support in supports)
    assert (first.rounds_before, first.rounds_after) == (4, 2)
    assert (second.rounds_before, second.rounds_after) == (2, 4)
    assert first.estimate == pytest.approx(-3.5, abs=1)
    assert second.estimate == pytest.approx(-3.5, abs=1)


def test_one_form_that_goes_on_every_quarter_is_one_support() -> None:
    series = organisation([FELL])
    supports = [held_after("h0", after) for after in (4, 5, 6, 7)]
    effects = judge(series, supports).by_support
    assert len(set(effects.values())) == 1
    assert effects[supports[0]] == judge_one(FELL)


def test_more_days_of_one_support_do_not_move_its_beginning() -> None:
    series = organisation([FELL])
    once = held_after("h0", 4)
    often = replace(once, held_on=(closing(7), closing(5), *once.held_on))
    assert judge(series, [often]).by_support[often] == judge_one(FELL)


def test_a_round_within_thirty_days_of_the_first_session_is_neither_before_nor_after() -> None:
    first_after = closing(5) - closing(4)
    effect = judge_one(FELL, days=first_after.days - 30)
    assert (effect.rounds_before, effect.rounds_after) == (4, 3)
    effect = judge_one(FELL, days=first_after.days - 31)
    assert (effect.rounds_before, effect.rounds_after) == (4, 4)


def test_a_round_that_closed_on_the_day_of_the_session_is_before_it() -> None:
    effect = judge_one(FELL, days=0)
    assert (effect.rounds_before, effect.rounds_after) == (4, 4)


def test_support_before_the_first_round_or_after_the_last_cannot_be_told() -> None:
    assert judge_one(FELL, after=1, days=-400).why is Unjudged.TOO_FEW_BEFORE
    assert judge_one(FELL, after=8).why is Unjudged.TOO_FEW_AFTER


def test_a_unit_helped_later_is_a_comparison_until_then() -> None:
    series = organisation([FELL, CALM_SERIES], CALM[:2])
    early, late = held_after("h0", 4), held_after("h1", 7)
    assert judge(series, [early, late]).by_support[early].comparisons == 3
    sooner = held_after("h1", 4)
    assert judge(series, [early, sooner]).by_support[early].comparisons == 2


def test_units_that_are_asked_in_other_rounds_are_no_comparison() -> None:
    others = ["- 23 - 22 - 23 - 23"] * 4
    effect = judge_one("27 - 26 - 22 - 22 -", others=others)
    assert (effect.why, effect.comparisons) == (Unjudged.TOO_FEW_COMPARISONS, 0)


def test_support_that_cannot_be_judged_does_not_touch_the_others() -> None:
    supports = [held_after("h0", 4), held_after("h1", 7)]
    with_fall, without = (
        judge(organisation([FELL, last]), supports).by_support[supports[0]].shown
        for last in ("23 22 23 24 22 23 23 12", "23 22 23 24 22 23 23 22")
    )
    assert with_fall == without


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


def test_pieces_that_do_not_fit_are_refused() -> None:
    series = organisation([FELL])
    with pytest.raises(BadInput, match="without a series"):
        judge(series, [held_after("elsewhere", 4)])
    with pytest.raises(BadInput, match="without a day"):
        judge(series, [Support("h0", SUPERVISION, ())])
    with pytest.raises(BadInput, match="one entry for each round"):
        judge({**series, "c0": series["c0"][:5]}, [held_after("h0", 4)])


def test_a_break_in_another_unit_leaves_its_parts_as_comparisons() -> None:
    others = ["23 22 23 24 | 19 18 19 19", *CALM]
    effect, without = judge_one(FELL, others=others), judge_one(FELL)
    assert effect.comparisons == without.comparisons == 6
    assert effect.estimate == pytest.approx(without.estimate, abs=0.3)


def test_rules_that_cannot_be_used_name_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "effects.toml"
    numbers = dict.fromkeys(vars(RULES), "3") | {"min_units": "0", "effect_sd": '"much"'}
    path.write_text("\n".join(f"{name} = {value}" for name, value in numbers.items()))
    with pytest.raises(BadInput) as refusal:
        load_effect_rules(path)
    assert [fault.split(":")[0] for fault in refusal.value.faults] == ["min_units", "effect_sd"]


@pytest.mark.parametrize("text", ["settling_days = ", "settling_days = 30", "unknown = 1"])
def test_rules_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "effects.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"effects\.toml cannot be read"):
        load_effect_rules(path)


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "0.0", "true"])
def test_an_effect_spread_without_sense_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "effects.toml"
    numbers = {name: str(number) for name, number in vars(RULES).items()} | {"effect_sd": value}
    path.write_text("\n".join(f"{name} = {number}" for name, number in numbers.items()))
    with pytest.raises(BadInput, match="numbers that cannot be used"):
        load_effect_rules(path)


def test_the_page_on_effects_has_the_rules_as_they_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "support-effects.md"
    assert make_settings_table() in page.read_text(encoding="utf-8")
