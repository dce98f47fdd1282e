"""Proposes reporting groups of small sibling teams, before a round and from the roster alone.

A team that is likely to be shown keeps its own line. The other teams of one unit would all be read
together as "others in" the unit; a pooling divides them into groups that are safe to expect k
answers, so that people read a figure of fewer others. Every small team gets a place, since a team
left over might not be used at all. The best pooling is the one where people are read among the
fewest: least is the sum of squares of the groups' people.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb

from wellbeing.domain.disclosure_rules import Rules
from wellbeing.domain.errors import BadInput

# A team keeps its own line from an even chance of k answers; a reporting group needs to be safe.
ALONE_CHANCE, SAFE_CHANCE = 0.5, 0.9
MOST_SOLVED_EXACTLY = 14

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Team:
    """A team and the number of people on its roster who count in it."""

    id: str
    people: int


@dataclass(frozen=True)
class Pooling:
    """The teams of one reporting group, in the order of their names, and their people."""

    teams: tuple[str, ...]
    people: int


@dataclass(frozen=True)
class Gain:
    """What a proposal changes for the people of small teams.

    `narrower` of them are read among fewer than all of them; `read_among` is how many people a
    person's line has on average, with everybody in one line where nothing is proposed.
    """

    people: int
    narrower: int
    lines: int
    read_among: float


def chance_of(people: int, needed: int, response: float) -> float:
    """The chance that at least `needed` of `people` answer, each by themselves."""
    fewer = (
        comb(people, n) * response**n * (1 - response) ** (people - n)
        for n in range(min(needed, people + 1))
    )
    return 1 - sum(fewer)


def find_least_people(rules: Rules, response: float, chance: float) -> int:
    """The fewest people who reach k answers with that chance; BadInput for no response share."""
    if not 0 < response <= 1:
        raise BadInput("The expected response must be above 0 and at most 1.")
    people = rules.min_group_size
    while chance_of(people, rules.min_group_size, response) < chance:
        people += 1
    return people


def find_small(siblings: Sequence[Team], rules: Rules, response: float) -> tuple[Team, ...]:
    """The teams unlikely to be shown by themselves; BadInput for an id twice or no people."""
    if len({team.id for team in siblings}) < len(siblings):
        raise BadInput("A team stands twice among its siblings.")
    if any(team.people < 0 for team in siblings):
        raise BadInput("A team cannot have fewer than no people.")
    alone = find_least_people(rules, response, ALONE_CHANCE)
    return tuple(team for team in siblings if 0 < team.people < alone)


def propose_poolings(
    siblings: Sequence[Team], rules: Rules, response: float
) -> tuple[Pooling, ...]:
    """The best division of the small teams of one unit; empty where no two groups are safe.

    Exact for up to 14 small teams. More are dealt into hands of at most 14, largest first, each
    hand is solved exactly, and the better of that and the greedy way is taken.
    """
    return _propose(siblings, rules, response, _divide_best)


def propose_greedily(
    siblings: Sequence[Team], rules: Rules, response: float
) -> tuple[Pooling, ...]:
    """The plain way to compare with: fill one group after the other, the largest team first."""
    return _propose(siblings, rules, response, _divide_greedily)


def measure_gain(
    siblings: Sequence[Team], poolings: Sequence[Pooling], rules: Rules, response: float
) -> Gain:
    """What the poolings change beside none; with none all small teams are read in one line."""
    people = sum(team.people for team in find_small(siblings, rules, response))
    lines = [pooling.people for pooling in poolings] or [people]
    return Gain(
        people=people,
        narrower=sum(line for line in lines if line < people),
        lines=len(poolings),
        read_among=_cost([(line,) for line in lines]) / people if people else 0.0,
    )


def _propose(
    siblings: Sequence[Team],
    rules: Rules,
    response: float,
    divide: Callable[[Sizes, int], list[Sizes]],
) -> tuple[Pooling, ...]:
    small = find_small(siblings, rules, response)
    needed = find_least_people(rules, response, SAFE_CHANCE)
    sizes = tuple(sorted((team.people for team in small), reverse=True))
    groups = divide(sizes, needed) if sum(sizes) >= 2 * needed else []
    return _name(groups, small) if len(groups) > 1 else ()


def _name(groups: Sequence[Sizes], teams: Sequence[Team]) -> tuple[Pooling, ...]:
    """Sizes back to teams, the first by name first, so that a proposal is the same every time."""
    waiting: dict[int, list[str]] = {}
    for team in sorted(teams, key=lambda team: team.id, reverse=True):
        waiting.setdefault(team.people, []).append(team.id)
    poolings = [
        Pooling(tuple(sorted(waiting[size].pop() for size in group)), sum(group))
        for group in groups
    ]
    return tuple(sorted(poolings, key=lambda pooling: pooling.teams))


def _cost(groups: Sequence[Sizes]) -> int:
    return sum(sum(group) ** 2 for group in groups)


def _divide_greedily(sizes: Sizes, needed: int) -> list[Sizes]:
    groups: list[Sizes] = []
    filling: Sizes = ()
    for size in sizes:
        filling = (*filling, size)
        if sum(filling) >= needed:
            groups.append(filling)
            filling = ()
    if filling and groups:
        least = min(range(len(groups)), key=lambda at: sum(groups[at]))
        groups[least] += filling
    return groups


def _divide_best(sizes: Sizes, needed: int) -> list[Sizes]:
    greedy = _divide_greedily(sizes, needed)
    hands = -(-len(sizes) // MOST_SOLVED_EXACTLY)
    dealt = [_divide_exactly(sizes[hand::hands], needed) for hand in range(hands)]
    if any(groups is None for groups in dealt):
        return greedy
    best = [group for groups in dealt for group in groups or ()]
    return best if _cost(best) <= _cost(greedy) else greedy


def _divide_exactly(sizes: Sizes, needed: int) -> list[Sizes] | None:
    """Dynamic programming over how many teams of each size are left; None if no group is safe.

    The largest team left stands in some group, so only the groups that hold it are tried.
    """
    kinds = tuple(sorted(set(sizes), reverse=True))
    most = 2 * needed + kinds[0] - 2 if kinds else 0

    @cache
    def solve(left: Sizes) -> tuple[int, tuple[Sizes, ...]] | None:
        if not any(left):
            return 0, ()
        best: tuple[int, tuple[Sizes, ...]] | None = None
        for taken, people in _groups_with_largest(left, kinds, needed, most):
            rest = solve(tuple(have - take for have, take in zip(left, taken, strict=True)))
            if rest is not None and (best is None or rest[0] + people**2 < best[0]):
                best = rest[0] + people**2, (taken, *rest[1])
        return best

    counts = Counter(sizes)
    solved = solve(tuple(counts[kind] for kind in kinds))
    return None if solved is None else [_as_sizes(taken, kinds) for taken in solved[1]]


def _groups_with_largest(
    left: Sizes, kinds: Sizes, needed: int, most: int
) -> Iterator[tuple[Sizes, int]]:
    """Groups of at least `needed` people; one above `most` is better cut in two, so none is."""
    largest = next(at for at, have in enumerate(left) if have)
    choices = [range(at == largest, have + 1) for at, have in enumerate(left)]
    for taken in product(*choices):
        people = sum(take * kind for take, kind in zip(taken, kinds, strict=True))
        if needed <= people <= most:
            yield taken, people


def _as_sizes(taken: Sizes, kinds: Sizes) -> Sizes:
    return tuple(kind for take, kind in zip(taken, kinds, strict=True) for _ in range(take))
