"""Reads people and the audit log; what this area's connection cannot read is not here."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from wellbeing.actions.erasure_requests import PREFIX
from wellbeing.domain.name_order import name_order
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Unit
from wellbeing.web.admin.pages import PER_PAGE, PageOf, page_within

_ID = re.compile(r"(?:person:)?(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class ShownRole:
    """A role and the unit it is for; no unit: for everything."""

    role: Role
    unit: str | None


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person as an administrator sees them: who, whether they can sign in, which roles."""

    id: UUID
    name: str
    employee_number: str
    email: str | None
    status: PersonStatus
    roles: tuple[ShownRole, ...]


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event of the audit log with names in place of the ids of people and units."""

    number: int
    at: datetime
    by: str
    act: str
    subject: str
    details: dict[str, str]


def find_people(
    session: Session, words: str, page: int, *, only: Collection[UUID] | None = None
) -> PageOf[ShownPerson]:
    """The people, or only some, in whose name, number or address every word is found, by name."""
    matching = _find_matching(session, [word.casefold() for word in words.split()])
    if only is not None:
        matching = [person_id for person_id in matching if person_id in only]
    number = page_within(page, len(matching))
    ids = matching[(number - 1) * PER_PAGE : number * PER_PAGE]
    people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_(ids)))}
    roles = _find_roles(session, ids)
    shown = [
        ShownPerson(p.id, p.name, p.employee_number, p.email, p.status, tuple(roles.get(p.id, ())))
        for p in (people[person_id] for person_id in ids)
    ]
    return PageOf(shown, number, len(matching))


def find_events(
    session: Session, page: int, *conditions: ColumnElement[bool]
) -> PageOf[ShownEvent]:
    """The events that meet the conditions, newest first."""
    counting = select(func.count()).select_from(AuditEvent).where(*conditions)
    total = session.scalar(counting) or 0
    number = page_within(page, total)
    events = session.scalars(
        select(AuditEvent)
        .where(*conditions)
        .order_by(AuditEvent.number.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    names = _find_names(session, events)
    shown = [
        ShownEvent(
            event.number,
            event.at,
            _with_names(event.by, names),
            event.act,
            _with_names(event.subject, names),
            {key: _with_names(_as_text(value), names) for key, value in event.details.items()},
        )
        for event in events
    ]
    return PageOf(shown, number, total)


def _find_matching(session: Session, words: list[str]) -> list[UUID]:
    # The database cannot search what it cannot read: everybody is opened, addresses only if asked.
    addresses = (Person.sealed_email,) if words else ()
    query = select(Person.id, Person.employee_number, Person.sealed_name, *addresses).where(
        # Whoever was erased has no name to be found by.
        Person.employee_number.not_like(f"{PREFIX}%")
    )
    found = []
    for person_id, number, *sealed in session.execute(query):
        name, *address = (text.open(person_id) for text in sealed if text)
        known = "\n".join((name, number, *address)).casefold()
        if all(word in known for word in words):
            found.append((name_order(name), number, person_id))
    return [person_id for *_, person_id in sorted(found)]


def _find_roles(session: Session, people: list[UUID]) -> dict[UUID, list[ShownRole]]:
    rows = session.execute(
        select(RoleGrant.person_id, RoleGrant.role, Unit.name)
        .outerjoin(Unit, Unit.id == RoleGrant.unit_id)
        .where(RoleGrant.person_id.in_(people))
    )
    found: dict[UUID, list[ShownRole]] = {}
    order = list(Role)
    for person_id, role, unit in sorted(rows, key=lambda r: (order.index(r.role), r.name or "")):
        found.setdefault(person_id, []).append(ShownRole(role, unit))
    return found


def _find_names(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    texts = (f"{event.by} {event.subject} {event.details}" for event in events)
    ids = {UUID(found["id"]) for text in texts for found in _ID.finditer(text)}
    people = select(Person.id, Person.name).where(Person.id.in_(ids))
    units = select(Unit.id, Unit.name).where(Unit.id.in_(ids))
    return {str(row.id): row.name for query in (people, units) for row in session.execute(query)}


def _with_names(text: str, names: dict[str, str]) -> str:
    return _ID.sub(lambda found: names.get(found["id"], found[0]), text)


def _as_text(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
