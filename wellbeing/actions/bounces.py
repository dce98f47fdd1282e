"""Addresses that mail does not reach: marked, told to administrators, and tried again when asked.

A mark belongs to an address: once the person has another one, it holds no longer. Reminders go only
to those who have not answered, so nothing about a reminder ever makes or clears a mark; an
invitation that waited for days is the same. Leaders' connections cannot read the table.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.bounce_reading import Report
from wellbeing.actions.outbox import MailKind
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing
from wellbeing.store.accounts import BouncedAddress, BounceReason, Person, PersonStatus
from wellbeing.store.audit import OutboxMessage

_TELLS_WHO_IS_SILENT = frozenset({MailKind.REMINDER.value})
_TELLS_AFTER_DAYS = _TELLS_WHO_IS_SILENT | {MailKind.INVITATION.value}


def _is_still_theirs() -> ColumnElement[bool]:
    return and_(
        BouncedAddress.person_id == Person.id, BouncedAddress.email_index == Person.email_index
    )


def is_held(person_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether mail to a person waits because no such address exists."""
    return exists().where(
        _is_still_theirs(),
        BouncedAddress.person_id == person_id,
        BouncedAddress.reason == BounceReason.NO_SUCH_ADDRESS,
    )


def mark(session: Session, message: OutboxMessage, reason: BounceReason, *, today: date) -> bool:
    """Marks the present address of a message's receiver; False where that would tell too much."""
    telling = _TELLS_AFTER_DAYS if reason is BounceReason.GIVEN_UP else _TELLS_WHO_IS_SILENT
    person = session.get_one(Person, message.person_id)
    if message.kind in telling or person.email_index is None:
        return False
    marked = session.get(BouncedAddress, person.id)
    if marked is None:
        marked = BouncedAddress(person_id=person.id)
        session.add(marked)
    elif (marked.email_index, marked.reason) == (person.email_index, BounceReason.NO_SUCH_ADDRESS):
        return True
    marked.email_index, marked.reason, marked.since = person.email_index, reason, today
    session.flush()
    return True


def arrived(session: Session, message: OutboxMessage) -> None:
    """A mail was taken: that an earlier one was given up is over."""
    if message.kind not in _TELLS_AFTER_DAYS:
        session.execute(
            delete(BouncedAddress).where(
                BouncedAddress.person_id == message.person_id,
                BouncedAddress.reason == BounceReason.GIVEN_UP,
            )
        )


def take_report(session: Session, report: Report, *, today: date) -> bool:
    """Marks the address that a report of a mail server is about; whether it was one of ours.

    Believed for a mail that was really sent, by its id, which only its receiver knows, and only
    about the address that the receiver has now.
    """
    message = session.get(OutboxMessage, report.message_id)
    if message is None:
        return False
    email = session.get_one(Person, message.person_id).email
    if email is None or email.casefold() not in report.addresses:
        return False
    reason = BounceReason.GIVEN_UP
    if report.is_no_such_address:
        reason = BounceReason.NO_SUCH_ADDRESS
    return mark(session, message, reason, today=today)


def find_unreached(session: Session) -> dict[UUID, BouncedAddress]:
    """Everybody with an access whose present address is marked."""
    query = (
        select(BouncedAddress)
        .join(Person, _is_still_theirs())
        .where(Person.status != PersonStatus.DISABLED)
    )
    return {marked.person_id: marked for marked in session.scalars(query)}


def count_unreached(session: Session) -> int:
    """How many they are."""
    query = select(func.count()).select_from(BouncedAddress).join(Person, _is_still_theirs())
    return session.scalar(query.where(Person.status != PersonStatus.DISABLED)) or 0


def try_again(session: Session, person_id: UUID, *, by: Actor, now: datetime) -> Person:
    """Lets mail go to a person's address again; Missing for nobody, and again is fine."""
    person = session.get(Person, person_id)
    if person is None:
        raise Missing("That person does not exist.")
    _clear(session, [person_id], by=by, now=now)
    return person


def try_all_again(session: Session, *, by: Actor, now: datetime) -> int:
    """The same for everybody, after a fault of the mail server itself; how many."""
    return _clear(session, list(find_unreached(session)), by=by, now=now)


def _clear(session: Session, people: list[UUID], *, by: Actor, now: datetime) -> int:
    cleared = session.scalars(
        delete(BouncedAddress)
        .where(BouncedAddress.person_id.in_(people))
        .returning(BouncedAddress.person_id)
    ).all()
    for person_id in cleared:
        record(session, "person.mail_resumed", str(person_id), by=by, now=now)
    return len(cleared)


def outdated_marks() -> ColumnElement[bool]:
    """Marks of addresses that nobody has any more."""
    return ~exists().where(_is_still_theirs())
