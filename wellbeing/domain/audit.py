"""Proves the promise of publication again, from what was published and nothing else.

The proof rests on three facts of the record, each checked here: no unit's people count in two
groups, every roll-up is arithmetic on its groups, and each group's range of means leaves room.
Rounds are different answers, so bounds hold over all history as they hold in each round; what a
reader may conclude who assumes that people hardly moved is reported and not promised.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.audit_steps import Step, find_single_changes, find_steps
from wellbeing.domain.disclosure_rules import FLOORS, Rules
from wellbeing.domain.errors import Refused
from wellbeing.domain.instrument import Scale
from wellbeing.domain.interval_bounds import (
    Whole,
    bound_alone,
    bound_pooled,
    count_bands,
)
from wellbeing.domain.publication import Kind, ShownValues
from wellbeing.domain.publication_record import GroupRecord, RoundRecord
from wellbeing.domain.record_arrays import SCALES, RoundArrays

__all__ = [
    "Bound",
    "Step",
    "Worst",
    "check_promise",
    "find_bounds",
    "find_breaches",
    "find_single_changes",
    "find_steps",
    "find_worst",
    "find_worst_of_round",
    "keeps_promise",
]

STRAINED_WHEN_HIGH = (Scale.BO, Scale.STS)
Truths = NDArray[np.bool_]
_NOISE = 1e-9


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


def find_bounds(record: RoundRecord, pooled: int = 0) -> tuple[Bound, ...]:
    """The bounds of every group and scale of a round; a group with nobody left has none."""
    groups = [group for group in record.groups if group.n > pooled]
    bounds = bound_pooled(RoundArrays.of_record(record).above(pooled).sum_ranges(), pooled)
    return tuple(
        Bound(record.id, group.id, group.label, scale, pooled, *row)
        for (group, scale), *row in zip(_cells(groups), *map(_as_list, bounds), strict=True)
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


def find_worst_of_round(record: RoundRecord, pooled: int = 0) -> Worst | None:
    """What `find_worst` finds in `find_bounds`, in one sweep for rounds of many groups."""
    return _find_worst(RoundArrays.of_record(record).above(pooled), pooled)


def _find_worst(arrays: RoundArrays, pooled: int) -> Worst | None:
    if not arrays.n.size:
        return None
    lowest, highest, narrowest = bound_pooled(arrays.sum_ranges(), pooled)
    strain = _is_strain(arrays.n.size)
    return Worst(
        pooled=pooled,
        narrowest=int(narrowest.min()),
        lowest_strain=int(lowest[strain].max()),
        highest_satisfaction=int(highest[~strain].min()),
    )


def _as_list(numbers: Whole) -> list[int]:
    return [int(number) for number in numbers]


def _cells(groups: Sequence[GroupRecord]) -> Iterator[tuple[GroupRecord, Scale]]:
    return ((group, scale) for group in groups for scale in Scale)


def keeps_promise(rounds: Sequence[RoundRecord], rules: Rules) -> bool:
    """Whether the promise holds for every person in every round."""
    return not find_breaches(rounds, rules)


def check_promise(rounds: Sequence[RoundRecord], rules: Rules) -> None:
    """Refused, with the first breach and their number, unless the promise holds for everyone."""
    breaches = find_breaches(rounds, rules)
    if breaches:
        raise Refused(f"The promise of anonymity is broken ({len(breaches)}): {breaches[0]}")


def find_breaches(rounds: Iterable[RoundRecord], rules: Rules) -> tuple[str, ...]:
    """One sentence for each place where the record breaks the promise or its proof."""
    return tuple(
        f"Round {record.id}, {breach}"
        for record in rounds
        for breach in _round_breaches(record, RoundArrays.of_record(record), rules)
    )


def _round_breaches(record: RoundRecord, arrays: RoundArrays, rules: Rules) -> Iterator[str]:
    yield from _structure_breaches(record, arrays, rules)
    yield from _rollup_breaches(record, arrays, rules)
    yield from _alone_breaches(record, arrays, rules)
    yield from _pooled_breaches(record, arrays, rules)


def _structure_breaches(record: RoundRecord, arrays: RoundArrays, rules: Rules) -> Iterator[str]:
    for unit, times in Counter(u for group in record.groups for u in group.counts_for).items():
        if times > 1:
            yield f"{unit}: its people count in {times} groups."
    for row in np.flatnonzero(arrays.n < FLOORS["min_group_size"]):
        yield f"{record.groups[row].label}: the group has {arrays.n[row]} answers."
    for row, column in np.argwhere(~_read_as_their_range(arrays.values, rules)):
        group, scale = record.groups[row], SCALES[column]
        yield f"{group.label}, {scale}: '{group.values[scale].shown}' says more than its range."


def _read_as_their_range(values: ShownValues, rules: Rules) -> Truths:
    """Whether each range, which the bounds rest on, is no wider than the text readers see."""
    half = rules.point / 2
    low = (values.kind == Kind.OR_LESS) | (values.low >= values.point - half)
    high = (values.kind == Kind.OR_MORE) | (values.high < values.point + half)
    reads: Truths = low & high
    return reads


def _rollup_breaches(record: RoundRecord, arrays: RoundArrays, rules: Rules) -> Iterator[str]:
    """Roll-ups that do not follow from their groups' shown values, in text and in range."""
    sizes = np.diff(arrays.of.starts)
    if not sizes.size:
        return
    follows = np.where(
        (sizes == 1)[:, None], _repeat_their_group(arrays), _are_arithmetic(arrays, rules)
    )
    for row in np.flatnonzero(~follows.all(axis=1)):
        yield f"{record.rollups[row].unit}: the roll-up says more than its groups."


def _repeat_their_group(arrays: RoundArrays) -> Truths:
    first = arrays.of.items[arrays.of.starts[:-1]]
    mine, theirs = vars(arrays.rollups), vars(arrays.values)
    same: Truths = np.all([mine[name] == theirs[name][first] for name in mine], axis=0)
    return same


def _are_arithmetic(arrays: RoundArrays, rules: Rules) -> Truths:
    items, starts, shown = arrays.of.items, arrays.of.starts[:-1], arrays.rollups
    weights = arrays.n[:, None]
    n = np.add.reduceat(arrays.n[items], starts)[:, None]
    total = np.add.reduceat((weights * arrays.values.point)[items], starts)
    low = np.add.reduceat((weights * arrays.values.low)[items], starts) / n
    high = np.add.reduceat((weights * arrays.values.high)[items], starts) / n
    points = [_half_up(total, n, point) for point in (FLOORS["point"], rules.point)]
    said = (shown.kind == Kind.EXACT) & np.any([shown.point == point for point in points], axis=0)
    follows: Truths = said & (shown.low <= low + _NOISE) & (shown.high >= high - _NOISE)
    return follows


def _half_up(total: Whole, n: Whole, point: int) -> Whole:
    return (2 * total + n * point) // (2 * n * point) * point


def _alone_breaches(record: RoundRecord, arrays: RoundArrays, rules: Rules) -> Iterator[str]:
    ranges = arrays.sum_ranges()
    lowest, highest = bound_alone(ranges)
    bands = np.where(ranges.low_sum > ranges.high_sum, 0, count_bands(lowest, highest))
    width = highest - lowest
    for cell in np.flatnonzero((width < rules.promised_points) | (bands < 2)).tolist():
        if width[cell] < rules.promised_points:
            yield f"{_name(record, cell)}: a score is known to within {width[cell]} points."
        if bands[cell] < 2:
            yield f"{_name(record, cell)}: the band of a score is certain."


def _pooled_breaches(record: RoundRecord, arrays: RoundArrays, rules: Rules) -> Iterator[str]:
    """Cells where as many known answers as the rooms are made for show somebody's strain."""
    pooled = rules.pooled_answers
    known = "one known answer" if pooled == 1 else f"{pooled} known answers"
    lowest, highest, _ = bound_pooled(arrays.above(pooled).sum_ranges(), pooled)
    rows = np.flatnonzero(arrays.n > pooled)
    strain = _is_strain(rows.size)
    shown = np.where(
        strain,
        lowest > rules.lowest_strain_at_most,
        highest < rules.highest_satisfaction_at_least,
    )
    for cell in np.flatnonzero(shown):
        row, column = divmod(int(cell), len(SCALES))
        name = _name(record, int(rows[row]) * len(SCALES) + column)
        yield f"{name}: {known} can show that another is strained."


def _is_strain(groups: int) -> Truths:
    return np.tile([scale in STRAINED_WHEN_HIGH for scale in SCALES], groups)


def _name(record: RoundRecord, cell: int) -> str:
    row, column = divmod(cell, len(SCALES))
    return f"{record.groups[row].label}, {SCALES[column]}"
