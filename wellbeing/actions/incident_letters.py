"""Who is told that an incident was registered: those who see to it, without a word about it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.units import find_path_up
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.incidents import Incident

_TELL_FOR = timedelta(days=14)
_READERS = (Role.LEADER, Role.SAFETY_REPRESENTATIVE)


def tell_of_incident(session: Session, incident: Incident, *, now: datetime) -> int:
    """One letter each to the unit's leaders, its safety representatives and HR; how many."""
    people = _find_told(session, incident.unit_id)
    letters = (
        Letter(
            MailKind.INCIDENT_REGISTERED,
            person_id,
            str(incident.id),
            now,
            now + _TELL_FOR,
            context={"incident": str(incident.id)},
        )
        for person_id in people
    )
    return post(session, letters)


def find_incident_address(session: Session, incident_id: UUID, person_id: UUID) -> str | None:
    """Where this person reads of the incident; None once it is closed or they are not concerned."""
    incident = session.get(Incident, incident_id)
    if incident is None or incident.closed_on is not None:
        return None
    roles = _find_roles(session, incident.unit_id, person_id)
    if Role.HR in roles:
        return f"/hr/incidents/{incident_id}"
    return f"/teams/incidents/{incident_id}" if roles.intersection(_READERS) else None


def _find_told(session: Session, unit_id: UUID) -> set[UUID]:
    """Of leaders and safety representatives those of the unit, or of the nearest one above."""
    path = find_path_up(session, unit_id)
    grants = session.execute(
        select(RoleGrant.person_id, RoleGrant.role, RoleGrant.unit_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            Person.status != PersonStatus.DISABLED,
            Person.email.is_not(None),
            RoleGrant.role.in_((*_READERS, Role.HR)),
            or_(RoleGrant.unit_id.is_(None), RoleGrant.unit_id.in_(path)),
        )
    ).all()
    told = {grant.person_id for grant in grants if grant.role is Role.HR}
    for role in _READERS:
        granted = [grant for grant in grants if grant.role is role and grant.unit_id]
        nearest = min((path.index(grant.unit_id) for grant in granted), default=None)
        told |= {g.person_id for g in granted if path.index(g.unit_id) == nearest}
    return told


def _find_roles(session: Session, unit_id: UUID, person_id: UUID) -> set[Role]:
    path = find_path_up(session, unit_id)
    query = select(RoleGrant.role).where(
        RoleGrant.person_id == person_id,
        or_(RoleGrant.unit_id.is_(None), RoleGrant.unit_id.in_(path)),
    )
    return set(session.scalars(query))
