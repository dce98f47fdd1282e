"""Compares a staff directory with the present state; pure, and safe against truncated files."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wellbeing.domain.errors import BadInput
from wellbeing.domain.roles import Role
from wellbeing.domain.staff import StaffDirectory, StaffRow
from wellbeing.domain.staff_cells import UnitPath, fold, shown, unit_key
from wellbeing.domain.staff_changes import (
    FieldChange,
    Grant,
    Move,
    Present,
    PresentPerson,
    StaffChanges,
    who,
)
from wellbeing.domain.staff_units import Column

_FIELDS = (Column.NAME, Column.EMAIL, Column.MOBILE, Column.LANGUAGE)


def compare(
    present: Present,
    directory: StaffDirectory,
    *,
    complete: bool = True,
    allow_mass_leave: bool = False,
) -> StaffChanges:
    """What must change so that the present state is as the directory says.

    A complete directory names everybody: those with a unit who are not in it have left, and
    units that are not in it close. Raises BadInput when the result would be unsafe.
    """
    renames = _match_units(present.units, directory.units, complete=complete)
    present = _respell(present, renames)
    recognised = _recognise(present, directory)
    present = _renumber(present, {change.old: change.new for change in recognised})
    gone = _find_gone(present, directory) if complete else ()
    closing = present.units.difference(directory.units) if complete else frozenset()
    known = [
        (present.people[row.employee_number], row)
        for row in directory.people
        if row.employee_number in present.people
    ]
    to_remove, to_add = _compare_grants(present, directory, gone, closing)
    changes = StaffChanges(
        numbers_to_change=recognised,
        units_to_rename=tuple((old, new) for old, new in renames.items() if old[-1] != new[-1]),
        units_to_add=tuple(path for path in directory.units if path not in present.units),
        people_to_disable=gone,
        addresses_to_free=_find_addresses_to_free(present, directory, gone),
        people_to_restore=tuple(
            person for person, _ in known if person.disabled and not person.unit_path
        ),
        people_to_change=_compare_fields(known, directory.columns),
        people_to_add=tuple(
            row for row in directory.people if row.employee_number not in present.people
        ),
        moves=_find_moves(known),
        grants_to_remove=to_remove,
        grants_to_add=to_add,
        units_to_close=tuple(sorted(closing, key=lambda path: (-len(path), path))),
    )
    if not allow_mass_leave:
        _check_few_leave(present, gone)
    _check_administrator_stays(present, changes)
    return changes


def leave(present: Present, employee_number: str) -> StaffChanges:
    """What changes when one person has left; raises BadInput for the last administrator."""
    changes = StaffChanges(
        people_to_disable=(present.people[employee_number],),
        grants_to_remove=_in_order(
            grant for grant in present.grants if grant.employee_number == employee_number
        ),
    )
    _check_administrator_stays(present, changes)
    return changes


def _match_units(
    present: frozenset[UnitPath], wanted: tuple[UnitPath, ...], *, complete: bool
) -> dict[UnitPath, UnitPath]:
    """Each open unit's path as the file writes it; unknown units keep their names.

    The one organisation of a complete file is the one organisation there is, and a unit whose
    name differs in case alone is the same unit: renamed, so that its trend goes on.
    """
    by_key = {unit_key(path): path for path in wanted}
    roots = [path for path in present if len(path) == 1]
    matched: dict[UnitPath, UnitPath] = {}
    taken: set[UnitPath] = set()
    for old in sorted(present, key=lambda path: (len(path), path not in wanted, path)):
        new = (*matched.get(old[:-1], old[:-1]), old[-1])
        respelled = wanted[0] if complete and roots == [old] else by_key.get(unit_key(new), new)
        matched[old] = new if respelled in taken else respelled
        taken.add(matched[old])
    if not complete and roots and wanted[0] not in taken:
        raise BadInput(
            f"A partial file must be about {shown(roots[0][0])}; this one is about"
            f" {shown(wanted[0][0])}. Nothing was imported."
        )
    return matched


def _respell(present: Present, renames: Mapping[UnitPath, UnitPath]) -> Present:
    """The present state with every unit path as the file writes it."""
    if all(old == new for old, new in renames.items()):
        return present

    def respell(path: UnitPath | None) -> UnitPath | None:
        return path and renames.get(path, path)

    return Present(
        {
            number: replace(person, unit_path=respell(person.unit_path))
            for number, person in present.people.items()
        },
        frozenset(renames.values()),
        frozenset(replace(grant, unit_path=respell(grant.unit_path)) for grant in present.grants),
    )


def _recognise(present: Present, directory: StaffDirectory) -> tuple[FieldChange, ...]:
    """People of the file who have an account without a unit, such as the first administrator."""
    named = {row.employee_number for row in directory.people}
    unplaced = {
        fold(person.email): person
        for number, person in present.people.items()
        if person.email and not person.unit_path and not person.disabled and number not in named
    }
    return tuple(
        FieldChange(
            row.employee_number,
            row.name,
            Column.EMPLOYEE_NUMBER,
            unplaced[fold(row.email)].employee_number,
            row.employee_number,
        )
        for row in directory.people
        if row.employee_number not in present.people and fold(row.email) in unplaced
    )


def _renumber(present: Present, numbers: Mapping[str, str]) -> Present:
    """The present state with the employee numbers that recognised people have in the file."""
    if not numbers:
        return present
    people = [
        replace(person, employee_number=numbers.get(number, number))
        for number, person in present.people.items()
    ]
    grants = (
        replace(grant, employee_number=numbers.get(grant.employee_number, grant.employee_number))
        for grant in present.grants
    )
    return Present(
        {person.employee_number: person for person in people}, present.units, frozenset(grants)
    )


def _find_gone(present: Present, directory: StaffDirectory) -> tuple[PresentPerson, ...]:
    """Those with a unit whom a complete file does not name."""
    named = {row.employee_number for row in directory.people}
    return tuple(
        person
        for number, person in present.people.items()
        if person.unit_path and number not in named
    )


def _compare_fields(
    known: Iterable[tuple[PresentPerson, StaffRow]], columns: frozenset[Column]
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(row.employee_number, row.name, column, old, new)
        for person, row in known
        for column in _FIELDS
        if column in columns
        if (old := getattr(person, column)) != (new := getattr(row, column))
    )


def _find_moves(known: Iterable[tuple[PresentPerson, StaffRow]]) -> tuple[Move, ...]:
    return tuple(
        Move(row.employee_number, row.name, person.unit_path, row.unit_path)
        for person, row in known
        if person.unit_path != row.unit_path
    )


def _compare_grants(
    present: Present,
    directory: StaffDirectory,
    gone: Iterable[PresentPerson],
    closing: frozenset[UnitPath],
) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
    """The grants to remove and to add; a role whose column the file lacks is left alone."""
    named = {row.employee_number for row in directory.people}
    leaving = {person.employee_number for person in gone}
    wanted = {grant for row in directory.people for grant in _grants_of(row)}

    def ends(grant: Grant) -> bool:
        column = Column.LEADER_OF if grant.role is Role.LEADER else Column.ROLES
        dropped = grant.employee_number in named and column in directory.columns
        return (
            grant.employee_number in leaving
            or grant.unit_path in closing
            or (dropped and grant not in wanted)
        )

    return (
        _in_order(grant for grant in present.grants if ends(grant)),
        _in_order(wanted - present.grants),
    )


def _grants_of(row: StaffRow) -> Iterable[Grant]:
    for path in row.leader_of:
        yield Grant(row.employee_number, Role.LEADER, path, row.name)
    for role, scope in row.roles:
        yield Grant(row.employee_number, role, scope, row.name)


def _in_order(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda g: (g.employee_number, g.role, g.unit_path or ())))


def _find_addresses_to_free(
    present: Present, directory: StaffDirectory, gone: Iterable[PresentPerson]
) -> tuple[PresentPerson, ...]:
    """People who left and whose address the file gives to another; BadInput if its owner stays."""
    wanted = {fold(row.email): row for row in directory.people if row.email}
    named = {row.employee_number for row in directory.people}
    leaving = {person.employee_number for person in gone}
    freed, faults = [], []
    for person in present.people.values():
        row = wanted.get(fold(person.email)) if person.email else None
        if row is None or person.employee_number in named:
            continue
        if person.disabled or person.employee_number in leaving:
            freed.append(person)
            continue
        faults.append(
            f"The e-mail address {shown(row.email)} of {who(row)} belongs to {who(person)},"
            " who is not in the file. Correct the address, or change theirs first."
        )
    if faults:
        raise BadInput("An e-mail address is already taken. Nothing was imported.", tuple(faults))
    return tuple(freed)


def _check_few_leave(present: Present, gone: tuple[PresentPerson, ...]) -> None:
    """Refuses to disable more than half: a truncated file must not empty the house."""
    placed = sum(1 for person in present.people.values() if person.unit_path)
    if 2 * len(gone) > placed:
        raise BadInput(
            f"The file leaves out {len(gone)} of {placed} people, who would be disabled. Nothing"
            " was imported. If the file is a part of the directory, use --partial; if they have"
            " all left, use --allow-mass-leave."
        )


def _check_administrator_stays(present: Present, changes: StaffChanges) -> None:
    """Refuses to remove the last administrator, after whom nobody could give the role again."""
    disabled = {number for number, person in present.people.items() if person.disabled}
    before = {
        grant.employee_number
        for grant in present.grants
        if grant.role is Role.ADMINISTRATOR and grant.employee_number not in disabled
    }
    after = before - {
        grant.employee_number
        for grant in changes.grants_to_remove
        if grant.role is Role.ADMINISTRATOR
    }
    after |= {g.employee_number for g in changes.grants_to_add if g.role is Role.ADMINISTRATOR}
    if before and not after:
        raise BadInput(
            "The file would leave nobody as administrator. Nothing was imported. Write"
            " 'administrator' in the column roles for one person."
        )
