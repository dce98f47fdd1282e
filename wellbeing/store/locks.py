"""Locks that live as long as a transaction. SQLite has one writer at a time and needs none."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


def hold_round(session: Session, round_id: UUID, *, alone: bool) -> None:
    """Sends hold a round together, closing holds it alone: none slips in behind the tally."""
    if session.get_bind().dialect.name != "postgresql":
        return
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    key = int.from_bytes(round_id.bytes[:8], signed=True)
    session.execute(text(f"SELECT {function}(:key)"), {"key": key})
