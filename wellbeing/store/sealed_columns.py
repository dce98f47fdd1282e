"""Which columns are sealed, and with which key: read by rotation and by the check of keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    bindparam,
    func,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from wellbeing.store.registry import all_tables
from wellbeing.store.sealed import Plain, SealedText


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns, and the column that says which row a value is for."""

    table: Table
    row: Column[UUID]
    columns: tuple[Column[Any], ...]


def sealed_tables() -> list[SealedTable]:
    """Every table that has a sealed column, always in the same order."""
    found = []
    for table in sorted(all_tables().tables.values(), key=lambda table: table.name):
        sealed = tuple(c for c in table.columns if isinstance(c.type, SealedText))
        if sealed:
            (row,) = table.primary_key.columns
            found.append(SealedTable(table, row, sealed))
    return found


def count_by_header(session: Session, length: int) -> dict[bytes, int]:
    """How many values begin with each header of this length."""
    counts: dict[bytes, int] = {}
    for found in sealed_tables():
        for column in found.columns:
            start = _start(column, length)
            query = select(start, func.count()).where(column.is_not(None)).group_by(start)
            for header, count in session.execute(query):
                counts[bytes(header)] = counts.get(bytes(header), 0) + count
    return counts


def find_samples(session: Session, header: bytes) -> Iterator[tuple[str, UUID, Any]]:
    """One value of each column that begins with this header: its place, row, and the value."""
    for found in sealed_tables():
        for column in found.columns:
            query = select(found.row, column).where(_start(column, len(header)) == header)
            for row, value in session.execute(query.limit(1)):
                yield value.place, row, value


def seal_batch_anew(
    session: Session, found: SealedTable, header: bytes, *, after: UUID | None, limit: int
) -> tuple[UUID | None, int]:
    """Seals the next rows of which a value has another header; the last of them, and how many
    values they had. The rows are held until the transaction ends.
    """
    others = or_(*(_start(column, len(header)) != header for column in found.columns))
    query = select(found.row, *found.columns).where(others).order_by(found.row).limit(limit)
    if after is not None:
        query = query.where(found.row > after)
    rows = session.execute(query.with_for_update()).all()
    if not rows:
        return None, 0
    session.connection().execute(
        update(found.table).where(found.row == bindparam("this_row")),
        [_plain_again(row, found.columns) for row in rows],
    )
    return rows[-1][0], sum(value is not None for row in rows for value in row[1:])


def hold_sealed_tables(session: Session) -> None:
    """Waits until every open transaction that writes to them has ended, and lets none begin."""
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(found.table.name for found in sealed_tables())
        session.execute(text("SET LOCAL lock_timeout = '30s'"))
        session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


def _start(column: Column[Any], length: int) -> ColumnElement[bytes]:
    stored = type_coerce(column, LargeBinary)
    return type_coerce(func.substr(stored, 1, length), LargeBinary)


def _plain_again(row: Sequence[Any], columns: Sequence[Column[Any]]) -> dict[str, Any]:
    row_id, *values = row
    opened = (None if v is None else Plain(row_id, v.open(row_id)) for v in values)
    return {
        "this_row": row_id,
        **dict(zip((column.name for column in columns), opened, strict=True)),
    }
