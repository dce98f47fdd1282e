"""A file of anchors tells when a line of it was changed, taken out or never finished."""

import json
from datetime import UTC, datetime

import pytest

from wellbeing.domain.log_anchors import (
    NO_LINE,
    LogAnchor,
    read_given,
    read_lines,
    whole_lines,
    write_line,
)

NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)


def lines(count: int = 4) -> list[bytes]:
    """A whole file, by lines."""
    made: list[bytes] = []
    previous = NO_LINE
    for number in range(1, count + 1):
        anchor = LogAnchor(number * 10, f"{number:064x}", NOW, "Østerhus")
        made.append(write_line(anchor, previous).encode())
        previous = read_lines(b"".join(made), "file").last_line_hash
    return made


def faults(content: bytes) -> str:
    """What does not fit."""
    return " ".join(read_lines(content, "file").faults)


def test_a_whole_file_is_read_as_it_was_written() -> None:
    found = read_lines(b"".join(lines()), "file")
    assert found.faults == ()
    assert [(a.number, a.organisation) for a in found.anchors][:1] == [(10, "Østerhus")]
    assert found.anchors[3].source == "file, line 4"


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_changed_line_is_told_by_the_one_behind_it(changed: int) -> None:
    made = lines()
    made[changed] = made[changed].replace(b'"number": ', b'"number": 9')
    assert f"file, line {changed + 2} does not follow" in faults(b"".join(made))


def test_a_line_taken_out_or_put_in_is_told() -> None:
    made = lines()
    assert "line 2 does not follow" in faults(b"".join(made[:1] + made[2:]))
    assert "line 3 does not follow" in faults(b"".join([*made[:2], made[0], *made[2:]]))
    assert "line 1 does not follow" in faults(b"".join(made[1:]))


@pytest.mark.parametrize(
    "line",
    [
        b"nothing",
        b"[]",
        b"{}",
        b'{"number": 1}',
        b"\xff\xfe",
        b"[" * 3000,
        json.dumps({"number": True, "hash": "0" * 64, "at": NOW.isoformat()}).encode(),
        json.dumps(
            {"number": 1, "hash": "0" * 64, "at": "2026-02-02T09:00", "organisation": ""}
        ).encode(),
    ],
)
def test_a_line_that_is_no_anchor_is_named(line: bytes) -> None:
    assert "file, line 5 is no anchor" in faults(b"".join(lines()) + line + b"\n")


def test_a_last_line_that_was_never_finished_is_no_fault() -> None:
    content = b"".join(lines())
    assert whole_lines(content + b'{"number": 50, "ha') == content
    assert faults(content + b'{"number": 50, "ha') == ""


def test_anchors_typed_out_of_a_mail_are_read_and_others_refused() -> None:
    (found,) = read_given([f" 340:{'A' * 64} "])
    assert (found.number, found.hash, found.at) == (340, "a" * 64, None)
    for wrong in ("340", "340:abc", f"x:{'a' * 64}", f"-1:{'a' * 64}", ""):
        with pytest.raises(ValueError):
            read_given([wrong])
