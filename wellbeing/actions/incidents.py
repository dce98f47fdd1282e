"""Incidents at work: registered by whoever was there, which opens the timeline of support."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.incident_letters import tell_of_incident
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.units import find_parents
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.identifying_text import find_identifying
from wellbeing.domain.incident_timeline import plan_steps
from wellbeing.domain.incidents import (
    MAX_AFFECTED,
    MAX_DAYS_BACK,
    MAX_DETAILS_LENGTH,
    IncidentKind,
)
from wellbeing.store.incidents import Incident
from wellbeing.store.org import Unit
from wellbeing.store.sealed import columns_of
from wellbeing.store.support import Offer, OfferState

UNNAMED = Actor("employee:unnamed")


@dataclass(frozen=True, slots=True)
class IncidentValues:
    """What happened: what kind, when, where, to how many; `details` only for leader and HR.

    `names_confirmed`: whoever wrote it has said that no name in `details` is a citizen's.
    """

    unit_id: UUID
    kind: IncidentKind
    happened_on: date
    affected_count: int
    details: str = ""
    names_confirmed: bool = False


def register_incident(
    session: Session,
    values: IncidentValues,
    *,
    form_id: UUID,
    person_id: UUID,
    named: bool,
    today: date,
    now: datetime,
    by: Actor,
) -> Incident:
    """The incident with its timeline, and a letter to those who see to it; the same form, once.

    Unless they want to be `named`, nothing that is kept says who registered it, the audit log
    included. BadInput names what cannot be, or what looks as if it told who somebody is.
    """
    incident_id = _id_of(form_id, person_id)
    _check_unit(session, values.unit_id)
    details = check_values(values, today=today)
    row = columns_of(
        Incident,
        incident_id,
        id=incident_id,
        unit_id=values.unit_id,
        kind=values.kind,
        happened_on=values.happened_on,
        registered_on=today,
        registered_by=person_id if named else None,
        affected_count=values.affected_count,
        details=details,
    )
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Incident).values(row).on_conflict_do_nothing()
    is_new = session.execute(statement.returning(Incident.id)).first() is not None
    incident = session.get_one(Incident, incident_id)
    if is_new:
        _open_timeline(session, incident, now=now, by=by if named else UNNAMED)
    return incident


def find_twin(
    session: Session, values: IncidentValues, *, form_id: UUID, person_id: UUID
) -> Incident | None:
    """An open incident of the same kind, day and unit: perhaps a colleague has registered it.

    None where this very form has been sent already.
    """
    if session.get(Incident, _id_of(form_id, person_id)) is not None:
        return None
    same = select(Incident).where(
        Incident.unit_id == values.unit_id,
        Incident.kind == values.kind,
        Incident.happened_on == values.happened_on,
        Incident.closed_on.is_(None),
    )
    return session.scalars(same.limit(1)).first()


def correct_incident(
    session: Session,
    incident_id: UUID,
    values: IncidentValues,
    *,
    today: date,
    now: datetime,
    by: Actor,
) -> Incident:
    """Puts right what was registered; steps that nobody has taken yet move with the day.

    The unit stays: what was offered was offered there.
    """
    incident = hold_incident(session, incident_id)
    if incident.closed_on is not None:
        raise Refused("This incident is closed.")
    details = check_values(values, today=today)
    before = (incident.kind, incident.happened_on, incident.affected_count, incident.details)
    after = (values.kind, values.happened_on, values.affected_count, details)
    if before == after:
        return incident
    incident.kind, incident.happened_on, incident.affected_count, incident.details = after
    due = {
        step.form: step.due_on for step in plan_steps(incident.happened_on, incident.registered_on)
    }
    for offer in find_offers(session, incident_id):
        if offer.state is OfferState.OFFERED and offer.form in due:
            offer.due_on = due[offer.form]
    record(session, "incident.corrected", str(incident_id), by=by, now=now)
    return incident


def close_incident(
    session: Session, incident_id: UUID, *, today: date, now: datetime, by: Actor
) -> None:
    """Closes an incident once no step of it is waiting; twice is fine."""
    incident = hold_incident(session, incident_id)
    if incident.closed_on is not None:
        return
    waiting = (OfferState.OFFERED, OfferState.SCHEDULED)
    if any(offer.state in waiting for offer in find_offers(session, incident_id)):
        raise Refused("A step is still waiting. Say of each first whether it was held or not.")
    incident.closed_on = today
    record(session, "incident.closed", str(incident_id), by=by, now=now)


def check_values(values: IncidentValues, *, today: date) -> str:
    """The details, tidied; BadInput unless all of it can be and nothing tells who somebody is."""
    if values.happened_on > today:
        raise BadInput("Choose a day that has come.")
    if values.happened_on < today - timedelta(days=MAX_DAYS_BACK):
        raise BadInput("Choose a day within the last year.")
    if not 0 <= values.affected_count <= MAX_AFFECTED:
        raise BadInput("Between 0 and {most} people can have been affected.", most=MAX_AFFECTED)
    details = tidy_details(values.details)
    if len(details) > MAX_DETAILS_LENGTH:
        raise BadInput("Write at most {length} characters.", length=MAX_DETAILS_LENGTH)
    check_identifies_nobody(details, names_confirmed=values.names_confirmed)
    return details


def check_identifies_nobody(text: str, *, names_confirmed: bool) -> None:
    """BadInput for a person number, always, and for what looks like a name until confirmed."""
    found = find_identifying(text)
    if found.person_numbers:
        raise BadInput("This looks like a person number. Take it out: nobody may be identified.")
    if found.names and not names_confirmed:
        raise BadInput(
            "Is this the name of a citizen: {names}? Then take it out, please.",
            names=", ".join(found.names),
        )


def tidy_details(text: str) -> str:
    """The text without control characters and blank edges; its lines are kept."""
    lines = ("".join(c for c in line if c.isprintable()).rstrip() for line in text.splitlines())
    return "\n".join(lines).strip()


def hold_incident(session: Session, incident_id: UUID) -> Incident:
    """The incident, held until the transaction ends; Missing where there is none."""
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise Missing("That incident does not exist.")
    return incident


def find_offers(session: Session, incident_id: UUID) -> list[Offer]:
    """What was offered in answer to an incident."""
    return list(session.scalars(select(Offer).where(Offer.incident_id == incident_id)))


def _id_of(form_id: UUID, person_id: UUID) -> UUID:
    # The form's own number is random and kept nowhere, so this tells nobody who sent it.
    return uuid5(form_id, str(person_id))


def _open_timeline(session: Session, incident: Incident, *, now: datetime, by: Actor) -> None:
    for step in plan_steps(incident.happened_on, incident.registered_on):
        offer_to_unit(
            session,
            incident.unit_id,
            step.form,
            today=incident.registered_on,
            due_on=step.due_on,
            incident_id=incident.id,
            now=now,
            by=by,
        )
    record(
        session,
        "incident.registered",
        str(incident.id),
        by=by,
        now=now,
        unit=str(incident.unit_id),
    )
    tell_of_incident(session, incident, now=now)


def _check_unit(session: Session, unit_id: UUID) -> None:
    if session.get(Unit, unit_id) is None or unit_id not in find_parents(session):
        raise BadInput("Choose the unit where it happened.")
