"""The demo's incident: a threat in one team while the last round is open, its timeline begun."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.incident_affected import say_affected
from wellbeing.actions.incident_steps import mark_held
from wellbeing.actions.incidents import IncidentValues, register_incident
from wellbeing.demo.organisation import INCIDENT_TEAM, make_people
from wellbeing.domain.actor import Actor
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person
from wellbeing.store.org import Unit

DETAILS = (
    "En borger truede to af os med en kniv ved aftensmaden. Politiet kom, og ingen blev ramt. "
    "Vi var alene på vagt og har svært ved at slippe det."
)


def register_demo_incident(session: Session, *, today: date, now: datetime, by: Actor) -> UUID:
    """Registered by somebody who was there, without a name; first aid was given the same day."""
    team = [person.number for person in make_people() if person.unit == INCIDENT_TEAM]
    ids = [_person_id(session, number) for number in team[2:4]]
    unit_id = session.scalars(select(Unit.id).where(Unit.name == INCIDENT_TEAM)).one()
    values = IncidentValues(unit_id, IncidentKind.THREAT, today, 2, details=DETAILS)
    made = register_incident(
        session,
        values,
        form_id=uuid4(),
        person_id=ids[0],
        named=False,
        today=today,
        now=now,
        by=by,
    )
    for person_id in ids:
        say_affected(session, made.id, person_id=person_id)
    _hold(session, made.id, SupportForm.FIRST_AID, today=today, now=now, by=by)
    return made.id


def hold_demo_defusing(
    session: Session, incident_id: UUID, *, today: date, now: datetime, by: Actor
) -> None:
    """The day after, those who wanted it met for a defusing talk."""
    _hold(session, incident_id, SupportForm.DEFUSING, today=today, now=now, by=by)


def _hold(
    session: Session,
    incident_id: UUID,
    form: SupportForm,
    *,
    today: date,
    now: datetime,
    by: Actor,
) -> None:
    mark_held(session, incident_id, form, today, today=today, now=now, by=by)


def _person_id(session: Session, number: str) -> UUID:
    return session.scalars(select(Person.id).where(Person.employee_number == number)).one()
