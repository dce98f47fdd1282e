"""Saying that an incident affected oneself: one's own choice, for HR and oneself only."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.domain.errors import Missing, Refused
from wellbeing.domain.name_order import name_order
from wellbeing.store.accounts import Person
from wellbeing.store.incidents import Incident, IncidentAffected

# Neither is written in the audit log, which more people read than may know who was affected.


def say_affected(session: Session, incident_id: UUID, *, person_id: UUID) -> None:
    """Notes that this person says they were affected; twice is once."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise Missing("That incident does not exist.")
    if incident.closed_on is not None:
        raise Refused("This incident is closed.")
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {"incident_id": incident_id, "person_id": person_id}
    session.execute(dialect.insert(IncidentAffected).values(row).on_conflict_do_nothing())


def take_back_affected(session: Session, incident_id: UUID, *, person_id: UUID) -> None:
    """Forgets it again, whenever they wish; twice is fine."""
    gone = session.execute(
        delete(IncidentAffected)
        .where(IncidentAffected.incident_id == incident_id, IncidentAffected.person_id == person_id)
        .returning(IncidentAffected.incident_id)
    )
    if gone.first() is not None:
        note(session, Kind.AFFECTED, incident_id, person_id)


def find_own_affected(session: Session, person_id: UUID) -> set[UUID]:
    """The incidents this person has said that they were affected by."""
    query = select(IncidentAffected.incident_id).where(IncidentAffected.person_id == person_id)
    return set(session.scalars(query))


def find_affected_names(session: Session, incident_id: UUID) -> list[str]:
    """Who has chosen to say so, by name; for HR only."""
    query = (
        select(Person.name)
        .join(IncidentAffected, IncidentAffected.person_id == Person.id)
        .where(IncidentAffected.incident_id == incident_id)
    )
    return sorted(session.scalars(query), key=name_order)
