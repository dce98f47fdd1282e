"""Asking that a person who has left be erased: it happens a day later, and can be taken back.

Who asked, and when, is in the audit log, which is all there is to it: the job that erases reads it
there. Apart from `erasure`, so that whoever may ask need not reach what is erased.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing, Refused
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import AuditEvent

GRACE = timedelta(hours=24)
PREFIX = "erased-"
_ASKED = "person.erasure_asked"


def is_nameless(person: Person) -> bool:
    """Whether this row is all that is left of somebody who was erased."""
    return person.employee_number.startswith(PREFIX)


def ask_erasure(session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
    """Has a person who has left erased a day from now; asked twice is once.

    Refused while their access is open. Who leads sessions still to come waits until these are over.
    """
    get_left(session, person_id)
    if find_asked_at(session, person_id) is None:
        record(session, _ASKED, str(person_id), by=by, now=now)


def cancel_erasure(session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
    """Takes back what was asked, while it has not happened; again is fine, Missing once it has."""
    if session.get(Person, person_id) is None:
        raise Missing("That person does not exist.")
    if find_asked_at(session, person_id) is not None:
        record(session, "person.erasure_cancelled", str(person_id), by=by, now=now)


def find_asked_at(session: Session, person_id: UUID) -> datetime | None:
    """Since when this person waits to be erased; None when nobody asked, or it was taken back."""
    return find_all_asked(session).get(str(person_id))


def find_all_asked(session: Session) -> dict[str, datetime]:
    """Since when people wait to be erased, by their id."""
    acts = (_ASKED, "person.erasure_cancelled", "person.enabled")
    events = session.execute(
        select(AuditEvent.subject, AuditEvent.act, AuditEvent.at)
        .where(AuditEvent.act.in_(acts))
        .order_by(AuditEvent.number)
    ).all()
    latest = {event.subject: event for event in events}
    return {subject: event.at for subject, event in latest.items() if event.act == _ASKED}


def get_left(session: Session, person_id: UUID) -> Person:
    """The person, held; Missing for nobody, Refused while their access is open."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise Missing("That person does not exist.")
    if person.status is not PersonStatus.DISABLED:
        raise Refused("This access is open. Close it first: only who has left can be erased.")
    return person
