"""The attacker of these tests is exact: it finds what trying every combination finds."""

from itertools import product

import pytest

from tests.domain.attacker import Fact, find_intervals
from tests.domain.organisations import Person

A, B, C = (("Home", at) for at in range(3))


def try_all(facts: list[Fact], known: dict[Person, int]) -> dict[Person, tuple[int, int]]:
    fitting = [
        scores
        for given in product(range(10, 51), repeat=3)
        if (scores := dict(zip((A, B, C), given, strict=True)))
        and all(fact.low <= sum(scores[p] for p in fact.people) <= fact.high for fact in facts)
        and all(scores[person] == score for person, score in known.items())
    ]
    return {p: (min(s[p] for s in fitting), max(s[p] for s in fitting)) for p in (A, B, C)}


@pytest.mark.parametrize(
    ("pair", "total", "known"),
    [
        ((20, 24), (60, 64), {}),
        ((50, 53), (75, 80), {}),
        ((90, 100), (120, 121), {}),
        ((20, 100), (148, 150), {}),
        ((45, 53), (75, 80), {C: 30}),
        ((50, 53), (75, 80), {A: 12}),
    ],
)
def test_nested_figures_are_read_to_the_last_point(
    pair: tuple[int, int], total: tuple[int, int], known: dict[Person, int]
) -> None:
    facts = [Fact(frozenset([A, B]), *pair), Fact(frozenset([A, B, C]), *total)]
    assert find_intervals(facts, known) == try_all(facts, known)


def test_figures_that_overlap_are_refused_rather_than_half_read() -> None:
    facts = [Fact(frozenset([A, B]), 20, 100), Fact(frozenset([B, C]), 20, 100)]
    with pytest.raises(ValueError, match="overlap"):
        find_intervals(facts)
