"""Many rows at once arrive as they were given, or not at all."""

from uuid import UUID, uuid4

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.store import bulk
from wellbeing.store.bulk import insert_rows
from wellbeing.store.org import Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

ODD = ("Ørsted", "\\N", "a\tb\nc\r", "", "NULL", '"quoted", ; \\x41', "\u2028 😀", "\\.")


def _read(session: Session) -> dict[UUID, tuple[UUID | None, str]]:
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.name))
    return {row.id: (row.parent_id, row.name) for row in rows}


@pytest.mark.parametrize("batch", [1, 8, 9, 5000])
def test_odd_texts_and_no_value_arrive_as_they_were_given_wherever_batches_end(
    database: Database, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(bulk, "_BATCH", batch)
    top = uuid4()
    given: dict[UUID, tuple[UUID | None, str]] = {top: (None, "top")}
    given |= {uuid4(): (top, name) for name in ODD}
    with database.writing(Reach.EVERYTHING) as session:
        rows = ({"id": i, "parent_id": p, "name": name} for i, (p, name) in given.items())
        insert_rows(session, Unit, rows)
    with database.reading(Reach.EVERYTHING) as session:
        assert _read(session) == given


def test_what_the_session_was_to_write_comes_first(database: Database) -> None:
    top = Unit(id=uuid4(), name="top")
    with database.writing(Reach.EVERYTHING) as session:
        session.add(top)
        insert_rows(session, Unit, [{"id": uuid4(), "parent_id": top.id, "name": "below"}])
    with database.reading(Reach.EVERYTHING) as session:
        assert len(_read(session)) == 2


def test_a_row_that_does_not_fit_leaves_none(database: Database) -> None:
    twice = uuid4()
    rows = [{"id": twice, "parent_id": None, "name": name} for name in ("one", "two")]
    with (
        pytest.raises((IntegrityError, UniqueViolation)),
        database.writing(Reach.EVERYTHING) as session,
    ):
        insert_rows(session, Unit, rows)
    with database.reading(Reach.EVERYTHING) as session:
        assert _read(session) == {}
