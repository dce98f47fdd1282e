"""Reads the organisation's tree of open units."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import Unit

PATH_SEPARATOR = " / "


def find_parents(session: Session) -> dict[UUID, UUID | None]:
    """The unit above each open unit; None for the top."""
    rows = session.execute(select(Unit.id, Unit.parent_id).where(Unit.closed_on.is_(None)))
    return {row.id: row.parent_id for row in rows}


def find_paths(session: Session) -> dict[UUID, str]:
    """Each open unit's path from the top, parents before children."""
    units = session.execute(
        select(Unit.id, Unit.parent_id, Unit.name)
        .where(Unit.closed_on.is_(None))
        .order_by(Unit.name)
    ).all()
    children: dict[UUID | None, list[tuple[UUID, str]]] = {}
    for unit_id, parent_id, name in units:
        children.setdefault(parent_id, []).append((unit_id, name))
    paths: dict[UUID, str] = {}
    waiting = [(unit_id, name) for unit_id, name in reversed(children.get(None, []))]
    while waiting:
        unit_id, path = waiting.pop()
        paths[unit_id] = path
        below = children.get(unit_id, [])
        waiting += [(child, f"{path}{PATH_SEPARATOR}{name}") for child, name in reversed(below)]
    return paths


def find_scope(session: Session, person_id: UUID, roles: frozenset[Role]) -> set[UUID]:
    """The open units a person reaches through these roles: the units granted and all below."""
    granted = session.scalars(
        select(RoleGrant.unit_id).where(RoleGrant.person_id == person_id, RoleGrant.role.in_(roles))
    ).all()
    parents = find_parents(session)
    if None in granted:
        return set(parents)
    tops = {unit for unit in granted if unit is not None}
    reached: set[UUID] = set()
    for unit in parents:
        step: UUID | None = unit
        while step is not None and step not in tops:
            step = parents.get(step)
        if step is not None:
            reached.add(unit)
    return reached
