"""What an effect tells of the units it was compared with: their mean course, roughly, and no more.

Decision 15 rests on these figures.
"""

from itertools import permutations

import pytest

from tests.domain.support_cases import CALM, FELL, RULES, held_after, judge, organisation
from wellbeing.domain.effects import Effect

KNOWN = CALM[:2]


def moved(by: int) -> str:
    """A unit that lay at 22 for four rounds and so many points higher ever since."""
    return " ".join(["22"] * 4 + [str(22 + by)] * 4)


def shown_beside(*others: str) -> Effect:
    """What the page of a unit with support shows beside these units without."""
    support = held_after("h0", 4)
    return judge(organisation([FELL], others), [support]).by_support[support]


def test_nothing_is_shown_beside_fewer_than_three_other_units() -> None:
    assert RULES.min_comparisons == 3
    assert shown_beside(*KNOWN, moved(0)).shown is not None
    assert shown_beside(*KNOWN).shown is None


def test_which_of_the_other_units_moved_cannot_be_told() -> None:
    orders = {shown_beside(*order).shown for order in permutations((moved(-4), moved(0), moved(4)))}
    assert len(orders) == 1


@pytest.mark.parametrize("by", [1, 2, 3])
def test_two_other_units_that_moved_apart_look_like_two_that_stayed(by: int) -> None:
    apart = shown_beside(*KNOWN, moved(by), moved(-by)).shown
    stayed = shown_beside(*KNOWN, moved(0), moved(0)).shown
    assert apart is not None
    assert stayed is not None
    assert apart.estimate == stayed.estimate


def test_whoever_knows_all_but_one_unit_tells_its_change_to_about_a_point() -> None:
    """The worst case, and only in an organisation of four units with figures: said in decision 15.

    Even so it is a mean that was published, and no person is nearer than in the record.
    """
    by_effect: dict[object, list[int]] = {}
    for by in range(-4, 5):
        by_effect.setdefault(shown_beside(*KNOWN, moved(by)).shown, []).append(by)
    assert max(len(changes) for changes in by_effect.values()) >= 2
    assert len(by_effect) < 9


def test_every_shown_figure_is_a_half_point_made_of_whole_ones() -> None:
    for by in range(-4, 5):
        shown = shown_beside(*KNOWN, moved(by)).shown
        assert shown is not None
        for figure in (shown.estimate, shown.low, shown.high):
            assert (figure * 2).is_integer()
