"""Reads the log of acts: by act, person and day, and how far it is proved."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_check import check_log
from wellbeing.actions.audit_log import ANCHORED, LOG_SUBJECT
from wellbeing.store.accounts import Person
from wellbeing.store.audit import AuditEvent

# About half a second of walking along the chain; all of it is checked with each day's anchor.
MOST_CHECKED = 50_000
ANCHOR_IS_LATE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which events are looked for; `people` are those whose name was typed, None: not asked."""

    act: str = ""
    people: frozenset[UUID] | None = None
    first: date | None = None
    last: date | None = None

    def conditions(self, zone: tzinfo) -> list[ColumnElement[bool]]:
        """As the database is asked; days are those of the wall clock."""
        found: list[ColumnElement[bool]] = []
        if self.act:
            found.append(AuditEvent.act == self.act)
        if self.people is not None:
            ids = [str(person) for person in self.people]
            by = [f"person:{person}" for person in ids]
            found.append(or_(AuditEvent.by.in_(by), AuditEvent.subject.in_(ids)))
        if self.first:
            found.append(AuditEvent.at >= datetime.combine(self.first, time(), tzinfo=zone))
        if self.last:
            after = self.last + timedelta(days=1)
            found.append(AuditEvent.at < datetime.combine(after, time(), tzinfo=zone))
        return found


@dataclass(frozen=True, slots=True)
class Proof:
    """What can be said about the log now: from which event it was checked, where it breaks, and
    what the last anchor said.
    """

    first: int
    last: int
    is_all: bool
    first_break: int | None
    anchored_at: datetime | None
    anchored_number: int
    anchor_fits: bool
    is_late: bool


def find_people_named(session: Session, words: str) -> frozenset[UUID] | None:
    """Whoever has every word in their name; None where no word was typed."""
    wanted = words.casefold().split()
    if not wanted:
        return None
    people = session.execute(select(Person.id, Person.name))
    return frozenset(
        person_id for person_id, name in people if all(word in name.casefold() for word in wanted)
    )


def find_proof(session: Session, *, now: datetime) -> Proof:
    """Checks the newest part of the log, all of it where it is short."""
    last = session.scalar(select(func.max(AuditEvent.number))) or 0
    is_all = last <= MOST_CHECKED
    state = check_log(session, after=None if is_all else last - MOST_CHECKED)
    anchored = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject == LOG_SUBJECT, AuditEvent.act == ANCHORED)
        .order_by(AuditEvent.number.desc())
        .limit(1)
    ).first()
    return Proof(
        first=state.first,
        last=state.last,
        is_all=is_all,
        first_break=state.faults[0].number if state.faults else None,
        anchored_at=anchored.at if anchored else None,
        anchored_number=anchored.details["number"] if anchored else 0,
        anchor_fits=anchored is None or bool(anchored.details["whole"]),
        is_late=anchored is not None and now - anchored.at > ANCHOR_IS_LATE,
    )
