"""The append-only file of anchors, and beside it which of them each address has been mailed."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.log_anchors import AnchorLines, LogAnchor, read_lines, whole_lines, write_line

_MOST_BYTES = 64 * 1024 * 1024
_LONGEST_LINE = 16 * 1024


class AnchorFile:
    """Anchors of one log, one a line; several processes may write to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mailed = path.with_name(f"{path.name}.mailed")

    def read(self) -> AnchorLines:
        """What the file says, nothing where there is none; BadInput where it cannot be read."""
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                raise BadInput("{path} is too large to be a file of anchors.", path=self.path)
            content = self.path.read_bytes()
        except FileNotFoundError:
            content = b""
        except OSError as fault:
            raise BadInput(
                f"The anchors in {self.path} cannot be read: {fault.strerror}."
            ) from None
        return read_lines(content, self.path.name)

    def read_last(self) -> LogAnchor | None:
        """The newest anchor, without reading the others; None where there is none."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_LINE))
                end = whole_lines(file.read())
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise _unreadable(self.path, fault) from None
        anchors = read_lines(end.splitlines(keepends=True)[-1] if end else b"", "").anchors
        return anchors[-1] if anchors else None

    def append(self, anchor: LogAnchor) -> None:
        """Adds one line, on disk when this returns; Refused, with the old lines safe, where not.

        A line that a power cut left unfinished is taken away first: it was never an anchor.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._held() as file:
                content = _read_all(file)
                kept = whole_lines(content)
                if kept != content:
                    os.ftruncate(file, len(kept))
                previous = read_lines(kept, self.path.name).last_line_hash
                _write_or_undo(file, write_line(anchor, previous).encode(), len(kept))
        except OSError as fault:
            raise Refused(
                "The anchor cannot be written to {path}: {reason}.",
                path=self.path,
                reason=fault.strerror,
            ) from fault

    def read_mailed(self) -> dict[str, int]:
        """How many lines each address has been sent."""
        try:
            found = json.loads(self._mailed.read_text())
        except (OSError, ValueError):
            return {}
        return {str(k): v for k, v in found.items() if type(v) is int} if found else {}

    def write_mailed(self, mailed: dict[str, int]) -> None:
        """Keeps that; whole or not at all."""
        new = self._mailed.with_name(f"{self._mailed.name}.new")
        new.write_text(json.dumps(mailed))
        new.replace(self._mailed)

    @contextmanager
    def _held(self) -> Iterator[int]:
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _unreadable(path: Path, fault: OSError) -> BadInput:
    reason = fault.strerror
    return BadInput("The anchors in {path} cannot be read: {reason}.", path=path, reason=reason)


def _read_all(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    return b"".join(iter(lambda: os.read(file, 1 << 20), b""))


def _write_or_undo(file: int, line: bytes, size: int) -> None:
    try:
        if os.write(file, line) != len(line):
            raise OSError(0, "the disk is full")
        os.fsync(file)
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, size)
        raise
