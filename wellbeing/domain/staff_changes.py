"""What a staff file changes: the present state, the changes, and their words for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from wellbeing.domain.roles import Role
from wellbeing.domain.staff import StaffRow
from wellbeing.domain.staff_cells import UnitPath, unit_text
from wellbeing.domain.staff_units import Column


@dataclass(frozen=True, slots=True)
class PresentPerson:
    """A person as they are now; without a unit they were never placed, or have left.

    Disabled people who have a unit did not leave: an administrator closed their access.
    """

    employee_number: str
    name: str
    email: str
    mobile: str
    language: str
    unit_path: UnitPath | None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held by a person for one unit and all below it, or for everything (None)."""

    employee_number: str
    role: Role
    unit_path: UnitPath | None
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Present:
    """The state to compare with: everybody ever known, the open units, the roles held."""

    people: Mapping[str, PresentPerson]
    units: frozenset[UnitPath]
    grants: frozenset[Grant]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value of a person, before and after."""

    employee_number: str
    name: str
    field: Column
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Move:
    """A person's unit, before (None: they had none) and after."""

    employee_number: str
    name: str
    old: UnitPath | None
    new: UnitPath


@dataclass(frozen=True, slots=True)
class StaffChanges:
    """Every change, ready to be applied in the order of the fields.

    Paths are those after the renames, numbers those after `numbers_to_change`. `addresses_to_free`
    are disabled people whose address somebody else has now. The unit of new people is in their
    row, their roles are in `grants_to_add`.
    """

    numbers_to_change: tuple[FieldChange, ...] = ()
    units_to_rename: tuple[tuple[UnitPath, UnitPath], ...] = ()
    units_to_add: tuple[UnitPath, ...] = ()
    people_to_disable: tuple[PresentPerson, ...] = ()
    addresses_to_free: tuple[PresentPerson, ...] = ()
    people_to_restore: tuple[PresentPerson, ...] = ()
    people_to_change: tuple[FieldChange, ...] = ()
    people_to_add: tuple[StaffRow, ...] = ()
    moves: tuple[Move, ...] = ()
    grants_to_remove: tuple[Grant, ...] = ()
    grants_to_add: tuple[Grant, ...] = ()
    units_to_close: tuple[UnitPath, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))

    def describe(self) -> list[str]:
        """The changes in English, a line each, and their number last."""
        lines = [*_describe_units(self), *_describe_people(self), *_describe_roles(self)]
        count = "1 change." if len(lines) == 1 else f"{len(lines)} changes."
        return [*lines, count if lines else "Nothing to change."]


def who(person: PresentPerson | FieldChange | Grant | Move | StaffRow) -> str:
    """A person as the command line names them: number and name."""
    return f"{person.employee_number} {person.name}"


def _describe_units(changes: StaffChanges) -> Iterator[str]:
    for old, new in changes.units_to_rename:
        yield f"Rename unit: {unit_text(old)} → {unit_text(new)}"
    for path in changes.units_to_add:
        yield f"Add unit: {unit_text(path)}"
    for path in changes.units_to_close:
        yield f"Close unit: {unit_text(path)}"


def _describe_people(changes: StaffChanges) -> Iterator[str]:
    for number in changes.numbers_to_change:
        yield f"Recognise person: {who(number)} by e-mail address, until now number {number.old}"
    for row in changes.people_to_add:
        yield f"Add person: {who(row)}, {unit_text(row.unit_path)}"
    for person in changes.people_to_disable:
        yield f"Disable person: {who(person)}, no longer in the file"
    for person in changes.addresses_to_free:
        yield f"Free e-mail address: {who(person)} has left, {person.email} is another's now"
    for person in changes.people_to_restore:
        yield f"Restore person: {who(person)}, in the file again"
    for change in changes.people_to_change:
        old, new = change.old or "none", change.new or "none"
        yield f"Change {change.field}: {who(change)}: {old} → {new}"
    for move in changes.moves:
        before = unit_text(move.old) if move.old else "no unit"
        yield f"Move person: {who(move)}: {before} → {unit_text(move.new)}"


def _describe_roles(changes: StaffChanges) -> Iterator[str]:
    for word, grants in (("Remove", changes.grants_to_remove), ("Give", changes.grants_to_add)):
        for grant in grants:
            scope = f" of {unit_text(grant.unit_path)}" if grant.unit_path else ""
            yield f"{word} role: {who(grant)}: {grant.role}{scope}"
