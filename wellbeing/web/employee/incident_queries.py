"""Which incidents concern a person, and for which units they can register one."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_parents, find_paths, find_scope
from wellbeing.domain.reporting import path_up
from wellbeing.domain.roles import Role
from wellbeing.store.org import Membership, Unit

_REGISTER_BELOW = frozenset({Role.LEADER, Role.HR})


def find_concerned_units(session: Session, person_id: UUID, *, today: date) -> set[UUID]:
    """The units a person belongs to, and those above: what is offered there is offered to them."""
    parents = find_parents(session)
    homes = find_homes(session, person_id, today=today) & parents.keys()
    return {unit for home in homes for unit in path_up(home, parents)}


def find_units_to_register(session: Session, person_id: UUID, *, today: date) -> dict[UUID, str]:
    """The units a person can register an incident for, with their paths in order; own ones first.

    One's own, and for leaders and HR those they reach with everything below.
    """
    homes = find_homes(session, person_id, today=today)
    allowed = homes | find_scope(session, person_id, _REGISTER_BELOW)
    real = set(session.scalars(select(Unit.id).where(Unit.closed_on.is_(None))))
    paths = {u: path for u, path in find_paths(session).items() if u in allowed & real}
    return dict(sorted(paths.items(), key=lambda pair: pair[0] not in homes))


def find_homes(session: Session, person_id: UUID, *, today: date) -> set[UUID]:
    """The units a person belongs to today."""
    return set(
        session.scalars(
            select(Membership.unit_id).where(
                Membership.person_id == person_id,
                Membership.from_day <= today,
                or_(Membership.until_day.is_(None), Membership.until_day > today),
            )
        )
    )
