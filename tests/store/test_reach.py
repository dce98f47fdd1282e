"""The wall inside the database: what a connection of each reach can touch."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError

from wellbeing.store.reach import GRANTS, Reach
from wellbeing.store.registry import CLASSIFIED, DataClass, unclassified_columns
from wellbeing.store.sessions import Database

PERSONAL = sorted(t for t, classes in CLASSIFIED.items() if DataClass.PERSONAL in classes)
SECRETS = sorted(t for t, classes in CLASSIFIED.items() if DataClass.SECRET in classes)
REFUSALS = (DatabaseError, OperationalError, ProgrammingError)
LIMITED = [reach for reach in Reach if reach is not Reach.EVERYTHING]


@pytest.mark.asvs("14.1.1")
def test_every_column_is_classified() -> None:
    assert unclassified_columns() == set()


def test_every_reach_but_everything_has_grants_on_known_tables_only() -> None:
    assert set(GRANTS) == set(LIMITED)
    assert {table for grants in GRANTS.values() for table in grants} <= set(CLASSIFIED)


@pytest.mark.parametrize("table", PERSONAL)
@pytest.mark.parametrize("reach", [Reach.WORKPLACE, Reach.ADMIN, Reach.SIGN_IN])
def test_only_the_employee_area_is_granted_personal_tables(reach: Reach, table: str) -> None:
    assert table not in GRANTS[reach]


@pytest.mark.asvs("8.2.3", "13.2.2")
@pytest.mark.parametrize("table", PERSONAL)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM {table}",
        "SELECT count(*) FROM {table}",
        "SELECT (SELECT count(*) FROM {table})",
        "DELETE FROM {table}",
        "SELECT name FROM unit WHERE EXISTS (SELECT 1 FROM {table})",
    ],
)
def test_the_workplace_connection_is_refused_personal_tables(
    database: Database, table: str, statement: str
) -> None:
    with pytest.raises(REFUSALS), database.writing(Reach.WORKPLACE) as session:
        session.execute(text(statement.format(table=table)))


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("reach", LIMITED)
def test_the_database_allows_exactly_what_the_reach_names(database: Database, reach: Reach) -> None:
    for table in CLASSIFIED:
        privileges = GRANTS[reach].get(table, frozenset())
        assert _can(database, reach, f"SELECT * FROM {table}") is ("SELECT" in privileges), table
        assert _can(database, reach, f"DELETE FROM {table}") is ("DELETE" in privileges), table


def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(REFUSALS), database.reading(Reach.EVERYTHING) as session:
        session.execute(text("DELETE FROM unit"))


def test_the_authoriser_refuses_to_attach_another_database(sqlite_database: Database) -> None:
    with pytest.raises(REFUSALS), sqlite_database.writing(Reach.WORKPLACE) as session:
        session.execute(text("ATTACH DATABASE ':memory:' AS other"))


@pytest.mark.asvs("13.2.2")
def test_a_workplace_connection_acts_under_its_own_role(postgresql_database: Database) -> None:
    with postgresql_database.reading(Reach.WORKPLACE) as session:
        who = session.execute(text("SELECT current_user")).scalar_one()
    assert who == "wellbeing_workplace"


def _can(database: Database, reach: Reach, statement: str) -> bool:
    try:
        with database.writing(reach) as session:
            session.execute(text(statement))
    except REFUSALS:
        return False
    return True
