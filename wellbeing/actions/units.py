"""Reads the organisation's tree: open units, and the reporting groups of small teams in it."""

from collections.abc import Set
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.domain.reporting import path_up
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import ReportingGroup, ReportingGroupUnit, Unit

PATH_SEPARATOR = " / "


def find_parents(session: Session) -> dict[UUID, UUID | None]:
    """The unit above each open unit and reporting group; None for the top.

    A team in a reporting group keeps the unit it belongs to.
    """
    units = session.execute(select(Unit.id, Unit.parent_id).where(Unit.closed_on.is_(None)))
    groups = session.execute(
        select(ReportingGroup.id, ReportingGroup.parent_unit_id)
        .join(Unit, Unit.id == ReportingGroup.parent_unit_id)
        .where(Unit.closed_on.is_(None))
    )
    return {row[0]: row[1] for rows in (units, groups) for row in rows}


def find_path_up(session: Session, unit_id: UUID) -> list[UUID]:
    """The unit and all units above it, nearest first; only itself where it is closed."""
    parents = find_parents(session)
    return path_up(unit_id, parents) if unit_id in parents else [unit_id]


def find_groups(session: Session) -> dict[UUID, set[UUID]]:
    """The open teams in each reporting group."""
    groups: dict[UUID, set[UUID]] = {}
    members = (
        select(ReportingGroupUnit.group_id, ReportingGroupUnit.unit_id)
        .join(Unit, Unit.id == ReportingGroupUnit.unit_id)
        .where(Unit.closed_on.is_(None))
    )
    for group_id, unit_id in session.execute(members):
        groups.setdefault(group_id, set()).add(unit_id)
    return groups


def find_paths(session: Session) -> dict[UUID, str]:
    """Each open unit's and reporting group's path from the top, parents before children."""
    units = session.execute(
        select(Unit.id, Unit.parent_id, Unit.name)
        .where(Unit.closed_on.is_(None))
        .order_by(Unit.name)
    ).all()
    children: dict[UUID | None, list[tuple[UUID, str]]] = {}
    groups = session.execute(
        select(ReportingGroup.id, ReportingGroup.parent_unit_id, ReportingGroup.name).order_by(
            ReportingGroup.name
        )
    ).all()
    for unit_id, parent_id, name in [*units, *groups]:
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
    """The units a person reaches through these roles: those granted, all below, and the reporting
    groups that a team of theirs is in.
    """
    granted = session.scalars(
        select(RoleGrant.unit_id).where(RoleGrant.person_id == person_id, RoleGrant.role.in_(roles))
    )
    return find_reach_of(session, set(granted))


def find_reach_of(session: Session, granted: Set[UUID | None]) -> set[UUID]:
    """What a grant of these units (None: of all) reaches: they, all below, and the reporting groups
    that a team of theirs is in; nothing of a unit that is closed.
    """
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
    groups = find_groups(session)
    return reached | {group for group, teams in groups.items() if teams & reached}
