"""The rules of publication at their edges, on small organisations worked by hand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.domain.series_notation import read_series
from wellbeing.domain.disclosure import (
    NOWHERE,
    Publication,
    Reason,
    Rules,
    UnitTree,
    load_rules,
    publish_groups,
)
from wellbeing.domain.disclosure_rules import CEILINGS, FLOORS, LEAST_WIDTHS
from wellbeing.domain.errors import BadInput
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.flags import find_flags
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.publication import GroupKind
from wellbeing.domain.trends import find_reference

RULES = Rules()
ONE_POOLED = Rules(pooled_answers=1)
CS, BO, STS = range(3)


def publish(
    parents: Sequence[int],
    answers: Sequence[tuple[int, Sequence[int]]],
    *,
    asked: Sequence[int] | None = None,
    rules: Rules = RULES,
    pooled: Sequence[int] = (),
) -> Publication:
    """Publish answers given as (unit, the same score on all scales or three scores)."""
    units = np.array([unit for unit, _ in answers], dtype=np.intp)
    scores = np.array([list(s) * (3 // len(s)) for _, s in answers], dtype=np.int16)
    roster = None if asked is None else np.array(asked, dtype=np.intp)
    tree = UnitTree(np.array(parents, dtype=np.intp))
    members = np.isin(np.arange(len(parents)), pooled)
    return publish_groups(
        tree, units, scores.reshape(-1, 3), rules, roster_of=roster, pooled=members
    )


def people(unit: int, count: int, score: int = 24) -> list[tuple[int, tuple[int]]]:
    return [(unit, (score,))] * count


def texts(publication: Publication, group: int = 0) -> tuple[str, str, str]:
    values = publication.groups.values
    return values.text(group, CS), values.text(group, BO), values.text(group, STS)


def one_team(scores: Sequence[int], rules: Rules = RULES) -> Publication:
    return publish([-1], [(0, (score,)) for score in scores], rules=rules)


def withheld(publication: Publication) -> dict[int, tuple[Reason, int]]:
    marks = publication.withheld
    return {
        int(unit): (Reason(reason), int(group))
        for unit, reason, group in zip(marks.unit, marks.reason, marks.counted_in, strict=True)
    }


def counts_for(publication: Publication, group: int) -> list[int]:
    return [int(unit) for unit in publication.groups.counts_for[group]]


class TestWhichGroups:
    @pytest.mark.parametrize(("size", "groups"), [(4, 0), (5, 1), (6, 1)])
    def test_a_team_is_a_group_from_k_answers(self, size: int, groups: int) -> None:
        assert publish([-1], people(0, size)).groups.unit.size == groups

    @pytest.mark.parametrize(("k", "size", "groups"), [(8, 7, 0), (8, 8, 1), (8, 9, 1)])
    def test_a_raised_k_is_kept(self, k: int, size: int, groups: int) -> None:
        published = publish([-1], people(0, size), rules=Rules(min_group_size=k))
        assert published.groups.unit.size == groups

    def test_small_sibling_teams_become_the_others_in_their_unit(self) -> None:
        published = publish([-1, 0, 0], people(1, 3) + people(2, 2))
        assert published.groups.unit.tolist() == [0]
        assert published.groups.kind.tolist() == [GroupKind.OTHERS]
        assert counts_for(published, 0) == [1, 2]

    def test_the_rest_of_a_unit_below_k_is_handed_up_past_it(self) -> None:
        parents = [-1, 0, 1, 1, 0]
        published = publish(parents, people(2, 6) + people(3, 4) + people(0, 1))
        assert published.groups.unit.tolist() == [0, 2]
        assert counts_for(published, 0) == [0, 3]

    def test_a_team_shown_is_not_counted_again_above(self) -> None:
        published = publish([-1, 0, 0], people(1, 5) + people(2, 5))
        assert published.groups.unit.tolist() == [1, 2]

    def test_what_never_reaches_k_is_not_used(self) -> None:
        published = publish([-1, 0, 0], people(1, 5) + people(2, 4))
        assert published.groups.unit.tolist() == [1]
        assert withheld(published)[2] == (Reason.NOT_USED, -1)

    def test_leaders_and_direct_staff_join_the_small_team_beside_them(self) -> None:
        published = publish([-1, 0, 0], people(0, 2) + people(1, 5) + people(2, 3))
        assert published.groups.answers.tolist() == [5, 5]
        assert counts_for(published, 0) == [0, 2]

    def test_several_top_units_are_published_apart(self) -> None:
        published = publish([-1, -1, 0, 1], people(2, 3) + people(3, 3))
        assert published.groups.unit.size == 0

    def test_a_chain_of_units_hands_up_to_the_first_that_reaches_k(self) -> None:
        depth = 300
        parents = [at - 1 for at in range(depth)]
        published = publish(parents, people(depth - 1, 4) + people(7, 1))
        assert published.groups.unit.tolist() == [7]
        assert counts_for(published, 0) == [7, depth - 1]

    def test_an_answer_not_scored_on_one_scale_counts_on_none(self) -> None:
        answers = [*people(0, 5), (0, (24, 24, 0))]
        published = publish([-1], answers)
        assert published.groups.answers.tolist() == [5]

    def test_four_complete_answers_and_one_incomplete_are_no_group(self) -> None:
        assert publish([-1], [*people(0, 4), (0, (0, 24, 24))]).groups.unit.size == 0

    def test_whoever_leads_everything_counts_nowhere(self) -> None:
        published = publish([-1], people(0, 5, 20) + people(NOWHERE, 1, 50))
        assert published.groups.answers.tolist() == [5]
        assert texts(published)[BO] == "20"


class TestReportingGroups:
    """Unit 1 is a reporting group below unit 0; units 2 and 3 are its members, unit 4 is not."""

    parents = (-1, 0, 1, 1, 0)

    def publish(self, second: int, third: int, others: int = 6, own: int = 0) -> Publication:
        answers = people(2, second) + people(3, third) + people(4, others) + people(0, own)
        return publish(self.parents, answers, pooled=[2, 3])

    @pytest.mark.parametrize(("second", "shown"), [(1, False), (2, True), (3, True)])
    def test_members_are_shown_together_from_k_answers(self, second: int, shown: bool) -> None:
        assert (1 in self.publish(second, 3).groups.unit) is shown

    def test_its_group_is_a_kind_of_its_own(self) -> None:
        groups = self.publish(2, 3).groups
        assert groups.unit.tolist() == [1, 4]
        assert groups.kind.tolist() == [GroupKind.POOLED, GroupKind.TEAM]
        assert groups.counts_for[0].tolist() == [2, 3]

    @pytest.mark.parametrize("size", [4, 5, 6])
    def test_a_member_has_no_figure_of_its_own_however_many_answered(self, size: int) -> None:
        assert self.publish(size, 3).groups.unit.tolist() == [1, 4]

    @pytest.mark.parametrize("size", [2, 5, 9])
    def test_a_member_says_that_it_is_counted_in_the_reporting_group(self, size: int) -> None:
        marks = withheld(self.publish(size, 3))
        assert marks == {2: (Reason.POOLED, 0), 3: (Reason.POOLED, 0)}

    def test_a_reporting_group_below_k_is_handed_up_with_its_members(self) -> None:
        published = self.publish(1, 3, own=1)
        assert published.groups.unit.tolist() == [0, 4]
        assert published.groups.kind.tolist() == [GroupKind.OTHERS, GroupKind.TEAM]
        assert withheld(published) == dict.fromkeys((1, 2, 3), (Reason.TOO_FEW, 0))

    def test_a_reporting_group_that_never_reaches_k_is_not_used(self) -> None:
        assert set(withheld(self.publish(1, 3)).values()) == {(Reason.NOT_USED, -1)}

    def test_staff_placed_above_a_reporting_group_do_not_count_in_it(self) -> None:
        groups = self.publish(3, 3, own=5).groups
        assert [units.tolist() for units in groups.counts_for] == [[0], [2, 3], [4]]

    def test_it_has_its_group_and_no_rollup_that_says_the_same_again(self) -> None:
        rollups = self.publish(2, 3).rollups
        assert rollups.unit.tolist() == [0]
        assert rollups.of[0].tolist() == [0, 1]

    def test_it_has_a_rollup_where_a_member_has_a_figure_below_it(self) -> None:
        parents = [-1, 0, 1, 1, 2]
        published = publish(parents, people(2, 3) + people(3, 3) + people(4, 5), pooled=[2, 3])
        assert published.rollups.unit.tolist() == [0, 1, 2]
        assert [of.tolist() for of in published.rollups.of] == [[0, 1], [0, 1], [1]]
        assert withheld(published) == {3: (Reason.POOLED, 0)}

    def test_a_member_without_people_says_so(self) -> None:
        assert withheld(self.publish(0, 6))[2] == (Reason.NOBODY, -1)

    def test_a_member_needs_a_unit_above_it(self) -> None:
        with pytest.raises(BadInput, match="Unit 0 has no reporting group"):
            publish([-1, 0], people(1, 5), pooled=[0])

    def test_marks_of_members_must_fit_the_units(self) -> None:
        tree, units = UnitTree(np.array([-1])), np.zeros(0, dtype=np.intp)
        scores = np.zeros((0, 3), dtype=np.int16)
        for pooled in (np.zeros(2, dtype=np.bool_), np.zeros(1, dtype=np.intp)):
            with pytest.raises(BadInput, match="member of a reporting group or not"):
                publish_groups(tree, units, scores, RULES, pooled=pooled)  # type: ignore[arg-type]

    def test_every_reason_and_kind_can_come_about(self) -> None:
        published = [self.publish(2, 3, own=5), self.publish(1, 3), self.publish(1, 3, own=1)]
        reasons = {reason for one in published for reason, _ in withheld(one).values()}
        reasons |= {reason for reason, _ in withheld(self.publish(0, 5)).values()}
        assert reasons == set(Reason)
        assert {kind for one in published for kind in one.groups.kind.tolist()} == set(GroupKind)


class TestValues:
    @pytest.mark.parametrize(
        ("scores", "shown"),
        [([24] * 5, "24"), ([24] * 3 + [25] * 2, "24"), ([24] * 3 + [25] * 3, "25")],
    )
    def test_a_mean_is_rounded_half_up(self, scores: list[int], shown: str) -> None:
        assert texts(one_team(scores))[BO] == shown

    def test_a_point_stands_for_all_means_that_round_to_it(self) -> None:
        values = one_team([24] * 5).groups.values
        assert (values.low[0, BO], values.high[0, BO]) == (23.5, 24.49)

    @pytest.mark.parametrize(
        ("n", "high"), [(5, 24.49), (50, 24.49), (51, 24.499), (99, 24.499), (100, 24.49)]
    )
    def test_the_range_of_a_point_has_the_nines_its_group_needs(self, n: int, high: float) -> None:
        assert one_team([24] * n).groups.values.high[0, BO] == high

    def test_every_mean_that_rounds_to_a_point_is_in_its_range_and_no_other(self) -> None:
        for n in range(5, 1200):
            values = one_team([24] * n).groups.values
            low, high = values.low[0, BO], values.high[0, BO]
            first, after = -(-47 * n // 2), -(-49 * n // 2)
            assert (first - 1) / n < low <= first / n
            assert (after - 1) / n <= high < 24.5

    @pytest.mark.parametrize(
        ("rules", "ends"),
        [
            (ONE_POOLED, {5: (38, 14), 6: (40, 14), 7: (41, 13), 10: (44, 12), 60: (49, 11)}),
            (RULES, {5: (30, 14), 8: (37, 13), 10: (40, 12), 12: (41, 12), 1000: (49, 11)}),
        ],
    )
    def test_ends_are_classed_as_the_rule_says(
        self, rules: Rules, ends: dict[int, tuple[int, int]]
    ) -> None:
        for n, (most, least) in ends.items():
            top, bottom = texts(one_team([50] * n, rules)), texts(one_team([10] * n, rules))
            assert top[1:] == (f"{most} or more",) * 2
            assert bottom[1:] == (f"{least} or less",) * 2
            assert top[CS] == f"{60 - least} or more"
            assert bottom[CS] == f"{60 - most} or less"

    @pytest.mark.parametrize(
        ("total", "shown"),
        [(147, "29"), (148, "30 or more"), (150, "30 or more"), (72, "14 or less"), (73, "15")],
    )
    def test_a_class_holds_every_mean_that_rounds_to_its_edge(self, total: int, shown: str) -> None:
        scores = [total // 5 + (at < total % 5) for at in range(5)]
        assert texts(one_team(scores))[BO] == shown

    def test_classes_run_to_the_ends_of_the_scale(self) -> None:
        top, bottom = one_team([50] * 5).groups.values, one_team([10] * 5).groups.values
        assert (top.low[0, BO], top.high[0, BO]) == (29.5, 50)
        assert (bottom.low[0, BO], bottom.high[0, BO]) == (10, 14.49)

    def test_the_three_scales_keep_their_own_columns(self) -> None:
        assert texts(publish([-1], [(0, (40, 25, 18))] * 5)) == ("40", "25", "18")

    def test_a_coarser_point_rounds_values_and_ends_to_its_multiples(self) -> None:
        published = publish([-1], [(0, (50, 23, 10))] * 5, rules=Rules(point=2))
        assert texts(published) == ("46 or more", "24", "14 or less")
        values = published.groups.values
        assert (values.low[0, BO], values.high[0, BO]) == (23, 24.99)

    def test_no_sum_and_no_finer_number_is_part_of_a_publication(self) -> None:
        a, b = one_team([20, 22, 24, 26, 28]), one_team([24, 24, 24, 24, 25])
        for mine, theirs in zip(
            vars(a.groups.values).values(), vars(b.groups.values).values(), strict=True
        ):
            assert np.array_equal(mine, theirs)


class TestFlagsAtTheEnds:
    reference = find_reference(load_instrument(), load_flag_rules().trend)

    @pytest.mark.parametrize("n", [5, 6, 8, 12, 60])
    def test_every_strained_class_lies_beyond_the_level_that_a_flag_asks_for(self, n: int) -> None:
        top, bottom = (one_team([end] * n).groups.values.point[0] for end in (50, 10))
        for column, scale in enumerate(Scale):
            half = self.reference.sd[scale] / 2
            if scale is Scale.CS:
                assert bottom[column] < self.reference.mean[scale] - half
            else:
                assert top[column] > self.reference.mean[scale] + half

    @pytest.mark.parametrize(
        ("scale", "shown", "rule"),
        [(Scale.CS, "30-", "cs-low"), (Scale.BO, "30+", "bo-high"), (Scale.STS, "30+", "sts-high")],
    )
    def test_three_rounds_of_the_widest_class_raise_a_flag(
        self, scale: Scale, shown: str, rule: str
    ) -> None:
        series = {scale: read_series(" ".join([shown] * 3), 5)}
        (flag,) = find_flags(series, load_instrument(), load_flag_rules())
        assert flag.rule_id == rule


class TestRollups:
    def test_a_unit_shows_the_weighted_mean_of_its_groups_as_shown(self) -> None:
        published = publish([-1, 0, 0], people(1, 5, 20) + people(2, 10, 30))
        assert published.rollups.unit.tolist() == [0]
        assert published.rollups.of[0].tolist() == [0, 1]
        assert published.rollups.values.text(0, BO) == "27"

    def test_rollups_come_from_points_and_not_from_answers(self) -> None:
        low = [20] * 3 + [21] * 2
        one = publish([-1, 0, 0], [(1, (s,)) for s in low] + people(2, 5, 21))
        other = publish([-1, 0, 0], people(1, 5, 20) + people(2, 5, 21))
        assert np.array_equal(one.rollups.values.point, other.rollups.values.point)
        assert np.array_equal(one.rollups.values.low, other.rollups.values.low)

    def test_a_class_enters_at_its_edge(self) -> None:
        published = publish([-1, 0, 0], people(1, 5, 50) + people(2, 5, 20))
        assert published.rollups.values.text(0, BO) == "25"

    def test_a_rollup_ranges_as_its_groups_do(self) -> None:
        values = publish([-1, 0, 0], people(1, 5, 50) + people(2, 5, 20)).rollups.values
        assert (values.low[0, BO], values.high[0, BO]) == (24.5, 35.245)

    def test_a_rollup_of_one_group_is_that_group(self) -> None:
        published = publish([-1, 0, 0], people(1, 5, 50) + people(2, 3, 20))
        assert published.rollups.values.text(0, BO) == "30 or more"
        assert published.rollups.values.high[0, BO] == 50

    def test_every_unit_above_a_group_has_a_rollup(self) -> None:
        parents = [-1, 0, 1, 1, 0, 4]
        published = publish(parents, people(2, 5) + people(3, 5) + people(5, 6))
        assert published.rollups.unit.tolist() == [0, 1, 4]
        assert [of.tolist() for of in published.rollups.of] == [[0, 1, 2], [0, 1], [2]]

    def test_there_is_no_rollup_without_a_group_below(self) -> None:
        parents = [-1, 0, 1, 0, 3]
        published = publish(parents, people(2, 5) + people(4, 4) + people(3, 1))
        assert published.rollups.unit.tolist() == [0, 1, 3]
        parents = [-1, 0, 1, 0, 3]
        assert publish(parents, people(2, 5) + people(4, 4)).rollups.unit.tolist() == [0, 1]


class TestWithheld:
    def test_a_small_team_names_the_group_it_is_counted_in(self) -> None:
        published = publish([-1, 0, 0], people(1, 5) + people(2, 4) + people(0, 1))
        assert withheld(published) == {2: (Reason.TOO_FEW, 0)}

    def test_a_unit_with_nobody_says_so(self) -> None:
        published = publish([-1, 0, 0], people(1, 5))
        assert withheld(published) == {2: (Reason.NOBODY, -1)}

    def test_a_team_where_nobody_answered_is_counted_with_its_neighbours(self) -> None:
        published = publish([-1, 0, 0], people(2, 4) + people(0, 1), asked=[2] * 4 + [1] * 3 + [0])
        assert withheld(published)[1] == (Reason.TOO_FEW, 0)
        assert counts_for(published, 0) == [0, 1, 2]

    def test_a_unit_whose_people_all_count_above_it_has_no_figure(self) -> None:
        published = publish([-1, 0, 1, 1, 0], people(2, 2) + people(3, 2) + people(4, 3))
        assert published.groups.unit.tolist() == [0]
        assert set(withheld(published).values()) == {(Reason.TOO_FEW, 0)}
        assert set(withheld(published)) == {1, 2, 3, 4}


class TestResponse:
    @pytest.mark.parametrize(
        ("answers", "asked", "expected"),
        [(5, 9, 0), (6, 10, 1), (79, 100, 1), (80, 100, 2), (599, 1000, 0), (5, 5, 2)],
    )
    def test_the_share_who_answered_is_one_of_three_classes(
        self, answers: int, asked: int, expected: int
    ) -> None:
        published = publish([-1], people(0, answers), asked=[0] * asked)
        assert published.groups.response_class.tolist() == [expected]

    def test_the_share_of_others_counts_everyone_whose_people_count_there(self) -> None:
        asked = [1] * 4 + [2] * 6
        published = publish([-1, 0, 0], people(1, 2) + people(2, 3), asked=asked)
        assert published.groups.response_class.tolist() == [0]

    @pytest.mark.parametrize(
        ("n", "shown"), [(5, "5–9"), (9, "5–9"), (10, "10–19"), (49, "20–49"), (50, "50+")]
    )
    def test_numbers_of_people_are_shown_as_ranges(self, n: int, shown: str) -> None:
        assert RULES.size_range(n) == shown

    def test_a_number_below_k_has_no_range(self) -> None:
        with pytest.raises(BadInput):
            RULES.size_range(4)


class TestBadInput:
    def test_units_in_a_circle_are_refused(self) -> None:
        with pytest.raises(BadInput, match="circle"):
            UnitTree(np.array([-1, 3, 1, 2]))

    @pytest.mark.parametrize("parents", [[-2], [1], [-1, 5]])
    def test_a_parent_that_does_not_exist_is_refused(self, parents: list[int]) -> None:
        with pytest.raises(BadInput, match="does not exist"):
            UnitTree(np.array(parents))

    @pytest.mark.parametrize("score", [9, 51, -1, 1])
    def test_a_score_outside_the_scale_is_refused(self, score: int) -> None:
        with pytest.raises(BadInput, match="Answer 5"):
            publish([-1], [*people(0, 5), (0, (24, score, 24))])

    @pytest.mark.parametrize("unit", [-2, 1])
    def test_an_answer_in_no_known_unit_is_refused(self, unit: int) -> None:
        with pytest.raises(BadInput, match="unit"):
            publish([-1], people(unit, 1))

    def test_more_answers_than_people_asked_are_refused(self) -> None:
        with pytest.raises(BadInput, match="Unit 0 has 6 answers of 5"):
            publish([-1], people(0, 6), asked=[0] * 5)

    def test_scores_that_do_not_match_their_units_are_refused(self) -> None:
        scores: NDArray[np.int16] = np.full((4, 3), 24, dtype=np.int16)
        with pytest.raises(BadInput):
            publish_groups(UnitTree(np.array([-1])), np.zeros(5, dtype=np.intp), scores, RULES)

    def test_a_round_without_answers_publishes_nothing(self) -> None:
        published = publish([-1, 0], [], asked=[1])
        assert withheld(published) == {0: (Reason.NOT_USED, -1), 1: (Reason.NOT_USED, -1)}


class TestRules:
    def test_the_configuration_holds_the_defaults(self) -> None:
        assert load_rules() == RULES

    @pytest.mark.parametrize(("name", "floor"), FLOORS.items())
    def test_no_configuration_goes_below_a_floor(self, name: str, floor: int) -> None:
        with pytest.raises(BadInput, match=rf"'{name}' is {floor - 1}, below its floor of {floor}"):
            Rules.from_mapping({name: floor - 1})

    @pytest.mark.parametrize(("name", "ceiling"), CEILINGS.items())
    def test_no_configuration_goes_above_a_ceiling(self, name: str, ceiling: int) -> None:
        with pytest.raises(BadInput, match=rf"'{name}' is {ceiling + 1}, above its ceiling"):
            Rules.from_mapping({name: ceiling + 1})

    @pytest.mark.parametrize(
        ("name", "starts"),
        [
            ("size_range_starts", [5, 9]),
            ("size_range_starts", [0, 5]),
            ("response_class_starts", [60, 79]),
            ("response_class_starts", [10]),
            ("response_class_starts", [90]),
        ],
    )
    def test_ranges_and_classes_cannot_be_narrowed(self, name: str, starts: list[int]) -> None:
        with pytest.raises(BadInput, match=rf"'{name}' has a step below its floor"):
            Rules.from_mapping({name: starts})

    @pytest.mark.parametrize("value", ["5", 5.0, True, None, [5]])
    def test_a_parameter_that_is_no_whole_number_is_refused(self, value: object) -> None:
        with pytest.raises(BadInput, match="'min_group_size' must be a whole number"):
            Rules.from_mapping({"min_group_size": value})

    @pytest.mark.parametrize("value", [5, [], ["5"], [True], None])
    def test_ranges_that_are_no_list_of_whole_numbers_are_refused(self, value: object) -> None:
        with pytest.raises(BadInput, match="'size_range_starts' must be a list"):
            Rules.from_mapping({"size_range_starts": value})

    def test_an_unknown_parameter_is_refused(self) -> None:
        with pytest.raises(BadInput, match="'min_group'"):
            Rules.from_mapping({"min_group": 5})

    def test_ranges_must_cover_the_smallest_group(self) -> None:
        with pytest.raises(BadInput, match="begin at or below"):
            Rules.from_mapping({"size_range_starts": [10, 20]})

    @pytest.mark.parametrize(
        ("stricter", "room"),
        [
            ({}, 100),
            ({"pooled_answers": 1}, 60),
            ({"lowest_strain_at_most": 29}, 101),
            ({"highest_satisfaction_at_least": 32}, 102),
        ],
    )
    def test_the_strained_room_follows_from_the_promise(
        self, stricter: dict[str, object], room: int
    ) -> None:
        assert Rules.from_mapping(stricter).strained_room == room

    def test_a_wider_promise_alone_needs_the_room_to_keep_it(self) -> None:
        with pytest.raises(BadInput, match="'other_room'"):
            Rules.from_mapping({"promised_points": 21})

    def test_rooms_that_meet_in_the_middle_are_refused(self) -> None:
        with pytest.raises(BadInput, match="no value"):
            Rules.from_mapping({"pooled_answers": 4})

    def test_four_pooled_answers_need_larger_groups(self) -> None:
        assert Rules(pooled_answers=4, min_group_size=8).strained_room == 180

    def test_every_parameter_has_a_floor_a_ceiling_or_a_least_width(self) -> None:
        assert FLOORS.keys() | CEILINGS.keys() | LEAST_WIDTHS.keys() == vars(RULES).keys()

    def test_a_file_that_is_no_toml_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "disclosure.toml"
        path.write_text("min_group_size =", encoding="utf-8")
        with pytest.raises(BadInput, match="cannot be read"):
            load_rules(path)

    def test_a_stricter_file_is_followed(self, tmp_path: Path) -> None:
        path = tmp_path / "disclosure.toml"
        path.write_text("min_group_size = 8\nsize_range_starts = [5, 20]\n", encoding="utf-8")
        assert load_rules(path).size_range(8) == "5–19"
