"""What a reader may conclude about one person who assumes that all others hardly moved.

Reported, and not promised: no rule can keep a reader from assuming.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from wellbeing.domain.disclosure_rules import HIGHEST, LOWEST
from wellbeing.domain.instrument import Scale
from wellbeing.domain.interval_bounds import SumRanges, Whole, bound_joiner
from wellbeing.domain.publication_record import GroupRecord, RoundRecord
from wellbeing.domain.record_arrays import to_sum_ranges


@dataclass(frozen=True)
class Step:
    """One person's interval, if everyone else moved by at most `moved` points.

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


def find_steps(rounds: Sequence[RoundRecord], moved: int) -> tuple[Step, ...]:
    """Every pair of consecutive records of one group, one person apart, and what it would tell.

    Groups are the same where label and units counted are; rounds are taken in order of closing.
    """
    return tuple(
        step
        for before, after in _consecutive(rounds)
        if abs(after[1].n - before[1].n) == 1
        for step in _steps(before, after, moved)
    )


def find_single_changes(rounds: Sequence[RoundRecord], moved: int) -> tuple[Step, ...]:
    """What consecutive records of one group of an unchanged number would tell about any one person.

    The person attacked may have moved as far as they like, or be somebody else in the second round.
    """
    return tuple(
        step
        for before, after in _consecutive(rounds)
        if after[1].n == before[1].n
        for step in _single_changes(before, after, moved)
    )


Placed = tuple[str, GroupRecord]


def _consecutive(rounds: Sequence[RoundRecord]) -> Iterator[tuple[Placed, Placed]]:
    series: dict[tuple[str, tuple[str, ...]], list[Placed]] = {}
    for record in sorted(rounds, key=lambda record: record.closed_on):
        for group in record.groups:
            series.setdefault((group.label, group.counts_for), []).append((record.id, group))
    return (pair for groups in series.values() for pair in pairwise(groups))


def _steps(before: Placed, after: Placed, moved: int) -> Iterator[Step]:
    joined = after[1].n > before[1].n
    fewer, more = (before, after) if joined else (after, before)
    interval = bound_joiner(to_sum_ranges(fewer[1]), to_sum_ranges(more[1]), moved)
    yield from _describe(before, after, "joiner" if joined else "leaver", moved, interval)


def _single_changes(before: Placed, after: Placed, moved: int) -> Iterator[Step]:
    first, second = to_sum_ranges(before[1]), to_sum_ranges(after[1])
    for who, one, other in (("present before", second, first), ("present after", first, second)):
        interval = bound_joiner(_all_but_one(one), other, moved)
        yield from _describe(before, after, who, moved, interval)


def _all_but_one(ranges: SumRanges) -> SumRanges:
    others = ranges.n - 1
    low = np.maximum(ranges.low_sum - HIGHEST, LOWEST * others)
    return SumRanges(others, low, np.minimum(ranges.high_sum - LOWEST, HIGHEST * others))


def _describe(
    before: Placed, after: Placed, who: str, moved: int, interval: tuple[Whole, Whole]
) -> Iterator[Step]:
    for scale, lowest, highest in zip(Scale, *interval, strict=True):
        label = before[1].label
        yield Step(before[0], after[0], label, scale, who, moved, int(lowest), int(highest))
