"""Where a person's answers start to count: at home, or above everything they lead."""

from collections.abc import Mapping, Set
from uuid import UUID


def path_up(unit: UUID, parent_of: Mapping[UUID, UUID | None]) -> list[UUID]:
    """The unit and all units above it, nearest first."""
    path = [unit]
    while (parent := parent_of[path[-1]]) is not None:
        path.append(parent)
    return path


def find_reporting_unit(
    home: UUID, led: Set[UUID], parent_of: Mapping[UUID, UUID | None]
) -> UUID | None:
    """The nearest unit from home upwards that the person leads neither itself nor from above.

    None for whoever leads the whole organisation: no figure may count them.
    """
    path = path_up(home, parent_of)
    highest_led = max((i for i, unit in enumerate(path) if unit in led), default=-1)
    return path[highest_led + 1] if highest_led + 1 < len(path) else None


def units_below(tops: Set[UUID], parent_of: Mapping[UUID, UUID | None]) -> set[UUID]:
    """The units named and every unit below them."""
    return {unit for unit in parent_of if not tops.isdisjoint(path_up(unit, parent_of))}
