"""Appends to the hash chain of consequential acts, and proves that it is whole."""

import json
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from wellbeing.domain.actor import Actor
from wellbeing.store.audit import AuditEvent

_FIRST = "0" * 64
_CHAIN_LOCK = 0x77656C6C


def record(
    session: Session, act: str, subject: str, *, by: Actor, now: datetime, **details: Any
) -> None:
    """Adds one event in the caller's transaction; one writer at a time holds the chain's end."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    session.flush()
    last = session.execute(
        select(AuditEvent.number, AuditEvent.hash).order_by(AuditEvent.number.desc()).limit(1)
    ).first()
    event = AuditEvent(
        number=last.number + 1 if last else 1,
        at=now,
        by=str(by),
        act=act,
        subject=subject,
        details=details,
        previous_hash=last.hash if last else _FIRST,
    )
    event.hash = _hash(event)
    session.add(event)
    session.flush()


def find_break(session: Session) -> int | None:
    """The number of the first event that does not fit the chain; None when it is whole."""
    expected_number, expected_hash = 1, _FIRST
    query = select(AuditEvent).order_by(AuditEvent.number).execution_options(yield_per=1000)
    with closing(session.scalars(query)) as events:
        for event in events:
            fits = event.number == expected_number and event.previous_hash == expected_hash
            if not fits or event.hash != _hash(event):
                return expected_number
            expected_number, expected_hash = event.number + 1, event.hash
    return None


def _hash(event: AuditEvent) -> str:
    said = [
        event.number,
        event.at.astimezone(UTC).isoformat(),
        event.by,
        event.act,
        event.subject,
        event.details,
        event.previous_hash,
    ]
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
