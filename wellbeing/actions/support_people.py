"""Who sees to support: HR in reach of a unit, and those who lead it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.name_order import in_name_order
from wellbeing.domain.reporting import path_up
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership


def find_hr_of(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, str]:
    """HR in reach of any of these units, with names in their order; of no unit: HR of the whole."""
    parents = find_parents(session)
    above = {step for unit in unit_ids if unit in parents for step in path_up(unit, parents)}
    return _find_granted(session, Role.HR, above, also_whole=True)


def find_leaders_of(session: Session, unit_id: UUID) -> dict[UUID, str]:
    """Whoever leads the unit, or where nobody does the nearest unit above, with their names."""
    parents = find_parents(session)
    teams = find_groups(session).get(unit_id, set())
    steps = [{unit_id, *teams}, *({unit} for unit in _above(unit_id, parents))]
    for units in steps:
        found = _find_granted(session, Role.LEADER, units, also_whole=False)
        if found:
            return found
    return {}


def find_owner_options(session: Session, unit_id: UUID) -> dict[UUID, str]:
    """Who can see to an offer of the unit: its leaders, then HR in reach."""
    return {**find_leaders_of(session, unit_id), **find_hr_of(session, [unit_id])}


def find_homes(session: Session, person_id: UUID, *, today: date) -> list[UUID]:
    """The units a person belongs to today."""
    until = Membership.until_day
    query = select(Membership.unit_id).where(
        Membership.person_id == person_id,
        Membership.from_day <= today,
        or_(until.is_(None), until > today),
    )
    return list(session.scalars(query))


def _above(unit_id: UUID, parents: dict[UUID, UUID | None]) -> list[UUID]:
    return path_up(unit_id, parents)[1:] if unit_id in parents else []


def _find_granted(
    session: Session, role: Role, units: Collection[UUID], *, also_whole: bool
) -> dict[UUID, str]:
    where = RoleGrant.unit_id.in_(units)
    query = (
        select(Person.id, Person.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == role,
            or_(where, RoleGrant.unit_id.is_(None)) if also_whole else where,
            Person.status != PersonStatus.DISABLED,
        )
    )
    return in_name_order({row.id: row.name for row in session.execute(query)})
