"""Names, e-mail addresses, mobile numbers, and what people wrote, are sealed in the database."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from wellbeing.domain.errors import BadInput
from wellbeing.domain.staff_cells import fold
from wellbeing.store.sealed import BlindIndex, Plain, Sealed, SealedText

revision = "0005"
down_revision = "0004"

_BATCH = 1000
_SAID_EVERY = 5_000
# table → its texts: (column, type as it was, whether every row has one)
_TEXTS: dict[str, tuple[tuple[str, sa.types.TypeEngine[Any], bool], ...]] = {
    "person": (
        ("name", sa.String(length=200), True),
        ("email", sa.String(length=254), False),
        ("mobile", sa.String(length=20), False),
    ),
    "incident": (("details", sa.String(length=1000), False),),
    "support_request": (
        ("wish", sa.String(length=40), True),
        ("contact", sa.String(length=400), False),
    ),
}
# These were never NULL before, but could be empty: an empty text leaves nothing behind.
_EMPTY = {("incident", "details"), ("support_request", "contact")}


def upgrade() -> None:
    """New columns, every text sealed into them in batches, and the readable columns gone."""
    _refuse_like_addresses()
    for table, texts in _TEXTS.items():
        with op.batch_alter_table(table) as change:
            for column, _, _ in texts:
                change.add_column(sa.Column(f"sealed_{column}", sa.LargeBinary(), nullable=True))
            if table == "person":
                change.add_column(sa.Column("email_index", sa.LargeBinary(32), nullable=True))
        _seal(table, [column for column, _, _ in texts])
        with op.batch_alter_table(table) as change:
            if table == "person":
                change.drop_constraint("uq_person_email", type_="unique")
                change.create_unique_constraint("uq_person_email_index", ["email_index"])
            for column, _, is_needed in texts:
                change.drop_column(column)
                if is_needed:
                    change.alter_column(
                        f"sealed_{column}", existing_type=sa.LargeBinary(), nullable=False
                    )


def downgrade() -> None:
    """Everything stands readable in the database again; authenticator apps have to be set up anew,
    their secrets being sealed in a way that nothing before this version opens.
    """
    op.execute("DELETE FROM authenticator_app")
    for table, texts in _TEXTS.items():
        with op.batch_alter_table(table) as change:
            for column, kind, _ in texts:
                change.add_column(sa.Column(column, kind, nullable=True))
        _open(table, [column for column, _, _ in texts])
        with op.batch_alter_table(table) as change:
            if table == "person":
                change.drop_constraint("uq_person_email_index", type_="unique")
                change.drop_column("email_index")
                change.create_unique_constraint("uq_person_email", ["email"])
            for column, kind, is_needed in texts:
                change.drop_column(f"sealed_{column}")
                if is_needed or (table, column) in _EMPTY:
                    change.alter_column(column, existing_type=kind, nullable=False)


def _seal(table: str, columns: list[str]) -> None:
    rows = _table(table, columns)
    for batch in _batches(rows, columns, table):
        op.get_bind().execute(_change(rows), [_sealed(row, columns) for row in batch])


def _sealed(row: Any, columns: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {"row": row.id}
    for column in columns:
        text = getattr(row, column)
        values[f"sealed_{column}"] = Plain(row.id, text) if text or column == "name" else None
    if "email" in columns:
        values["email_index"] = fold(row.email.strip()) if row.email else None
    return values


def _open(table: str, columns: list[str]) -> None:
    rows, sealed = _table(table, columns), [f"sealed_{column}" for column in columns]
    for batch in _batches(rows, sealed, table):
        opened = [{"row": row.id, **{c: _opened(table, c, row) for c in columns}} for row in batch]
        op.get_bind().execute(_change(rows), opened)


def _opened(table: str, column: str, row: Any) -> str | None:
    sealed: Sealed | None = getattr(row, f"sealed_{column}")
    if sealed is None:
        return "" if (table, column) in _EMPTY else None
    return sealed.open(row.id)


def _change(rows: sa.TableClause) -> sa.Update:
    return sa.update(rows).where(rows.c.id == sa.bindparam("row"))


def _batches(rows: sa.TableClause, columns: list[str], table: str) -> Iterator[Sequence[Any]]:
    """Every row once, so many at a time that memory does not grow with their number."""
    done, last = 0, None
    query = sa.select(rows.c.id, *(rows.c[column] for column in columns)).order_by(rows.c.id)
    while True:
        beyond = query.where(rows.c.id > last) if last is not None else query
        batch = op.get_bind().execute(beyond.limit(_BATCH)).all()
        if not batch:
            return
        yield batch
        done, last = done + len(batch), batch[-1].id
        if done % _SAID_EVERY == 0:
            sys.stderr.write(f"{table}: {done} rows\n")


def _table(name: str, columns: list[str]) -> sa.TableClause:
    index = [sa.column("email_index", BlindIndex("person.email"))] if name == "person" else []
    return sa.table(
        name,
        sa.column("id", sa.Uuid()),
        *(sa.column(column, sa.String()) for column in columns),
        *(sa.column(f"sealed_{column}", SealedText(f"{name}.{column}")) for column in columns),
        *index,
    )


def _refuse_like_addresses() -> None:
    """Addresses alike but for case were two addresses, and will be one."""
    person = _table("person", ["email"])
    number = sa.column("employee_number", sa.String())
    seen: dict[str, str] = {}
    query = sa.select(person.c.email, number).where(person.c.email.is_not(None))
    for email, employee_number in op.get_bind().execute(query):
        other = seen.setdefault(fold(email.strip()), employee_number)
        if other != employee_number:
            raise BadInput(
                f"Two people have one e-mail address: {other} and {employee_number}. Give one of"
                " them another address first."
            )
