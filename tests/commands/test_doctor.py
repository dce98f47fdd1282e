"""`wellbeing doctor`: a line a check, what to do, and an exit code for machines."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.mail_server import MailServer
from wellbeing.actions.health.checks import CHECKS
from wellbeing.commands.doctor import doctor
from wellbeing.commands.init import init


@pytest.fixture
def environment(tmp_path: Path, mail_server: MailServer) -> dict[str, str]:
    """A service that was set up a moment ago."""
    variables = {"WELLBEING_DATA": str(tmp_path), "WELLBEING_SMTP_PORT": str(mail_server.port)}
    assert CliRunner().invoke(init, env=variables).exit_code == 0
    return variables


def run(environment: dict[str, str], *arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(doctor, arguments, env=environment)


def test_a_new_service_wants_a_look_and_each_line_says_what_to_do(
    environment: dict[str, str],
) -> None:
    ran = run(environment)
    assert ran.exit_code == 1
    lines = ran.output.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == [check.name for check in CHECKS]
    looks = {line.split()[1] for line in lines if line.startswith("look")}
    assert looks == {"jobs:", "audit_log:", "backups:"}
    assert "wellbeing scheduler" in ran.output


def test_machines_get_json_and_the_exit_code_says_the_worst(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert json.loads(run(environment, "--json").output)["state"] == "look"
    (tmp_path / "keys" / "index.key").unlink()
    ran = run(environment, "--json")
    said = json.loads(ran.output)
    assert (ran.exit_code, said["state"]) == (2, "broken")
    assert {check["check"]: check["state"] for check in said["checks"]}["keys"] == "broken"


def test_a_key_that_opens_nothing_is_found(environment: dict[str, str], tmp_path: Path) -> None:
    arguments = ["--administrator", "ada@example.dk", "--name", "Ada"]
    assert CliRunner().invoke(init, arguments, env=environment).exit_code == 0
    (tmp_path / "keys" / "fields-1.key").write_bytes(b"k" * 32)
    ran = run(environment)
    assert ran.exit_code == 2
    assert "does not open what it should" in ran.output


def test_where_nothing_was_set_up_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    ran = run({"WELLBEING_DATA": str(tmp_path / "new")})
    assert "wellbeing init" in str(ran.exception)
    assert not (tmp_path / "new").exists()


def test_an_address_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    ran = run({"WELLBEING_DATA": str(tmp_path), "WELLBEING_DATABASE_URL": "nonsense"})
    assert "not the address of a database" in str(ran.exception)
