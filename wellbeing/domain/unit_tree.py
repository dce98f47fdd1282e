"""An organisation as an array of parents, walked a level at a time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.errors import BadInput

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class UnitTree:
    """`parents[u]` is the unit above unit `u`, -1 for a top unit; any depth, several tops.

    BadInput for a parent that does not exist and for units that stand in a circle.
    """

    parents: NDArray[np.intp]

    def __post_init__(self) -> None:
        parents = np.array(self.parents, dtype=np.intp)
        if parents.ndim != 1 or ((parents < NOWHERE) | (parents >= parents.size)).any():
            raise BadInput("A unit stands below a unit that does not exist.")
        parents.setflags(write=False)
        object.__setattr__(self, "parents", parents)
        if (self.depths < 0).any():
            raise BadInput("Some units stand in a circle and have no top unit.")

    @cached_property
    def depths(self) -> NDArray[np.intp]:
        """Steps to the top; jumps double, so that a long chain costs no more than a bush."""
        depth, jump = (self.parents >= 0).astype(np.intp), self.parents
        for _ in range(self.parents.size.bit_length()):
            below = jump >= 0
            depth[below] += depth[jump[below]]
            jump = np.where(below, jump[jump], NOWHERE)
        return np.where(jump >= 0, -1, depth)

    @cached_property
    def levels(self) -> tuple[NDArray[np.intp], ...]:
        """The units by their distance from the top, top units first."""
        order = np.argsort(self.depths, kind="stable")
        return tuple(np.split(order, np.cumsum(np.bincount(self.depths))[:-1]))

    @cached_property
    def has_units_below(self) -> NDArray[np.bool_]:
        """Whether each unit has sub-units; one that has none is a team."""
        return np.bincount(self.parents[self.parents >= 0], minlength=self.parents.size) > 0

    def pairs_above(self, units: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Every pair (unit at or above `units[i]`, `i`)."""
        unit, at = units, np.arange(units.size)
        found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = [(unit, at)]
        while unit.size:
            unit = self.parents[unit]
            unit, at = unit[unit != NOWHERE], at[unit != NOWHERE]
            found.append((unit, at))
        return np.concatenate([u for u, _ in found]), np.concatenate([a for _, a in found])
