"""Proves the promise of publication again, from what was published and nothing else.

The proof rests on three facts of the record, each checked here: no unit's people count in two
groups, every roll-up is arithmetic on its groups, and each group's range of means leaves room.
Rounds are different answers, so bounds hold over all history as they hold in each round; what a
reader may conclude who assumes that people hardly moved is reported and not promised.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from wellbeing.domain.disclosure_rules import FLOORS, Rules
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Scale
from wellbeing.domain.interval_bounds import (
    SumRanges,
    bound_alone,
    bound_joiner,
    bound_pooled,
    count_bands,
)
from wellbeing.domain.publication import Kind
from wellbeing.domain.publication_record import GroupRecord, RollupRecord, RoundRecord, ShownValue

STRAINED_WHEN_HIGH = (Scale.BO, Scale.STS)


@dataclass(frozen=True)
class Bound:
    """The worst for anyone in a group on one scale, `pooled` colleagues' answers being known.

    `lowest` is the highest that their lowest possible score gets, `highest` the lowest that their
    highest possible score gets, `narrowest` the fewest points between the two at once.
    """

    round_id: str
    group_id: str
    label: str
    scale: Scale
    pooled: int
    lowest: int
    highest: int
    narrowest: int


@dataclass(frozen=True)
class Worst:
    """The worst bounds over some groups."""

    pooled: int
    narrowest: int
    lowest_strain: int
    highest_satisfaction: int


@dataclass(frozen=True)
class Step:
    """One joiner's or leaver's interval, if everyone else moved by at most `moved` points.

    `lowest` above `highest` says that somebody did move more.
    """

    before: str
    after: str
    label: str
    scale: Scale
    who: str
    moved: int
    lowest: int
    highest: int


def find_bounds(record: RoundRecord, pooled: int = 0) -> tuple[Bound, ...]:
    """The bounds of every group and scale of a round; a group with nobody left has none."""
    groups = [group for group in record.groups if group.n > pooled]
    ranges = _sum_ranges(groups)
    lowest, highest, narrowest = bound_pooled(ranges, pooled)
    return tuple(
        Bound(record.id, group.id, group.label, scale, pooled, *map(int, bounds))
        for (group, scale), *bounds in zip(_cells(groups), lowest, highest, narrowest, strict=True)
    )


def find_worst(bounds: Sequence[Bound]) -> Worst | None:
    """The worst of bounds found with the same number pooled; None where there are none."""
    if not bounds:
        return None
    return Worst(
        pooled=bounds[0].pooled,
        narrowest=min(bound.narrowest for bound in bounds),
        lowest_strain=max(b.lowest for b in bounds if b.scale in STRAINED_WHEN_HIGH),
        highest_satisfaction=min(b.highest for b in bounds if b.scale is Scale.CS),
    )


def _cells(groups: Sequence[GroupRecord]) -> Iterator[tuple[GroupRecord, Scale]]:
    return ((group, scale) for group in groups for scale in Scale)


def _sum_ranges(groups: Sequence[GroupRecord]) -> SumRanges:
    values = [group.values[scale] for group, scale in _cells(groups)]
    return SumRanges.of_means(
        np.array([group.n for group, _ in _cells(groups)], dtype=np.int64),
        np.array([value.low for value in values], dtype=np.float64),
        np.array([value.high for value in values], dtype=np.float64),
    )


def keeps_promise(rounds: Sequence[RoundRecord], rules: Rules) -> bool:
    """Whether the promise holds for every person in every round."""
    return not find_breaches(rounds, rules)


def check_promise(rounds: Sequence[RoundRecord], rules: Rules) -> None:
    """Refused, with the first breach and their number, unless the promise holds for everyone."""
    breaches = find_breaches(rounds, rules)
    if breaches:
        raise Refused(f"The promise of anonymity is broken ({len(breaches)}): {breaches[0]}")


def find_breaches(rounds: Sequence[RoundRecord], rules: Rules) -> tuple[str, ...]:
    """One sentence for each place where the record breaks the promise or its proof."""
    return tuple(
        f"Round {record.id}, {breach}"
        for record in rounds
        for find in (_structure_breaches, _alone_breaches, _pooled_breaches)
        for breach in find(record, rules)
    )


def _structure_breaches(record: RoundRecord, rules: Rules) -> Iterator[str]:
    for unit, times in Counter(u for group in record.groups for u in group.counts_for).items():
        if times > 1:
            yield f"{unit}: its people count in {times} groups."
    for group in record.groups:
        if group.n < FLOORS["min_group_size"]:
            yield f"{group.label}: the group has {group.n} answers."
        for scale, value in group.values.items():
            if not _reads_as_its_range(value, rules):
                yield f"{group.label}, {scale}: '{value.shown}' says more than its range."
    groups = {group.id: group for group in record.groups}
    for rollup in record.rollups:
        if not _is_arithmetic(rollup, [groups[id_] for id_ in rollup.of], rules):
            yield f"{rollup.unit}: the roll-up says more than its groups."


def _reads_as_its_range(value: ShownValue, rules: Rules) -> bool:
    """Whether the range, which the bounds rest on, is no wider than the text that readers see."""
    half = rules.point / 2
    low = value.kind is Kind.OR_LESS or value.low >= value.point - half
    return low and (value.kind is Kind.OR_MORE or value.high < value.point + half)


def _is_arithmetic(rollup: RollupRecord, groups: Sequence[GroupRecord], rules: Rules) -> bool:
    """Whether a roll-up follows from its groups' shown values, in text and in range."""
    if len(groups) == 1:
        return dict(rollup.values) == dict(groups[0].values)
    n = sum(group.n for group in groups)
    for scale, value in rollup.values.items():
        shown = [(group.n, group.values[scale]) for group in groups]
        total = sum(size * part.point for size, part in shown)
        points = {_half_up(total, n, point) for point in (FLOORS["point"], rules.point)}
        low = sum(size * part.low for size, part in shown) / n
        high = sum(size * part.high for size, part in shown) / n
        exact = value.kind is Kind.EXACT and value.point in points
        if not exact or value.low > low + 1e-9 or value.high < high - 1e-9:
            return False
    return True


def _half_up(total: int, n: int, point: int) -> int:
    return (2 * total + n * point) // (2 * n * point) * point


def _alone_breaches(record: RoundRecord, rules: Rules) -> Iterator[str]:
    ranges = _sum_ranges(record.groups)
    lowest, highest = bound_alone(ranges)
    bands = np.where(ranges.low_sum > ranges.high_sum, 0, count_bands(lowest, highest))
    for (group, scale), width, possible in zip(
        _cells(record.groups), highest - lowest, bands, strict=True
    ):
        if width < rules.promised_points:
            yield f"{group.label}, {scale}: a score is known to within {width} points."
        if possible < 2:
            yield f"{group.label}, {scale}: the band of a score is certain."


def _pooled_breaches(record: RoundRecord, rules: Rules) -> Iterator[str]:
    for bound in find_bounds(record, pooled=1):
        if bound.scale in STRAINED_WHEN_HIGH:
            kept = bound.lowest <= rules.lowest_strain_at_most
        else:
            kept = bound.highest >= rules.highest_satisfaction_at_least
        if not kept:
            yield f"{bound.label}, {bound.scale}: one colleague can show that another is strained."


def find_steps(rounds: Sequence[RoundRecord], moved: int) -> tuple[Step, ...]:
    """Every pair of consecutive records of one group, one person apart, and what it would tell.

    Groups are the same where label and units counted are; rounds are taken in order of closing.
    """
    series: dict[tuple[str, tuple[str, ...]], list[tuple[str, GroupRecord]]] = {}
    for record in sorted(rounds, key=lambda record: record.closed_on):
        for group in record.groups:
            series.setdefault((group.label, group.counts_for), []).append((record.id, group))
    return tuple(
        step
        for groups in series.values()
        for before, after in pairwise(groups)
        if abs(after[1].n - before[1].n) == 1
        for step in _steps(before, after, moved)
    )


def _steps(
    before: tuple[str, GroupRecord], after: tuple[str, GroupRecord], moved: int
) -> Iterator[Step]:
    joined = after[1].n > before[1].n
    fewer, more = (before, after) if joined else (after, before)
    lowest, highest = bound_joiner(_sum_ranges([fewer[1]]), _sum_ranges([more[1]]), moved)
    for at, scale in enumerate(Scale):
        yield Step(
            before=before[0],
            after=after[0],
            label=before[1].label,
            scale=scale,
            who="joiner" if joined else "leaver",
            moved=moved,
            lowest=int(lowest[at]),
            highest=int(highest[at]),
        )
