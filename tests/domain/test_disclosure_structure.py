"""People join, leave and move, units change shape: the field's way gives one person away each time.

Every story has a person in it. The naive publisher shows its views beside each other and the
person's answer is exact. Ours publishes the same events as two rounds, and a solver that reads both
together finds nothing narrower than the audit says of each round alone. Burnout throughout.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from tests.domain.attacker import Interval
from tests.domain.attacker import find_intervals as read_naive
from tests.domain.histories import Asked, publish_history
from tests.domain.naive_publisher import show
from tests.domain.solver_attacker import (
    Knowledge,
    check_nothing_narrower,
    find_interval,
    find_intervals,
)
from wellbeing.domain.audit import check_promise, find_single_changes, find_steps
from wellbeing.domain.disclosure import Rules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication_record import from_json, to_json

Scores = Mapping[str, int]
A, B, C = "Home / A", "Home / B", "Home / C"
POOLED = ("Home / Small teams / A", "Home / Small teams / C")

# Five who stay, and what they answer a quarter later.
FIVE = {"Ann": 20, "Bo": 22, "Cara": 24, "Dan": 26, "Eva": 28}
FIVE_LATER = {"Ann": 22, "Bo": 22, "Cara": 21, "Dan": 27, "Eva": 30}
SIX = {"Fie": 18, "Gry": 21, "Hal": 25, "Ib": 29, "Jo": 31, "Kim": 33}
SIX_LATER = {"Fie": 19, "Gry": 20, "Hal": 27, "Ib": 28, "Jo": 31, "Kim": 30}
FOUR = {"Liv": 19, "Max": 23, "Nor": 27, "Oda": 30}
FOUR_LATER = {"Liv": 21, "Max": 22, "Nor": 25, "Oda": 33}
ULF = "Ulf"


@dataclass(frozen=True)
class Story:
    """What happens between two rounds, and the views that the naive publisher shows of it.

    The views hold the naive publisher's answers, and `known` those that the reader knows of them.
    """

    rounds: tuple[Asked, Asked]
    naive_views: tuple[Scores, ...]
    ulf: int
    known: tuple[str, ...] = ()

    def naive_interval(self) -> Interval:
        """What the naive views, read together, leave of Ulf's answer."""
        people = {name: (name, 0) for view in self.naive_views for name in view}
        shown = [show({people[n]: score for n, score in v.items()}) for v in self.naive_views]
        facts = [view.fact() for view in shown if view is not None]
        known = {people[n]: v[n] for v in self.naive_views for n in self.known if n in v}
        return read_naive(facts, known)[people[ULF]]


STORIES = {
    "a joiner, beside a window that still holds the others' answers": Story(
        rounds=(Asked({A: FIVE, B: SIX}), Asked({A: {**FIVE_LATER, ULF: 45}, B: SIX_LATER})),
        naive_views=(FIVE, {**FIVE, ULF: 45}),
        ulf=45,
    ),
    "a leaver, whose answer drops out of the window": Story(
        rounds=(Asked({A: {**FIVE, ULF: 45}, B: SIX}), Asked({A: FIVE_LATER, B: SIX_LATER})),
        naive_views=({**FIVE, ULF: 45}, FIVE),
        ulf=45,
    ),
    "a mover, whose answers move along into the new team": Story(
        rounds=(
            Asked({A: {**FIVE, ULF: 45}, B: SIX}),
            Asked({A: FIVE_LATER, B: {**SIX_LATER, ULF: 43}}),
        ),
        naive_views=(SIX, {**SIX, ULF: 45}),
        ulf=45,
    ),
    "a late answer, taken in after the first figures": Story(
        rounds=(
            Asked({A: {**FIVE, ULF: None}, B: SIX}),
            Asked({A: {**FIVE_LATER, ULF: 45}, B: SIX_LATER}),
        ),
        naive_views=(FIVE, {**FIVE, ULF: 45}),
        ulf=45,
    ),
    "a withdrawn answer, taken out of figures already shown": Story(
        rounds=(
            Asked({A: {**FIVE, ULF: None}, B: SIX}),
            Asked({A: {**FIVE_LATER, ULF: None}, B: SIX_LATER}),
        ),
        naive_views=({**FIVE, ULF: 45}, FIVE),
        ulf=45,
    ),
    "a renamed unit with one more in it, its history carried over": Story(
        rounds=(
            Asked({A: FIVE, B: SIX}),
            Asked({"Home / A by the sea": {**FIVE_LATER, ULF: 45}, B: SIX_LATER}),
        ),
        naive_views=(FIVE, {**FIVE, ULF: 45}),
        ulf=45,
    ),
    "a split unit, both parts restated backwards": Story(
        rounds=(
            Asked({A: {**FIVE, **SIX, ULF: 45}}),
            Asked({A: {**FIVE_LATER, ULF: 43}, B: SIX_LATER}),
        ),
        naive_views=({**FIVE, **SIX, ULF: 45}, {**FIVE, **SIX}, SIX),
        ulf=45,
    ),
    "merged units, the sum shown beside the parts": Story(
        rounds=(
            Asked({A: FIVE, B: SIX, C: {ULF: 45}}),
            Asked({A: {**FIVE_LATER, **SIX_LATER, ULF: 43}}),
        ),
        naive_views=(FIVE, SIX, {**FIVE, **SIX, ULF: 45}),
        ulf=45,
    ),
    "a leader who changes team and knows their own answer in both": Story(
        rounds=(
            Asked({"Home": {"Lea": 20}, A: {**FIVE, ULF: 45}, B: SIX}),
            Asked({"Home": {"Lea": 23}, A: FIVE_LATER, B: {**SIX_LATER, ULF: 43}}),
        ),
        naive_views=({**FIVE, ULF: 45, "Lea": 20}, FIVE),
        ulf=45,
        known=("Lea",),
    ),
    "two rounds so close together that nobody else has changed": Story(
        rounds=(Asked({A: FIVE, B: SIX}), Asked({A: {**FIVE, ULF: 45}, B: SIX})),
        naive_views=(FIVE, {**FIVE, ULF: 45}),
        ulf=45,
    ),
    "somebody in HR who gives one person a unit of their own": Story(
        rounds=(
            Asked({A: {**FIVE, ULF: 45}, B: SIX}),
            Asked({A: FIVE_LATER, B: SIX_LATER, C: {ULF: 43}}),
        ),
        naive_views=(FIVE, {**FIVE, ULF: 45}),
        ulf=45,
    ),
    "somebody in HR who puts one person among others each time": Story(
        rounds=(
            Asked({A: {**FOUR, ULF: 45}, B: SIX}),
            Asked({A: FOUR_LATER, B: {**SIX_LATER, ULF: 43}, "Home": {"Pia": 24}}),
        ),
        naive_views=({**SIX, ULF: 45}, SIX),
        ulf=45,
    ),
    "a reporting group that one small team is taken out of": Story(
        rounds=(
            Asked({POOLED[0]: FOUR, POOLED[1]: {ULF: 45, "Pia": 24}, B: SIX}, POOLED),
            Asked({POOLED[0]: FOUR_LATER, POOLED[1]: {"Pia": 26}, C: {ULF: 43}}, POOLED),
        ),
        naive_views=({**FOUR, "Pia": 24, ULF: 45}, {**FOUR, "Pia": 24}),
        ulf=45,
    ),
}  # fmt: skip
stories = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


@stories
def test_the_naive_way_gives_ulf_away(story: Story) -> None:
    assert story.naive_interval() == (story.ulf, story.ulf)


@stories
def test_our_two_rounds_read_together_give_no_more_than_each_alone(story: Story) -> None:
    history = publish_history(story.rounds)
    check_promise([seen.record for seen in history], Rules())
    check_nothing_narrower(history)


@stories
@pytest.mark.parametrize("told", [("Ann", "Bo"), ("Liv", "Lea"), ("Fie", "Pia")])
def test_a_member_and_a_colleague_who_tell_in_both_rounds_change_nothing(
    story: Story, told: tuple[str, str]
) -> None:
    check_nothing_narrower(publish_history(story.rounds), Knowledge(told))


@stories
def test_ulf_keeps_the_promise_in_either_round(story: Story) -> None:
    history = publish_history(story.rounds)
    for at, seen in enumerate(history):
        low, high = find_intervals(history, Scale.BO, at).get(ULF) or (10, 50)
        assert high - low >= 20
        assert ULF not in seen.truth or low <= seen.score(ULF, Scale.BO) <= high


def test_a_late_answer_is_refused_because_a_round_stands_once_in_the_record() -> None:
    before, after = (
        publish_history([Asked({A: {**FIVE, ULF: answer}})])[0].record for answer in (None, 45)
    )
    with pytest.raises(BadInput, match="stands here 2 times"):
        from_json(to_json([before, after]))


def test_a_withdrawn_answer_leaves_the_record_of_a_round_without_it() -> None:
    never_sent = publish_history([Asked({A: {**FIVE, ULF: None}})])[0]
    incomplete = publish_history([Asked({A: {**FIVE, ULF: (0, 45, 45)}})])[0]
    assert never_sent.record == incomplete.record
    assert find_interval([never_sent], Scale.BO, 0, "Ann") == (10, 50)


@pytest.mark.parametrize(
    "name",
    [name for name in STORIES if name.startswith(("a renamed", "a split", "merged"))],
)
def test_a_new_shape_starts_a_new_series_wherever_the_people_changed(name: str) -> None:
    records = [seen.record for seen in publish_history(STORIES[name].rounds)]
    told_of = {
        step.label for find in (find_steps, find_single_changes) for step in find(records, 0)
    }
    assert told_of <= {B}


def test_a_leader_is_counted_in_no_group_of_a_team_they_lead() -> None:
    story = STORIES["a leader who changes team and knows their own answer in both"]
    for seen in publish_history(story.rounds):
        groups = {group.label: seen.members(group.id) for group in seen.record.groups}
        assert "Lea" not in {name for team in (A, B) for name in groups[team]}


def test_rounds_cannot_be_made_to_lie_closer_than_thirty_days() -> None:
    with pytest.raises(BadInput, match="'min_days_between_rounds' is 29, below its floor of 30"):
        Rules(min_days_between_rounds=29)


@pytest.mark.parametrize(("moved", "interval"), [(0, (43, 50)), (2, (33, 50)), (4, (23, 50))])
def test_a_reader_who_assumes_that_nobody_moved_learns_what_the_audit_reports(
    moved: int, interval: Interval
) -> None:
    """Not promised: this is why rounds lie apart, and why the audit prints it."""
    name = "two rounds so close together that nobody else has changed"
    history = publish_history(STORIES[name].rounds)
    steps = find_steps([seen.record for seen in history], moved)
    (step,) = (step for step in steps if step.scale is Scale.BO and step.label == A)
    found = find_interval(history, Scale.BO, 1, ULF, Knowledge(moved=moved))
    assert found == (step.lowest, step.highest) == interval


def test_all_others_together_learn_the_last_answer_to_within_the_rounding() -> None:
    """Not promised, and no rule prevents it: everyone but Ulf tells."""
    history = publish_history([Asked({A: {**FIVE, ULF: 30}})])
    everyone = Knowledge(tuple(FIVE))
    assert find_interval(history, Scale.BO, 0, ULF, everyone) == (27, 32)
    wider = replace(everyone, told=tuple(FIVE)[:2])
    assert find_interval(history, Scale.BO, 0, ULF, wider) == (10, 50)
