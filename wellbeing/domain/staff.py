"""The staff directory: rows of a file, checked across each other, every fault found at once."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from wellbeing.domain.errors import BadInput
from wellbeing.domain.roles import Role
from wellbeing.domain.staff_cells import (
    MAX_EMPLOYEE_NUMBER,
    MAX_NAME,
    MAX_UNIT_NAME,
    UnitPath,
    fold,
    read_email,
    read_language,
    read_mobile,
    read_role,
    read_text,
    read_unit_path,
    shown,
    split_values,
    squash,
    unit_text,
)
from wellbeing.domain.staff_units import (
    Column,
    Fault,
    NamedUnit,
    UnitTree,
    build_tree_from_parents,
    build_tree_from_paths,
)

T = TypeVar("T")

HEADERS: dict[Column, tuple[str, ...]] = {
    Column.EMPLOYEE_NUMBER: (
        "employee_number", "employee no", "employee id", "staff number",
        "medarbejdernummer", "medarbejdernr", "medarbejder-id", "lønnummer",
    ),
    Column.NAME: ("name", "full name", "navn", "fulde navn"),
    Column.EMAIL: ("e-mail", "mail", "e-mail address", "e-mailadresse", "mailadresse"),
    Column.MOBILE: ("mobile", "mobile number", "mobil", "mobilnummer", "mobiltelefon"),
    Column.LANGUAGE: ("language", "sprog"),
    Column.UNIT: ("unit", "unit path", "enhed", "enhedssti"),
    Column.PARENT_UNIT: ("parent_unit", "overordnet enhed"),
    Column.LEADER_OF: ("leader_of", "leder af"),
    Column.ROLES: ("roles", "role", "roller", "rolle"),
}  # fmt: skip
REQUIRED = (Column.EMPLOYEE_NUMBER, Column.NAME, Column.UNIT)
_COLUMN_OF = {squash(text): column for column, texts in HEADERS.items() for text in texts}


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file: its number there, and its cells by header.

    `faults` are what already went wrong when the row was read; `check_rows` reports them.
    """

    number: int
    cells: Mapping[str, str]
    default_language: str = "da"
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person of the directory; `email` and `mobile` may be "", `language` is da or en."""

    employee_number: str
    name: str
    email: str
    mobile: str
    language: str
    unit_path: UnitPath
    leader_of: tuple[UnitPath, ...] = ()
    roles: frozenset[tuple[Role, UnitPath | None]] = frozenset()


@dataclass(frozen=True, slots=True)
class StaffDirectory:
    """A checked directory: units with parents before children, people in the order of the file.

    `columns` are those the file has; what it has no column for, it says nothing about.
    """

    units: tuple[UnitPath, ...]
    people: tuple[StaffRow, ...]
    columns: frozenset[Column] = frozenset(Column)


@dataclass(slots=True)
class _Draft:
    """A row whose cells are read but not yet compared with other rows."""

    number: int
    values: dict[Column, str] = field(default_factory=dict)
    unit: UnitPath = ()
    leader_of: list[UnitPath] = field(default_factory=list)
    roles: list[tuple[Role, UnitPath | None]] = field(default_factory=list)


def find_column(header: str) -> Column | None:
    """The column that a header names in English or Danish, or None."""
    return _COLUMN_OF.get(squash(header))


def check_rows(rows: Sequence[RawRow]) -> StaffDirectory:
    """The directory the rows describe; raises BadInput with every fault of every row."""
    if not rows:
        raise BadInput("The file names no people. Nothing was imported.")
    headers, faults = _find_headers(rows[0].cells)
    faults += [Fault(row.number, None, text) for row in rows for text in row.faults]
    drafts = [_read_row(row, headers, faults) for row in rows]
    faults += _find_doubles(drafts, Column.EMPLOYEE_NUMBER, "employee number")
    faults += _find_doubles(drafts, Column.EMAIL, "e-mail address")
    tree, unit_faults = _build_tree(drafts)
    faults += unit_faults
    faults += [fault for draft in drafts for fault in _find_unknown_units(draft, tree)]
    if faults:
        _raise_all(faults, headers)
    people = tuple(_to_row(draft, tree) for draft in drafts)
    return StaffDirectory(tree.paths, people, frozenset(headers))


def _raise_all(faults: list[Fault], headers: Mapping[Column, str]) -> None:
    lines = []
    for row, column, text in sorted(faults, key=lambda fault: fault.row):
        place = f", column {headers.get(column, column)}" if column else ""
        lines.append(f"Row {row}{place}: {text}" if row else text)
    count = "1 fault" if len(lines) == 1 else f"{len(lines)} faults"
    raise BadInput(f"The staff file has {count}. Nothing was imported.", tuple(lines))


def _find_headers(cells: Mapping[str, str]) -> tuple[dict[Column, str], list[Fault]]:
    """The header of each column the file has, and faults for missing and doubtful ones."""
    headers: dict[Column, str] = {}
    faults = []
    strange = []
    for header in cells:
        column = find_column(header)
        if column is None:
            strange.append(header)
        elif column in headers:
            both = f"{shown(headers[column])} and {shown(header)}"
            faults.append(Fault(0, None, f"The columns {both} mean the same. Keep one of them."))
        else:
            headers[column] = header
    missing = [squash(text) for c, texts in HEADERS.items() if c not in headers for text in texts]
    for header in strange:
        for like in difflib.get_close_matches(squash(header), missing, n=1, cutoff=0.8):
            text = f"The column {shown(header)} is not known. Did you mean '{_COLUMN_OF[like]}'?"
            faults.append(Fault(0, None, text))
    for column in (column for column in REQUIRED if column not in headers):
        text = f"The column '{column}' is missing. Add it, with a value for every person."
        faults.append(Fault(0, None, text))
    return headers, faults


def _read_row(row: RawRow, headers: Mapping[Column, str], faults: list[Fault]) -> _Draft:
    """The row with each cell read; a cell that cannot be read is left out and its fault noted."""
    draft = _Draft(row.number)

    def read(column: Column, reader: Callable[[str], T], text: str) -> T | None:
        try:
            return reader(text)
        except BadInput as fault:
            faults.append(Fault(row.number, column, str(fault)))
            return None

    def read_each(column: Column, reader: Callable[[str], T], text: str) -> list[T]:
        found = (read(column, reader, value) for value in split_values(text))
        return [value for value in found if value is not None]

    for column, header in headers.items():
        text = row.cells.get(header, "")
        if not text.strip():
            if column in REQUIRED and (header in row.cells or not row.faults):
                faults.append(Fault(row.number, column, "The cell is blank. Fill it in."))
        elif column is Column.UNIT:
            draft.unit = read(column, read_unit_path, text) or ()
        elif column is Column.LEADER_OF:
            draft.leader_of = read_each(column, read_unit_path, text)
        elif column is Column.ROLES:
            draft.roles = read_each(column, read_role, text)
        else:
            draft.values[column] = read(column, _READERS[column], text) or ""
    if not draft.values.get(Column.LANGUAGE):
        draft.values[Column.LANGUAGE] = row.default_language
    return draft


_READERS: dict[Column, Callable[[str], str]] = {
    Column.EMPLOYEE_NUMBER: lambda text: read_text(text, MAX_EMPLOYEE_NUMBER),
    Column.NAME: lambda text: read_text(text, MAX_NAME),
    Column.EMAIL: read_email,
    Column.MOBILE: read_mobile,
    Column.LANGUAGE: read_language,
    Column.PARENT_UNIT: lambda text: read_text(text, MAX_UNIT_NAME),
}


def _find_doubles(drafts: Sequence[_Draft], column: Column, what: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for draft in drafts:
        value = draft.values.get(column, "")
        row = first.setdefault(fold(value), draft.number) if value else draft.number
        if row != draft.number:
            text = f"{shown(value)} is also the {what} in row {row}. Each person has their own."
            yield Fault(draft.number, column, text)


def _build_tree(drafts: Sequence[_Draft]) -> tuple[UnitTree, list[Fault]]:
    """The tree of units; by parents when any row names a parent unit, else by paths."""
    named = [
        NamedUnit(draft.number, draft.unit, draft.values.get(Column.PARENT_UNIT, ""))
        for draft in drafts
        if draft.unit
    ]
    if not any(unit.parent for unit in named):
        return build_tree_from_paths(named)
    paths = [
        Fault(unit.row, Column.UNIT, f"{shown(unit_text(unit.unit))} is a path. Where a column"
              " names the parent unit, write one name (and \\/ for a slash inside it).")
        for unit in named
        if len(unit.unit) > 1
    ]  # fmt: skip
    tree, faults = build_tree_from_parents([unit for unit in named if len(unit.unit) == 1])
    return tree, paths + faults


def _find_unknown_units(draft: _Draft, tree: UnitTree) -> Iterator[Fault]:
    """A fault for each unit led or given as a role's scope that no row's unit path creates."""
    named = [(Column.LEADER_OF, path) for path in draft.leader_of]
    named += [(Column.ROLES, scope) for _, scope in draft.roles if scope]
    for column, path in named:
        if tree.find(path) is None and not tree.is_misplaced(path):
            closest = tree.suggest(path)
            hint = f" Did you mean {shown(closest)}?" if closest else ""
            text = f"{shown(unit_text(path))} is not a unit of any person in this file."
            yield Fault(draft.number, column, text + (hint or " Correct the path."))


def _to_row(draft: _Draft, tree: UnitTree) -> StaffRow:
    """The finished row; called only when there is no fault, so every unit is found."""

    def unit(path: UnitPath) -> UnitPath:
        found = tree.find(path)
        assert found is not None
        return found

    values = draft.values
    return StaffRow(
        employee_number=values[Column.EMPLOYEE_NUMBER],
        name=values[Column.NAME],
        email=values.get(Column.EMAIL, ""),
        mobile=values.get(Column.MOBILE, ""),
        language=values[Column.LANGUAGE],
        unit_path=unit(draft.unit),
        leader_of=tuple(dict.fromkeys(unit(path) for path in draft.leader_of)),
        roles=frozenset(
            (role, scope and unit(scope))
            for role, scope in draft.roles
            if role is not Role.EMPLOYEE
        ),
    )
