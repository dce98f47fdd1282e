"""The promises hold for every person, colleague and round, whatever the organisation answers."""

from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.attacker import attack
from tests.domain.organisations import (
    Answer,
    Person,
    people_in,
    publish_organisation,
    record_organisation,
    three,
    unit_paths,
)
from wellbeing.domain.audit import find_breaches
from wellbeing.domain.disclosure import Rules
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication_record import RoundRecord, from_json, to_json

Scores = tuple[int, int, int]
Organisation = dict[str, list[Answer]]

whole_scale = st.integers(10, 50)
ways_to_answer = (
    st.just(10),
    st.just(50),
    st.sampled_from([10, 50]),
    st.sampled_from([22, 23, 41, 42]),
    st.integers(44, 50),
    st.integers(10, 16),
    whole_scale,
)


@st.composite
def team_answers(draw: st.DrawFn, size: int) -> list[Answer]:
    """A team whose members answer alike, at the ends, half and half, at band edges or anyhow."""
    scale_ways = [draw(st.sampled_from(ways_to_answer)) for _ in Scale]
    if draw(st.booleans()):
        alike: Answer = draw(st.tuples(*scale_ways))
        return [alike] * size
    answers: list[Answer] = draw(st.lists(st.tuples(*scale_ways), min_size=size, max_size=size))
    if size and draw(st.integers(0, 5)) == 0:
        answers[0] = (0, *three(answers[0])[1:])
    return answers


@st.composite
def trees(draw: st.DrawFn) -> list[str]:
    """Paths of up to eight units in any shape: bushes, chains, several tops."""
    paths: list[str] = []
    for number in range(draw(st.integers(1, 8))):
        above = draw(st.integers(-1, number - 1))
        paths.append(f"{paths[above]} / {number}" if above >= 0 else f"{number}")
    return paths


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Who answered what in which unit; sizes gather around k."""
    sizes = st.sampled_from([0, 1, 2, 3, 4, 5, 5, 6, 7, 9, 12])
    return {path: draw(team_answers(draw(sizes))) for path in draw(trees())}


@st.composite
def poolings(draw: st.DrawFn, answers: Organisation) -> frozenset[str]:
    """Any units as members of reporting groups, with no regard to what their neighbours are."""
    below = [path for path in unit_paths(answers) if " / " in path]
    return draw(st.frozensets(st.sampled_from(below))) if below else frozenset()


@st.composite
def pooled_organisations(draw: st.DrawFn) -> tuple[Organisation, frozenset[str]]:
    """An organisation and the members of its reporting groups; often there are none."""
    answers = draw(organisations())
    return answers, draw(poolings(answers)) if draw(st.booleans()) else frozenset()


def column(scale: Scale) -> int:
    return list(Scale).index(scale)


@given(pooled_organisations())
@settings(max_examples=150, deadline=None)
def test_promise_one_every_score_keeps_twenty_points_and_two_bands(
    given_: tuple[Organisation, frozenset[str]],
) -> None:
    answers, pooled = given_
    record = record_organisation(answers, pooled=pooled)
    for scale in Scale:
        for person, (low, high) in attack(record, answers, scale).items():
            score = three(answers[person[0]][person[1]])[column(scale)]
            assert low <= score <= high
            assert high - low >= 20
            assert (low <= 22 < high) or (low <= 41 < high)


@given(pooled_organisations())
@settings(max_examples=60, deadline=None)
def test_promise_two_no_member_with_a_colleague_can_show_that_anybody_is_strained(
    given_: tuple[Organisation, frozenset[str]],
) -> None:
    answers, pooled = given_
    record = record_organisation(answers, pooled=pooled)
    for scale in Scale:
        for told in different_pairs(record, answers, scale):
            intervals = attack(record, answers, scale, tell=told)
            for person, (low, high) in intervals.items():
                if person not in told:
                    assert high >= 30 if scale is Scale.CS else low <= 30


def different_pairs(
    record: RoundRecord, answers: Organisation, scale: Scale
) -> list[tuple[Person, Person]]:
    """Two people for each pair of scores in each group; others with the same scores tell the same.

    Pairs from two groups know one answer of each, which is less.
    """
    pairs: dict[tuple[str, int, int], tuple[Person, Person]] = {}
    for group in record.groups:
        members = people_in(answers, group.counts_for)
        score = {p: three(answers[p[0]][p[1]])[column(scale)] for p in members}
        for one, other in combinations(sorted(members, key=lambda p: (score[p], p)), 2):
            pairs[group.id, score[one], score[other]] = (one, other)
    return list(pairs.values())


@given(pooled_organisations(), st.data())
@settings(max_examples=100, deadline=None)
def test_promise_three_what_is_withheld_depends_only_on_who_answered(
    organisation: tuple[Organisation, frozenset[str]], data: st.DataObject
) -> None:
    answers, pooled = organisation
    changed: Organisation = {
        unit: [
            data.draw(st.tuples(whole_scale, whole_scale, whole_scale)) if 0 not in three(a) else a
            for a in given_
        ]
        for unit, given_ in answers.items()
    }
    before, after = (record_organisation(given_, pooled=pooled) for given_ in (answers, changed))
    assert shape(before) == shape(after)


def shape(record: RoundRecord) -> object:
    """All of a record but its values."""
    return (
        [(group.id, group.label, group.counts_for, group.n) for group in record.groups],
        [(rollup.unit, rollup.of) for rollup in record.rollups],
        record.withheld,
    )


@given(st.lists(pooled_organisations(), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_the_audit_finds_no_breach_in_any_history_we_publish(
    history: list[tuple[Organisation, frozenset[str]]],
) -> None:
    rounds = [
        record_organisation(answers, round_id=str(at), pooled=pooled)
        for at, (answers, pooled) in enumerate(history)
    ]
    assert find_breaches(rounds, Rules()) == ()
    assert from_json(to_json(rounds)) == tuple(rounds)


@given(pooled_organisations())
@settings(max_examples=150, deadline=None)
def test_groups_are_those_of_the_rule_written_as_a_recursion(
    given_: tuple[Organisation, frozenset[str]],
) -> None:
    answers, pooled = given_
    groups: dict[str, frozenset[Person]] = {}

    def gather(path: str) -> frozenset[Person]:
        below = [unit for unit in unit_paths(answers) if unit.rpartition(" / ")[0] == path]
        pool = people_in(answers, [path]).union(*(gather(unit) for unit in below))
        if len(pool) < 5 or path in pooled:
            return pool
        others = bool(below) and pooled.isdisjoint(below)
        groups[f"Others in {path}" if others else path] = pool
        return frozenset()

    for path in unit_paths(answers):
        if " / " not in path:
            gather(path)
    record = record_organisation(answers, pooled=pooled)
    assert {g.label: people_in(answers, g.counts_for) for g in record.groups} == groups


@given(pooled_organisations())
@settings(max_examples=100, deadline=None)
def test_every_unit_has_a_figure_or_a_mark_and_never_both(
    given_: tuple[Organisation, frozenset[str]],
) -> None:
    answers, pooled = given_
    publication = publish_organisation(answers, pooled=pooled)
    groups, rollups, marks = publication.groups, publication.rollups, publication.withheld
    shown = set(groups.unit.tolist()) | set(rollups.unit.tolist())
    assert sorted([*shown, *marks.unit.tolist()]) == list(range(len(unit_paths(answers))))


@given(organisations(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_answers_changes_nothing(answers: Organisation, chance: Random) -> None:
    shuffled = {unit: chance.sample(given_, len(given_)) for unit, given_ in answers.items()}
    assert record_organisation(answers) == record_organisation(shuffled)


@given(pooled_organisations())
@settings(max_examples=100, deadline=None)
def test_every_true_mean_lies_in_the_range_that_is_shown(
    given_: tuple[Organisation, frozenset[str]],
) -> None:
    answers, pooled = given_
    record = record_organisation(answers, pooled=pooled)
    members = {group.id: people_in(answers, group.counts_for) for group in record.groups}
    figures = [(members[group.id], group.values) for group in record.groups]
    for rollup in record.rollups:
        figures.append((frozenset().union(*(members[g] for g in rollup.of)), rollup.values))
    for people, values in figures:
        for scale in Scale:
            total = sum(three(answers[unit][at])[column(scale)] for unit, at in people)
            assert values[scale].low <= total / len(people) <= values[scale].high


@given(st.integers(5, 400), st.sampled_from([1, 2]), st.data())
@settings(max_examples=200, deadline=None)
def test_a_shown_value_is_the_rule_in_fractions(n: int, known: int, data: st.DataObject) -> None:
    total = data.draw(st.integers(10 * n, 50 * n))
    scores: list[Answer] = [total // n + (at < total % n) for at in range(n)]
    values = record_organisation({"A": scores}, rules=Rules(pooled_answers=known)).groups[0].values
    room = 40 * known + 20
    for scale, top, bottom in ((Scale.CS, 20, room), (Scale.BO, room, 20), (Scale.STS, room, 20)):
        nearest = floor(Fraction(total, n) + Fraction(1, 2))
        most, least = floor(50 - Fraction(top, n)), ceil(10 + Fraction(bottom, n))
        expected = f"{nearest}"
        if nearest >= most:
            expected = f"{most} or more"
        if nearest <= least:
            expected = f"{least} or less"
        assert values[scale].shown == expected
