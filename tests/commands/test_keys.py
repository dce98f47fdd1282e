"""`wellbeing keys` on a real data folder: in sentences, with no key in any of them."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.field_keys import REAL_READ_RING
from wellbeing.commands.db import db
from wellbeing.commands.init import init
from wellbeing.commands.keys import keys
from wellbeing.crypto import field_keys
from wellbeing.domain.errors import BadInput, UnfitKeys, WellbeingError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The key folder of a service that has one administrator."""
    for name in [name for name in os.environ if name.startswith("WELLBEING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WELLBEING_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(field_keys, "read_ring", REAL_READ_RING)
    made = CliRunner().invoke(init, ["--administrator", "adam@x.dk"])
    assert made.exit_code == 0, made.output
    return tmp_path / "data" / "keys"


def run(*arguments: str) -> Result:
    """As typed after `wellbeing keys`; every answer is looked through for keys."""
    return CliRunner().invoke(keys, list(arguments))


def test_setting_up_makes_the_keys_and_again_leaves_them(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"app.secret", "fields-1.key", "index.key"}
    assert CliRunner().invoke(init, []).exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.asvs("11.2.2")
def test_a_life_of_keys(folder: Path) -> None:
    assert run("check").output == "Every key is there, fits, and can be read by nobody else.\n"
    assert "2 values sealed anew with key 2." in run("rotate", "fields").output
    assert "fields-1.key is kept" in run("retire").output
    os.utime(folder / "fields-2.key", (0, 0))
    assert run("retire").output == "fields-1.key is destroyed.\n"
    assert run("retire").output == "Every key is in use.\n"
    assert "Restart the web servers" in run("rotate", "app").output
    assert "0 sign-ins ended" in run("rotate", "app", "--now").output
    assert run("check").exit_code == 0
    assert [line.split()[0] for line in run("list").output.splitlines()] == [
        "key",
        "app.secret",
        "fields-2.key",
        "index.key",
    ]


@pytest.mark.asvs("13.3.1")
def test_no_key_is_ever_printed(folder: Path) -> None:
    said = [run(*words) for words in (["list"], ["rotate", "fields"], ["rotate", "app"], ["check"])]
    output = "".join(result.output for result in said)
    for path in folder.iterdir():
        secret = path.read_bytes()
        assert not secret or (secret.hex() not in output and repr(secret)[2:-1] not in output)


def test_a_fault_is_told_and_ends_with_1(folder: Path) -> None:
    (folder / "index.key").chmod(0o640)
    checked = run("check")
    assert checked.exit_code == 1
    assert checked.output.count("chmod 600") == 1


def test_nothing_is_done_with_a_key_that_others_can_read(folder: Path) -> None:
    (folder / "index.key").chmod(0o640)
    assert isinstance(run("rotate", "fields").exception, UnfitKeys)
    assert not (folder / "fields-2.key").exists()


def test_lost_keys_are_not_made_anew_over_a_database_that_needs_them(folder: Path) -> None:
    (folder / "fields-1.key").rename(folder.parent / "elsewhere")
    for command in (init, db):
        result = CliRunner().invoke(command, ["upgrade"] if command is db else [])
        assert isinstance(result.exception, UnfitKeys)
        assert "fields-1.key is missing" in str(result.exception)
    assert not (folder / "fields-1.key").exists()


def test_a_disk_error_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    fault = run("rotate", "fields").exception
    assert isinstance(fault, BadInput)
    assert isinstance(fault, WellbeingError)
    assert "No space left on device" in str(fault)
    assert not (folder / "fields-2.key").exists()


def test_new_keys_are_closed_to_others(folder: Path) -> None:
    run("rotate", "fields")
    run("rotate", "app")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
