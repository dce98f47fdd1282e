"""Locks that live as long as a transaction. SQLite has one writer at a time and needs none.

PostgreSQL knows a lock by its number in the whole database. A fixed number is therefore taken with
the schema: otherwise one organisation would wait for another.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

_REFERENCE_LOCK = 0x726566
_WEBHOOKS_LOCK = 0x776862
_CHAIN_LOCK = 0x77656C6C
_DIRECTORY_LOCK = 0x73746166
_MIGRATION_LOCK = 0x6D696772
_OF_THIS_SCHEMA = text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), :key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_TOGETHER = text("SELECT pg_advisory_xact_lock_shared(:key)")


def hold_round(session: Session, round_id: UUID, *, alone: bool) -> None:
    """Sends hold a round together, closing holds it alone: none slips in behind the tally."""
    if session.get_bind().dialect.name != "postgresql":
        return
    key = _key_of_round(round_id)
    session.execute(_ALONE if alone else _TOGETHER, {"key": key})


class RoundHold(FunctionElement[None]):
    """A column that holds a round together with others, for the `bind` given with the statement.

    What the same statement reads may be from before the hold was given: whoever is to write asks
    again whether the round is open, in the statement that writes.
    """

    inherit_cache = True
    name = "hold"

    def __init__(self) -> None:
        super().__init__(bindparam("hold"))

    @staticmethod
    def bind(round_id: UUID) -> dict[str, int]:
        """The parameter of the statement."""
        return {"hold": _key_of_round(round_id)}


@compiles(RoundHold)
def _hold_nothing(_element: RoundHold, _compiler: Any, **_: Any) -> str:
    return "NULL"


@compiles(RoundHold, "postgresql")
def _hold_together(element: RoundHold, compiler: Any, **options: Any) -> str:
    return f"pg_advisory_xact_lock_shared({compiler.process(element.clauses, **options)})"


def hold_times(session: Session, *owners: UUID | None) -> None:
    """One transaction at a time gives away the hours of these supervisors, places and people.

    All are held in one call and in one order, so that no two transactions wait for each other.
    Rows that are held too (flag, offer, session, in this order) come before, the audit log after.
    """
    keys = {int.from_bytes(owner.bytes[:8], signed=True) for owner in owners if owner}
    for key in sorted(keys):
        _hold(session, key)


def hold_unit(session: Session, unit_id: UUID) -> None:
    """One thing is written down of a unit at a time: none is written down twice."""
    _hold(session, int.from_bytes(unit_id.bytes[:8], signed=True))


def hold_level_reference(session: Session) -> None:
    """One choice of the sample that levels are compared with is made at a time."""
    _hold_fixed(session, _REFERENCE_LOCK)


def hold_chain(session: Session) -> None:
    """One transaction at a time changes the log."""
    _hold_fixed(session, _CHAIN_LOCK)


def hold_directory(session: Session) -> None:
    """One writer of the directory at a time."""
    _hold_fixed(session, _DIRECTORY_LOCK)


def hold_migrations(connection: Connection) -> None:
    """One migration of a schema at a time; whoever waited finds it done."""
    if connection.dialect.name == "postgresql":
        connection.execute(_OF_THIS_SCHEMA, {"key": _MIGRATION_LOCK})


def _hold_fixed(session: Session, key: int) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_OF_THIS_SCHEMA, {"key": key})


def hold_webhooks(session: Session) -> None:
    """One look at a time finds what is to be told: nothing is queued twice."""
    _hold_fixed(session, _WEBHOOKS_LOCK)


def _key_of_round(round_id: UUID) -> int:
    return int.from_bytes(round_id.bytes[:8], signed=True)


def _hold(session: Session, key: int) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_ALONE, {"key": key})
