"""The files of config/deploy are read by what they are for, and name commands that we have."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.operations.command_lines import check_taken
from tests.operations.nginx import DEPLOY, NO_NGINX, find_nginx, write_nginx
from wellbeing.app import _MAX_BODY_BYTES
from wellbeing.commands.serve import LIMITS
from wellbeing.form_files.reading import MAX_BYTES
from wellbeing.settings import Settings
from wellbeing.web.shared.upload_limits import _MOST_BYTES

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROGRAM = "/opt/wellbeing/bin/wellbeing"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
CONTAINERFILE = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "wellbeing"]


def settings_of(values: dict[str, str]) -> Settings:
    """Settings with exactly these, by the names of the environment; none may be unknown."""
    names = {name.removeprefix("WELLBEING_").lower() for name in values}
    assert names <= set(Settings.model_fields), names - set(Settings.model_fields)
    given: dict[str, Any] = {
        name.removeprefix("WELLBEING_").lower(): value
        for name, value in values.items()
        if not name.endswith("_FILE")
    }
    return Settings(**given)


def unit(path: Path) -> configparser.ConfigParser:
    """A unit; a directive that stands twice counts once."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


class TestSystemd:
    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
    def test_what_a_unit_starts_is_a_command_of_ours(self, path: Path) -> None:
        words = shlex.split(unit(path)["Service"]["ExecStart"])
        if words[0] == "/bin/sh":
            script = words[2].replace("$$", "$").replace("%%", "%")
            assert subprocess.run(["/bin/sh", "-n", "-c", script], check=False).returncode == 0
            words = shlex.split(script.removeprefix("exec "))
        assert words[0] == PROGRAM
        check_taken(words)

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="There is no systemd here.")
    def test_systemd_takes_every_unit_and_finds_it_well_walled_in(self, tmp_path: Path) -> None:
        for path in [*UNITS, *(DEPLOY / "systemd").glob("*.timer")]:
            text = path.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        units = sorted(map(str, tmp_path.iterdir()))
        said = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (said.returncode, said.stderr) == (0, "")
        for path in UNITS:
            offline = ["systemd-analyze", "security", "--offline=yes", "--threshold=20"]
            exposed = subprocess.run(
                [*offline, str(tmp_path / path.name)], capture_output=True, check=False
            )
            assert exposed.returncode == 0, exposed.stdout.decode()[-300:]

    def test_all_units_are_walled_in_alike(self) -> None:
        walls = {
            path.read_text(encoding="utf-8")
            .partition("# What the process may do")[2]
            .partition("\n\n")[0]
            .strip()
            for path in UNITS
        }
        assert len(walls) == 1
        assert "NoNewPrivileges=yes" in walls.pop()

    def test_the_settings_of_the_machine_are_settings(self) -> None:
        lines = (DEPLOY / "wellbeing.env").read_text(encoding="utf-8").splitlines()
        values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        assert values.pop("BACKUP_TO")
        assert settings_of(values).is_https

    def test_a_stop_leaves_time_for_what_has_begun(self) -> None:
        web = unit(DEPLOY / "systemd" / "wellbeing-web.service")["Service"]
        assert int(web["TimeoutStopSec"]) > int(str(LIMITS["graceful_timeout"]))
        grace = COMPOSE["services"]["web"]["stop_grace_period"]
        assert grace == f"{web['TimeoutStopSec']}s"


class TestContainers:
    @pytest.mark.parametrize("name", OURS)
    def test_a_service_runs_a_command_of_ours_with_settings_of_ours(self, name: str) -> None:
        service = COMPOSE["services"][name]
        check_taken([PROGRAM, *service["command"]])
        assert settings_of(service["environment"]).is_https

    def test_what_services_name_is_there(self) -> None:
        for name, service in COMPOSE["services"].items():
            assert set(service.get("networks", ())) <= set(COMPOSE["networks"]), name
            assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"]), name
            assert set(service.get("depends_on", ())) <= set(COMPOSE["services"]), name
            for volume in service.get("volumes", ()):
                source = volume.partition(":")[0]
                if source.endswith(".conf"):
                    assert (DEPLOY / "container" / source).is_file(), source
                elif not source.startswith("."):
                    assert source in COMPOSE["volumes"], source

    def test_only_the_proxy_can_be_reached_from_outside(self) -> None:
        services = COMPOSE["services"]
        assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
        assert COMPOSE["networks"]["inside"] == {"internal": True}

    def test_the_image_starts_a_command_of_ours_and_its_steps_are_shell(self) -> None:
        joined = CONTAINERFILE.replace("\\\n", " ")
        steps = [line.partition(" ") for line in joined.splitlines() if re.match("[A-Z]+ ", line)]
        by_name = {name: rest for name, _, rest in steps}
        check_taken([*json.loads(by_name["ENTRYPOINT"]), *json.loads(by_name["CMD"])])
        assert json.loads(by_name["CMD"]) == COMPOSE["services"]["web"]["command"]
        for name, _, rest in steps:
            if name == "RUN":
                subprocess.run(["/bin/sh", "-n", "-c", rest], check=True)
        assert "--require-hashes" in joined
        assert by_name["USER"] == "wellbeing"


class TestNginx:
    def test_sizes_are_those_of_the_service(self) -> None:
        text = (DEPLOY / "nginx" / "wellbeing.conf").read_text(encoding="utf-8")
        general, _, form = text.partition("location = /admin/questionnaire")
        assert int(_directive(general, "client_max_body_size")) * 1024 == _MAX_BODY_BYTES
        # Answers stay in memory, whole.
        buffer = _directive(general, "client_body_buffer_size")
        assert int(buffer) * 1024 == _MAX_BODY_BYTES
        most = int(_directive(form, "client_max_body_size")) * 1024
        assert MAX_BYTES < _MOST_BYTES["admin.wordings"] <= most < 1.1 * MAX_BYTES
        assert int(_directive(general, "proxy_read_timeout")) > int(str(LIMITS["timeout"]))

    @pytest.mark.parametrize("place", ["nginx", "container"])
    def test_connections_are_kept_for_less_than_the_service_keeps_them(self, place: str) -> None:
        text = (DEPLOY / place / "wellbeing-upstream.conf").read_text(encoding="utf-8")
        assert int(_directive(text, "keepalive_timeout")) < int(str(LIMITS["keepalive"]))

    @pytest.mark.skipif(not find_nginx(), reason=NO_NGINX)
    @pytest.mark.parametrize("place", ["nginx", "container"])
    def test_nginx_takes_it(self, tmp_path: Path, place: str) -> None:
        nginx = write_nginx(tmp_path, DEPLOY / place / "wellbeing-upstream.conf", 8000)
        said = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True, check=False)
        assert (said.returncode, said.stderr) == (0, "")


def _directive(text: str, name: str) -> str:
    found = re.search(rf"^\s*{name} (\d+)[ks]?;", text, re.M)
    assert found, name
    return found[1]
