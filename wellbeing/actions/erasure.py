"""Erases a person who has left, so that nothing in the database leads to them any more.

First nameless, then gone. A row without a name stays while something counts on it: the roster of a
round that is not published yet (whose tally checks ballots against it), sessions held that count
who was expected, and sessions they led. The audit log keeps its chain: it knows people by an id
only, and after this no row says whose it was.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.bookings import step_back
from wellbeing.actions.calendar_feeds import revoke_address
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.diary import delete_all
from wellbeing.actions.erasure_requests import (
    GRACE,
    PREFIX,
    find_all_asked,
    get_left,
    is_nameless,
)
from wellbeing.actions.requests import take_back
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import add_months
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import (
    AuthenticatorApp,
    BouncedAddress,
    CheckInCode,
    Credential,
    ExternalIdentity,
    KeyHolder,
    Person,
    PersonStatus,
    RoleGrant,
    SignInLink,
    SignInPasskey,
    SignInRecoveryCode,
    SignInSession,
)
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.incidents import Incident, IncidentAffected, SupportRequest
from wellbeing.store.org import Membership
from wellbeing.store.personal import Participation
from wellbeing.store.supervision import SessionSeries, Supervisor
from wellbeing.store.support import Booking, Offer, SessionState, SupportSession

NAMELESS = "–"
# Whatever is of one person alone and that no count rests on.
_OF_ONE_PERSON = (
    AuthenticatorApp,
    BouncedAddress,
    CheckInCode,
    Credential,
    ExternalIdentity,
    IncidentAffected,
    KeyHolder,
    Membership,
    OutboxMessage,
    RoleGrant,
    SignInLink,
    SignInPasskey,
    SignInRecoveryCode,
    SignInSession,
    Supervisor,
    SupportRequest,
)


def find_due(session: Session, *, leaving_months: int | None, now: datetime) -> list[UUID]:
    """Everybody who left so long ago, or whose erasure was asked for a day ago."""
    left = session.scalars(
        select(Person)
        .where(Person.status == PersonStatus.DISABLED)
        .where(Person.employee_number.not_like(f"{PREFIX}%"))
    ).all()
    asked = {who for who, at in find_all_asked(session).items() if at + GRACE <= now}
    return [
        person.id
        for person in left
        if _has_left_for(person, leaving_months, now) or str(person.id) in asked
    ]


def erase_due(session: Session, *, leaving_months: int | None, now: datetime, by: Actor) -> int:
    """Erases whoever is due; who leads sessions still to come waits until these are over."""
    due = [
        person_id
        for person_id in find_due(session, leaving_months=leaving_months, now=now)
        if not _leads_ahead(session, person_id, now)
    ]
    for person_id in due:
        erase_person(session, person_id, now=now, by=by)
    return len(due)


def erase_person(session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
    """Erases a person who has left, in the caller's transaction; again is fine.

    Refused while their access is open or they lead sessions to come; Missing for nobody.
    """
    person = get_left(session, person_id)
    if is_nameless(person):
        return
    _check_leads_nothing(session, person_id, now)
    make_nameless(session, person, now=now)
    record(session, "person.erased", str(person_id), by=by, now=now)
    delete_nameless(session)


def make_nameless(session: Session, person: Person, *, now: datetime) -> None:
    """Takes everything of the person away but what counts; the row itself says nothing more."""
    note(session, Kind.PERSON_ERASED, person.id)
    _give_places_back(session, person.id, now)
    take_back(session, person.id, now=now)
    delete_all(session, person_id=person.id)
    revoke_address(session, person.id, now=now, by=Actor.unnamed())
    _forget_own_talks(session, person.id)
    for table in _OF_ONE_PERSON:
        session.execute(delete(table).where(table.person_id == person.id))
    for column in (Offer.owner_id, Incident.registered_by):
        cleared = update(column.class_).where(column == person.id).values({column.key: None})
        session.execute(cleared)
    of_theirs = SupportSession.supervisor_id == person.id
    session.execute(update(SupportSession).where(of_theirs).values(video_link=None))
    session.flush()
    session.refresh(person)
    person.employee_number = f"{PREFIX}{uuid4().hex[:24]}"
    person.name, person.email, person.mobile = NAMELESS, None, None
    person.external_id, person.language = None, "da"
    person.reminders_stopped, person.status = False, PersonStatus.DISABLED
    session.flush()


def delete_nameless(session: Session) -> int:
    """Deletes the nameless rows that nothing counts on any more; how many."""
    counted = or_(
        exists().where(Participation.person_id == Person.id),
        exists().where(Booking.person_id == Person.id),
        exists().where(SupportSession.supervisor_id == Person.id),
        exists().where(SessionSeries.supervisor_id == Person.id),
    )
    nameless = Person.employee_number.like(f"{PREFIX}%")
    session.flush()
    gone = session.scalars(select(Person).where(nameless, ~counted)).all()
    for person in gone:
        session.delete(person)
    session.flush()
    return len(gone)


def _check_leads_nothing(session: Session, person_id: UUID, now: datetime) -> None:
    if _leads_ahead(session, person_id, now):
        raise Refused(
            "This person leads sessions that are still to come. Cancel them or give them to "
            "somebody else first."
        )


def _leads_ahead(session: Session, person_id: UUID, now: datetime) -> bool:
    ahead = select(SupportSession.id).where(
        SupportSession.supervisor_id == person_id,
        SupportSession.state == SessionState.SCHEDULED,
        SupportSession.ends_at > now,
    )
    return session.scalars(ahead.limit(1)).first() is not None


def _has_left_for(person: Person, months: int | None, now: datetime) -> bool:
    left = person.left_at
    return left is not None and months is not None and add_months(left.date(), months) <= now.date()


def _give_places_back(session: Session, person_id: UUID, now: datetime) -> None:
    ahead = (
        select(Booking.session_id)
        .join(SupportSession, SupportSession.id == Booking.session_id)
        .where(
            Booking.person_id == person_id,
            SupportSession.state == SessionState.SCHEDULED,
            SupportSession.starts_at > now,
        )
    )
    for session_id in session.scalars(ahead).all():
        step_back(session, person_id, session_id, now=now)
    cancelled = select(SupportSession.id).where(SupportSession.state == SessionState.CANCELLED)
    session.execute(
        delete(Booking).where(
            Booking.person_id == person_id, Booking.session_id.in_(cancelled.scalar_subquery())
        )
    )


def _forget_own_talks(session: Session, person_id: UUID) -> None:
    """A talk for one counts for nobody: nothing of it needs to know whose it was."""
    own = (
        select(SupportSession.id)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.unit_id.is_(None))
    )
    session.execute(
        delete(Booking).where(
            Booking.person_id == person_id, Booking.session_id.in_(own.scalar_subquery())
        )
    )
