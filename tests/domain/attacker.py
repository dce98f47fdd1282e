"""An attacker who takes every published figure as a constraint, and misses nothing.

Sums of sets of people that are disjoint or nested form a tree. One pass up and one pass down
gives each person's interval exactly, in whole numbers: sums over a tree have no gaps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor

from tests.domain.organisations import Answers, Person, people_in, three
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication_record import RoundRecord, ShownValue

Interval = tuple[int, int]


@dataclass(frozen=True)
class Fact:
    """The scores of these people sum to between two numbers."""

    people: frozenset[Person]
    low: int
    high: int


def facts_of(record: RoundRecord, answers: Answers, scale: Scale) -> list[Fact]:
    """What a record says to somebody who knows who answered: groups, and roll-ups beside them."""
    members = {group.id: people_in(answers, group.counts_for) for group in record.groups}
    facts = [_fact(members[group.id], group.values[scale]) for group in record.groups]
    for rollup in record.rollups:
        people = frozenset[Person]().union(*(members[id_] for id_ in rollup.of))
        facts.append(_fact(people, rollup.values[scale]))
    return facts


def _fact(people: frozenset[Person], value: ShownValue) -> Fact:
    n = len(people)
    return Fact(people, ceil(value.low * n - 1e-6), floor(value.high * n + 1e-6))


def find_intervals(
    facts: Iterable[Fact], known: Mapping[Person, int] | None = None
) -> dict[Person, Interval]:
    """Each person's lowest and highest possible score; ValueError where figures overlap."""
    sums = _merge(facts, known or {})
    sets = sorted(sums, key=len)
    above = {people: _smallest_around(people, sets) for people in sets}
    parts: dict[frozenset[Person], list[frozenset[Person]]] = {people: [] for people in sets}
    for people, around in above.items():
        if around is not None:
            parts[around].append(people)
    for people in sets:
        if parts[people]:
            low, high = zip(*(sums[part] for part in parts[people]), strict=True)
            sums[people] = _meet(sums[people], (sum(low), sum(high)))
    for people in reversed(sets):
        _push_down(people, parts[people], sums)
    return {next(iter(people)): sums[people] for people in sets if len(people) == 1}


def _merge(facts: Iterable[Fact], known: Mapping[Person, int]) -> dict[frozenset[Person], Interval]:
    sums: dict[frozenset[Person], Interval] = {}
    for fact in facts:
        sums[fact.people] = _meet(
            sums.get(fact.people, (fact.low, fact.high)), (fact.low, fact.high)
        )
    for person in {person for people in sums for person in people}:
        scale = (known[person],) * 2 if person in known else (10, 50)
        sums[frozenset([person])] = _meet(sums.get(frozenset([person]), scale), scale)
    return sums


def _smallest_around(
    people: frozenset[Person], sets: list[frozenset[Person]]
) -> frozenset[Person] | None:
    for other in sets:
        if people & other and not (people <= other or other <= people):
            raise ValueError("Two figures overlap, and this attacker does not read them together.")
    return next((other for other in sets if people < other), None)


def _push_down(
    people: frozenset[Person],
    parts: list[frozenset[Person]],
    sums: dict[frozenset[Person], Interval],
) -> None:
    low, high = sums[people]
    least, most = sum(sums[part][0] for part in parts), sum(sums[part][1] for part in parts)
    for part, (part_low, part_high) in [(part, sums[part]) for part in parts]:
        rest = (low - (most - part_high), high - (least - part_low))
        sums[part] = _meet(sums[part], rest)


def _meet(one: Interval, other: Interval) -> Interval:
    return max(one[0], other[0]), min(one[1], other[1])


def attack(
    record: RoundRecord, answers: Answers, scale: Scale, tell: Iterable[Person] = ()
) -> dict[Person, Interval]:
    """Everyone's interval after one of our rounds, some telling their answers."""
    column = list(Scale).index(scale)
    known = {(unit, at): three(answers[unit][at])[column] for unit, at in tell}
    everyone = people_in(answers, list(answers))
    return dict.fromkeys(everyone, (10, 50)) | find_intervals(
        facts_of(record, answers, scale), known
    )
