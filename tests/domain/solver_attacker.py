"""An attacker who hands everything ever shown to a solver of whole-number programs.

It shares no formula with the audit or with the other attacker. The answers of everybody asked are
unknowns from 10 to 50, or none; each thing that was shown is a constraint of its own: values,
their ranges, roll-ups, changes from round to round, numbers of people, response classes and
withheld marks. Each person's score is minimised and maximised, and both must be proved optimal.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from ortools.sat.python import cp_model

from tests.domain.histories import Seen
from wellbeing.domain.audit import find_bounds
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import Kind
from wellbeing.domain.publication_record import GroupRecord, RollupRecord, ShownValue

Interval = tuple[int, int]
TIME_LIMIT_SECONDS = 30.0
LOWEST, HIGHEST = 10, 50
WITHHELD_BELOW_K = ("too_few", "not_used")


@dataclass(frozen=True)
class Knowledge:
    """What the attacker knows beside the record.

    `told`: the names whose answers are known, the attacker's own among them. `moved`: the most
    points that everyone but the person attacked is assumed to have moved between two rounds.
    `possible`: the scores anybody may have. Unless `who_answered`, only the roster is known.
    """

    told: Collection[str] = ()
    moved: int | None = None
    who_answered: bool = True
    possible: tuple[int, int] = (LOWEST, HIGHEST)


class _Program:
    """The unknowns and constraints of one history on one scale."""

    def __init__(
        self, history: Sequence[Seen], scale: Scale, knowledge: Knowledge, target: str
    ) -> None:
        self.model = cp_model.CpModel()
        self._scale, self._knowledge = scale, knowledge
        self.answers: list[dict[str, cp_model.IntVar]] = []
        self._sent: list[dict[str, cp_model.IntVar]] = []
        self._points: list[dict[str, cp_model.IntVar]] = []
        for seen in history:
            self._ask(seen)
            self._read_values(seen)
            self._read_numbers(seen)
        self._read_changes(history)
        if knowledge.moved is not None:
            self._assume_moves(target, knowledge.moved)

    def _ask(self, seen: Seen) -> None:
        """An answer for everybody asked: 0 for none, else a score."""
        answers, sent = {}, {}
        answered = {name for names in seen.answered.values() for name in names}
        for name in (name for names in seen.asked.values() for name in names):
            known = self._knowledge.who_answered or name in self._knowledge.told
            least, most = (int(name in answered),) * 2 if known else (0, 1)
            sent[name] = self.model.new_int_var(least, most, f"sent {name}")
            answers[name] = self.model.new_int_var(0, HIGHEST, f"answer {name}")
            low, high = self._knowledge.possible
            if name in self._knowledge.told and name in answered:
                low = high = seen.score(name, self._scale)
            self.model.add(answers[name] >= low * sent[name])
            self.model.add(answers[name] <= high * sent[name])
        self.answers.append(answers)
        self._sent.append(sent)

    def _read_values(self, seen: Seen) -> None:
        points = {}
        for group in seen.record.groups:
            points[group.id] = self._round(seen, group)
            value = group.values[self._scale]
            self.model.add(points[group.id] == value.point)
            self._read_text(seen, group)
            self._read_range(self._total(seen, [group]), group.n, value)
        self._points.append(points)
        for rollup in seen.record.rollups:
            self._read_rollup(seen, rollup)

    def _total(self, seen: Seen, groups: Sequence[GroupRecord]) -> cp_model.LinearExpr:
        units = [unit for group in groups for unit in group.counts_for]
        names = [name for unit in units for name in seen.asked.get(unit, ())]
        return cp_model.LinearExpr.sum([self.answers[-1][name] for name in names])

    def _round(self, seen: Seen, group: GroupRecord) -> cp_model.IntVar:
        """The point as the rules make it of the answers: rounded half up, held between the ends."""
        n, step, total = group.n, seen.rules.point, self._total(seen, [group])
        steps = self.model.new_int_var(0, HIGHEST + 1, "steps")
        self.model.add(2 * n * step * steps <= 2 * total + n * step)
        self.model.add(2 * total + n * step <= 2 * n * step * (steps + 1) - 1)
        least, most = self._ends(seen, n)
        above = self.model.new_int_var(0, 2 * HIGHEST, "above")
        point = self.model.new_int_var(LOWEST, HIGHEST, "point")
        self.model.add_max_equality(above, [step * steps, least])
        self.model.add_min_equality(point, [above, most])
        return point

    def _ends(self, seen: Seen, n: int) -> Interval:
        """Rule 6 as written: the ends of the values shown for n answers."""
        rules = seen.rules
        at_top, at_bottom = rules.strained_room, rules.other_room
        if self._scale is Scale.CS:
            at_top, at_bottom = at_bottom, at_top
        least = ceil((LOWEST + Fraction(at_bottom, n)) / rules.point) * rules.point
        return least, floor((HIGHEST - Fraction(at_top, n)) / rules.point) * rules.point

    def _read_text(self, seen: Seen, group: GroupRecord) -> None:
        """Twice the sum, so that half points are whole."""
        value, total = group.values[self._scale], 2 * self._total(seen, [group])
        if value.kind is not Kind.OR_LESS:
            self.model.add(total >= (2 * value.point - seen.rules.point) * group.n)
        if value.kind is not Kind.OR_MORE:
            self.model.add(total <= (2 * value.point + seen.rules.point) * group.n - 1)

    def _read_range(self, total: cp_model.LinearExpr, n: int, value: ShownValue) -> None:
        self.model.add(total >= ceil(Fraction(str(value.low)) * n))
        self.model.add(total <= floor(Fraction(str(value.high)) * n))

    def _read_rollup(self, seen: Seen, rollup: RollupRecord) -> None:
        groups = [group for group in seen.record.groups if group.id in rollup.of]
        n, value = sum(group.n for group in groups), rollup.values[self._scale]
        self._read_range(self._total(seen, groups), n, value)
        points = self._points[-1]
        if len(groups) == 1:
            self.model.add(points[groups[0].id] == value.point)
            return
        step = seen.rules.point
        shown = sum(group.n * points[group.id] for group in groups)
        self.model.add(2 * shown + n * step >= 2 * n * value.point)
        self.model.add(2 * shown + n * step <= 2 * n * (value.point + step) - 1)

    def _read_numbers(self, seen: Seen) -> None:
        """Sizes, their ranges, classes of response, and why other units have no figure."""
        k = seen.rules.min_group_size
        for group in seen.record.groups:
            sent = self._count(seen, group.counts_for)
            asked = sum(len(seen.asked.get(unit, ())) for unit in group.counts_for)
            self.model.add(sent == group.n)
            self.model.add(sent >= k)
            least, most = _read_size_range(seen.rules.size_range(group.n), asked)
            self.model.add(sent >= least)
            self.model.add(sent <= most)
            edges = (0, *seen.rules.response_class_starts, 101)
            at = seen.response_classes[group.id]
            self.model.add(100 * sent >= edges[at] * asked)
            self.model.add(100 * sent <= edges[at + 1] * asked - 1)
        for mark in seen.record.withheld:
            if mark.reason in WITHHELD_BELOW_K:
                units = [unit for unit in seen.asked if f"{unit} / ".startswith(f"{mark.unit} / ")]
                self.model.add(self._count(seen, units) <= k - 1)

    def _count(self, seen: Seen, units: Sequence[str]) -> cp_model.LinearExpr:
        names = [name for unit in units for name in seen.asked.get(unit, ())]
        return cp_model.LinearExpr.sum([self._sent[-1][name] for name in names])

    def _read_changes(self, history: Sequence[Seen]) -> None:
        """The change in whole points of each group that is in one series over any two rounds."""
        for one, other in _pairs(len(history)):
            before = {(g.label, g.counts_for): g for g in history[one].record.groups}
            for group in history[other].record.groups:
                first = before.get((group.label, group.counts_for))
                if first is not None:
                    change = group.values[self._scale].point - first.values[self._scale].point
                    self.model.add(
                        self._points[other][group.id] - self._points[one][first.id] == change
                    )

    def _assume_moves(self, target: str, moved: int) -> None:
        """Everyone but the person attacked, from each round they answered to every other one."""
        for one, other in _pairs(len(self.answers)):
            for name in self.answers[one].keys() & self.answers[other].keys() - {target}:
                both = self.model.new_bool_var(f"both {name}")
                sent = self._sent[one][name] + self._sent[other][name]
                self.model.add(sent == 2).only_enforce_if(both)
                self.model.add(sent <= 1).only_enforce_if(~both)
                step = self.answers[other][name] - self.answers[one][name]
                self.model.add(step <= moved).only_enforce_if(both)
                self.model.add(step >= -moved).only_enforce_if(both)

    def bound(self, name: str, at: int) -> Interval | None:
        """The least and the most that somebody who answered may have; None if nothing fits."""
        answer = self.answers[at][name]
        self.model.add(self._sent[at][name] == 1)
        found = []
        for direct in (self.model.minimize, self.model.maximize):
            self.model.clear_objective()  # type: ignore[no-untyped-call]
            direct(answer)
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            solver.parameters.max_time_in_seconds = TIME_LIMIT_SECONDS
            status = solver.solve(self.model)
            if status == cp_model.INFEASIBLE:
                return None
            assert status == cp_model.OPTIMAL, f"the solver stopped with status {status}"
            found.append(solver.value(answer))
        return found[0], found[1]


def find_interval(
    history: Sequence[Seen], scale: Scale, at: int, name: str, knowledge: Knowledge | None = None
) -> Interval | None:
    """What is left to somebody's score in round `at`; None where the assumption is disproved."""
    knowledge = knowledge or Knowledge()
    interval = _Program(history, scale, knowledge, name).bound(name, at)
    assert interval is not None or knowledge.moved is not None, "the record contradicts itself"
    return interval


def find_intervals(
    history: Sequence[Seen], scale: Scale, at: int, knowledge: Knowledge | None = None
) -> dict[str, Interval | None]:
    """Everyone's interval in round `at`, but of those who tell.

    People who stand alike in every round and tell nothing are interchangeable: one is attacked.
    """
    knowledge = knowledge or Knowledge()
    found: dict[tuple[object, ...], Interval | None] = {}
    intervals = {}
    for name in (name for names in history[at].answered.values() for name in names):
        if name in knowledge.told:
            continue
        stands = tuple(_stands(seen, name) for seen in history)
        if stands not in found:
            found[stands] = find_interval(history, scale, at, name, knowledge)
        intervals[name] = found[stands]
    return intervals


def check_nothing_narrower(history: Sequence[Seen], knowledge: Knowledge | None = None) -> None:
    """AssertionError where any interval of any round is narrower than the audit says of it alone.

    Also where the promise is not kept, as far as it reaches for what the attacker knows.
    """
    knowledge = knowledge or Knowledge()
    for at, seen in enumerate(history):
        for scale in Scale:
            intervals = find_intervals(history, scale, at, knowledge)
            for group in seen.record.groups:
                _check_group(seen, group.id, scale, intervals, knowledge)


def _check_group(
    seen: Seen,
    group_id: str,
    scale: Scale,
    intervals: Mapping[str, Interval | None],
    knowledge: Knowledge,
) -> None:
    members = seen.members(group_id)
    known = len({*members} & {*knowledge.told})
    bounds = find_bounds(seen.record, known)
    for name in set(members) - set(knowledge.told):
        (bound,) = (b for b in bounds if b.group_id == group_id and b.scale is scale)
        interval = intervals[name]
        assert interval is not None
        low, high = interval
        assert low <= seen.score(name, scale) <= high
        assert low <= bound.lowest
        assert high >= bound.highest
        assert high - low >= bound.narrowest
        if known <= seen.rules.pooled_answers:
            assert high >= 30 if scale is Scale.CS else low <= 30
        if known == 0:
            assert high - low >= seen.rules.promised_points


def _stands(seen: Seen, name: str) -> tuple[str | None, bool]:
    unit = next((unit for unit, names in seen.asked.items() if name in names), None)
    return unit, unit is not None and name in seen.answered.get(unit, ())


def _read_size_range(text: str, most: int) -> Interval:
    least, _, end = text.rstrip("+").partition("–")
    return int(least), int(end) if end else most


def _pairs(rounds: int) -> Iterator[Interval]:
    return ((one, other) for one in range(rounds) for other in range(one + 1, rounds))
