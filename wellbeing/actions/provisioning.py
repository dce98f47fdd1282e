"""People as the organisation's own directory sends them, one at a time, under the rules of the
staff file: a person made in this way and one made by the file are the same.

Roles and units are not changed here: those are the staff file's. What a round has frozen stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select, update
from sqlalchemy.orm import Session

from wellbeing.actions import accounts
from wellbeing.actions.audit_log import record
from wellbeing.actions.staff import apply_changes
from wellbeing.actions.staff_present import UnitIds, find_unit_ids, read_present
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.roles import Role
from wellbeing.domain.staff import StaffDirectory, StaffRow
from wellbeing.domain.staff_cells import (
    MAX_EMPLOYEE_NUMBER,
    MAX_NAME,
    UnitPath,
    fold,
    read_email,
    read_language,
    read_mobile,
    read_text,
    read_unit_path,
    shown,
    unit_key,
    unit_text,
)
from wellbeing.domain.staff_comparison import compare, leave
from wellbeing.domain.staff_units import Column
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant, has_address
from wellbeing.store.locks import hold_directory
from wellbeing.store.org import Membership

ACT = "person.provisioned"
_MAX_EXTERNAL_ID = 255
_COLUMNS = frozenset(
    {Column.EMPLOYEE_NUMBER, Column.NAME, Column.EMAIL, Column.MOBILE, Column.LANGUAGE}
    | {Column.UNIT}
)


class Taken(Refused):
    """Somebody else has this number, address or name in the directory."""


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A person as the directory knows them; `unit` names one unit, "" where they have none."""

    employee_number: str
    name: str
    email: str
    mobile: str
    language: str
    unit: str
    is_active: bool
    external_id: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who sends the change, when, and in which zone a day begins."""

    by: Actor
    now: datetime
    zone: tzinfo


def find_people(
    session: Session, *, where: ColumnElement[bool] | None = None
) -> list[DirectoryPerson]:
    """Everybody who has not left, and whom `where` fits."""
    units = find_unit_ids(session)
    name_of = {units.open[path]: text for path, text in unit_names(units).items()}
    home = select(Membership.person_id, Membership.unit_id).where(Membership.until_day.is_(None))
    homes = {
        row.person_id: row.unit_id for row in session.execute(home.order_by(Membership.from_day))
    }
    query = select(Person).where(_stays())
    people = session.scalars(query if where is None else query.where(where))
    return [
        _read(person, name_of.get(homes[person.id], "") if person.id in homes else "")
        for person in people
    ]


def get_person(session: Session, person_id: UUID) -> DirectoryPerson:
    """One person who has not left; raises Missing."""
    found = find_people(session, where=Person.id == person_id)
    if not found:
        raise Missing("That person does not exist.")
    return found[0]


def has_number(number: str) -> ColumnElement[bool]:
    """Whether a person has this employee number, in whatever case."""
    return func.lower(Person.employee_number) == number.lower()


def add_person(session: Session, wanted: DirectoryPerson, act: Act) -> UUID:
    """The id of a new person, or of one who comes back; Taken, or BadInput naming what is wrong."""
    hold_directory(session)
    units = find_unit_ids(session)
    row = _check(wanted, units)
    if find_people(session, where=has_number(row.employee_number)):
        raise Taken("Somebody has this employee number already.")
    _check_external_id(session, wanted, None)
    _place(session, row, units, act)
    person_id = session.scalar(
        select(Person.id).where(Person.employee_number == row.employee_number)
    )
    assert person_id is not None
    _set_rest(session, person_id, wanted, act)
    return person_id


def change_person(session: Session, person_id: UUID, wanted: DirectoryPerson, act: Act) -> None:
    """Makes the person be as the directory says; Missing, Taken, or BadInput; the same is fine."""
    hold_directory(session)
    before = get_person(session, person_id)
    units = find_unit_ids(session)
    row = _check(wanted, units)
    _check_external_id(session, wanted, person_id)
    if row.employee_number != before.employee_number:
        _renumber(session, person_id, row.employee_number, act)
    _place(session, row, units, act)
    _set_rest(session, person_id, wanted, act)


def remove_person(session: Session, person_id: UUID, act: Act) -> None:
    """The person has left: access, membership and roles end; what happened stays as it was."""
    hold_directory(session)
    number = get_person(session, person_id).employee_number
    among = {person_id, *_administrators(session)}
    present = read_present(session, find_unit_ids(session), among=among)
    changes = leave(present, number)
    apply_changes(session, changes, now=act.now, by=act.by, zone=act.zone, act=ACT)
    session.execute(update(Person).where(Person.id == person_id).values(external_id=None))


def unit_names(units: UnitIds) -> Mapping[UnitPath, str]:
    """How each open unit is called here: by its name alone where no other has it, else its path."""
    count: dict[str, int] = {}
    for path in units.open:
        count[fold(path[-1])] = count.get(fold(path[-1]), 0) + 1
    return {
        path: unit_text(path[-1:] if count[fold(path[-1])] == 1 else path) for path in units.open
    }


def _check(wanted: DirectoryPerson, units: UnitIds) -> StaffRow:
    """The person as a row of the staff file."""
    number = read_text(wanted.employee_number, MAX_EMPLOYEE_NUMBER)
    name = read_text(wanted.name, MAX_NAME)
    if not number or not name:
        raise BadInput("A person needs an employee number and a name.")
    return StaffRow(
        number,
        name,
        read_email(wanted.email),
        read_mobile(wanted.mobile),
        read_language(wanted.language),
        _get_unit(wanted.unit, units.open),
    )


def _get_unit(text: str, paths: Iterable[UnitPath]) -> UnitPath:
    wanted = unit_key(read_unit_path(text)) if text.strip() else ()
    keys = {unit_key(path): path for path in paths}
    alike = [path for key, path in keys.items() if wanted in (key, key[-1:])]
    whole = keys.get(wanted)
    if whole is None and len(alike) != 1:
        what = "names several units" if alike else "is not a unit here"
        raise BadInput(
            f"{shown(text)} {what}. Write the whole path, as 'Organisation / Department / Team'."
        )
    return whole or alike[0]


def _place(session: Session, row: StaffRow, units: UnitIds, act: Act) -> None:
    """Adds or changes a person exactly as a partial staff file of this one row would."""
    known = select(Person.id).where(
        or_(Person.employee_number == row.employee_number, has_email(row.email))
    )
    among = {*session.scalars(known), *_administrators(session)}
    above = tuple(row.unit_path[:level] for level in range(1, len(row.unit_path) + 1))
    try:
        changes = compare(
            read_present(session, units, among=among),
            StaffDirectory(above, (row,), _COLUMNS),
            complete=False,
        )
    except BadInput as fault:
        raise Taken(fault.faults[0] if fault.faults else str(fault)) from None
    apply_changes(session, changes, now=act.now, by=act.by, zone=act.zone, act=ACT)


def has_email(address: str) -> ColumnElement[bool]:
    """Whether a person has this e-mail address, in whatever case; nobody has none."""
    return has_address(address) if address.strip() else false()


def _set_rest(session: Session, person_id: UUID, wanted: DirectoryPerson, act: Act) -> None:
    """What a staff file does not say: the directory's own id, and whether the access is open."""
    session.execute(
        update(Person).where(Person.id == person_id).values(external_id=wanted.external_id)
    )
    is_active = session.get_one(Person, person_id).status is not PersonStatus.DISABLED
    if is_active and not wanted.is_active:
        if _administrators(session) <= {person_id}:
            raise Refused("This is the last administrator, whose access stays open.")
        accounts.disable(session, person_id, by=act.by, now=act.now)
    elif wanted.is_active and not is_active:
        accounts.enable(session, person_id, by=act.by, now=act.now)


def _renumber(session: Session, person_id: UUID, number: str, act: Act) -> None:
    others = select(Person.id).where(has_number(number), Person.id != person_id)
    if session.scalar(others) is not None:
        raise Taken("Somebody has this employee number already.")
    session.execute(update(Person).where(Person.id == person_id).values(employee_number=number))
    record(session, ACT, str(person_id), by=act.by, now=act.now, changed="employee_number")


def _check_external_id(session: Session, wanted: DirectoryPerson, person_id: UUID | None) -> None:
    if wanted.external_id is None:
        return
    if len(wanted.external_id) > _MAX_EXTERNAL_ID:
        raise BadInput(f"externalId is longer than {_MAX_EXTERNAL_ID} characters.")
    owner = session.scalar(select(Person.id).where(Person.external_id == wanted.external_id))
    if owner not in (None, person_id):
        raise Taken("Somebody has this externalId already.")


def _administrators(session: Session) -> set[UUID]:
    query = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role == Role.ADMINISTRATOR, Person.status != PersonStatus.DISABLED)
    )
    return set(session.scalars(query))


def _stays() -> ColumnElement[bool]:
    """Disabled without a unit is how a person who has left is kept."""
    placed = select(Membership.person_id).where(Membership.until_day.is_(None))
    return or_(Person.status != PersonStatus.DISABLED, Person.id.in_(placed))


def _read(person: Person, unit: str) -> DirectoryPerson:
    return DirectoryPerson(
        person.employee_number,
        person.name,
        person.email or "",
        person.mobile or "",
        person.language,
        unit,
        person.status is not PersonStatus.DISABLED,
        person.external_id,
        person.id,
    )
