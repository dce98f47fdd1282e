"""The audit proves our records and finds each way in which a record could break the promise."""

from dataclasses import replace
from datetime import date

import pytest

from tests.domain.attacker import attack
from tests.domain.naive_publisher import show_all
from tests.domain.organisations import Answers, record_organisation
from wellbeing.domain.audit import (
    Step,
    check_promise,
    find_bounds,
    find_breaches,
    find_steps,
    find_worst,
    find_worst_of_round,
    keeps_promise,
)
from wellbeing.domain.disclosure import Rules
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication_record import (
    GroupRecord,
    RollupRecord,
    RoundRecord,
    ShownValue,
    from_json,
    to_json,
)

RULES = Rules()
ONE_POOLED = Rules(pooled_answers=1)
HOME: Answers = {
    "Home": [30, 31],
    "Home / A": [48, 49, 50, 50, 50],
    "Home / B": [10, 11, 10, 10, 10, 12],
    "Home / C": [20, 30, 40],
    "Home / D": [(40, 25, 18)] * 11,
}


def group(shown: str, low: float, high: float, n: int = 5, **other: str) -> GroupRecord:
    """A group with one value on all scales, as somebody else's program may have written it."""
    name = other.get("name", "A")
    value = ShownValue(shown, low, high)
    return GroupRecord(name, name, (name,), n, dict.fromkeys(Scale, value))


def one_round(*groups: GroupRecord, rollups: tuple[RollupRecord, ...] = ()) -> RoundRecord:
    return RoundRecord("7", date(2026, 3, 31), "proqol5", "wording", groups, rollups, ())


def breaches(
    *groups: GroupRecord, rollups: tuple[RollupRecord, ...] = (), rules: Rules = RULES
) -> list[str]:
    return list(find_breaches([one_round(*groups, rollups=rollups)], rules))


class TestBounds:
    def test_bounds_alone_are_what_the_attacker_finds(self) -> None:
        record = record_organisation(HOME)
        for scale in Scale:
            intervals = attack(record, HOME, scale)
            for bound in find_bounds(record):
                if bound.scale is scale and bound.label == "Home / A":
                    assert (bound.lowest, bound.highest) == intervals["Home / A", 0]

    def test_bounds_know_no_sum_beyond_the_shown_range(self) -> None:
        one = record_organisation({"A": [30] * 5})
        other = record_organisation({"A": [29, 30, 30, 30, 30]})
        assert find_bounds(one, 1) == find_bounds(other, 1)

    @pytest.mark.parametrize("pooled", [1, 2])
    def test_a_group_of_five_at_the_strained_end_keeps_28(self, pooled: int) -> None:
        record = record_organisation({"A": [50] * 5}, rules=Rules(pooled_answers=pooled))
        burnout = find_bounds(record, pooled)[1]
        assert (burnout.scale, burnout.lowest, burnout.highest) == (Scale.BO, 28, 50)

    def test_a_group_with_nobody_left_has_no_bounds(self) -> None:
        assert find_bounds(one_round(group("24", 23.5, 24.49, n=2)), pooled=2) == ()

    def test_the_worst_over_history_is_the_worst_of_any_round(self) -> None:
        records = [record_organisation({"A": [score] * 5}) for score in (10, 30, 50)]
        worst = [find_worst(find_bounds(record, 2)) for record in records]
        history = find_worst([bound for record in records for bound in find_bounds(record, 2)])
        assert history is not None
        assert history.lowest_strain == max(one.lowest_strain for one in worst if one) == 28
        assert history.highest_satisfaction == 32

    def test_there_is_no_worst_where_nothing_was_published(self) -> None:
        record = record_organisation({"A": [30] * 4})
        assert find_worst(find_bounds(record)) is None
        assert find_worst_of_round(record) is None

    @pytest.mark.parametrize("pooled", range(7))
    def test_one_sweep_finds_the_worst_of_all_bounds(self, pooled: int) -> None:
        record = record_organisation(HOME)
        assert find_worst_of_round(record, pooled) == find_worst(find_bounds(record, pooled))


class TestPromise:
    def test_our_records_keep_it(self) -> None:
        records = [record_organisation(HOME, round_id=name) for name in "123"]
        check_promise(records, RULES)
        assert keeps_promise(records, RULES)

    def test_our_records_keep_it_after_a_journey_through_json(self) -> None:
        check_promise(from_json(to_json([record_organisation(HOME)])), RULES)

    def test_an_empty_history_keeps_it(self) -> None:
        assert keeps_promise([], RULES)

    def test_what_breaks_it_is_refused_with_the_round_the_group_and_the_scale(self) -> None:
        with pytest.raises(Refused, match=r"Round 7, A, CS: a score is known to within 10 points"):
            check_promise([one_round(group("48 or more", 48, 50, n=5))], RULES)

    def test_naive_values_of_an_end_break_it(self) -> None:
        view = show_all({"A": [50, 50, 49, 48, 48]})["A"]
        mean = float(view.mean)
        assert not keeps_promise([one_round(group("49", mean, mean))], RULES)

    def test_a_certain_band_breaks_it(self) -> None:
        assert "A, STS: the band of a score is certain." in " ".join(breaches(group("50", 50, 50)))

    @pytest.mark.parametrize(
        ("rules", "known"),
        [(ONE_POOLED, "one known answer"), (RULES, "2 known answers")],
        ids=["one", "two"],
    )
    def test_one_point_past_the_strained_class_breaks_it(self, rules: Rules, known: str) -> None:
        edge = 31 if rules is RULES else 39
        found = breaches(group(f"{edge} or more", edge - 0.5, 50), rules=rules)
        assert found == [
            f"Round 7, A, {scale}: {known} can show that another is strained."
            for scale in ("BO", "STS")
        ]

    @pytest.mark.parametrize(("rules", "edge"), [(ONE_POOLED, 21), (RULES, 29)])
    def test_one_point_past_the_low_class_of_satisfaction_breaks_it(
        self, rules: Rules, edge: int
    ) -> None:
        (found,) = breaches(group(f"{edge} or less", 10, edge + 0.49), rules=rules)
        assert found.startswith("Round 7, A, CS: ")

    def test_a_room_for_one_pooled_answer_fails_a_reader_who_is_a_member(self) -> None:
        record = record_organisation({"A": [50] * 5}, rules=ONE_POOLED)
        assert keeps_promise([record], ONE_POOLED)
        assert not keeps_promise([record], RULES)

    @pytest.mark.parametrize(("high", "found"), [(14.0, 0), (13.8, 2)])
    def test_twenty_points_keep_it_and_nineteen_do_not(self, high: float, found: int) -> None:
        known = [breach for breach in breaches(group("14 or less", 10, high)) if "within" in breach]
        assert len([breach for breach in known if "CS" not in breach]) == found

    @pytest.mark.parametrize(("low", "found"), [(30.0, 0), (30.2, 2)])
    def test_a_lowest_strain_of_thirty_keeps_it_and_thirty_one_does_not(
        self, low: float, found: int
    ) -> None:
        assert len(breaches(group("30 or more", low, 50))) == found

    @pytest.mark.parametrize(("high", "found"), [(30.0, 0), (29.8, 1)])
    def test_a_highest_satisfaction_of_thirty_keeps_it_and_twenty_nine_does_not(
        self, high: float, found: int
    ) -> None:
        assert len(breaches(group("30 or less", 10, high))) == found

    def test_a_stricter_promise_is_checked_as_configured(self) -> None:
        stricter = Rules(promised_points=25, other_room=25)
        ends = {"A": [(50, 10, 10)] * 5}
        assert not keeps_promise([record_organisation(ends)], stricter)
        assert keeps_promise([record_organisation(ends, rules=stricter)], stricter)

    @pytest.mark.parametrize(("n", "kept"), [(4, False), (5, True), (6, True)])
    def test_a_group_below_five_breaks_it(self, n: int, kept: bool) -> None:
        found = breaches(group("30", 29.5, 30.49, n=n))
        assert ("A: the group has 4 answers." not in " ".join(found)) is kept

    def test_a_value_wider_in_the_record_than_on_the_page_breaks_it(self) -> None:
        for shown, low, high in (("49", 40, 50), ("49 or more", 40, 50), ("11 or less", 10, 20)):
            assert any("says more than its range" in b for b in breaches(group(shown, low, high)))

    def test_people_who_count_in_two_groups_break_it(self) -> None:
        twice = replace(group("30", 29.5, 30.49, name="B"), counts_for=("B", "A"))
        assert breaches(group("30", 29.5, 30.49), twice) == [
            "Round 7, A: its people count in 2 groups."
        ]


class TestRollups:
    first = group("25", 24.5, 25.49)
    second = group("35", 34.5, 35.49, n=10, name="B")

    def found(self, shown: str, low: float, high: float, of: str) -> list[str]:
        values = dict.fromkeys(Scale, ShownValue(shown, low, high))
        rollup = RollupRecord("Home", tuple(of), values)
        return breaches(self.first, self.second, rollups=(rollup,), rules=ONE_POOLED)

    def test_the_weighted_mean_of_shown_values_is_accepted(self) -> None:
        assert self.found("32", 31.1666, 32.1567, "AB") == []

    @pytest.mark.parametrize(
        ("shown", "low", "high", "of"),
        [
            ("31", 31.1666, 32.1567, "AB"),
            ("32 or more", 31.1666, 50.0, "AB"),
            ("32", 31.2, 32.1567, "AB"),
            ("32", 31.1666, 32.1, "AB"),
            ("25", 25.0, 25.49, "A"),
            ("26", 24.5, 25.49, "A"),
        ],
    )
    def test_a_rollup_that_says_more_than_its_groups_breaks_the_promise(
        self, shown: str, low: float, high: float, of: str
    ) -> None:
        found = self.found(shown, low, high, of)
        assert found == ["Round 7, Home: the roll-up says more than its groups."]

    def test_our_rollups_of_many_odd_sizes_are_accepted(self) -> None:
        for size in range(5, 70, 3):
            answers = {"H / A": [41] * size, "H / B": [17] * (size + 1), "H / C": [50] * 7}
            assert keeps_promise([record_organisation(answers)], RULES)


class TestSteps:
    def steps(self, before: int, after: int, moved: int) -> list[Step]:
        rounds = [
            record_organisation(
                {"A": [24] * n}, round_id=str(number), closed_on=date(2026, 3 * number, 28)
            )
            for number, n in ((1, before), (2, after))
        ]
        return [step for step in find_steps(rounds, moved) if step.scale is Scale.BO]

    @pytest.mark.parametrize(("moved", "interval"), [(0, (19, 28)), (2, (10, 38)), (4, (10, 48))])
    def test_a_joiner_is_bounded_by_what_the_others_may_have_moved(
        self, moved: int, interval: tuple[int, int]
    ) -> None:
        (step,) = self.steps(5, 6, moved)
        assert (step.who, step.lowest, step.highest) == ("joiner", *interval)

    def test_a_leaver_is_bounded_in_the_round_they_were_last_in(self) -> None:
        (step,) = self.steps(6, 5, 0)
        assert (step.who, step.before, step.after) == ("leaver", "1", "2")
        assert (step.lowest, step.highest) == (19, 28)

    @pytest.mark.parametrize("after", [5, 7])
    def test_no_step_is_taken_where_not_one_person_makes_the_difference(self, after: int) -> None:
        assert self.steps(5, after, 0) == []

    def test_an_assumption_that_the_record_disproves_leaves_no_interval(self) -> None:
        rounds = [
            record_organisation({"A": [15] * 5}, round_id="1", closed_on=date(2026, 1, 31)),
            record_organisation({"A": [37] * 6}, round_id="2", closed_on=date(2026, 4, 30)),
        ]
        step = find_steps(rounds, moved=0)[1]
        assert step.lowest > step.highest

    def test_rounds_are_compared_in_the_order_they_closed(self) -> None:
        first = record_organisation({"A": [24] * 5}, round_id="b", closed_on=date(2026, 1, 31))
        second = record_organisation({"A": [24] * 6}, round_id="a", closed_on=date(2026, 4, 30))
        assert {step.before for step in find_steps([second, first], 0)} == {"b"}
