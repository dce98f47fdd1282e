"""The seventeen attacks of the field: each succeeds against a plain k of five and fails against us.

Scores are burnout unless a test says otherwise; a person is (unit, place in it).
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from itertools import combinations_with_replacement, pairwise
from statistics import median, pstdev

import pytest

from tests.domain.attacker import Interval, attack, find_intervals
from tests.domain.naive_publisher import View, round_to_hundredths, show, show_all
from tests.domain.organisations import (
    Answers,
    Person,
    publish_organisation,
    record_organisation,
)
from wellbeing.domain.audit import find_steps
from wellbeing.domain.disclosure import publish_groups
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import ShownValues
from wellbeing.domain.publication_record import from_json, to_json

A, B, C = "Home / A", "Home / B", "Home / C"

TWELVE = {A: [24] * 11, B: [30]}
THREE_HIDDEN = {A: [22, 24, 26, 28, 30], B: [20, 21, 22, 23, 24, 25], C: [48, 49, 50]}
ONE_ON_EACH_LEVEL = {
    "Home": [44],
    "Home / North": [17],
    "Home / North / A": [20, 22, 24, 26, 28],
    "Home / North / B": [30, 31, 32, 33, 34],
}
ONLY_CHILD = {"Home / North": [46], "Home / North / A": [20, 21, 22, 23, 24, 25]}
ONE_SCALE_ONLY = {A: [*[(40, 25, 18)] * 4, (0, 0, 46)]}


def attack_naive(
    views: Iterable[View | None], known: Mapping[Person, int] | None = None
) -> dict[Person, Interval]:
    """Everyone's interval from the means and numbers of naive views alone."""
    return find_intervals([view.fact() for view in views if view is not None], known)


def view_of(unit: str, scores: Sequence[int]) -> View:
    """The naive view of one unit; the test would be void if it were hidden."""
    view = show({(unit, at): score for at, score in enumerate(scores)})
    assert view is not None
    return view


def narrowest(intervals: Mapping[Person, Interval]) -> int:
    return min(high - low for low, high in intervals.values())


def our_intervals(answers: Answers, tell: Iterable[Person] = ()) -> dict[Person, Interval]:
    """What our record of the round leaves to everybody who tells nothing, burnout."""
    told = set(tell)
    intervals = attack(record_organisation(answers), answers, Scale.BO, told)
    return {person: interval for person, interval in intervals.items() if person not in told}


class TestSubtraction:
    def test_naive_totals_give_the_twelfth_person_exactly(self) -> None:
        views = show_all(TWELVE)
        assert (views["Home"].mean, views[A].mean) == (Decimal("24.50"), Decimal("24.00"))
        assert attack_naive(views.values())[B, 0] == (30, 30)

    def test_ours_say_nothing_about_the_twelfth_person(self) -> None:
        assert our_intervals(TWELVE)[B, 0] == (10, 50)


class TestComplement:
    def test_naive_siblings_beside_the_total_give_the_hidden_team(self) -> None:
        intervals = attack_naive(show_all(THREE_HIDDEN).values())
        assert all(intervals[C, at][0] >= 47 for at in range(3))

    def test_ours_leave_the_hidden_team_the_whole_scale(self) -> None:
        intervals = our_intervals(THREE_HIDDEN)
        assert [intervals[C, at] for at in range(3)] == [(10, 50)] * 3

    @pytest.mark.parametrize("hidden", [3, 4, 5, 6])
    def test_ours_hold_whether_the_complement_is_below_or_above_k(self, hidden: int) -> None:
        answers = {A: [24] * 5, B: [20] * 6, C: [50] * hidden}
        assert narrowest(our_intervals(answers)) >= 20


class TestChain:
    def test_naive_levels_give_the_one_person_placed_on_each(self) -> None:
        intervals = attack_naive(show_all(ONE_ON_EACH_LEVEL).values())
        assert intervals["Home", 0] == (44, 44)
        assert intervals["Home / North", 0] == (17, 17)

    def test_ours_leave_both_the_whole_scale(self) -> None:
        intervals = our_intervals(ONE_ON_EACH_LEVEL)
        assert intervals["Home", 0] == intervals["Home / North", 0] == (10, 50)


class TestLateAnswerOrErasure:
    def test_naive_recomputation_gives_the_late_answer(self) -> None:
        before, after = view_of(A, [21] * 8), view_of(A, [21] * 8 + [30])
        assert (before.mean, after.mean) == (Decimal("21.00"), Decimal("22.00"))
        assert attack_naive([before, after])[A, 8] == (30, 30)

    def test_naive_recomputation_gives_the_erased_answer_just_so(self) -> None:
        full, erased = view_of(A, [21] * 8 + [30]), view_of(A, [21] * 8)
        assert attack_naive([full, erased])[A, 8] == (30, 30)

    def test_ours_refuse_a_history_that_holds_a_round_twice(self) -> None:
        before = record_organisation({A: [21] * 8})
        after = record_organisation({A: [21] * 8 + [30]})
        with pytest.raises(BadInput, match="stands here 2 times"):
            from_json(to_json([before, after]))


class TestRestatedHistory:
    def test_naive_restating_after_a_move_gives_the_one_who_moved(self) -> None:
        stays = [20, 21, 22, 23, 24]
        before, restated = view_of(A, [*stays, 41]), view_of(A, stays)
        assert attack_naive([before, restated])[A, 5] == (41, 41)

    def test_ours_keep_one_record_of_a_round_and_it_holds(self) -> None:
        answers = {A: [20, 21, 22, 23, 24, 41], B: [30] * 6}
        assert narrowest(our_intervals(answers)) >= 20


class TestFilter:
    scores = (20, 22, 23, 25, 26, 28, 30, 31, 47)

    def test_one_naive_filter_gives_the_only_one_outside_it(self) -> None:
        everyone, nurses = view_of(A, self.scores), view_of(A, self.scores[:8])
        assert attack_naive([everyone, nurses])[A, 8] == (47, 47)

    def test_ours_take_no_attribute_of_a_person_to_filter_by(self) -> None:
        taken = set(inspect.signature(publish_groups).parameters)
        assert taken == {"tree", "unit_of", "scores", "rules", "roster_of", "pooled"}

    def test_ours_leave_the_only_one_outside_a_profession_room(self) -> None:
        low, high = our_intervals({A: self.scores})[A, 8]
        assert high - low >= 20


class TestExactMean:
    scores = (20, 21, 22, 22, 23, 24, 25)

    def test_a_naive_mean_is_the_exact_sum(self) -> None:
        view = view_of(A, self.scores)
        assert view.mean == Decimal("22.43")
        assert (view.fact().low, view.fact().high) == (157, 157)

    def test_ours_leave_seven_sums_possible(self) -> None:
        value = record_organisation({A: self.scores}).groups[0].values[Scale.BO]
        sums = [total for total in range(70, 351) if value.low <= total / 7 <= value.high]
        assert sums == list(range(151, 158))


class TestEnds:
    def test_a_naive_mean_of_ten_says_that_all_are_lowest(self) -> None:
        intervals = attack_naive([view_of(A, [10] * 5)])
        assert set(intervals.values()) == {(10, 10)}

    def test_a_naive_mean_of_forty_nine_puts_everyone_above_forty_five(self) -> None:
        intervals = attack_naive([view_of(A, [50, 50, 49, 48, 48])])
        assert set(intervals.values()) == {(45, 50)}

    @pytest.mark.parametrize("scores", [[10] * 5, [50, 50, 49, 48, 48], [50] * 5, [10] * 60])
    def test_ours_keep_twenty_points_at_either_end(self, scores: list[int]) -> None:
        assert narrowest(our_intervals({A: scores})) >= 20


class TestHomogeneousBands:
    def test_naive_bands_six_of_six_make_each_band_certain(self) -> None:
        assert view_of(A, [42, 43, 44, 45, 46, 47]).bands == (0, 0, 6)

    def test_the_naive_odd_one_out_knows_the_other_five(self) -> None:
        low, moderate, high = view_of(A, [30, 43, 44, 45, 46, 47]).bands
        assert (low, moderate - 1, high) == (0, 0, 5)

    def test_ours_leave_two_bands_possible_for_all_six(self) -> None:
        intervals = our_intervals({A: [42, 43, 44, 45, 46, 47]})
        assert all(low <= 41 and high >= 42 for low, high in intervals.values())

    def test_our_odd_one_out_cannot_show_that_the_others_are_strained(self) -> None:
        intervals = our_intervals({A: [30, 43, 44, 45, 46, 47]}, tell=[(A, 0)])
        assert all(low <= 30 for low, _ in intervals.values())


class TestLeaderAsRespondent:
    leader, teller, others = 20, 22, [48, 49, 50]

    def test_a_naive_leader_with_one_teller_knows_that_three_are_strained(self) -> None:
        view = view_of(A, [self.leader, self.teller, *self.others])
        intervals = attack_naive([view], known={(A, 0): self.leader, (A, 1): self.teller})
        assert [intervals[A, at][0] for at in (2, 3, 4)] == [47, 47, 47]

    def test_our_leader_counts_above_so_four_are_no_group(self) -> None:
        answers = {"Home": [self.leader], A: [self.teller, *self.others], B: [25] * 6}
        record = record_organisation(answers)
        assert [group.label for group in record.groups] == ["Others in Home", B]

    def test_our_leader_with_one_teller_of_a_shown_team_cannot_show_strain(self) -> None:
        answers = {"Home": [self.leader], A: [self.teller, *self.others, 50], B: [25] * 6}
        intervals = our_intervals(answers, tell=[("Home", 0), (A, 0)])
        assert all(intervals[A, at][0] <= 30 for at in range(1, 5))


class TestResponseRate:
    def test_a_naive_rate_beside_the_mean_gives_the_last_to_answer(self) -> None:
        first, next_day = view_of(A, [30] * 5), view_of(A, [30] * 5 + [40])
        assert (first.mean, next_day.mean) == (Decimal("30.00"), Decimal("31.67"))
        assert attack_naive([first, next_day])[A, 5] == (40, 40)

    def test_ours_show_one_class_for_five_of_six_and_six_of_six(self) -> None:
        classes = [
            int(publish_organisation({A: [30] * n}, asked={A: 6}).groups.response_class[0])
            for n in (5, 6)
        ]
        assert classes == [2, 2]

    def test_ours_leave_the_last_to_answer_room(self) -> None:
        low, high = our_intervals({A: [*[30] * 5, 40]})[A, 5]
        assert high - low >= 20


class TestDetailsOfAMean:
    scores = (12, 24, 24, 32, 48)

    def test_naive_details_give_every_answer(self) -> None:
        view = view_of(A, self.scores)
        assert (view.least, view.middle, view.most, view.mean) == (12, 24, 48, Decimal("28.00"))
        fitting = [
            given
            for given in combinations_with_replacement(range(12, 49), 5)
            if (given[0], median(given), given[4]) == (12, 24, 48)
            and round_to_hundredths(Decimal(sum(given)) / 5) == view.mean
            and round(pstdev(given), 2) == view.spread
        ]
        assert fitting == [self.scores]

    def test_ours_publish_alike_two_teams_with_one_rounded_mean(self) -> None:
        spread_out, alike = (
            record_organisation({A: self.scores}),
            record_organisation({A: [28] * 5}),
        )
        assert spread_out == alike

    def test_ours_have_no_field_for_a_detail(self) -> None:
        assert [field.name for field in fields(ShownValues)] == ["point", "kind", "low", "high"]


class TestSmallAndChangingUnits:
    def test_a_naive_unit_with_one_child_gives_the_one_beside_it(self) -> None:
        intervals = attack_naive(show_all(ONLY_CHILD).values())
        assert intervals["Home / North", 0] == (46, 46)

    def test_our_unit_with_one_child_shows_the_childs_figure(self) -> None:
        record = record_organisation(ONLY_CHILD)
        assert {rollup.of for rollup in record.rollups} == {(record.groups[0].id,)}
        assert our_intervals(ONLY_CHILD)["Home / North", 0] == (10, 50)

    def test_a_naive_split_that_restates_the_past_gives_the_one_split_off(self) -> None:
        whole, rest = view_of(A, [20] * 9 + [39]), view_of(A, [20] * 9)
        assert attack_naive([whole, rest])[A, 9] == (39, 39)

    @pytest.mark.parametrize("after", ["Home / A renamed", B])
    def test_our_renamed_unit_starts_a_new_series(self, after: str) -> None:
        rounds = [
            record_organisation({A: [20] * 6}, round_id="1"),
            record_organisation({after: [20] * 7}, round_id="2"),
        ]
        assert find_steps(rounds, moved=0) == ()

    def test_our_merged_group_starts_a_new_series(self) -> None:
        rounds = [
            record_organisation({A: [20] * 3, B: [20] * 2}, round_id="1"),
            record_organisation({A: [20] * 3, B: [20] * 2, C: [20]}, round_id="2"),
        ]
        assert find_steps(rounds, moved=0) == ()

    def test_a_naive_insider_isolates_one_person_in_a_unit_of_their_own(self) -> None:
        views = show_all({A: [20, 21, 22, 23, 24], B: [45]})
        assert attack_naive(views.values())[B, 0] == (45, 45)

    def test_our_isolated_person_is_not_used_or_counted_among_k(self) -> None:
        alone = {A: [20, 21, 22, 23, 24], B: [45]}
        among = {"Home": [30] * 4, A: [20, 21, 22, 23, 24], B: [45]}
        assert our_intervals(alone)[B, 0] == (10, 50)
        assert narrowest(our_intervals(among)) >= 20


class TestScalesAgainstEachOther:
    def test_naive_scales_by_themselves_show_the_one_on_one_scale_only(self) -> None:
        strain = show({(A, at): given[2] for at, given in enumerate(ONE_SCALE_ONLY[A])})
        burnout = show(
            {(A, at): given[1] for at, given in enumerate(ONE_SCALE_ONLY[A]) if given[1]}
        )
        assert strain is not None
        assert burnout is None
        colleagues = {(A, at): 18 for at in range(4)}
        assert attack_naive([strain], known=colleagues)[A, 4] == (46, 46)

    def test_ours_count_nobody_on_one_scale_only(self) -> None:
        assert record_organisation(ONE_SCALE_ONLY).groups == ()

    def test_ours_have_one_number_for_all_scales(self) -> None:
        answers = {A: [*[(40, 25, 18)] * 5, (0, 0, 46), (40, 0, 18)]}
        assert [group.n for group in record_organisation(answers).groups] == [5]


class TestTiming:
    arriving = (31, 18, 44, 27, 22, 39, 12)

    def test_a_naive_live_page_gives_each_answer_from_the_sixth_on(self) -> None:
        pages = [show({(A, at): s for at, s in enumerate(self.arriving[:n])}) for n in range(8)]
        assert [page is not None for page in pages] == [False] * 5 + [True] * 3
        intervals = attack_naive(pages)
        assert (intervals[A, 5], intervals[A, 6]) == ((39, 39), (12, 12))

    def test_ours_are_the_same_in_whatever_order_people_answer(self) -> None:
        one = record_organisation({A: self.arriving})
        assert one == record_organisation({A: self.arriving[::-1]})

    def test_ours_leave_whoever_answers_last_room(self) -> None:
        low, high = our_intervals({A: self.arriving})[A, 6]
        assert high - low >= 20


class TestSilence:
    def test_a_naive_figure_hidden_because_all_are_alike_says_so(self) -> None:
        hidden = [
            show({(A, at): score for at, score in enumerate(scores)}, hide_alike=True) is None
            for scores in ([50] * 5, [50] * 4 + [49])
        ]
        assert hidden == [True, False]

    @pytest.mark.parametrize("scores", [[10] * 5, [50] * 5, [30] * 5, [10, 50, 10, 50, 30]])
    def test_ours_show_the_same_groups_whatever_was_answered(self, scores: list[int]) -> None:
        record = record_organisation({A: scores, B: scores[:3]})
        assert [(group.label, group.n) for group in record.groups] == [(A, 5)]
        assert [(mark.unit, mark.reason) for mark in record.withheld] == [(B, "not_used")]


class TestChangeBesideRoundedValues:
    def test_a_naive_change_with_decimals_restores_both_sums(self) -> None:
        before, after = view_of(A, [24, 24, 24, 23, 23]), view_of(A, [26, 26, 25, 25, 25])
        change = after.mean - before.mean
        assert change == Decimal("1.80")
        shown_as_24, shown_as_25 = range(118, 123), range(123, 128)
        sums = [(a, b) for a in shown_as_24 for b in shown_as_25 if Decimal(b - a) / 5 == change]
        assert sums == [(118, 127)]

    def test_our_change_is_the_same_for_every_pair_of_sums_behind_two_points(self) -> None:
        def point(total: int) -> int:
            scores = [total // 5 + (at < total % 5) for at in range(5)]
            return record_organisation({A: scores}).groups[0].values[Scale.BO].point

        before, after = {point(s) for s in range(118, 123)}, {point(s) for s in range(123, 128)}
        assert (before, after) == ({24}, {25})

    def test_our_rollups_do_not_restore_the_decimals_either(self) -> None:
        records = [
            record_organisation({A: [23 + (at < more) for at in range(5)], B: [30] * 5})
            for more in (3, 4, 5)
        ]
        assert all(one.rollups == other.rollups for one, other in pairwise(records))
