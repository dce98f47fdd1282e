"""The closed forms against counting: every sum, every answer told, every score that still fits."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from wellbeing.domain.disclosure import Rules, UnitTree, publish_groups
from wellbeing.domain.interval_bounds import (
    SumRanges,
    bound_alone,
    bound_joiner,
    bound_pooled,
    count_bands,
)

CS, BO, STS = range(3)


def ranges(n: int, low_sum: int, high_sum: int) -> SumRanges:
    return SumRanges(np.array([n]), np.array([low_sum]), np.array([high_sum]))


def fitting_scores(left: int, low: int, high: int) -> list[int]:
    """The scores that one of `left` people may have when these sum to between two numbers."""
    others = range(10 * (left - 1), 50 * (left - 1) + 1)
    return [
        score
        for score in range(10, 51)
        if range(max(low - score, others.start), min(high - score + 1, others.stop))
    ]


def intervals_told(n: int, low: int, high: int, pooled: int) -> Iterator[tuple[int, int]]:
    """The interval left for each sum that the pooled colleagues may tell."""
    for told in range(10 * pooled, 50 * pooled + 1):
        fitting = fitting_scores(n - pooled, low - told, high - told)
        if fitting:
            assert fitting == list(range(fitting[0], fitting[-1] + 1))
            yield fitting[0], fitting[-1]


def counted(n: int, low: int, high: int, pooled: int) -> tuple[int, int, int]:
    intervals = list(intervals_told(n, low, high, pooled))
    return (
        max(lowest for lowest, _ in intervals),
        min(highest for _, highest in intervals),
        min(highest - lowest for lowest, highest in intervals),
    )


def published_ranges(n: int, rules: Rules, step: int = 1) -> SumRanges:
    """What is shown for every possible sum of n scores, rows by sum; columns are the scales."""
    sums = np.arange(10 * n, 50 * n + 1, step)
    scores = sums[:, None] // n + (np.arange(n) < sums[:, None] % n)
    tree = UnitTree(np.full(sums.size, -1))
    units = np.repeat(np.arange(sums.size), n)
    published = publish_groups(tree, units, np.repeat(scores.reshape(-1, 1), 3, axis=1), rules)
    values = published.groups.values
    shown = SumRanges.of_means(np.full_like(values.point, n), values.low, values.high)
    assert (shown.low_sum <= sums[:, None]).all()
    assert (sums[:, None] <= shown.high_sum).all()
    return shown


def column(shown: SumRanges, scale: int) -> list[tuple[int, int]]:
    """The different ranges of sums that are shown on a scale."""
    return sorted(set(zip(shown.low_sum[:, scale], shown.high_sum[:, scale], strict=True)))


@pytest.mark.parametrize("low", range(30, 151, 7))
@pytest.mark.parametrize("width", [0, 1, 5])
def test_the_count_itself_agrees_with_every_triple_of_scores(low: int, width: int) -> None:
    high = min(low + width, 150)
    triples = [t for t in product(range(10, 51), repeat=3) if low <= sum(t) <= high]
    told = {first for first, _, _ in triples}
    by_hand = {first: [score for one, score, _ in triples if one == first] for first in told}
    expected = sorted((min(scores), max(scores)) for scores in by_hand.values())
    assert sorted(intervals_told(3, low, high, 1)) == expected


@pytest.mark.parametrize("n", [3, 5, 6, 9])
@pytest.mark.parametrize("pooled", [0, 1, 2])
def test_the_closed_form_is_the_count_for_every_range_of_sums(n: int, pooled: int) -> None:
    for width in (0, 1, n - 1, 12 * n):
        for low in range(10 * n, 50 * n - width + 1, 3):
            found = bound_pooled(ranges(n, low, low + width), pooled)
            assert tuple(int(bound[0]) for bound in found) == counted(n, low, low + width, pooled)


def test_alone_and_with_nobody_pooled_are_the_same() -> None:
    for low in range(50, 247):
        lowest, highest = bound_alone(ranges(5, low, low + 4))
        pooled = bound_pooled(ranges(5, low, low + 4), 0)
        assert (lowest, highest, highest - lowest) == pooled


ONE_POOLED = Rules(pooled_answers=1)


@pytest.mark.parametrize("pooled", [1, 2])
def test_every_possible_sum_of_5_to_60_keeps_the_numbers_of_the_promise(pooled: int) -> None:
    narrowest, lowest_strain, highest_satisfaction = [], [], []
    for n in range(5, 61):
        shown = published_ranges(n, Rules(pooled_answers=pooled))
        for scale in (CS, BO, STS):
            for low, high in column(shown, scale):
                narrowest.append(counted(n, low, high, 0)[2])
        lowest_strain += [counted(n, *sums, pooled)[0] for sums in column(shown, BO)]
        highest_satisfaction += [counted(n, *sums, pooled)[1] for sums in column(shown, CS)]
    assert min(narrowest) == 22
    assert max(lowest_strain) == 28
    assert min(highest_satisfaction) == 32


def test_secondary_traumatic_stress_is_shown_as_burnout_is() -> None:
    for n in (5, 8, 31):
        shown = published_ranges(n, Rules())
        assert column(shown, STS) == column(shown, BO)


@pytest.mark.parametrize("pooled", [1, 2])
def test_large_groups_keep_the_numbers_too(pooled: int) -> None:
    for n, step in ((61, 1), (100, 1), (101, 1), (999, 40)):
        shown = published_ranges(n, Rules(pooled_answers=pooled), step)
        low, high, _ = bound_pooled(shown, pooled)
        assert low[:, BO].max() <= 28
        assert high[:, CS].min() >= 32
        lowest, highest = bound_alone(shown)
        assert (highest - lowest).min() >= 22


@pytest.mark.parametrize("point", [1, 2, 3])
@pytest.mark.parametrize("k", [5, 8])
def test_stricter_rules_keep_the_promise_at_every_size(point: int, k: int) -> None:
    for n in range(k, 61):
        shown = published_ranges(n, Rules(min_group_size=k, point=point))
        lowest, highest = bound_alone(shown)
        assert (highest - lowest).min() >= 22
        pooled_lowest, pooled_highest, _ = bound_pooled(shown, 2)
        assert pooled_lowest[:, [BO, STS]].max() <= 28
        assert pooled_highest[:, CS].min() >= 32


def test_the_room_for_one_pooled_answer_does_not_hold_against_a_member_and_a_colleague() -> None:
    lowest, _, _ = bound_pooled(published_ranges(5, ONE_POOLED), 2)
    assert lowest[:, BO].max() == 50


def test_the_default_room_does_not_hold_against_a_member_and_two_colleagues() -> None:
    lowest, _, _ = bound_pooled(published_ranges(5, Rules()), 3)
    assert lowest[:, BO].max() == 50


def test_one_colleague_who_tells_gives_a_low_value_away_at_the_unstrained_end() -> None:
    told_32 = ranges(4, 50 - 32, 72 - 32)
    lowest, highest = bound_alone(told_32)
    assert (lowest[0], highest[0]) == (10, 10)


@pytest.mark.parametrize("moved", [0, 2, 4])
def test_the_closed_form_of_a_joiner_is_the_count(moved: int) -> None:
    pairs = list(product(range(10, 51), repeat=2))
    for low, high in ((20, 21), (50, 53), (98, 100)):
        after = {
            a + b
            for one, other in pairs
            if low <= one + other <= high
            for a in range(max(10, one - moved), min(50, one + moved) + 1)
            for b in range(max(10, other - moved), min(50, other + moved) + 1)
        }
        for total in (75, 90, 120):
            fitting = [score for score in range(10, 51) if total - score in after]
            lowest, highest = bound_joiner(ranges(2, low, high), ranges(3, total, total), moved)
            expected = (fitting[0], fitting[-1]) if fitting else None
            found = (int(lowest[0]), int(highest[0]))
            assert (found if found[0] <= found[1] else None) == expected


@pytest.mark.parametrize(
    ("interval", "bands"),
    [((10, 22), 1), ((22, 23), 2), ((23, 41), 1), ((41, 42), 2), ((42, 50), 1), ((10, 50), 3)],
)
def test_bands_are_counted_at_their_edges(interval: tuple[int, int], bands: int) -> None:
    assert count_bands(np.array([interval[0]]), np.array([interval[1]])) == bands


def test_every_interval_of_twenty_points_has_two_bands() -> None:
    lowest = np.arange(10, 31)
    assert count_bands(lowest, lowest + 20).min() == 2
