"""The tree of units that the rows of a staff file name, in either of the two ways to name it."""

import difflib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from wellbeing.domain.staff_cells import (
    MAX_UNIT_LEVELS,
    UnitPath,
    fold,
    shown,
    unit_key,
    unit_text,
)

MAX_SUGGESTIONS = 50


class Column(StrEnum):
    """A column of the staff file."""

    EMPLOYEE_NUMBER = "employee_number"
    NAME = "name"
    EMAIL = "email"
    MOBILE = "mobile"
    LANGUAGE = "language"
    UNIT = "unit"
    PARENT_UNIT = "parent_unit"
    LEADER_OF = "leader_of"
    ROLES = "roles"


class Fault(NamedTuple):
    """What is wrong in one place of the file; row 0 speaks of the whole file."""

    row: int
    column: Column | None
    text: str


class NamedUnit(NamedTuple):
    """The unit of one row as written: a path, or one name and the name of the unit above it."""

    row: int
    unit: UnitPath
    parent: str = ""


@dataclass(frozen=True)
class UnitTree:
    """Every unit of the file; `paths` holds parents before children, in the order of the file.

    `by_name` serves the two-column form, `misplaced` are its units whose place is at fault.
    """

    paths: tuple[UnitPath, ...]
    by_name: dict[str, UnitPath]
    misplaced: frozenset[str] = frozenset()

    @cached_property
    def _by_key(self) -> dict[UnitPath, UnitPath]:
        return {unit_key(path): path for path in self.paths}

    @cached_property
    def _suggestions(self) -> dict[UnitPath, str]:
        return {}

    def find(self, path: UnitPath) -> UnitPath | None:
        """The unit meant by a path (or, in the two-column form, by its name alone), or None."""
        by_path = self._by_key.get(unit_key(path))
        return by_path or (self.by_name.get(fold(path[0])) if len(path) == 1 else None)

    def is_misplaced(self, path: UnitPath) -> bool:
        """Whether the file has this unit, but its place is a fault told elsewhere."""
        return fold(path[-1]) in self.misplaced

    def suggest(self, path: UnitPath) -> str:
        """The unit most like `path`, as it is written in the file, or ""."""
        if path not in self._suggestions and len(self._suggestions) < MAX_SUGGESTIONS:
            self._suggestions[path] = self._closest(path)
        return self._suggestions.get(path, "")

    def _closest(self, path: UnitPath) -> str:
        texts = {unit_text(known).casefold(): known for known in self.paths}
        last_names = {known[-1].casefold(): known for known in reversed(self.paths)}
        for wanted, candidates in (
            (path[-1].casefold(), last_names if len(path) == 1 else {}),
            (unit_text(path).casefold(), texts),
            (path[-1].casefold(), last_names),
        ):
            close = difflib.get_close_matches(wanted, candidates, n=1, cutoff=0.7)
            if close:
                return unit_text(candidates[close[0]])
        return ""


def build_tree_from_paths(named: Sequence[NamedUnit]) -> tuple[UnitTree, list[Fault]]:
    """The tree of paths written from the organisation down, and what is wrong with it."""
    faults: list[Fault] = []
    first_spelling: dict[UnitPath, tuple[UnitPath, int]] = {}
    checked: dict[UnitPath, str] = {}
    for row, path, _ in named:
        if path not in checked:
            checked[path] = _check_path(path, row, first_spelling)
        if checked[path]:
            faults.append(Fault(row, Column.UNIT, checked[path]))
    roots = [(units[0], row) for units, row in first_spelling.values() if len(units) == 1]
    paths = tuple(path for path, _ in first_spelling.values())
    return UnitTree(paths, {}), faults + _check_one_root(roots)


def _check_path(
    path: UnitPath, row: int, first_spelling: dict[UnitPath, tuple[UnitPath, int]]
) -> str:
    """What is wrong with a path, or ""; the units it creates are noted with their first row."""
    key = unit_key(path)
    repeated = next(
        (name for name, folded in zip(path, key, strict=True) if key.count(folded) > 1), ""
    )
    if repeated:
        return (
            f"{shown(unit_text(path))} names {shown(repeated)} twice, so that unit would lie inside"
            " itself. Correct the path, or give the two units different names."
        )
    for level in range(1, len(path) + 1):
        spelled, first_row = first_spelling.setdefault(key[:level], (path[:level], row))
        if spelled != path[:level]:
            return (
                f"{shown(unit_text(path[:level]))} is written {shown(unit_text(spelled))}"
                f" in row {first_row}. Write it in one way."
            )
    return ""


def build_tree_from_parents(named: Sequence[NamedUnit]) -> tuple[UnitTree, list[Fault]]:
    """The tree of the two-column form (unit, parent unit), and what is wrong with it."""
    faults: list[Fault] = []
    first: dict[str, tuple[str, int]] = {}
    parents: dict[str, str] = {}
    for row, unit, parent in named:
        name, above = fold(unit[0]), fold(parent)
        first.setdefault(name, (unit[0], row))
        if not above:
            continue
        first.setdefault(above, (parent, row))
        known = parents.setdefault(name, above)
        if known != above:
            faults.append(_two_parents(row, unit[0], parent, first[known][0]))
    for circle in _find_circles(parents):
        faults.append(_circle_fault([first[name] for name in circle]))
    by_name, too_deep = _grow(first, parents)
    faults += too_deep
    roots = [first[name] for name in first if name not in parents]
    misplaced = frozenset(first.keys() - by_name.keys())
    return UnitTree(tuple(by_name.values()), by_name, misplaced), faults + _check_one_root(roots)


def _grow(
    first: dict[str, tuple[str, int]], parents: dict[str, str]
) -> tuple[dict[str, UnitPath], list[Fault]]:
    """The path of each unit below a root, level by level, and a fault for those too deep."""
    children = defaultdict(list)
    for name, above in parents.items():
        children[above].append(name)
    found = {name: (spelled,) for name, (spelled, _) in first.items() if name not in parents}
    level: list[str] = list(found)
    grown: dict[str, UnitPath] = dict(found)
    for _ in range(MAX_UNIT_LEVELS - 1):
        below = {
            name: (*grown[above], first[name][0]) for above in level for name in children[above]
        }
        grown.update(below)
        level = list(below)
    lost = [first[name] for above in level for name in children[above]]
    return grown, [
        Fault(
            row,
            Column.PARENT_UNIT,
            f"{shown(name)} lies more than {MAX_UNIT_LEVELS} levels down. Use fewer levels.",
        )
        for name, row in lost
    ]


def _find_circles(parents: dict[str, str]) -> list[list[str]]:
    """Each circle of units that lie in one another, once."""
    circles = []
    walk_of: dict[str, int] = {}
    for walk, start in enumerate(parents):
        chain = []
        name = start
        while name in parents and name not in walk_of:
            walk_of[name] = walk
            chain.append(name)
            name = parents[name]
        if walk_of.get(name) == walk:
            circles.append(chain[chain.index(name) :])
    return circles


def _circle_fault(circle: list[tuple[str, int]]) -> Fault:
    names = [shown(name) for name, _ in (*circle, circle[0])]
    told = names if len(names) <= 8 else [*names[:6], "…", names[-1]]
    return Fault(
        min(row for _, row in circle),
        Column.PARENT_UNIT,
        f"The units lie in a circle: {' in '.join(told)}. Correct the unit above one of them.",
    )


def _two_parents(row: int, name: str, parent: str, known: str) -> Fault:
    return Fault(
        row,
        Column.PARENT_UNIT,
        f"{shown(name)} lies in {shown(parent)} here, and in {shown(known)} further up."
        " A unit lies in one unit: correct one of the rows.",
    )


def _check_one_root(roots: Sequence[tuple[str, int]]) -> list[Fault]:
    """One fault for each organisation beyond the first."""
    return [
        Fault(
            row,
            Column.UNIT,
            f"{shown(name)} stands at the top, but so does {shown(roots[0][0])}"
            f" (row {roots[0][1]}). A file holds one organisation: write every unit below it,"
            " as 'Organisation / Department / Team'.",
        )
        for name, row in roots[1:]
    ]
