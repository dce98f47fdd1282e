"""Who in office opened what of whom: written down by name once a day, counted without names.

An event says that somebody opened such a page on that day of the organisation's wall clock, at the
event's time first. Opening it again that day adds nothing, unless it was in another role, or after
another round was published.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import ANCHORED, LOG_SUBJECT, record
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import WORKPLACE_READERS, Role
from wellbeing.store.audit import AuditEvent
from wellbeing.store.locks import hold_chain

FIGURES = ("figures.read", "figures.taken")
# No wall clock is this far from any other.
_A_DAY_ANYWHERE = timedelta(hours=50)


@dataclass(frozen=True, slots=True)
class Opened:
    """Something opened under these roles on a day; `details` say more where there is more."""

    act: str
    subject: str
    roles: frozenset[Role]
    day: date
    more: tuple[tuple[str, str | None], ...] = ()

    @property
    def details(self) -> dict[str, Any]:
        """As the log keeps them."""
        roles = sorted(role.value for role in self.roles)
        return {"roles": roles, "day": self.day.isoformat(), **dict(self.more)}


def find_unwritten(
    session: Session, opened: Iterable[Opened], *, now: datetime, by: Actor
) -> list[Opened]:
    """Those that are not in the log yet."""
    after = _find_start(session, now - _A_DAY_ANYWHERE)
    return [one for one in opened if not _is_written(session, one, after=after, now=now, by=by)]


def record_opened(session: Session, opened: Iterable[Opened], *, now: datetime, by: Actor) -> None:
    """Writes down what is not in the log yet; two at once write it down once."""
    hold_chain(session)
    for one in find_unwritten(session, opened, now=now, by=by):
        record(session, one.act, one.subject, by=by, now=now, **one.details)


def count_reads(session: Session, round_id: UUID) -> dict[Role, int]:
    """On how many days people of each role opened figures while this round was the latest: two
    people on one day, or one on two days, are 2. Every reading role has an entry.
    """
    events = session.scalars(
        select(AuditEvent).where(
            AuditEvent.act.in_(FIGURES),
            AuditEvent.details["round"].as_string() == str(round_id),
        )
    )
    person_days: dict[Role, set[tuple[str, str]]] = {
        role: set() for role in Role if role in WORKPLACE_READERS
    }
    for event in events:
        # Events of earlier versions have no day of their own.
        day = event.details.get("day") or event.at.astimezone(UTC).date().isoformat()
        for role in event.details["roles"]:
            person_days[Role(role)].add((event.by, day))
    return {role: len(days) for role, days in person_days.items()}


def _find_start(session: Session, before: datetime) -> int:
    """An event from before this moment, so that years of reads need not be looked through: the
    log tells each day how far it has come.
    """
    query = (
        select(AuditEvent.number)
        .where(AuditEvent.subject == LOG_SUBJECT, AuditEvent.act == ANCHORED)
        .where(AuditEvent.at < before)
        .order_by(AuditEvent.number.desc())
        .limit(1)
    )
    return session.scalar(query) or 0


def _is_written(session: Session, opened: Opened, *, after: int, now: datetime, by: Actor) -> bool:
    known = session.scalars(
        select(AuditEvent.details).where(
            AuditEvent.number > after,
            AuditEvent.subject == opened.subject,
            AuditEvent.act == opened.act,
            AuditEvent.by == str(by),
            AuditEvent.at >= now - _A_DAY_ANYWHERE,
        )
    )
    return opened.details in list(known)
