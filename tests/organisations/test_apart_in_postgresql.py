"""A schema an organisation on one PostgreSQL: neither reads, holds up or loses the other's."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from os import environ
from pathlib import Path
from time import sleep

import psycopg
import pytest
from sqlalchemy import delete, func, make_url, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.databases import PostgreSQLServer, copied_postgresql
from tests.organisations.front import Browser, is_signed_in, served, visit
from tests.organisations.houses import NORD, SYD, Houses
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import Person
from wellbeing.store.copies import load_postgresql
from wellbeing.store.locks import hold_chain, hold_directory
from wellbeing.store.logins import JOBS, name_logins
from wellbeing.store.organisation_schemas import drop_schema
from wellbeing.store.reach import GRANTS, REACH_OF_AREA, Reach, role_name
from wellbeing.store.registry import CLASSIFIED
from wellbeing.store.schema import get_head
from wellbeing.store.sessions import Database

pytestmark = pytest.mark.postgresql
Hold = Callable[[Session], None]
OF_NORD, OF_SYD = f"org_{NORD}", f"org_{SYD}"
BEFORE = "0005"  # 0006 makes the table key_holder


@pytest.fixture(scope="module")
def houses(
    postgresql: PostgreSQLServer | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Houses]:
    """Two organisations with a cast each, and logins for both."""
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed.")
    with copied_postgresql(postgresql) as url:
        made = Houses(tmp_path_factory.mktemp("organisations"), url)
        for name in (NORD, SYD):
            made.add(name)
            said = made.run("--org", name, "db", "logins", "--folder", str(made.folder / "logins"))
            assert said.code == 0, said
        yield made
        for name in (NORD, SYD):
            drop_schema(Database(url, schema=f"org_{name}"))
            for login in logins(made, name).values():
                with psycopg.connect(_dsn(url), autocommit=True) as connection:
                    connection.execute(f"DROP OWNED BY {login}; DROP ROLE {login}".encode())


@pytest.fixture(scope="module")
def casts(houses: Houses) -> dict[str, Cast]:
    return {name: houses.cast(name) for name in (NORD, SYD)}


def logins(houses: Houses, name: str) -> dict[str, str]:
    """The logins of one organisation by area."""
    return name_logins(make_url(houses.url).database or "", schema=f"org_{name}")


def _dsn(url: str) -> str:
    given = make_url(url)
    return f"host={given.query['host']} dbname={given.database} user=postgres"


def count_people(database: Database) -> int:
    with database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.mark.parametrize("area", [*REACH_OF_AREA, JOBS])
def test_whatever_a_process_of_one_says_it_reads_nothing_of_the_other(
    area: str, houses: Houses, casts: dict[str, Cast]
) -> None:
    login = logins(houses, NORD)[area]
    own = role_name(Reach.EVERYTHING if area == JOBS else REACH_OF_AREA[area], OF_NORD)
    refused = psycopg.errors.InsufficientPrivilege
    for way in ((), (f"SET ROLE {own}",), (f"SET search_path = {OF_SYD}, public",)):
        dsn = _dsn(houses.url).replace("user=postgres", f"user={login}")
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in way:
                connection.execute(statement.encode())
            for table in sorted({*CLASSIFIED, "alembic_version"}):
                for statement in (
                    f"SELECT 1 FROM {OF_SYD}.{table}",
                    f"DELETE FROM {OF_SYD}.{table}",
                ):
                    with pytest.raises(refused):
                        connection.execute(statement.encode())
            for reach in Reach:
                with pytest.raises(refused):
                    connection.execute(f"SET ROLE {role_name(reach, OF_SYD)}".encode())
            with pytest.raises(refused):
                connection.execute(f"CREATE TABLE {OF_SYD}.mine (x int)".encode())
            for view in ("columns", "tables", "role_table_grants"):
                query = f"SELECT 1 FROM information_schema.{view} WHERE table_schema = %s"
                assert connection.execute(query.encode(), [OF_SYD]).fetchall() == []
            query = "SELECT 1 FROM pg_stats WHERE schemaname = %s"
            assert connection.execute(query.encode(), [OF_SYD]).fetchall() == []


def test_a_login_reaches_what_is_its_own(houses: Houses, casts: dict[str, Cast]) -> None:
    # Otherwise the refusals above would prove nothing.
    for area, reach in {**REACH_OF_AREA, JOBS: Reach.EVERYTHING}.items():
        url = houses.url.replace("postgres@", f"{logins(houses, NORD)[area]}@")
        database = Database(url, schema=OF_NORD)
        with closing(database), database.reading(reach) as session:
            assert session.scalar(text("SELECT count(*) FROM unit")) > 0
            assert session.scalar(text("SHOW search_path")) == f"{OF_NORD},pg_temp"


def test_commands_of_one_work_as_the_owner_of_its_schema_alone(
    houses: Houses, casts: dict[str, Cast]
) -> None:
    with houses.opened(NORD) as database, database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(text("SELECT current_user")) == OF_NORD
        with pytest.raises(DBAPIError, match="permission denied for schema org_syd"):
            session.execute(text(f"SELECT 1 FROM {OF_SYD}.person"))


def test_a_table_that_is_missing_is_not_looked_for_elsewhere(houses: Houses) -> None:
    # `public` holds the tables of a single organisation in this very database.
    with houses.opened(NORD) as database, database.engine(Reach.EVERYTHING).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE theme RENAME TO set_aside")
        with pytest.raises(DBAPIError, match='relation "theme" does not exist'):
            connection.exec_driver_sql("SELECT 1 FROM theme")
        connection.rollback()


def test_each_schema_has_exactly_its_grants(houses: Houses) -> None:
    query = text(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = :role"
    )
    with houses.opened(NORD) as database, database.reading(Reach.EVERYTHING) as session:
        for reach, tables in GRANTS.items():
            found = set(session.execute(query, {"role": role_name(reach, OF_NORD)}).all())
            own = {("alembic_version", "SELECT")} if reach is Reach.SIGN_IN else set()
            assert found == {(table, p) for table, ps in tables.items() for p in ps} | own


@pytest.mark.parametrize("hold", [hold_chain, hold_directory])
def test_a_lock_of_one_holds_up_nobody_else(hold: Hold, houses: Houses) -> None:
    def hold_too(database: Database) -> None:
        with database.writing(Reach.EVERYTHING) as session:
            session.execute(text("SET LOCAL lock_timeout = '200ms'"))
            hold(session)

    with houses.opened(NORD) as nord, houses.opened(SYD) as syd:  # noqa: SIM117
        with nord.writing(Reach.EVERYTHING) as session:
            hold(session)
            hold_too(syd)
            with pytest.raises(OperationalError, match="lock timeout"):
                hold_too(nord)


def test_somebody_signs_in_to_the_schema_of_the_host_alone(
    houses: Houses, casts: dict[str, Cast]
) -> None:
    with served(houses) as web:
        eva = Browser(web, NORD).sign_in()
        header = {"Cookie": eva.cookies()}
        assert is_signed_in(visit(web, NORD, "/me", headers=header))
        assert not is_signed_in(visit(web, SYD, "/me", headers=header))
    query = text("SELECT count(*) FROM sign_in_session")
    for name, count in ((NORD, 1), (SYD, 0)):
        with houses.opened(name) as database, database.reading(Reach.EVERYTHING) as session:
            assert session.scalar(query) == count


class TestBackup:
    def test_it_holds_one_organisation_and_brings_back_that_one(
        self, houses: Houses, casts: dict[str, Cast], tmp_path: Path
    ) -> None:
        file = str(tmp_path / "nord.backup")
        assert houses.run("--org", NORD, "backup", file).code == 0
        with houses.opened(NORD) as nord, houses.opened(SYD) as syd:
            before, others = count_people(nord), count_people(syd)
            with nord.writing(Reach.EVERYTHING) as session:
                session.execute(delete(Person).where(Person.id == casts[NORD].people["Otto"]))
            with syd.writing(Reach.EVERYTHING) as session:
                session.execute(text("UPDATE unit SET name = 'of syd'"))
        said = houses.run("--org", NORD, "restore", file, "--replace")
        assert said.code == 0, said
        with houses.opened(NORD) as nord, houses.opened(SYD) as syd:
            assert (count_people(nord), count_people(syd)) == (before, others)
            with syd.reading(Reach.EVERYTHING) as session:
                names = set(session.execute(text("SELECT name FROM unit")).scalars())
            assert names == {"of syd"}
        test_each_schema_has_exactly_its_grants(houses)
        test_a_login_reaches_what_is_its_own(houses, casts)

    def test_it_is_not_taken_by_another_organisation(
        self, houses: Houses, casts: dict[str, Cast], tmp_path: Path
    ) -> None:
        file = str(tmp_path / "nord.backup")
        assert houses.run("--org", NORD, "backup", file).code == 0
        with houses.opened(SYD) as syd:
            before = count_people(syd)
        said = houses.run("--org", SYD, "restore", file, "--replace")
        assert said.code == 2
        assert "nothing was changed" in said.err
        with houses.opened(SYD) as syd:
            assert count_people(syd) == before

    def test_a_single_organisation_is_not_restored_over_what_all_share(
        self, houses: Houses, tmp_path: Path
    ) -> None:
        single = Database(houses.url)
        with pytest.raises(Refused, match="Other organisations"):
            load_postgresql(single, tmp_path / "none")
        single.close()


class TestUpgrade:
    @pytest.fixture
    def older(self, houses: Houses) -> None:
        """Both are at an older version of the schema."""
        for name in (NORD, SYD):
            assert houses.run("--org", name, "db", "downgrade", BEFORE).code == 0

    @pytest.mark.usefixtures("older")
    def test_what_fails_in_one_is_told_and_undone_and_the_others_are_brought_up(
        self, houses: Houses
    ) -> None:
        with houses.opened(NORD) as nord:
            with nord.engine(Reach.EVERYTHING).begin() as connection:
                connection.exec_driver_sql("CREATE TABLE key_holder (in_the_way int)")
            said = houses.run("db", "upgrade", "--all-organisations")
            assert said.code == 1
            assert "1 brought up, 0 were there already, 1 failed." in said.out
            assert 'nord failed: relation "key_holder" already exists' in said.err
            assert houses.run("--org", NORD, "db", "current").out.startswith(BEFORE)
            assert houses.run("--org", SYD, "db", "current").out.startswith(get_head())
            with nord.engine(Reach.EVERYTHING).begin() as connection:
                connection.exec_driver_sql("DROP TABLE key_holder")
        said = houses.run("db", "upgrade", "--all-organisations")
        assert (said.code, said.err) == (0, "")
        assert f"nord: {BEFORE} → {get_head()}" in said.out
        assert "1 brought up, 1 were there already, 0 failed." in said.out

    @pytest.mark.usefixtures("older")
    def test_killed_in_the_middle_it_goes_on_where_it_was(self, houses: Houses) -> None:
        given = {name: value or "" for name, value in houses.environment.items()}
        command = "from wellbeing.cli import main; main()"
        with psycopg.connect(_dsn(houses.url)) as blocking:
            blocking.execute(f"LOCK TABLE {OF_SYD}.programme".encode())
            process = subprocess.Popen(
                [sys.executable, "-c", command, "db", "upgrade", "--all-organisations"],
                env={**environ, **given},
                stdout=subprocess.DEVNULL,
            )
            _wait_until_it_waits(houses)
            said = houses.run("db", "upgrade", "--all-organisations")
            assert "Another upgrade" in said.err
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
        assert houses.run("--org", NORD, "db", "current").out.startswith(get_head())
        assert houses.run("--org", SYD, "db", "current").out.startswith(BEFORE)
        said = houses.run("db", "upgrade", "--all-organisations")
        assert "1 brought up, 1 were there already, 0 failed." in said.out


class TestRemoval:
    def test_it_takes_one_organisation_and_no_other_and_only_when_it_is_said_twice(
        self, houses: Houses
    ) -> None:
        houses.add("vest")
        for confirmed in ((), ("--confirm", NORD)):
            said = houses.run("org", "remove", "vest", *confirmed)
            assert said.code == 2
            assert "--confirm vest" in said.err
        said = houses.run("org", "remove", "vest", "--confirm", "vest")
        assert said.code == 0, said
        (aside,) = houses.folder.glob("vest.removed-*")
        assert (aside / "keys" / "app.secret").is_file()
        with psycopg.connect(_dsn(houses.url)) as connection:
            query = b"SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'org_')"
            assert {row[0] for row in connection.execute(query)} == {OF_NORD, OF_SYD}
            query = b"SELECT 1 FROM pg_roles WHERE rolname LIKE '%org_vest%'"
            assert connection.execute(query).fetchall() == []
        assert "There is no organisation 'vest'" in houses.run("--org", "vest", "published").err
        assert houses.run("--org", NORD, "db", "current").code == 0


def _wait_until_it_waits(houses: Houses) -> None:
    query = b"SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active'"
    with psycopg.connect(_dsn(houses.url), autocommit=True) as connection:
        for _ in range(300):
            if connection.execute(query).fetchall():
                return
            sleep(0.1)
    raise AssertionError("the upgrade did not come to the table that is held")
