"""The hash chain of the log: how an event is hashed, and how the chain is walked along."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.store.audit import AuditEvent

FIRST_HASH = "0" * 64
_ROWS_AT_ONCE = 2000
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class ChainEvent(NamedTuple):
    """An event as it stands in the database."""

    number: int
    at: datetime
    by: str
    act: str
    subject: str
    details: dict[str, Any]
    previous_hash: str
    hash: str

    @property
    def fits_itself(self) -> bool:
        """Whether its hash is the one that belongs to what it says."""
        return self.hash == hash_event(*self[:7])


def walk_chain(session: Session, *, after: int = 0) -> Iterator[ChainEvent]:
    """The events behind a number, in order; never many of them in memory."""
    query = (
        select(*(getattr(AuditEvent, name) for name in ChainEvent._fields))
        .where(AuditEvent.number > after)
        .order_by(AuditEvent.number)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    with closing(session.execute(query)) as rows:
        for row in rows:
            yield ChainEvent(*row)


def hash_event(
    number: int,
    at: datetime,
    by: str,
    act: str,
    subject: str,
    details: dict[str, Any],
    previous_hash: str,
) -> str:
    """SHA-256 over what an event says and the hash before it."""
    said = [number, at.astimezone(UTC).isoformat(), by, act, subject, details, previous_hash]
    return sha256(_encode(said).encode()).hexdigest()
