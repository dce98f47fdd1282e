"""The published record as arrays, so that a long history is proved in one sweep."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wellbeing.domain.instrument import Scale
from wellbeing.domain.interval_bounds import SumRanges, Whole
from wellbeing.domain.publication import Kind, Lists, ShownValues
from wellbeing.domain.publication_record import GroupRecord, RoundRecord, ShownValue, Values

SCALES = tuple(Scale)


@dataclass(frozen=True, eq=False)
class RoundArrays:
    """A round's groups in the order of its record: answers (G,) and values (G, 3).

    `of` lists the groups of each roll-up by their row, `rollups` has the values (R, 3).
    """

    n: Whole
    values: ShownValues
    of: Lists
    rollups: ShownValues

    @classmethod
    def of_record(cls, record: RoundRecord) -> "RoundArrays":
        """The arrays of a round; its roll-ups name groups of the same round."""
        at = {group.id: row for row, group in enumerate(record.groups)}
        items = [at[id_] for rollup in record.rollups for id_ in rollup.of]
        sizes = [len(rollup.of) for rollup in record.rollups]
        return cls(
            n=_count(record.groups),
            values=to_shown_values([group.values for group in record.groups]),
            of=Lists(np.cumsum([0, *sizes]), np.array(items, dtype=np.intp)),
            rollups=to_shown_values([rollup.values for rollup in record.rollups]),
        )

    def sum_ranges(self) -> SumRanges:
        """The sums that the values allow, one row per group and scale (G times 3)."""
        return _sum_ranges(self.n, self.values)

    def above(self, pooled: int) -> "RoundArrays":
        """Only the groups of more than `pooled` answers, without roll-ups."""
        kept = self.n > pooled
        values = ShownValues(**{name: rows[kept] for name, rows in vars(self.values).items()})
        return RoundArrays(self.n[kept], values, NO_LISTS, to_shown_values([]))


NO_LISTS = Lists(np.zeros(1, dtype=np.intp), np.zeros(0, dtype=np.intp))


def to_shown_values(rows: Sequence[Values]) -> ShownValues:
    """The values of some groups or roll-ups, rows in their order, columns CS, BO, STS."""
    values = [row[scale] for row in rows for scale in SCALES]
    read: dict[str, tuple[int, Kind]] = {}
    points = [_read(value, read) for value in values]
    return ShownValues(
        point=np.array([point for point, _ in points], dtype=np.int64).reshape(-1, 3),
        kind=np.array([kind for _, kind in points], dtype=np.int8).reshape(-1, 3),
        low=np.array([value.low for value in values], dtype=np.float64).reshape(-1, 3),
        high=np.array([value.high for value in values], dtype=np.float64).reshape(-1, 3),
    )


def _read(value: ShownValue, read: dict[str, tuple[int, Kind]]) -> tuple[int, Kind]:
    """What a text says, each text being read once."""
    found = read.get(value.shown)
    if found is None:
        found = read[value.shown] = (value.point, value.kind)
    return found


def to_sum_ranges(group: GroupRecord) -> SumRanges:
    """The sums that one group's values allow, one row per scale."""
    return _sum_ranges(_count([group]), to_shown_values([group.values]))


def _sum_ranges(n: Whole, values: ShownValues) -> SumRanges:
    return SumRanges.of_means(np.repeat(n, len(SCALES)), values.low.ravel(), values.high.ravel())


def _count(groups: Sequence[GroupRecord]) -> Whole:
    return np.array([group.n for group in groups], dtype=np.int64)
