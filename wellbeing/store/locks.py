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


def hold_supervisor(session: Session, supervisor_id: UUID) -> None:
    """One session of a supervisor is scheduled at a time: none is promised the same hour twice."""
    _hold(session, supervisor_id)


def hold_unit(session: Session, unit_id: UUID) -> None:
    """One thing is written down of a unit at a time: none is written down twice."""
    _hold(session, unit_id)


def _hold(session: Session, subject_id: UUID) -> None:
    if session.get_bind().dialect.name != "postgresql":
        return
    key = int.from_bytes(subject_id.bytes[:8], signed=True)
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
