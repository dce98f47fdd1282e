"""Who leads a session and who is invited to it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.name_order import in_name_order
from wellbeing.domain.reporting import units_below
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession


def find_supervisors(session: Session) -> dict[UUID, str]:
    """The people a session can be led by, with their names, in the order of the names."""
    query = (
        select(Person.id, Person.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.SUPERVISOR, Person.status != PersonStatus.DISABLED)
    )
    return in_name_order({row.id: row.name for row in session.execute(query)})


def find_members(session: Session, unit_id: UUID, *, today: date, day: date) -> set[UUID]:
    """Who belongs to the unit or one below it today and still will on `day`; its leaders too."""
    units = units_below({unit_id}, find_parents(session)) | {unit_id}
    units |= find_groups(session).get(unit_id, set())
    until = Membership.until_day
    members = select(Membership.person_id).where(
        Membership.unit_id.in_(units),
        Membership.from_day <= today,
        or_(until.is_(None), until > max(today, day)),
    )
    leaders = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.LEADER, RoleGrant.unit_id.in_(units)
    )
    people = select(Person.id).where(
        Person.status != PersonStatus.DISABLED,
        or_(Person.id.in_(members), Person.id.in_(leaders)),
    )
    return set(session.scalars(people))


def invite_to(about: SupportSession, person_id: UUID) -> Booking:
    """The row that says a person is invited with their unit; it does not take up their time."""
    return Booking(
        session_id=about.id,
        person_id=person_id,
        starts_at=about.starts_at,
        ends_at=about.ends_at,
        state=BookingState.INVITED,
    )


def count_invited(session: Session, session_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many people each session was booked for; those who wait for a place do not count."""
    query = (
        select(Booking.session_id, func.count())
        .where(Booking.session_id.in_(session_ids), Booking.state != BookingState.WAITING)
        .group_by(Booking.session_id)
    )
    counted = dict.fromkeys(session_ids, 0)
    for session_id, count in session.execute(query):
        counted[session_id] = count
    return counted


def count_taken_elsewhere(session: Session, session_id: UUID) -> int:
    """How many of those invited have another booking, or lead another session, at that time."""
    about = session.get_one(SupportSession, session_id)
    invited = select(Booking.person_id).where(
        Booking.session_id == session_id, Booking.state == BookingState.INVITED
    )
    booked = select(Booking.person_id).where(
        Booking.person_id.in_(invited),
        Booking.session_id != session_id,
        Booking.state == BookingState.BOOKED,
        Booking.starts_at < about.ends_at,
        Booking.ends_at > about.starts_at,
    )
    leading = select(SupportSession.supervisor_id).where(
        SupportSession.supervisor_id.in_(invited),
        SupportSession.state != SessionState.CANCELLED,
        SupportSession.starts_at < about.ends_at,
        SupportSession.ends_at > about.starts_at,
    )
    return len({*session.scalars(booked), *session.scalars(leading)})
