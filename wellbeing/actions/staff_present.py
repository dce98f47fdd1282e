"""Reads the present staff and units, as the comparison with a staff file needs them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.domain.roles import Role
from wellbeing.domain.staff_cells import UnitPath, fold
from wellbeing.domain.staff_changes import Grant, Present, PresentPerson
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership, Unit

GrantKey = tuple[UUID, Role, UUID | None]


@dataclass(frozen=True, slots=True)
class UnitIds:
    """The open units by path, and the closed ones by the unit above and their folded name."""

    open: Mapping[UnitPath, UUID]
    closed: Mapping[tuple[UUID | None, str], UUID]


def find_unit_ids(session: Session) -> UnitIds:
    """Every unit; of closed units alike in name and place, the one closed last."""
    rows = session.execute(
        select(Unit.id, Unit.parent_id, Unit.name, Unit.closed_on).order_by(Unit.closed_on)
    ).all()
    children: dict[UUID | None, list[tuple[UUID, str]]] = {}
    closed = {}
    for unit_id, parent_id, name, closed_on in rows:
        if closed_on is None:
            children.setdefault(parent_id, []).append((unit_id, name))
        else:
            closed[parent_id, fold(name)] = unit_id
    paths: dict[UnitPath, UUID] = {}
    waiting: list[tuple[UUID | None, UnitPath]] = [(None, ())]
    while waiting:
        above, path = waiting.pop()
        for unit_id, name in children.get(above, []):
            paths[(*path, name)] = unit_id
            waiting.append((unit_id, (*path, name)))
    return UnitIds(paths, closed)


def find_person_ids(session: Session) -> dict[str, UUID]:
    """Everybody ever known, by employee number."""
    rows = session.execute(select(Person.employee_number, Person.id))
    return {row.employee_number: row.id for row in rows}


def find_grant_ids(session: Session) -> dict[GrantKey, list[UUID]]:
    """Every grant by person, role and unit."""
    found: dict[GrantKey, list[UUID]] = {}
    rows = session.execute(
        select(RoleGrant.id, RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id)
    )
    for grant_id, person_id, role, unit_id in rows:
        found.setdefault((person_id, role, unit_id), []).append(grant_id)
    return found


def read_present(
    session: Session, units: UnitIds, *, among: Collection[UUID] | None = None
) -> Present:
    """Everybody (or only those named) with their unit and roles; roles in closed units are left
    out.
    """
    path_of = {unit_id: path for path, unit_id in units.open.items()}
    homes = _find_homes(session)
    people: dict[str, PresentPerson] = {}
    named: dict[UUID, PresentPerson] = {}
    columns = (Person.name, Person.email, Person.mobile, Person.language, Person.status)
    query = select(Person.id, Person.employee_number, *columns)
    if among is not None:
        query = query.where(Person.id.in_(among))
    rows = session.execute(query)
    for person_id, number, name, email, mobile, language, status in rows:
        person = PresentPerson(
            number,
            name,
            email or "",
            mobile or "",
            language,
            path_of.get(homes[person_id]) if person_id in homes else None,
            disabled=status is PersonStatus.DISABLED,
        )
        people[number] = named[person_id] = person
    grants = frozenset(
        Grant(
            named[person_id].employee_number,
            role,
            path_of[unit_id] if unit_id else None,
            named[person_id].name,
        )
        for person_id, role, unit_id in find_grant_ids(session)
        if person_id in named and (unit_id is None or unit_id in path_of)
    )
    return Present(people, frozenset(units.open), grants)


def _find_homes(session: Session) -> dict[UUID, UUID]:
    """Each person's unit; of several open memberships, the one that began last."""
    rows = session.execute(
        select(Membership.person_id, Membership.unit_id)
        .where(Membership.until_day.is_(None))
        .order_by(Membership.from_day)
    )
    return {row.person_id: row.unit_id for row in rows}
