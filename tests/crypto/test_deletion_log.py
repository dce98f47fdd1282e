"""The log of deletions: whole, in order, of nobody by name, and written or refused."""

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.domain.errors import Refused

NOW = datetime(2026, 2, 2, 9, 41, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> DeletionLog:
    """An empty log."""
    return DeletionLog(tmp_path / "keys" / "deletions.jsonl", lambda: NOW)


def kinds(log: DeletionLog) -> list[str]:
    """The kinds of the whole lines, in order; the chain holds."""
    contents = log.read()
    assert contents.broken_at is None
    return [deletion.kind for deletion in contents.deletions]


def test_what_is_appended_is_read_in_order_by_the_hour(log: DeletionLog) -> None:
    log.append([("diary", ("a",)), ("request", ("b",))])
    log.append([("booking", ("c",))])
    assert kinds(log) == ["diary", "request", "booking"]
    assert {d.at for d in log.read().deletions} == {datetime(2026, 2, 2, 9, tzinfo=UTC)}


def test_a_log_that_was_never_written_is_empty(log: DeletionLog) -> None:
    assert log.read().deletions == ()


@pytest.mark.asvs("16.2.5")
def test_a_fingerprint_is_the_same_for_the_same_ids_and_says_none_of_them(
    log: DeletionLog, tmp_path: Path
) -> None:
    other = DeletionLog(tmp_path / "elsewhere" / "deletions.jsonl", lambda: NOW)
    made = log.fingerprint("booking", "Eva", 7)
    assert made == log.fingerprint("booking", "Eva", 7)
    assert made != log.fingerprint("booking", "Eva", 8) != other.fingerprint("booking", "Eva", 8)
    assert "Eva" not in made


def test_only_its_owner_can_read_the_file(log: DeletionLog) -> None:
    log.append([("diary", ("a",))])
    assert {p.stat().st_mode & 0o77 for p in log.path.parent.iterdir()} == {0}


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_torn_last_line_is_left_out_and_the_next_follows_the_whole_ones(
    log: DeletionLog, cut: int
) -> None:
    log.append([("diary", ("a",))])
    log.append([("request", ("b",))])
    log.path.write_bytes(log.path.read_bytes()[:-cut])
    left = ["diary", "request"] if cut == 1 else ["diary"]
    assert kinds(log) == left
    log.append([("booking", ("c",))])
    assert kinds(log) == [*left, "booking"]
    assert log.read().torn == (0 if cut == 1 else 1)


def test_a_line_taken_out_or_changed_breaks_the_chain(log: DeletionLog) -> None:
    log.append([(kind, ("x",)) for kind in ("one", "two", "three")])
    lines = log.path.read_text().splitlines(keepends=True)
    log.path.write_text(lines[0] + lines[2])
    assert log.read().broken_at == 2
    changed = json.loads(lines[1])
    changed["kind"] = "other"
    log.path.write_text(lines[0] + json.dumps(changed) + "\n" + lines[2])
    assert (log.read().torn, log.read().broken_at) == (1, 3)


def test_a_full_disk_refuses_and_leaves_the_log_as_it_was(
    log: DeletionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([("diary", ("a",))])
    before, write = log.path.read_bytes(), os.write

    def write_half(descriptor: int, data: bytes) -> int:
        if len(data) > 50:
            return write(descriptor, data[:50])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("wellbeing.crypto.deletion_log.os.write", write_half)
    with pytest.raises(Refused, match=r"No space left on device.*nothing was deleted"):
        log.append([("request", ("b",))])
    monkeypatch.undo()
    assert log.path.read_bytes() == before
    log.append([("booking", ("c",))])
    assert kinds(log) == ["diary", "booking"]


def test_writers_at_once_lose_no_line_and_keep_the_chain(log: DeletionLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.append([("booking", (str(n),))]), range(40)))
    assert {d.what for d in log.read().deletions} == {(str(n),) for n in range(40)}
    assert log.read().broken_at is None


def test_pruning_forgets_the_old_and_keeps_the_chain_of_the_rest(log: DeletionLog) -> None:
    log.append([("old", ("a",)), ("older", ("b",))])
    later = DeletionLog(log.path, lambda: NOW + timedelta(days=10))
    later.append([("young", ("c",))])
    assert later.prune(before=NOW + timedelta(days=1)) == 2
    assert kinds(log) == ["young"]
    later.append([("younger", ("d",))])
    assert kinds(log) == ["young", "younger"]
    assert later.prune(before=NOW + timedelta(days=1)) == 0
    assert later.prune(before=NOW + timedelta(days=11)) == 2
    later.append([("last", ("e",))])
    assert kinds(log) == ["last"]


def test_the_log_says_hours_and_no_finer_time(log: DeletionLog) -> None:
    log.append([("diary", ("a",))])
    assert "2026-02-02T09" in log.path.read_text()
    assert "41" not in json.loads(log.path.read_text())["at"]
