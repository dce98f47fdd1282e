"""Areas as processes of their own on PostgreSQL, each with its login and the keys it needs."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from tests.cast import PASSWORD, Cast, email_of, make_cast
from tests.databases import PostgreSQLServer, copied_postgresql
from tests.rounds import STEADY, RoundRunner
from tests.served import Server, free_port, served
from wellbeing.commands.db import db as db_command
from wellbeing.commands.serve import serve
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.store.reach import REACH_OF_AREA, Reach
from wellbeing.store.sessions import Database

pytestmark = pytest.mark.postgresql


@dataclass
class Processes:
    """The employee's and the leader's process, and what only the jobs have."""

    employee: Server
    leader: Server
    rounds: RoundRunner
    cast: Cast
    folder: Path
    logins: str


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQLServer | None
) -> Iterator[Processes]:
    if postgresql is None:
        pytest.skip("PostgreSQL is not installed.")
    folder = tmp_path_factory.mktemp("processes")
    with ExitStack() as stack:
        url = stack.enter_context(copied_postgresql(postgresql))
        database = Database(url, make_field_keys(folder / "keys"))
        stack.callback(database.close)
        with database.writing(Reach.EVERYTHING) as session:
            cast = make_cast(session)
        rounds = RoundRunner(database, folder, datetime.now(UTC))
        rounds.keys = RoundKeys(folder / "keys", _made(folder / "mac-keys"))
        rounds.open()
        get_or_make_app_key(folder / "keys")
        said = _make_logins(folder / "logins", url)
        stack.callback(_drop_logins, database)
        mac = {"mac_keys": folder / "mac-keys"}
        start = stack.enter_context
        own = {area: _own(folder, area, url) for area in ("employee", "leader")}
        employee = start(_served(folder, "employee", **own["employee"], **mac))
        leader = start(_served(folder, "leader", **own["leader"]))
        yield Processes(employee, leader, rounds, cast, folder, said)


def _served(folder: Path, area: str, **own: object) -> AbstractContextManager[Server]:
    return served(_made(folder / area), free_port(), "--areas", area, **own)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _make_logins(folder: Path, url: str) -> str:
    environment = {"WELLBEING_DATABASE_URL": url}
    ran = CliRunner().invoke(db_command, ["logins", "--folder", str(folder)], env=environment)
    assert ran.exit_code == 0, ran.output
    return ran.output


def _drop_logins(database: Database) -> None:
    names = ", ".join(f"{database.url.database}_{area}" for area in REACH_OF_AREA)
    with database.engine(Reach.EVERYTHING).begin() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {names}")
        connection.exec_driver_sql(f"DROP ROLE {names}")


def _own(folder: Path, area: str, url: str) -> dict[str, object]:
    """The settings of a process: its login, and the keys of cookies and of names alone."""
    keys = _made(folder / area / "keys")
    keys.chmod(0o700)
    for name in ("app.secret", "index.key", "fields-1.key", "deletions.secret"):
        if (folder / "keys" / name).exists():
            shutil.copy(folder / "keys" / name, keys)
    login = f"{make_url(url).database}_{area}"
    return {
        "keys": keys,
        "database_url": url.replace("postgres@", f"{login}@"),
        "database_password_file": folder / "logins" / f"{login}.password",
    }


def _signed_in(server: Server, name: str) -> CookieJar:
    cookies = CookieJar()
    server.visit("/sign-in", cookies, {"email": email_of(name), "password": PASSWORD})
    return cookies


@pytest.mark.asvs("13.2.1", "13.2.2", "13.3.2")
def test_each_process_serves_its_own_pages_with_one_sign_in_for_all(processes: Processes) -> None:
    employee, leader = processes.employee, processes.leader
    cookies = _signed_in(employee, "Sara")
    home = employee.visit("/", cookies)
    teams = leader.visit("/teams", cookies)
    assert (home.status, teams.status) == (200, 200)
    assert 'href="/teams"' in home.html
    assert 'href="/diary"' in teams.html
    assert employee.visit("/teams", cookies).status == 404
    assert leader.visit("/diary", cookies).status == 404
    for server in (employee, leader):
        assert server.visit("/hr", cookies).status == 404
        assert "also reaches" not in server.read_log()
    leader.visit("/sign-out", cookies, {})
    assert "/sign-in" in employee.visit("/diary", cookies).url


@pytest.mark.asvs("13.3.2")
def test_an_answer_needs_no_private_key_and_the_tally_needs_both(processes: Processes) -> None:
    rounds, folder = processes.rounds, processes.folder
    round_id = UUID(next(p.stem for p in (folder / "mac-keys").glob("*.mac")))
    processes.employee.answer(email_of("Tom"), PASSWORD, round_id, STEADY)
    kept = {p.name for p in (folder / "employee" / "keys").iterdir()}
    assert kept == {"app.secret", "fields-1.key", "index.key"}
    assert {p.suffix for p in (folder / "mac-keys").iterdir()} == {".mac"}
    assert not list((folder / "keys").glob("*.mac"))
    assert rounds.publish(round_id)
    assert not list((folder / "mac-keys").iterdir())


def test_what_to_set_is_said_and_no_password_is(processes: Processes) -> None:
    assert processes.logins.count("WELLBEING_DATABASE_PASSWORD_FILE=") == len(REACH_OF_AREA)
    for file in (processes.folder / "logins").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().strip() not in processes.logins


def test_a_process_of_some_areas_does_not_make_a_key_of_its_own(tmp_path: Path) -> None:
    environment = {"WELLBEING_DATA": str(tmp_path)}
    ran = CliRunner().invoke(serve, ["--areas", "leader"], env=environment)
    assert "app.secret" in str(ran.exception)
    assert not (tmp_path / "keys").exists()
