"""Logs for tests: written, anchored, and spoilt as somebody with the database would spoil them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from wellbeing.actions.anchor_file import AnchorFile
from wellbeing.actions.audit_chain import FIRST_HASH, hash_event
from wellbeing.actions.audit_check import LogState, check_log
from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.log_anchors import LogAnchor
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

BY = Actor.command("test")


def write_log(database: Database, moments: Iterable[datetime], act: str = "test.done") -> None:
    """One event at each moment."""
    with database.writing(Reach.EVERYTHING) as session:
        for moment in moments:
            record(session, act, "Bøgen", by=BY, now=moment)


def daily(first: datetime, days: int) -> list[datetime]:
    """The same hour on so many days."""
    return [first + timedelta(days=day) for day in range(days)]


def head_of(database: Database, at: datetime, number: int | None = None) -> LogAnchor:
    """An anchor of the last event, or of this one."""
    query = select(AuditEvent.number, AuditEvent.hash).order_by(AuditEvent.number.desc()).limit(1)
    if number is not None:
        query = query.where(AuditEvent.number == number)
    with database.reading(Reach.EVERYTHING) as session:
        found = session.execute(query).one()
    return LogAnchor(found.number, found.hash, at, "Østerhus", "anchors, line 1")


def check(database: Database, *anchors: LogAnchor) -> LogState:
    """What a check finds."""
    with database.reading(Reach.EVERYTHING) as session:
        return check_log(session, anchors)


def said(state: LogState) -> str:
    """Everything that does not fit."""
    return " ".join(fault.said for fault in state.faults)


def cut_off(database: Database, after: int) -> None:
    """Deletes the end of the log."""
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(AuditEvent).where(AuditEvent.number > after))


def rewrite(database: Database, number: int, **changed: Any) -> None:
    """Changes an event and makes every hash from there on fit again: a perfect forgery."""
    with database.writing(Reach.EVERYTHING) as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()
        previous = FIRST_HASH
        for event in events:
            values = dict(changed) if event.number == number else {}
            if event.number >= number:
                said_ = (event.number, event.at, event.by, values.get("act", event.act))
                values |= {
                    "previous_hash": previous,
                    "hash": hash_event(*said_, event.subject, event.details, previous),
                }
                session.execute(
                    update(AuditEvent).where(AuditEvent.number == event.number).values(values)
                )
            previous = values.get("hash", event.hash)


def anchor_file(folder: Path, *anchors: LogAnchor) -> AnchorFile:
    """A file with these anchors."""
    file = AnchorFile(folder / "anchors.jsonl")
    for anchor in anchors:
        file.append(anchor)
    return file
