"""Who a round asks, and the unit where each counts."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_parents
from wellbeing.domain.reporting import find_reporting_unit, units_below
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership

Roster = Mapping[UUID, UUID | None]


def find_roster(session: Session, day: date) -> Roster:
    """Everyone who works here on a day, and where each counts; None for whoever leads it all."""
    parent_of, led = find_parents(session), _find_led_units(session)
    return {
        person_id: find_reporting_unit(home, led.get(person_id, set()), parent_of)
        for person_id, home in _find_homes(session, day).items()
        if home in parent_of
    }


def find_roster_below(session: Session, unit_id: UUID, day: date) -> Roster:
    """Those of the roster who work in a unit or below it and count there.

    Its leader counts above it, so an extra round does not ask them.
    """
    below = units_below({unit_id}, find_parents(session))
    return {
        person_id: unit
        for person_id, unit in find_roster(session, day).items()
        if unit is not None and unit in below
    }


def _find_led_units(session: Session) -> dict[UUID, set[UUID]]:
    led: dict[UUID, set[UUID]] = {}
    grants = select(RoleGrant.person_id, RoleGrant.unit_id).where(RoleGrant.role == Role.LEADER)
    for person_id, unit_id in session.execute(grants):
        if unit_id is not None:
            led.setdefault(person_id, set()).add(unit_id)
    return led


def _find_homes(session: Session, day: date) -> dict[UUID, UUID]:
    homes = (
        select(Membership.person_id, Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Person.status != PersonStatus.DISABLED,
            Membership.from_day <= day,
            or_(Membership.until_day.is_(None), Membership.until_day > day),
        )
    )
    return {row.person_id: row.unit_id for row in session.execute(homes)}
