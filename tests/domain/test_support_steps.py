"""Which rounds tell of which support, and which units it is compared with."""

from dataclasses import replace

import pytest

from tests.domain.support_cases import (
    CALM,
    CALM_SERIES,
    DEBRIEFING,
    FELL,
    SUPERVISION,
    closing,
    held_after,
    judge,
    judge_one,
    organisation,
)
from wellbeing.domain.effects import Support, Unjudged
from wellbeing.domain.errors import BadInput


def test_an_effect_tells_the_rounds_and_the_units_behind_it() -> None:
    effect = judge_one("27 26 - 26 23 22 - 22")
    told = (effect.units, effect.rounds_before, effect.rounds_after, effect.comparisons)
    assert told == (1, 3, 3, 6)


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
