"""Removes old events so that the rest of the chain can still be proved.

What is removed is the beginning of the chain, never single events: the last of it stays as a
checkpoint (number and hash), and an event tells of it. Only a log that is whole is shortened.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_check import LEAST_YEARS, SHORTENED, check_log
from wellbeing.actions.audit_log import LOG_SUBJECT, record
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.domain.log_anchors import AnchorLines
from wellbeing.store.audit import AuditCheckpoint, AuditEvent
from wellbeing.store.locks import hold_chain
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

_DAYS_A_YEAR = 366


class _Last(NamedTuple):
    number: int
    hash: str
    at: datetime


def shorten_log(
    database: Database, lines: AnchorLines, *, years: int, now: datetime, by: Actor
) -> int:
    """Removes the events at the beginning that are older than so many years; how many.

    It stops at the first younger one, whatever comes behind it, and the last event always stays.
    Refused where the log or its anchors do not fit, and where no anchor vouches for what would be
    removed: nobody could prove afterwards that it was there.
    """
    if years < LEAST_YEARS:
        raise ValueError(years)
    # Walking along a long log takes seconds, in which others go on writing.
    with database.reading(Reach.EVERYTHING) as session:
        _see_one_moment(session)
        last = _find_last_expired(session, now - timedelta(days=_DAYS_A_YEAR * years))
        if last is None:
            return 0
        _check_may_shorten(session, lines, last)
    with database.writing(Reach.EVERYTHING) as session:
        hold_chain(session)
        same = (AuditEvent.number == last.number) & (AuditEvent.hash == last.hash)
        if session.scalar(select(AuditEvent.number).where(same)) is None:
            return 0  # somebody else has removed it meanwhile
        old = delete(AuditEvent).where(AuditEvent.number <= last.number)
        removed = session.connection().execute(old).rowcount
        _tell(session, last, removed, years, now=now, by=by)
    return removed


def _see_one_moment(session: Session) -> None:
    # Checkpoints and events are read one after the other: shortened in between by somebody else,
    # a whole log would not seem to fit together. SQLite shows one moment anyway.
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _check_may_shorten(session: Session, lines: AnchorLines, last: _Last) -> None:
    state = check_log(session, lines.anchors)
    if state.faults or lines.faults:
        raise Refused("The log does not fit together, so nothing is removed from it.")
    if state.newest is None or state.newest.number < last.number:
        raise Refused("No anchor vouches yet for what would be removed, so nothing is.")


def _find_last_expired(session: Session, before: datetime) -> _Last | None:
    """The last event of the beginning of the log that is all older than this."""
    younger = select(func.min(AuditEvent.number)).where(AuditEvent.at >= before)
    stop = session.scalar(younger) or session.scalar(select(func.max(AuditEvent.number)))
    if stop is None:
        return None
    query = (
        select(AuditEvent.number, AuditEvent.hash, AuditEvent.at)
        .where(AuditEvent.number < stop)
        .order_by(AuditEvent.number.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return _Last(*found) if found else None


def _tell(
    session: Session, last: _Last, removed: int, years: int, *, now: datetime, by: Actor
) -> None:
    session.add(AuditCheckpoint(number=last.number, hash=last.hash, removed=removed, made_at=now))
    record(
        session,
        SHORTENED,
        LOG_SUBJECT,
        by=by,
        now=now,
        number=last.number,
        hash=last.hash,
        removed=removed,
        until=last.at.isoformat(),
        years=years,
    )
