"""What the log of acts has about one person: who in office looked at what concerns them, and what
was done with their account, sessions and incidents.

By name, with the role and the day. Article 15 of the GDPR asks for at least the fact, the day and
the purpose; that one's leader or HR opened the figures is an act in office and no secret of theirs,
and a name is what a question about it needs. The hour is left out: when somebody works is theirs.

That somebody opened the list of people's own requests is told to everybody in that part of the
organisation, whether they have asked for anything or not: so the page looks the same for whoever
has, and no bystander learns of it.

This is the one place where an employee's page reads the log. The connection could read all of it,
as whoever appends needs its end; nothing in the log says who asked, booked or answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.reporting import path_up
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person
from wellbeing.store.audit import AuditEvent
from wellbeing.store.incidents import Incident, IncidentAffected
from wellbeing.store.org import Membership, ReportingGroup, Unit
from wellbeing.store.support import Booking, SupportSession

READ_ACTS = (
    "figures.read",
    "figures.taken",
    "support.read",
    "support.taken",
    "incidents.read",
    "talks.read",
)
WHOLE = "organisation"
_STAFF_IMPORT = ("staff.imported", "staff")


class Who(StrEnum):
    """Who did something, where it was no named person."""

    PERSON = "person"
    MYSELF = "myself"
    GONE = "gone"
    UNNAMED = "unnamed"
    SERVICE = "service"
    COMMAND = "command"
    SYSTEM = "system"


class About(StrEnum):
    """What an event is about, seen from the person."""

    UNIT = "unit"
    EVERYTHING = "everything"
    ACCOUNT = "account"
    SESSION = "session"
    MY_SESSIONS = "my_sessions"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event. `unit` is named where the event is about one."""

    number: int
    day: date
    act: str
    about: About
    unit: str
    who: Who
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class OwnLog:
    """One page of it, newest first, and how many lines there are in all."""

    lines: tuple[LogLine, ...]
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class _Concerns:
    """Everything a person is concerned with, as the log names it."""

    person: str
    units: frozenset[str]
    sessions: frozenset[str]
    supervisors: frozenset[str]
    incidents: frozenset[str]
    where: ColumnElement[bool]


def find_own_log(
    session: Session, person_id: UUID, *, zone: tzinfo, page: int, per_page: int
) -> OwnLog:
    """That page of what concerns the person, or the nearest that exists."""
    concerns = _find_concerns(session, person_id, zone)
    total = session.scalar(select(func.count(AuditEvent.number)).where(concerns.where)) or 0
    page = min(max(1, page), max(1, -(-total // per_page)))
    events = session.scalars(
        select(AuditEvent)
        .where(concerns.where)
        .order_by(AuditEvent.number.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    ).all()
    people, units = _find_people(session, events), _find_units(session, events)
    lines = (_describe(event, concerns, people, units, zone) for event in events)
    return OwnLog(tuple(lines), page, total)


def _find_concerns(session: Session, person_id: UUID, zone: tzinfo) -> _Concerns:
    memberships = session.scalars(select(Membership).where(Membership.person_id == person_id)).all()
    places = session.execute(
        select(Booking.session_id, SupportSession.supervisor_id)
        .join(SupportSession, SupportSession.id == Booking.session_id)
        .where(Booking.person_id == person_id)
    ).all()
    affected = select(IncidentAffected.incident_id).where(IncidentAffected.person_id == person_id)
    registered = select(Incident.id).where(Incident.registered_by == person_id)
    incidents = {str(one) for one in session.scalars(affected.union(registered))}
    sessions = {str(row.session_id) for row in places}
    supervisors = {str(row.supervisor_id) for row in places} - {str(person_id)}
    of_units = _units_by_membership(session, memberships)
    subject, act = AuditEvent.subject, AuditEvent.act
    is_read = act.in_(READ_ACTS)
    mine = cast(AuditEvent.details, String).contains(str(person_id))
    parts = [
        and_(subject == str(person_id), ~is_read),
        and_(act == _STAFF_IMPORT[0], subject == _STAFF_IMPORT[1], mine),
        and_(subject.in_(sessions | incidents), ~is_read),
        and_(subject.in_(supervisors), act == "support.read"),
        *(
            and_(is_read, subject.in_(units), _while_member(membership, zone))
            for membership, units in of_units
        ),
    ]
    return _Concerns(
        person=str(person_id),
        units=frozenset().union(*(units for _, units in of_units)),
        sessions=frozenset(sessions),
        supervisors=frozenset(supervisors),
        incidents=frozenset(incidents),
        where=or_(*parts),
    )


def _units_by_membership(
    session: Session, memberships: Sequence[Membership]
) -> list[tuple[Membership, frozenset[str]]]:
    """With each membership its unit, all above, and the groups that it is counted in."""
    parents, groups = find_parents(session), find_groups(session)
    found = []
    for membership in memberships:
        unit = membership.unit_id
        above = path_up(unit, parents) if unit in parents else [unit]
        counted = [group for group, teams in groups.items() if unit in teams]
        found.append((membership, frozenset({WHOLE, *map(str, (*above, *counted))})))
    return found


def _while_member(membership: Membership, zone: tzinfo) -> ColumnElement[bool]:
    begins = datetime.combine(membership.from_day, time(), tzinfo=zone)
    if membership.until_day is None:
        return AuditEvent.at >= begins
    ends = datetime.combine(membership.until_day, time(), tzinfo=zone)
    return and_(AuditEvent.at >= begins, AuditEvent.at < ends)


def _find_people(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {UUID(event.by.removeprefix("person:")) for event in events if _names_person(event.by)}
    query = select(Person.id, Person.name).where(Person.id.in_(ids))
    return {str(row.id): row.name for row in session.execute(query)}


def _find_units(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {UUID(event.subject) for event in events if event.act in READ_ACTS and _is_id(event)}
    found: dict[str, str] = {}
    for table in (Unit, ReportingGroup):
        rows = session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        found |= {str(row.id): row.name for row in rows}
    return found


def _is_id(event: AuditEvent) -> bool:
    return event.subject != WHOLE


def _names_person(by: str) -> bool:
    return by.startswith("person:")


def _describe(
    event: AuditEvent,
    concerns: _Concerns,
    people: dict[str, str],
    units: dict[str, str],
    zone: tzinfo,
) -> LogLine:
    who, name = _find_who(event.by, concerns.person, people)
    is_read = event.act in READ_ACTS
    told = event.details.get("day") if is_read else None
    return LogLine(
        number=event.number,
        day=date.fromisoformat(told) if told else event.at.astimezone(zone).date(),
        act=event.act,
        about=_find_about(event, concerns),
        unit=units.get(event.subject, ""),
        who=who,
        name=name,
        roles=tuple(Role(role) for role in event.details["roles"]) if is_read else (),
    )


def _find_about(event: AuditEvent, concerns: _Concerns) -> About:
    if event.subject == WHOLE:
        return About.EVERYTHING
    if event.act in READ_ACTS:
        return About.MY_SESSIONS if event.subject in concerns.supervisors else About.UNIT
    if event.subject in concerns.sessions:
        return About.SESSION
    return About.INCIDENT if event.subject in concerns.incidents else About.ACCOUNT


def _find_who(by: str, myself: str, people: dict[str, str]) -> tuple[Who, str]:
    if _names_person(by):
        person = by.removeprefix("person:")
        if person == myself:
            return Who.MYSELF, ""
        return (Who.PERSON, people[person]) if person in people else (Who.GONE, "")
    kinds = {"job": Who.SERVICE, "command": Who.COMMAND, "system": Who.SYSTEM}
    return kinds.get(by.partition(":")[0], Who.UNNAMED), ""
