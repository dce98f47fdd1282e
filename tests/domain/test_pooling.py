"""Poolings are safe, leave nobody over, and are as good as trying every division."""

from collections.abc import Iterator
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellbeing.domain.disclosure_rules import Rules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.pooling import (
    ALONE_CHANCE,
    SAFE_CHANCE,
    Pooling,
    Team,
    chance_of,
    find_least_people,
    find_small,
    measure_gain,
    propose_greedily,
    propose_poolings,
)

RULES = Rules()
responses = st.sampled_from([0.4, 0.6, 0.8, 0.95, 1.0])


def teams_of(*sizes: int) -> list[Team]:
    return [Team(f"T{at:02}", size) for at, size in enumerate(sizes)]


def many_teams(most: int) -> st.SearchStrategy[list[Team]]:
    return st.lists(st.integers(0, 9), max_size=most).map(lambda sizes: teams_of(*sizes))


def every_division(sizes: list[int]) -> Iterator[list[list[int]]]:
    """Every way to divide some teams into groups."""
    if not sizes:
        yield []
        return
    for rest in every_division(sizes[1:]):
        yield [[sizes[0]], *rest]
        for at in range(len(rest)):
            yield [*rest[:at], [*rest[at], sizes[0]], *rest[at + 1 :]]


def cost(poolings: tuple[Pooling, ...]) -> int:
    return sum(pooling.people**2 for pooling in poolings)


@given(many_teams(30), responses, st.integers(5, 8))
@settings(max_examples=150, deadline=None)
def test_a_proposal_places_every_small_team_once_in_a_safe_group(
    siblings: list[Team], response: float, k: int
) -> None:
    rules = Rules(min_group_size=k)
    small = find_small(siblings, rules, response)
    people = {team.id: team.people for team in siblings}
    for propose in (propose_poolings, propose_greedily):
        poolings = propose(siblings, rules, response)
        placed = [id_ for pooling in poolings for id_ in pooling.teams]
        assert sorted(placed) == ([team.id for team in small] if poolings else [])
        assert len(poolings) != 1
        for pooling in poolings:
            assert pooling.people == sum(people[id_] for id_ in pooling.teams)
            assert chance_of(pooling.people, k, response) >= SAFE_CHANCE
            assert pooling.people * response >= k


@given(many_teams(30), responses)
@settings(max_examples=150, deadline=None)
def test_a_proposal_is_never_worse_than_the_greedy_one_or_none(
    siblings: list[Team], response: float
) -> None:
    ours, greedy, none = (
        measure_gain(siblings, poolings, RULES, response)
        for poolings in (
            propose_poolings(siblings, RULES, response),
            propose_greedily(siblings, RULES, response),
            (),
        )
    )
    assert ours.read_among <= greedy.read_among <= none.read_among
    assert ours.narrower >= greedy.narrower >= none.narrower == 0


@given(many_teams(7), responses)
@settings(max_examples=200, deadline=None)
def test_up_to_seven_teams_are_pooled_as_well_as_any_division_would(
    siblings: list[Team], response: float
) -> None:
    sizes = [team.people for team in find_small(siblings, RULES, response)]
    needed = find_least_people(RULES, response, SAFE_CHANCE)
    costs = [
        sum(sum(group) ** 2 for group in division)
        for division in every_division(sizes)
        if len(division) > 1 and all(sum(group) >= needed for group in division)
    ]
    assert cost(propose_poolings(siblings, RULES, response)) == min(costs, default=0)


@given(many_teams(20), responses, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_teams_changes_nothing(
    siblings: list[Team], response: float, chance: Random
) -> None:
    shuffled = chance.sample(siblings, len(siblings))
    one, other = (propose_poolings(teams, RULES, response) for teams in (siblings, shuffled))
    assert one == other


def test_the_exact_way_finds_two_groups_where_the_greedy_way_finds_one() -> None:
    siblings = teams_of(5, 5, 3, 3)
    assert propose_greedily(siblings, RULES, 0.8) == ()
    assert [p.people for p in propose_poolings(siblings, RULES, 0.8)] == [8, 8]


def test_a_team_with_an_even_chance_keeps_its_own_line() -> None:
    assert chance_of(6, 5, 0.8) >= ALONE_CHANCE > chance_of(5, 5, 0.8)
    assert find_small(teams_of(5, 6), RULES, 0.8) == (Team("T00", 5),)


@pytest.mark.parametrize(("response", "people"), [(0.6, 11), (0.8, 8), (0.95, 6), (1.0, 5)])
def test_a_group_is_safe_from_as_many_people_as_the_response_demands(
    response: float, people: int
) -> None:
    assert find_least_people(RULES, response, SAFE_CHANCE) == people


def test_one_group_of_all_is_not_proposed_since_it_is_what_they_have_already() -> None:
    assert propose_poolings(teams_of(4, 4), RULES, 0.8) == ()


def test_the_gain_is_counted_in_people() -> None:
    siblings = teams_of(4, 4, 4, 4, 9)
    poolings = propose_poolings(siblings, RULES, 0.8)
    gain = measure_gain(siblings, poolings, RULES, 0.8)
    assert (gain.people, gain.narrower, gain.lines, gain.read_among) == (16, 16, 2, 8.0)
    none = measure_gain(siblings, (), RULES, 0.8)
    assert (none.narrower, none.lines, none.read_among) == (0, 0, 16.0)


def test_fourteen_teams_of_all_sizes_take_less_than_two_seconds() -> None:
    siblings = teams_of(*(size for size in range(1, 9) for _ in range(2)))[:14]
    start = perf_counter()
    propose_poolings(siblings, RULES, 0.5)
    assert perf_counter() - start < 2


@pytest.mark.parametrize("response", [0, -0.1, 1.1])
def test_a_response_that_is_no_share_is_refused(response: float) -> None:
    with pytest.raises(BadInput, match="response"):
        propose_poolings(teams_of(4, 4), RULES, response)


def test_a_team_named_twice_or_of_fewer_than_nobody_is_refused() -> None:
    with pytest.raises(BadInput, match="twice"):
        propose_poolings([Team("A", 4), Team("A", 3)], RULES, 0.8)
    with pytest.raises(BadInput, match="no people"):
        propose_poolings([Team("A", -1)], RULES, 0.8)
