"""The security log: who tried to sign in, and who was refused; a file a day, lines of JSON.

Not on standard error, where whatever collects the lines puts a moment beside them: here the moment
is only as fine as it may be. Files of their own go by themselves when their time has come.
"""

import json
import logging
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from wellbeing.monitoring.redaction import keep_allowed

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.jsonl")
log = logging.getLogger("wellbeing.security")


@dataclass(frozen=True, slots=True)
class SecurityLog:
    """The folder; several processes may write into it."""

    folder: Path

    def append(self, event: str, *, at: datetime, **fields: object) -> None:
        """Writes one line; `None` leaves a field out.

        A disk that is full keeps nobody out: it is said in the log of the process.
        """
        said = {key: value for key, value in fields.items() if value is not None}
        moment = at.astimezone(UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": moment, **keep_allowed({"event": event, **said})}) + "\n"
        try:
            self._write(self.folder / f"{at.astimezone(UTC):%Y-%m-%d}.jsonl", line)
        except OSError as fault:
            log.error("An event of the security log could not be written: %s.", fault)

    def prune(self, *, before: date) -> int:
        """Deletes the files of earlier days; how many."""
        old = [path for path in self._files() if path.stem < before.isoformat()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def check(self) -> None:
        """OSError unless a line could be written now; nothing is."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise PermissionError(f"{self.folder} cannot be written")

    def _files(self) -> list[Path]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return [path for path in found if _NAME.fullmatch(path.name)]

    def _write(self, path: Path, line: str) -> None:
        # One write of a short line to the end of a file: lines of several processes do not mix.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileNotFoundError:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, flags, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
