"""`wellbeing audit-log` on a real data folder, and the stand-alone script on what it prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.logs import cut_off, daily, rewrite, write_log
from tests.test_cli import Run, _open, initialised, run
from wellbeing.clock import utc_now

__all__ = ["initialised", "run"]
SCRIPT = Path(__file__).parents[2] / "docs" / "verify_log.py"


@pytest.fixture
def logged(initialised: Path) -> Path:
    """A data folder with five events."""
    database = _open(initialised)
    write_log(database, daily(utc_now(), 5))
    database.close()
    return initialised


def by_script(*arguments: object) -> tuple[int, str]:
    """The exit code of the script and everything it says."""
    command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.asvs("16.4.2")
def test_anchored_then_spoilt_then_told(run: Run, logged: Path) -> None:
    assert "No anchor was given" in run("audit-log", "verify").out
    anchored = run("audit-log", "anchor")
    number, _, hash_ = anchored.out.splitlines()[0].partition(":")
    assert (anchored.code, number) == (0, "5")
    assert str(logged / "audit-anchors.jsonl") in anchored.out
    whole = run("audit-log", "verify", "--expect", f"5:{hash_}")
    assert (whole.code, whole.out.splitlines()) == (
        0,
        [
            "The chain is whole.",
            "It goes from event 1 to event 6.",
            "2 anchors fit, the newest at event 5.",
        ],
    )
    exported = run("audit-log", "export")
    log = logged / "log.jsonl"
    log.write_text(exported.out)
    anchors = logged / "audit-anchors.jsonl"
    assert by_script(log, anchors) == (0, "7 lines fit each other and 1 anchors.\n")

    database = _open(logged)
    rewrite(database, 3, act="test.undone")
    said = run("audit-log", "verify")
    assert said.code == 1
    assert said.err.startswith("The chain breaks at event 5.\n")
    assert "written anew at some event up to event 5" in said.err
    cut_off(database, after=4)
    database.close()
    assert "what came after event 4 was cut off" in run("audit-log", "verify").err

    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:4]))
    assert by_script(log, f"5:{hash_}") == (
        1,
        "Event 5 was anchored, and the log ends at event 4.\n",
    )
    log.write_text("".join(lines[:2] + lines[3:]).replace("test.done", "test.undone", 1))
    assert by_script(log) == (1, "Event 1 does not fit.\nEvent 3 is not where it should be.\n")


def test_an_edited_file_of_anchors_is_told(run: Run, logged: Path) -> None:
    run("audit-log", "anchor")
    run("audit-log", "anchor")
    path = logged / "audit-anchors.jsonl"
    path.write_text(path.read_text().replace('"number": 5', '"number": 4'))
    said = run("audit-log", "verify", "--anchors", str(path))
    assert said.code == 1
    assert "audit-anchors.jsonl, line 2 does not follow the line before it" in said.err


@pytest.mark.parametrize("given", ["5", "5:abc", "five:" + "a" * 64])
def test_an_anchor_that_is_none_is_refused(run: Run, logged: Path, given: str) -> None:
    said = run("audit-log", "verify", "--expect", given)
    assert (said.code, said.out) == (2, "")
    assert "is no anchor. Write NUMBER:HASH." in said.err


def test_an_anchor_that_cannot_be_written_is_one_sentence(
    run: Run, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELLBEING_ANCHOR_FILE", str(logged))
    said = run("audit-log", "anchor")
    assert said.code == 2
    assert "Traceback" not in said.err
    assert said.err.startswith("wellbeing: ")
