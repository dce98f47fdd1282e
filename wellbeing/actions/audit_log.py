"""Appends to the hash chain of consequential acts, and proves that it is whole."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_chain import FIRST_HASH, hash_event
from wellbeing.actions.audit_check import check_log
from wellbeing.domain.actor import Actor
from wellbeing.store.audit import AuditEvent
from wellbeing.store.locks import hold_chain

LOG_SUBJECT = "audit_log"
ANCHORED = "audit_log.anchored"
_LONGEST_SUBJECT = 120


def record(
    session: Session, act: str, subject: str, *, by: Actor, now: datetime, **details: Any
) -> None:
    """Adds one event in the caller's transaction; one writer at a time holds the chain's end.

    Events are in the order of their numbers. Their times are as the clock told them, so they can
    go backwards where a clock was set back.
    """
    hold_chain(session)
    session.flush()
    last = session.execute(
        select(AuditEvent.number, AuditEvent.hash).order_by(AuditEvent.number.desc()).limit(1)
    ).first()
    event = AuditEvent(
        number=last.number + 1 if last else 1,
        at=now,
        by=str(by),
        act=act,
        subject=_storable(subject)[:_LONGEST_SUBJECT],
        details=_storable(details),
        previous_hash=last.hash if last else FIRST_HASH,
    )
    event.hash = hash_event(
        event.number, now, event.by, act, event.subject, event.details, event.previous_hash
    )
    session.add(event)
    session.flush()


def find_break(session: Session) -> int | None:
    """The number of the first event that does not fit the chain; None when it is whole."""
    faults = check_log(session).faults
    return faults[0].number if faults else None


def _storable(value: Any) -> Any:
    """The value with U+FFFD for what PostgreSQL or UTF-8 cannot hold: NUL and lone surrogates."""
    if isinstance(value, str):
        return (
            value.encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
            .replace("\0", "\ufffd")
        )
    if isinstance(value, dict):
        return {_storable(str(key)): _storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    return value
