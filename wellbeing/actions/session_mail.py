"""Posts the letters about a session: to everyone who has a part in it, or to some of them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import MailKind, post
from wellbeing.actions.session_post import write_letter
from wellbeing.domain.support_rules import load_support_rules
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.support import Booking, BookingState, SupportSession


def write_to_all(
    session: Session,
    about: SupportSession,
    kind: MailKind,
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """One letter each to the supervisor and to everyone invited or booked who has an address."""
    query = select(Booking.person_id).where(
        Booking.session_id == about.id, Booking.state != BookingState.WAITING
    )
    people = {about.supervisor_id, *session.scalars(query)}
    write_to(session, about, people, kind, now=due_at or now)


def write_to(
    session: Session,
    about: SupportSession,
    people: Collection[UUID],
    kind: MailKind,
    *,
    now: datetime,
) -> None:
    """A letter to each of these people who has an address: one a person, kind and sequence."""
    reachable = _reachable(session, people)
    post(session, (write_letter(about, kind, person_id, now=now) for person_id in reachable))


def when_to_invite(about: SupportSession, *, now: datetime) -> datetime:
    """At once; a session of a series some weeks before it, so that nobody gets a year of mail."""
    if about.series_id is None:
        return now
    return max(now, about.starts_at - timedelta(days=load_support_rules().invite_days))


def is_invited_to(session: Session, about: SupportSession, *, now: datetime) -> bool:
    """Whether an invitation to the session has gone out or is about to."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.session_id == about.id,
        OutboxMessage.kind == MailKind.SESSION_INVITATION.value,
        or_(OutboxMessage.state != MailState.WAITING, OutboxMessage.due_at <= now),
    )
    return session.scalars(query.limit(1)).first() is not None


def _reachable(session: Session, people: Collection[UUID]) -> list[UUID]:
    query = select(Person.id).where(
        Person.id.in_(people), Person.email.is_not(None), Person.status != PersonStatus.DISABLED
    )
    return list(session.scalars(query))
