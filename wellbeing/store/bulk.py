"""Many rows at once: puts them into a table, past the ORM, and lays a whole table in order."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from psycopg import sql
from sqlalchemy import Table, insert, text
from sqlalchemy.orm import Session

from wellbeing.store.base import Base

_BATCH = 5000


def insert_rows(session: Session, entity: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
    """Adds rows, a few thousand in memory at a time; all name the same columns.

    Values are what the driver takes (texts, numbers, UUIDs, None): no column type or default of
    ours is asked.
    """
    session.flush()
    waiting = iter(rows)
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    while batch := list(islice(waiting, _BATCH)):
        (_copy_in if is_postgresql else _insert)(session, entity, batch)


def hold_table(session: Session, table: Table) -> None:
    """Nobody else reads or writes the table until the transaction ends; on PostgreSQL."""
    session.execute(text(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE"))


def lay_by_key(session: Session, table: Table) -> None:
    """The rows of the table lie in the order of their primary keys afterwards; on PostgreSQL."""
    session.execute(text(f"CLUSTER {table.name} USING {table.primary_key.name}"))


def _insert(session: Session, entity: type[Base], batch: list[Mapping[str, Any]]) -> None:
    session.connection().execute(insert(Base.metadata.tables[entity.__tablename__]), batch)


def _copy_in(session: Session, entity: type[Base], batch: list[Mapping[str, Any]]) -> None:
    columns = list(batch[0])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(entity.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in batch:
            copy.write_row([row[name] for name in columns])
