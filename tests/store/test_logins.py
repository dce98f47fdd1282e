"""Logins of their own on a real PostgreSQL: what is left to whoever takes over one process."""

from collections.abc import Iterator, Mapping

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.cast import make_cast
from tests.databases import PostgreSQLServer, copied_postgresql
from wellbeing.domain.errors import BadInput
from wellbeing.store.logins import (
    check_logins_are_plain,
    find_reaches_beyond,
    login_statements,
    make_verifier,
    name_logins,
)
from wellbeing.store.reach import GRANTS, REACH_OF_AREA, Reach, role_name
from wellbeing.store.registry import CLASSIFIED, DataClass
from wellbeing.store.sessions import Database

pytestmark = pytest.mark.postgresql
PERSONAL = sorted(t for t, classes in CLASSIFIED.items() if DataClass.PERSONAL in classes)
AREAS = tuple(REACH_OF_AREA)


class Cluster:
    """A database with the cast and the logins of every area."""

    def __init__(self, url: str) -> None:
        self.owner = Database(url)
        name = self.owner.url.database or ""
        with self.owner.writing(Reach.EVERYTHING) as session:
            make_cast(session)
        self.names: Mapping[str, str] = name_logins(name)
        with self.owner.engine(Reach.EVERYTHING).begin() as connection:
            secrets = {a: make_verifier(connection, n, "x" * 20) for a, n in self.names.items()}
            for _ in range(2):  # again is fine
                for statement in login_statements(name, self.names, secrets):
                    connection.exec_driver_sql(statement)
            connection.exec_driver_sql("ANALYZE")

    def url(self, area: str) -> str:
        """The address of the database with the login of an area."""
        url = self.owner.url.set(username=self.names[area])
        return url.render_as_string(hide_password=False)

    def attempt(self, area: str, *statements: str) -> str:
        """ "done", or the kind of refusal, of raw SQL that begins as the area's process does."""
        url = self.owner.url
        with psycopg.connect(
            host=str(url.query["host"]), user=self.names[area], dbname=url.database, autocommit=True
        ) as connection:
            connection.execute(f"SET SESSION ROLE {role_name(REACH_OF_AREA[area])}".encode())
            try:
                for statement in statements:
                    connection.execute(statement.encode())
            except psycopg.Error as fault:
                return type(fault).__name__
        return "done"


@pytest.fixture(scope="module")
def cluster(postgresql: PostgreSQLServer | None) -> Iterator[Cluster]:
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed.")
    with copied_postgresql(postgresql) as url:
        made = Cluster(url)
        yield made
        names = ", ".join(made.names.values())
        with made.owner.engine(Reach.EVERYTHING).begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {names}")
            connection.exec_driver_sql(f"DROP ROLE {names}")
        made.owner.close()


def beyond(area: str) -> set[str]:
    """The tables that the process of an area may not read, whatever it says."""
    own = {*GRANTS[Reach.SIGN_IN], *GRANTS[REACH_OF_AREA[area]]}
    return set(CLASSIFIED) - own


@pytest.mark.asvs("8.3.1", "13.2.2")
@pytest.mark.parametrize("area", AREAS)
def test_whatever_a_process_says_its_login_reads_no_table_beyond_its_area(
    area: str, cluster: Cluster
) -> None:
    others = [r for r in Reach if r not in (Reach.EVERYTHING, Reach.SIGN_IN, REACH_OF_AREA[area])]
    ways = [
        [],
        ["RESET ROLE"],
        ["SET SESSION AUTHORIZATION DEFAULT"],
        [f"SET ROLE {role_name(Reach.SIGN_IN)}"],
        ["DISCARD ALL"],
    ]
    for table in sorted(beyond(area)):
        for way in ways:
            said = cluster.attempt(area, *way, f"SELECT * FROM {table}")
            assert said == "InsufficientPrivilege", (table, way)
    for reach in others:
        said = cluster.attempt(area, "RESET ROLE", f"SET ROLE {role_name(reach)}")
        assert said == "InsufficientPrivilege", reach


def test_only_the_employee_s_login_can_come_to_personal_tables(cluster: Cluster) -> None:
    for area in set(AREAS) - {"employee"}:
        assert set(PERSONAL) <= beyond(area)
    assert not set(PERSONAL) & beyond("employee")


def test_one_login_for_all_would_not_hold(cluster: Cluster) -> None:
    # What the logins are there against: the owner's connection takes a role and gives it back.
    with cluster.owner.engine(Reach.WORKPLACE).begin() as connection:
        with pytest.raises(DBAPIError), connection.begin_nested():
            connection.exec_driver_sql("SELECT * FROM ballot")
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("SELECT * FROM ballot")
        connection.exec_driver_sql(f"SET ROLE {role_name(Reach.WORKPLACE)}")


NOT_FOR_A_PROCESS = (
    "CREATE TABLE public.mine (x int)",
    "CREATE TEMPORARY TABLE mine (x int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "CREATE EXTENSION dblink",
    "COPY person TO '/tmp/person'",
    "COPY session_theme FROM '/etc/passwd'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY ballot TO STDOUT",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_largeobject",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    "ALTER ROLE wellbeing_employee LOGIN",
    "GRANT wellbeing_employee TO CURRENT_USER",
    "GRANT SELECT ON ballot TO CURRENT_USER",
    "ALTER TABLE ballot DISABLE TRIGGER ALL",
    "TRUNCATE audit_event",
    "UPDATE audit_event SET act = act",
    "DELETE FROM audit_event",
    "BEGIN; LOCK TABLE ballot",
)


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("way", ["as its area", "as the login itself"])
def test_a_login_can_make_nothing_and_reads_no_file_and_no_catalogue_of_values(
    way: str, cluster: Cluster
) -> None:
    first = ["RESET ROLE"] if way == "as the login itself" else []
    said = {s: cluster.attempt("leader", *first, s) for s in NOT_FOR_A_PROCESS}
    assert set(said.values()) == {"InsufficientPrivilege"}, said


def test_statistics_show_no_values_of_tables_out_of_reach(cluster: Cluster) -> None:
    query = text("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
    with cluster.owner.engine(Reach.EVERYTHING).connect() as connection:
        assert "credential" in set(connection.execute(query).scalars())
    process = Database(cluster.url("leader"))
    with process.reading(Reach.LEADER) as session:
        seen = set(session.execute(query).scalars())
    process.close()
    assert seen <= set(GRANTS[Reach.LEADER])
    assert "credential" not in seen


def test_a_login_sees_the_statements_of_no_other_login(cluster: Cluster) -> None:
    leader, employee = Database(cluster.url("leader")), Database(cluster.url("employee"))
    query = text("SELECT query FROM pg_stat_activity WHERE datname = current_database()")
    with employee.reading(Reach.EMPLOYEE) as busy, leader.reading(Reach.LEADER) as session:
        busy.execute(text("SELECT 'what an employee does'"))
        seen = " ".join(session.execute(query).scalars())
    for process in (leader, employee):
        process.close()
    assert "what an employee does" not in seen
    assert "insufficient privilege" in seen


@pytest.mark.asvs("13.2.4")
def test_a_login_of_one_organisation_cannot_come_into_the_database_of_another(
    cluster: Cluster, postgresql: PostgreSQLServer
) -> None:
    with copied_postgresql(postgresql) as url:
        other = Database(url)
        name = other.url.database or ""
        with other.engine(Reach.EVERYTHING).begin() as connection:
            connection.exec_driver_sql(login_statements(name, {}, {})[0])
        host = str(other.url.query["host"])
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(host=host, user=cluster.names["leader"], dbname=name)
        other.close()


@pytest.mark.asvs("13.2.6", "15.4.3")
def test_a_login_waits_and_works_for_a_bounded_time_and_in_one_schema(cluster: Cluster) -> None:
    process = Database(cluster.url("hr"))
    with process.reading(Reach.WORKPLACE) as session:
        limits = {
            name: session.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "idle_in_transaction_session_timeout", "search_path")
        }
    process.close()
    assert limits == {
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
        "search_path": "public, pg_temp",
    }


def test_passwords_are_kept_as_verifiers_and_never_stand_in_a_statement(cluster: Cluster) -> None:
    query = text("SELECT rolpassword FROM pg_authid WHERE rolname = :name")
    with cluster.owner.engine(Reach.EVERYTHING).connect() as connection:
        kept = connection.execute(query, {"name": cluster.names["hr"]}).scalar_one()
        verifier = make_verifier(connection, "a_hr", "correct horse")
    assert kept.startswith("SCRAM-SHA-256$")
    statements = login_statements("a", {"hr": "a_hr"}, {"hr": verifier})
    assert not any("correct horse" in statement for statement in statements)


def test_a_process_is_told_when_its_login_reaches_too_much(cluster: Cluster) -> None:
    with cluster.owner.engine(Reach.EVERYTHING).connect() as connection:
        assert Reach.EMPLOYEE in find_reaches_beyond(connection, ("leader",))
    process = Database(cluster.url("leader"))
    with process.engine(Reach.LEADER).connect() as connection:
        assert find_reaches_beyond(connection, ("leader",)) == []
        assert find_reaches_beyond(connection, ("hr",)) == [Reach.LEADER]
    process.close()


def test_a_name_that_is_an_administrator_s_already_is_refused(cluster: Cluster) -> None:
    with (
        cluster.owner.engine(Reach.EVERYTHING).connect() as connection,
        pytest.raises(BadInput, match="may more than a process should"),
    ):
        check_logins_are_plain(connection, {"hr": "postgres"})


@pytest.mark.parametrize("prefix", ["Ø", "a b", 'x"; DROP', "1a", "A"])
def test_a_prefix_that_is_no_plain_name_is_refused(prefix: str) -> None:
    with pytest.raises(BadInput, match="small letters"):
        name_logins("db", prefix)
