"""What may be published of a round: disjoint groups, their shown values, and arithmetic above.

Each complete answer counts in one group, or in none. A group's mean is shown rounded, and as
"X or more" or "X or less" near an end of the scale. A roll-up is computed from shown values only,
so no two published facts speak about the same person, and nothing can be subtracted.
Which groups there are depends on who answered, never on what. No spread, count of bands or item
mean is published, not even for the whole organisation.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.disclosure_rules import HIGHEST, LOWEST, Rules, load_rules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.publication import (
    GroupKind,
    Groups,
    Kind,
    Lists,
    Publication,
    Reason,
    Rollups,
    ShownValues,
    Withheld,
)
from wellbeing.domain.unit_tree import NOWHERE, UnitTree

__all__ = ["NOWHERE", "Publication", "Reason", "Rules", "UnitTree", "load_rules", "publish_groups"]

STRAINED_IS_HIGH = np.array([False, True, True])  # CS, BO, STS

Whole = NDArray[np.int64]
Units = NDArray[np.intp]
_Number = TypeVar("_Number", np.int64, np.float64)


def publish_groups(
    tree: UnitTree,
    unit_of: Units,
    scores: NDArray[np.int16],
    rules: Rules,
    *,
    roster_of: Units | None = None,
    pooled: NDArray[np.bool_] | None = None,
) -> Publication:
    """Decide what is published of one round.

    `unit_of` (N,) is the unit where each answer starts to count, leaders already placed above what
    they lead (-1: nowhere); `scores` (N, 3) are CS, BO, STS, 10 to 50, 0 where not scored.
    Only answers scored on all three scales are used. `roster_of` is the unit of everyone asked;
    without it, those who answered. `pooled` (units,) marks the members of reporting groups, which
    never form a group of their own; the reporting group is a unit of its own between its members
    and the unit they belong to. BadInput where these do not fit together.
    """
    asked = unit_of if roster_of is None else roster_of
    member = np.zeros(tree.parents.size, dtype=np.bool_) if pooled is None else pooled
    _check_input(tree, unit_of, scores, asked)
    _check_members(tree, member)
    placed = _place(tree, unit_of, scores, asked)
    pool = _hand_up(tree, placed, rules.min_group_size, member)
    group_unit = np.flatnonzero((pool[0] >= rules.min_group_size) & ~member)
    counted_in = _count_in(tree, group_unit)
    kind = _find_kinds(tree, member)
    groups = _describe(kind, group_unit, pool[:, group_unit], rules, counted_in, placed[1])
    rollups = _roll_up(tree, groups, rules)
    return Publication(groups, rollups, _withhold(pool[1], counted_in, member, groups, rollups))


def _check_input(
    tree: UnitTree, unit_of: Units, scores: NDArray[np.int16], roster_of: Units
) -> None:
    if unit_of.ndim != 1 or scores.shape != (unit_of.size, 3) or roster_of.ndim != 1:
        raise BadInput("Each answer needs one unit and three scores.")
    for units in (unit_of, roster_of):
        if units.size and not NOWHERE <= units.min() <= units.max() < tree.parents.size:
            raise BadInput("Somebody stands in a unit that does not exist.")
    outside = (scores > HIGHEST) | (scores < LOWEST) & (scores != 0)
    if outside.any():
        row = int(np.argmax(outside.any(axis=1)))
        raise BadInput(f"Answer {row} has a score outside {LOWEST} to {HIGHEST}.")


def _check_members(tree: UnitTree, member: NDArray[np.bool_]) -> None:
    if member.shape != tree.parents.shape or member.dtype != np.bool_:
        raise BadInput("Each unit is a member of a reporting group or not.")
    astray = member & (tree.parents == NOWHERE)
    if astray.any():
        raise BadInput(f"Unit {int(np.argmax(astray))} has no reporting group above it.")


def _find_kinds(tree: UnitTree, member: NDArray[np.bool_]) -> NDArray[np.int8]:
    """What a group of each unit would be."""
    kind = np.where(tree.has_units_below, GroupKind.OTHERS, GroupKind.TEAM).astype(np.int8)
    kind[tree.parents[member]] = GroupKind.POOLED
    return kind


def _place(tree: UnitTree, unit_of: Units, scores: NDArray[np.int16], roster_of: Units) -> Whole:
    """Rows (answers, roster, sum of CS, BO, STS) of what is placed in each unit, columns units."""
    columns, units = np.ascontiguousarray(scores.T), tree.parents.size
    used = columns.all(axis=0) & (unit_of != NOWHERE)
    where = np.where(used, unit_of, units)
    placed = np.empty((5, units), dtype=np.int64)
    placed[0] = np.bincount(where, minlength=units + 1)[:units]
    placed[1] = np.bincount(roster_of[roster_of != NOWHERE], minlength=units)
    for row, column in zip(placed[2:], columns, strict=True):
        row[:] = np.bincount(where, column, units + 1)[:units]
    if (placed[0] > placed[1]).any():
        at = int(np.argmax(placed[0] - placed[1]))
        raise BadInput(f"Unit {at} has {placed[0, at]} answers of {placed[1, at]} people asked.")
    return placed


def _hand_up(
    tree: UnitTree, placed: Whole, min_group_size: int, member: NDArray[np.bool_]
) -> Whole:
    """Rule 3: too few, and members of a reporting group, join the pool above, from the bottom."""
    pool = placed.copy()
    for level in reversed(tree.levels[1:]):
        handed = level[(pool[0, level] < min_group_size) | member[level]]
        for row in pool:
            np.add.at(row, tree.parents[handed], row[handed])
    return pool


def _count_in(tree: UnitTree, group_unit: Units) -> Units:
    """The group that the people placed in each unit count in, -1 where they are not used."""
    counted_in = np.full(tree.parents.size, NOWHERE)
    counted_in[group_unit] = np.arange(group_unit.size)
    for level in tree.levels[1:]:
        rest = level[counted_in[level] == NOWHERE]
        counted_in[rest] = counted_in[tree.parents[rest]]
    return counted_in


def _describe(
    kind: NDArray[np.int8],
    unit: Units,
    pool: Whole,
    rules: Rules,
    counted_in: Units,
    roster_placed: Whole,
) -> Groups:
    answers, roster, sums = pool[0], pool[1], pool[2:].T
    share = 100 * answers // roster
    counted = np.flatnonzero((counted_in != NOWHERE) & (roster_placed > 0))
    return Groups(
        unit=unit,
        kind=kind[unit],
        answers=answers,
        response_class=np.searchsorted(rules.response_class_starts, share, "right").astype(np.int8),
        counts_for=_lists(counted_in[counted], counted, unit.size),
        values=_show(sums, answers[:, None], rules),
    )


def _show(sums: Whole, n: Whole, rules: Rules) -> ShownValues:
    """Rules 5 and 6: whole points, and near each end a class of all that rounds to X or beyond."""
    nearest = _half_up(sums, n, rules.point)
    least, most = _find_ends(n, rules)
    more, less = nearest >= most, nearest <= least
    point = np.clip(nearest, least, most)
    return ShownValues(
        point=point,
        kind=np.where(more, Kind.OR_MORE, np.where(less, Kind.OR_LESS, Kind.EXACT)).astype(np.int8),
        low=np.where(less, LOWEST, point - rules.point / 2),
        high=np.where(more, HIGHEST, _just_below(2 * point + rules.point, n)),
    )


def _half_up(sums: Whole, n: Whole, point: int) -> Whole:
    """Means rounded half up to a multiple of `point`, in whole numbers throughout."""
    return (2 * sums + n * point) // (2 * n * point) * point


def _find_ends(n: Whole, rules: Rules) -> tuple[Whole, Whole]:
    """X of "X or less" and of "X or more", each rounded towards the middle."""
    at_top = np.where(STRAINED_IS_HIGH, rules.strained_room, rules.other_room)
    at_bottom = np.where(STRAINED_IS_HIGH, rules.other_room, rules.strained_room)
    least = -((-LOWEST * n - at_bottom) // (n * rules.point)) * rules.point
    most = (HIGHEST * n - at_top) // (n * rules.point) * rules.point
    return least, most


def _just_below(doubled_edge: Whole, n: Whole) -> NDArray[np.float64]:
    """24.49 for 24.5, with as many nines as hold every mean of `n` scores below the edge."""
    parts = np.where(doubled_edge * n % 2 == 1, 2 * n, n)
    tens = 10 ** (2 + np.searchsorted(10 ** np.arange(2, 17), parts))
    return (doubled_edge * (tens // 2) - 1) / tens


def _roll_up(tree: UnitTree, groups: Groups, rules: Rules) -> Rollups:
    """Rule 9: means of shown points and of their ranges, weighted by group sizes."""
    above, group = tree.pairs_above(groups.unit)
    inner = tree.has_units_below[above] & ~_is_only_itself(tree, above, group, groups)
    below = _lists(above[inner], group[inner], tree.parents.size)
    unit = np.flatnonzero(np.diff(below.starts))
    starts, items = below.starts[unit], below.items
    shown, n = groups.values, groups.answers[:, None]

    def total(rows: NDArray[_Number]) -> NDArray[_Number]:
        return np.add.reduceat(rows[items], starts)

    answers = total(n)
    values = ShownValues(
        point=_half_up(total(n * shown.point), answers, rules.point),
        kind=np.full((unit.size, 3), Kind.EXACT, dtype=np.int8),
        low=np.floor(_ten_thousandths(total(n * shown.low) / answers)) / 10_000,
        high=np.ceil(_ten_thousandths(total(n * shown.high) / answers)) / 10_000,
    )
    of = Lists(np.append(starts, items.size), items)
    alone = np.flatnonzero(np.diff(of.starts) == 1)
    for mine, theirs in zip(vars(values).values(), vars(shown).values(), strict=True):
        mine[alone] = theirs[items[starts[alone]]]
    return Rollups(unit, of, values)


def _is_only_itself(
    tree: UnitTree, above: Units, group: Units, groups: Groups
) -> NDArray[np.bool_]:
    """Which pairs are a reporting group and its own figure, with no other group below it."""
    alone = np.bincount(above, minlength=tree.parents.size)[above] == 1
    own = (above == groups.unit[group]) & (groups.kind[group] == GroupKind.POOLED)
    return np.asarray(alone & own)


def _ten_thousandths(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means in the unit that ranges are rounded outward to, free of the noise of the division."""
    return np.round(means * 10_000, 6)


def _withhold(
    roster: Whole,
    counted_in: Units,
    member: NDArray[np.bool_],
    groups: Groups,
    rollups: Rollups,
) -> Withheld:
    """Mark the units without a figure; none has a group below, so its pool is all its people."""
    without = np.ones(counted_in.size, dtype=np.bool_)
    without[groups.unit] = without[rollups.unit] = False
    unit = np.flatnonzero(without)
    group = counted_in[unit]
    kind = np.append(groups.kind, GroupKind.OTHERS)[group]
    shared = np.where(member[unit] & (kind == GroupKind.POOLED), Reason.POOLED, Reason.TOO_FEW)
    elsewhere = np.where(group == NOWHERE, Reason.NOT_USED, shared)
    reason = np.where(roster[unit] == 0, Reason.NOBODY, elsewhere)
    return Withheld(
        unit=unit,
        reason=reason.astype(np.int8),
        counted_in=np.where(reason == Reason.NOBODY, NOWHERE, group),
    )


def _lists(owner: Units, item: Units, owners: int) -> Lists:
    order = np.lexsort((item, owner))
    ends = np.cumsum(np.bincount(owner, minlength=owners))
    return Lists(np.concatenate([[0], ends]).astype(np.intp), item[order])
