"""Whatever a solver finds in all that was ever shown, the audit has said before.

The solver is first held against counting, through the real rules of publication, so that its
silence means something.
"""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.domain.histories import Asked, Seen, publish_history
from tests.domain.organisations import Answer
from tests.domain.solver_attacker import (
    Knowledge,
    check_nothing_narrower,
    find_interval,
    find_intervals,
)
from wellbeing.domain.audit import find_single_changes, find_steps
from wellbeing.domain.disclosure import Rules, UnitTree, publish_groups
from wellbeing.domain.instrument import Scale

A, B, C = "Home / A", "Home / B", "Home / C"
NARROW = (22, 24)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def team(prefix: str, *scores: Answer | None) -> dict[str, Answer | None]:
    return {f"{prefix}{at}": score for at, score in enumerate(scores)}


def every_way(people: int) -> NDArray[np.int16]:
    """Every way in which some people can answer within `NARROW`, one row each."""
    return np.array(list(product(range(NARROW[0], NARROW[1] + 1), repeat=people)), dtype=np.int16)


def shown_for(parents: list[int], unit_of: list[int], ways: NDArray[np.int16]) -> NDArray[np.int64]:
    """All points and classes of groups and roll-ups that our rules show, one row for each way."""
    units, copies = len(parents), len(ways)
    tree = np.tile(parents, copies) + np.repeat(np.arange(copies) * units, units)
    tree[np.tile(np.array(parents) < 0, copies)] = -1
    where = np.tile(unit_of, copies) + np.repeat(np.arange(copies) * units, len(unit_of))
    scores = np.repeat(ways.reshape(-1, 1), 3, axis=1)
    published = publish_groups(UnitTree(tree), where, scores, Rules())
    figures = [published.groups.values, published.rollups.values]
    columns = [part[:, 1].reshape(copies, -1) for v in figures for part in (v.point, v.kind)]
    return np.hstack(columns).astype(np.int64)


class TestAgainstCounting:
    """Everybody is known to score 22 to 24, so that all ways can be counted."""

    knowledge = Knowledge(possible=NARROW)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ([22] * 5, [24] * 5),
            ([22, 22, 23, 24, 24], [23, 23, 23, 24, 24]),
            ([22, 22, 22, 22, 23], [24, 24, 24, 23, 22]),
            ([22, 22, 22, 23, 24], [22, 22, 22, 22, 22]),
        ],
    )
    def test_two_groups_and_their_rollup_are_read_to_the_last_point(
        self, first: list[int], second: list[int]
    ) -> None:
        history = publish_history([Asked({A: team("a", *first), B: team("b", *second)})])
        ways = every_way(10)
        shown = shown_for([-1, 0, 0], [1] * 5 + [2] * 5, ways)
        true = int(np.flatnonzero((ways == [*first, *second]).all(axis=1))[0])
        fitting = ways[(shown == shown[true]).all(axis=1)]
        for column, name in ((0, "a0"), (5, "b0")):
            expected = (int(fitting[:, column].min()), int(fitting[:, column].max()))
            assert find_interval(history, Scale.BO, 0, name, self.knowledge) == expected

    @pytest.mark.parametrize("moved", [0, 1, 2])
    @pytest.mark.parametrize(
        ("stay", "joiner"), [([22] * 5, 24), ([24, 24, 24, 24, 22], 22), ([23] * 5, 23)]
    )
    def test_a_joiner_over_two_rounds_is_read_to_the_last_point(
        self, stay: list[int], joiner: int, moved: int
    ) -> None:
        rounds = [Asked({A: team("a", *stay)}), Asked({A: team("a", *stay, joiner)})]
        before, after = every_way(5), every_way(6)
        kept = [
            ways[(shown == shown[true]).all(axis=1)]
            for ways, answers in ((before, stay), (after, [*stay, joiner]))
            for shown in [shown_for([-1, 0], [1] * ways.shape[1], ways)]
            for true in [int(np.flatnonzero((ways == answers).all(axis=1))[0])]
        ]
        step = np.abs(kept[0][:, None, :] - kept[1][None, :, :5]).max(axis=2)
        fitting = kept[1][(step <= moved).any(axis=0)][:, 5]
        found = find_interval(
            publish_history(rounds), Scale.BO, 1, "a5", Knowledge(moved=moved, possible=NARROW)
        )
        assert found == (int(fitting.min()), int(fitting.max()))

    @pytest.mark.parametrize("told", [["a0"], ["a0", "a4"]])
    def test_colleagues_who_tell_are_taken_at_their_word(self, told: list[str]) -> None:
        scores = [22, 22, 22, 23, 24]
        history = publish_history([Asked({A: team("a", *scores)})])
        ways = every_way(5)
        shown = shown_for([-1, 0], [1] * 5, ways)
        true = int(np.flatnonzero((ways == scores).all(axis=1))[0])
        columns = [int(name[1:]) for name in told]
        alike = (ways[:, columns] == ways[true, columns]).all(axis=1)
        fitting = ways[(shown == shown[true]).all(axis=1) & alike][:, 2]
        found = find_interval(history, Scale.BO, 0, "a2", Knowledge(told=told, possible=NARROW))
        assert found == (int(fitting.min()), int(fitting.max()))


class TestTheAttackerItself:
    def test_it_finds_what_the_room_for_one_pooled_answer_gives_away_to_a_member(self) -> None:
        asked, told = Asked({A: team("a", 10, 10, 50, 50, 50)}), Knowledge(told=["a0", "a1"])
        asked_high = Asked({A: team("a", 22, 20, 50, 50, 50)})
        narrow, wide = (publish_history([asked_high], Rules(pooled_answers=p)) for p in (1, 2))
        assert find_interval(narrow, Scale.BO, 0, "a2", told) == (46, 50)
        assert find_interval(wide, Scale.BO, 0, "a2", told) == (10, 50)
        assert find_interval(publish_history([asked]), Scale.BO, 0, "a2", told) == (28, 50)

    def test_somebody_who_may_not_have_answered_is_bounded_as_if_they_had(self) -> None:
        asked = Asked({A: team("a", 20, 22, 24, 26, 28, None)})
        history = publish_history([asked])
        known = find_interval(history, Scale.BO, 0, "a0")
        roster_only = find_interval(history, Scale.BO, 0, "a0", Knowledge(who_answered=False))
        assert known == roster_only == (10, 50)

    def test_a_withheld_mark_bounds_how_many_answered_and_nothing_else(self) -> None:
        asked = Asked({A: team("a", 20, 22, 24, 26, 28), B: team("b", 50, 50, None, None)})
        history = publish_history([asked])
        roster_only = Knowledge(who_answered=False)
        assert find_interval(history, Scale.BO, 0, "b0", roster_only) == (10, 50)

    def test_an_assumption_that_the_record_disproves_leaves_nothing(self) -> None:
        rounds = [Asked({A: team("a", *[20] * 6)}), Asked({A: team("a", *[29] * 6)})]
        assert find_interval(publish_history(rounds), Scale.BO, 1, "a0", Knowledge(moved=0)) is None


ways_to_answer = st.sampled_from(["low", "high", "mixed", "any"])


@st.composite
def answers(draw: st.DrawFn, way: str) -> tuple[int, int, int]:
    near = {"low": (10, 16), "high": (44, 50), "mixed": (10, 50), "any": (10, 50)}[way]
    if way == "mixed":
        return draw(st.tuples(*[st.sampled_from([10, 50])] * 3))
    return draw(st.tuples(*[st.integers(*near)] * 3))


@st.composite
def small_histories(draw: st.DrawFn, rounds: int) -> list[Seen]:
    """Two or three units of four to seven people, of whom some join, leave, move or are silent."""
    history: list[Asked] = []
    pooled = (B, C) if draw(st.booleans()) else ()
    paths = (A, "Home / R / B", "Home / R / C") if pooled else (A, B)
    pooled_paths = paths[1:] if pooled else ()
    sizes = [draw(st.sampled_from([3, 4, 5, 6])) for _ in paths]
    for _ in range(rounds):
        units: dict[str, dict[str, Answer | None]] = {}
        for unit, size in zip(paths, sizes, strict=True):
            way = draw(ways_to_answer)
            joined = draw(st.sampled_from([0, 0, 1]))
            first = draw(st.sampled_from([0, 0, 1]))
            units[unit] = {
                f"{unit[-1]}{at}": draw(answers(way)) if draw(st.integers(0, 8)) else None
                for at in range(first, size + joined)
            }
        history.append(Asked(units, pooled=pooled_paths))
    return publish_history(history)


@given(small_histories(1), st.data())
@SLOW
def test_one_round_gives_a_member_with_a_colleague_no_more_than_the_audit_says(
    history: list[Seen], data: st.DataObject
) -> None:
    names = [name for names in history[0].answered.values() for name in names]
    told = data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
    check_nothing_narrower(history, Knowledge(told, who_answered=data.draw(st.booleans())))


@given(small_histories(2))
@SLOW
def test_two_rounds_give_no_more_than_each_gives_alone(history: list[Seen]) -> None:
    check_nothing_narrower(history)


@given(small_histories(3), st.data())
@settings(SLOW, max_examples=25)
def test_three_rounds_and_a_colleague_give_no_more_than_each_gives_alone(
    history: list[Seen], data: st.DataObject
) -> None:
    names = sorted({name for seen in history for some in seen.answered.values() for name in some})
    told = data.draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
    check_nothing_narrower(history, Knowledge(told))


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("score", [10, 14, 22, 30, 38, 46, 50])
def test_every_pair_of_pooled_answers_at_every_level_keeps_the_promise(
    scale: Scale, score: int
) -> None:
    people = team("a", score, score, *[max(10, score - 4)] * 2, min(50, score + 4))
    history = publish_history([Asked({A: people})])
    for told in combinations(("a0", "a2", "a4"), 2):
        for low, high in filter(None, find_intervals(history, scale, 0, Knowledge(told)).values()):
            assert high >= 30 if scale is Scale.CS else low <= 30


@pytest.mark.parametrize("moved", [0, 2, 4])
@pytest.mark.parametrize("joins", [True, False])
@pytest.mark.parametrize("level", [14, 24, 33])
def test_a_joiner_or_leaver_is_known_as_the_audit_reports_and_no_better(
    level: int, joins: bool, moved: int
) -> None:
    stay = [level] * 5
    fewer, more = Asked({A: team("a", *stay)}), Asked({A: team("a", *stay, level + 3)})
    history = publish_history([fewer, more] if joins else [more, fewer])
    steps = find_steps([seen.record for seen in history], moved)
    for step in steps:
        found = find_interval(history, step.scale, int(joins), "a5", Knowledge(moved=moved))
        assert found == (step.lowest, step.highest)


@pytest.mark.parametrize("moved", [0, 2, 4])
@pytest.mark.parametrize("levels", [(24, 24), (20, 27), (36, 14), (20, 22)])
def test_one_of_an_unchanged_number_is_known_as_the_audit_reports_and_no_better(
    levels: tuple[int, int], moved: int
) -> None:
    history = publish_history([Asked({A: team("a", *[level] * 6)}) for level in levels])
    steps = find_single_changes([seen.record for seen in history], moved)
    assert len(steps) == 6
    for step in steps:
        at = ("present before", "present after").index(step.who)
        found = find_interval(history, step.scale, at, "a0", Knowledge(moved=moved))
        expected = (step.lowest, step.highest) if step.lowest <= step.highest else None
        assert found == expected
