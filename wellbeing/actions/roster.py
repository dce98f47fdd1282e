"""Who a round asks, and the unit where each counts."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_parents
from wellbeing.domain.reporting import find_reporting_unit, path_up, units_below
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


def counts_below(session: Session, person_id: UUID, unit_id: UUID, day: date) -> bool:
    """Whether one person is in `find_roster_below` of a unit, without reading everybody."""
    parent_of = find_parents(session)
    home = _find_homes(session, day, person_id).get(person_id)
    if home not in parent_of or unit_id not in path_up(home, parent_of):
        return False
    led = _find_led_units(session, person_id).get(person_id, set())
    counts_in = find_reporting_unit(home, led, parent_of)
    return counts_in is not None and unit_id in path_up(counts_in, parent_of)


def _find_led_units(session: Session, only: UUID | None = None) -> dict[UUID, set[UUID]]:
    led: dict[UUID, set[UUID]] = {}
    grants = select(RoleGrant.person_id, RoleGrant.unit_id).where(RoleGrant.role == Role.LEADER)
    if only is not None:
        grants = grants.where(RoleGrant.person_id == only)
    for person_id, unit_id in session.execute(grants):
        if unit_id is not None:
            led.setdefault(person_id, set()).add(unit_id)
    return led


def _find_homes(session: Session, day: date, only: UUID | None = None) -> dict[UUID, UUID]:
    homes = (
        select(Membership.person_id, Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Person.status != PersonStatus.DISABLED,
            Membership.from_day <= day,
            or_(Membership.until_day.is_(None), Membership.until_day > day),
        )
    )
    if only is not None:
        homes = homes.where(Membership.person_id == only)
    return {row.person_id: row.unit_id for row in session.execute(homes)}
