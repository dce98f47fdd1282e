"""A file beside the database of what was deleted from it: a restored copy is made to forget again.

A line is one act: its kind, the hour, and fingerprints of what it was about. Fingerprints are keyed
hashes of ids, so the file names nobody and says nothing without its key and a database to compare
with. It is written and synced before the transaction commits: a crash in between leaves a line for
something that was asked for and is done when the copy is restored, never a deletion without a line.
"""

import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from wellbeing.crypto.secrets import get_or_make_key
from wellbeing.domain.errors import Refused

FILE = "deletions.jsonl"
_KEY_FILE = "deletions.secret"
_FIRST = "0" * 64
_TAIL_BYTES = 65_536
_PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was done, to what (fingerprints), and in which hour."""

    kind: str
    what: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class LogContents:
    """Every whole line in order. `torn`: lines a crash cut short, which were never committed;
    `broken_at`: the first whole line that does not follow the one before it.
    """

    deletions: tuple[Deletion, ...]
    torn: int
    broken_at: int | None


class DeletionLog:
    """One log; several processes may append at once. `now` says the hour of what is added."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self.path = path
        self._now = now

    def fingerprint(self, *parts: object) -> str:
        """What a line says of a row: the same for the same ids, and nothing to anybody else."""
        key = get_or_make_key(self.path.parent, _KEY_FILE)
        return fingerprint(key, *parts)

    def append(self, noted: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Adds the lines and waits until the disk has them; Refused, adding none, when it cannot.

        All or nothing but for a crash, which at worst leaves the last line torn.
        """
        hour = _hour(self._now())
        try:
            with self._alone():
                last, is_torn = self._find_end()
                lines = [b"\n"] if is_torn else []
                for kind, what in noted:
                    line = _line(kind, what, hour, last)
                    last = str(line["hash"])
                    lines.append(_encode(line))
                self._write(b"".join(lines))
        except OSError as fault:
            raise Refused(
                "The deletion log cannot be written ({reason}), so nothing was deleted. "
                "Tell whoever runs the service.",
                reason=fault.strerror or "",
            ) from fault

    def read(self) -> LogContents:
        """The whole log; an absent file is an empty one."""
        deletions: list[Deletion] = []
        torn, broken_at, expected = 0, None, None
        for number, raw in enumerate(self._raw_lines(), start=1):
            line = _decode(raw)
            if line is None:
                torn += 1
                continue
            is_first = expected is None and line["kind"] == _PRUNED
            if not is_first and line["previous"] != (expected or _FIRST):
                broken_at = broken_at or number
            expected = str(line["hash"])
            if line["kind"] != _PRUNED:
                deletions.append(_deletion(line))
        return LogContents(tuple(deletions), torn, broken_at)

    def prune(self, *, before: datetime) -> int:
        """Forgets lines older than that; how many. The rest is written beside and put in place."""
        with self._alone():
            lines = [line for raw in self._raw_lines() if (line := _decode(raw))]
            young = (n for n, line in enumerate(lines) if _is_young(line, before))
            old = lines[: next(young, len(lines))]
            gone = sum(line["kind"] != _PRUNED for line in old)
            if not gone:
                return 0
            kept = lines[len(old) :]
            # The head takes the hash of the last line removed, so that what follows still fits.
            last = str(old[-1]["hash"])
            head = {**_line(_PRUNED, (), _hour(self._now()), last), "hash": last}
            beside = self.path.with_suffix(".new")
            _write_file(beside, b"".join(_encode(line) for line in [head, *kept]))
            beside.replace(self.path)
            _sync_folder(self.path.parent)
        return gone

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # A file of its own: pruning puts another log in place while a writer waits.
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _find_end(self) -> tuple[str, bool]:
        """The hash of the last whole line, and whether what follows it was cut short."""
        if not self.path.exists():
            return _FIRST, False
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
        is_torn = bool(tail) and not tail.endswith(b"\n")
        for raw in reversed(tail.splitlines()):
            if line := _decode(raw):
                return str(line["hash"]), is_torn
        return _FIRST, is_torn

    def _write(self, data: bytes) -> None:
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            before = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, data)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.path.parent)

    def _raw_lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines() if self.path.exists() else []


def fingerprint(key: bytes, *parts: object) -> str:
    """A keyed hash of ids."""
    said = json.dumps([str(part) for part in parts]).encode()
    return hmac.new(key, said, sha256).hexdigest()[:32]


def _line(kind: str, what: tuple[str, ...], hour: str, previous: str) -> dict[str, object]:
    said: dict[str, object] = {
        "id": secrets.token_hex(6),
        "at": hour,
        "kind": kind,
        "what": list(what),
        "previous": previous,
    }
    return {**said, "hash": _hash(said)}


def _hash(said: dict[str, object]) -> str:
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _encode(line: dict[str, object]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _decode(raw: bytes) -> dict[str, object] | None:
    """The line if it is whole: its hash fits, or it stands for lines that were pruned."""
    try:
        line = json.loads(raw)
        said = {name: value for name, value in line.items() if name != "hash"}
        is_whole = line["hash"] == (_hash(said) if line["kind"] != _PRUNED else line["previous"])
        _moment(line["at"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return line if is_whole and {"what", "previous"} <= line.keys() else None


def _deletion(line: dict[str, object]) -> Deletion:
    what = line["what"]
    assert isinstance(what, list)
    return Deletion(str(line["kind"]), tuple(map(str, what)), _moment(str(line["at"])))


def _moment(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)


def _is_young(line: dict[str, object], before: datetime) -> bool:
    return line["kind"] != _PRUNED and _moment(str(line["at"])) >= before


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _write_file(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
