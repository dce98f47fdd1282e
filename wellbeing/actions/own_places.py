"""What is taken of a person's own time, and whose sessions with places are open to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.availability import Span
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import Membership
from wellbeing.store.support import Booking, BookingState


def find_own_units(session: Session, person_id: UUID, *, today: date) -> set[UUID]:
    """The units somebody belongs to or leads today, everything above, and the groups of those."""
    until = Membership.until_day
    members = select(Membership.unit_id).where(
        Membership.person_id == person_id,
        Membership.from_day <= today,
        or_(until.is_(None), until > today),
    )
    led = select(RoleGrant.unit_id).where(
        RoleGrant.person_id == person_id,
        RoleGrant.role == Role.LEADER,
        RoleGrant.unit_id.is_not(None),
    )
    parents = find_parents(session)
    own: set[UUID] = set()
    for unit_id in (*session.scalars(members), *session.scalars(led)):
        step = unit_id
        while step is not None and step not in own:
            own.add(step)
            step = parents.get(step)
    return own | {group for group, teams in find_groups(session).items() if teams & own}


def find_own_times(session: Session, person_id: UUID, *, now: datetime) -> list[Span]:
    """When they are booked from now on; invitations take up no time."""
    query = select(Booking.starts_at, Booking.ends_at).where(
        Booking.person_id == person_id,
        Booking.state == BookingState.BOOKED,
        Booking.ends_at > now,
    )
    return [Span(starts_at, ends_at) for starts_at, ends_at in session.execute(query)]
