"""An administrator has somebody erased who has left: a day later, and taken back until then."""

from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock
from wellbeing.actions.retention import delete_expired
from wellbeing.cli import wellbeing
from wellbeing.store.accounts import Person
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def test_erasing_waits_a_day_is_taken_back_and_happens(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    adam, dan = client_of("Adam", language="en"), cast.people["Dan"]
    adam.post(f"/admin/people/{dan}/erase")
    assert "Is erased after 3 February 2026" in adam.get("/admin").text
    adam.post(f"/admin/people/{dan}/keep")
    assert "Is erased after" not in adam.get("/admin").text
    adam.post(f"/admin/people/{dan}/erase")
    with database.writing(Reach.EVERYTHING) as session:
        delete_expired(session, now=clock.now() + timedelta(days=1))
    adam = client_of("Adam", language="en")
    assert "Dan Hauge" not in adam.get("/admin").text
    assert "Erased somebody who had left" in adam.get("/admin/audit").text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get(Person, dan) is None


def test_whose_access_is_open_cannot_be_erased(client_of: ClientOf, cast: Cast) -> None:
    shown = client_of("Adam", language="en").post(
        f"/admin/people/{cast.people['Eva']}/erase", {}, 409
    )
    assert "Close it first" in shown.text


def test_at_the_command_line_it_happens_at_once_and_a_restored_copy_forgets_again(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    url = database.url.render_as_string(hide_password=False)
    env = {"WELLBEING_DATABASE_URL": url, "WELLBEING_DATA": str(tmp_path)}
    path = Path(str(database.url.database))
    database.scrub()
    before = path.read_bytes()
    with database.reading(Reach.EVERYTHING) as session:
        raw = "SELECT sealed_name FROM person WHERE employee_number = '1026'"
        name = bytes(session.connection().exec_driver_sql(raw).scalar_one())

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(wellbeing, arguments, env=env)
        return done.exit_code, done.output

    number = "1026"
    assert run("erase-person", number, "--yes") == (
        0,
        "Erased. Sessions and rounds under way count on, without a name.\n",
    )
    assert name not in path.read_bytes()
    database.close()
    path.write_bytes(before)
    assert name in path.read_bytes()
    code, said = run("deletions", "replay")
    assert (code, said) == (0, "1 deletions done again.\n")
    assert name not in path.read_bytes()
    assert run("deletions", "replay")[1] == "0 deletions done again.\n"
    code, said = run("deletions", "list")
    assert (code, said.split()[-1]) == (0, "person_erased")
