"""What a round publishes, as arrays: shown values only, never a sum or an answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a shown point stands for: itself, or an end of the scale."""

    EXACT = 0
    OR_MORE = 1
    OR_LESS = 2


SHOWN_ENDINGS = {Kind.EXACT: "", Kind.OR_MORE: " or more", Kind.OR_LESS: " or less"}


class GroupKind(IntEnum):
    """A team, the others in a unit that has units below it, or a reporting group of small teams."""

    TEAM = 0
    OTHERS = 1
    POOLED = 2


class Reason(IntEnum):
    """Why a unit has no figure.

    Counted in a group above, never enough answers, no people, or counted in the reporting group
    that it is a member of.
    """

    TOO_FEW = 0
    NOT_USED = 1
    NOBODY = 2
    POOLED = 3


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of indices end to end: list `i` is `items[starts[i]:starts[i + 1]]`."""

    starts: NDArray[np.intp]
    items: NDArray[np.intp]

    def __len__(self) -> int:
        return self.starts.size - 1

    def __getitem__(self, at: int) -> NDArray[np.intp]:
        return self.items[self.starts[at] : self.starts[at + 1]]

    def __iter__(self) -> Iterator[NDArray[np.intp]]:
        return (self[at] for at in range(len(self)))


@dataclass(frozen=True, eq=False)
class ShownValues:
    """Figures as readers see them: arrays (rows, 3), columns CS, BO, STS.

    `low` and `high` are the closed range of means that the shown text stands for.
    """

    point: NDArray[np.int64]
    kind: NDArray[np.int8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def text(self, row: int, scale: int) -> str:
        """The value as shown: "24", "38 or more" or "14 or less"."""
        return f"{self.point[row, scale]}{SHOWN_ENDINGS[Kind(self.kind[row, scale])]}"


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups in order of their unit; `counts_for[g]` are the units whose people count there.

    `response_class` numbers the classes between `Rules.response_class_starts`, from 0.
    """

    unit: NDArray[np.intp]
    kind: NDArray[np.int8]
    answers: NDArray[np.int64]
    response_class: NDArray[np.int8]
    counts_for: Lists
    values: ShownValues


@dataclass(frozen=True, eq=False)
class Rollups:
    """The figure of each unit with sub-units: arithmetic on the groups `of[r]` at or below it."""

    unit: NDArray[np.intp]
    of: Lists
    values: ShownValues


@dataclass(frozen=True, eq=False)
class Withheld:
    """Every unit without a figure, the reason, and the group its people count in (or -1)."""

    unit: NDArray[np.intp]
    reason: NDArray[np.int8]
    counted_in: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Publication:
    """All that is published of one round; each unit has a group, a roll-up or a withheld mark."""

    groups: Groups
    rollups: Rollups
    withheld: Withheld
