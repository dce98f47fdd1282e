"""What the employee pages read."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.calendar_feeds import find_address_made_at
from wellbeing.actions.diary import has_diary
from wellbeing.actions.off_cycle import asks
from wellbeing.actions.open_checkin import OpenCheckin, find_open_checkin
from wellbeing.actions.requests import has_kept_request
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import Missing
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, RoleGrant
from wellbeing.store.org import Membership, Round, RoundState


@dataclass(frozen=True, slots=True)
class Home:
    """What there is to do now, or when there will be."""

    checkin: OpenCheckin | None
    next_opens_at: datetime | None
    min_group_size: int | None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role and the path of the unit it is held for; no unit means everything."""

    role: Role
    path: str | None


@dataclass(frozen=True, slots=True)
class Me:
    """What is stored about a person outside the check-ins."""

    person: Person
    paths: list[str]
    roles: list[HeldRole]
    has_diary: bool
    has_asked: bool
    has_calendar_address: bool
    checkin: OpenCheckin | None


def find_home(session: Session, person_id: UUID, *, now: datetime, zone: tzinfo) -> Home:
    """The open check-in of a person and the next planned opening."""
    checkin = find_open_checkin(session, person_id, now=now)
    size = get_min_group_size(session, checkin.round_id) if checkin else None
    today = now.astimezone(zone).date()
    return Home(checkin, find_next_opening(session, person_id, today=today), size)


def find_next_opening(session: Session, person_id: UUID, *, today: date) -> datetime | None:
    """When the next planned round that asks this person opens."""
    planned = select(Round).where(Round.state == RoundState.PLANNED).order_by(Round.opens_at)
    for round_ in session.scalars(planned):
        if asks(session, round_, person_id, day=today):
            return round_.opens_at
    return None


def get_min_group_size(session: Session, round_id: UUID) -> int:
    """The fewest answers a figure of this round stands for."""
    return session.scalars(select(Round.min_group_size).where(Round.id == round_id)).one()


def has_closed(session: Session, round_id: UUID, *, now: datetime) -> bool:
    """Whether a round takes no more answers; Missing when there never was such a round."""
    row = session.execute(
        select(Round.state, Round.closes_at).where(Round.id == round_id)
    ).one_or_none()
    if row is None:
        raise Missing("That round does not exist.")
    is_running = row.state in (RoundState.PLANNED, RoundState.OPEN)
    return not is_running or (row.state is RoundState.OPEN and row.closes_at <= now)


def get_me(session: Session, person_id: UUID, *, today: date, now: datetime) -> Me:
    """A person's own row, units, roles, and whether they keep a diary."""
    paths = find_paths(session)
    homes = session.scalars(
        select(Membership.unit_id).where(
            Membership.person_id == person_id,
            Membership.from_day <= today,
            or_(Membership.until_day.is_(None), Membership.until_day > today),
        )
    )
    grants = session.execute(
        select(RoleGrant.role, RoleGrant.unit_id).where(RoleGrant.person_id == person_id)
    )
    return Me(
        person=session.get_one(Person, person_id),
        paths=sorted(paths[unit] for unit in homes if unit in paths),
        roles=[
            HeldRole(row.role, paths.get(row.unit_id) if row.unit_id else None) for row in grants
        ],
        has_diary=has_diary(session, person_id),
        has_asked=has_kept_request(session, person_id),
        has_calendar_address=find_address_made_at(session, person_id) is not None,
        checkin=find_open_checkin(session, person_id, now=now),
    )
