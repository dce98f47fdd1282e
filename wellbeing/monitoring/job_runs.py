"""When each job of the timetable last ended well, and when it last failed: a small file each.

Beside the database, which knows only that a run was begun: the scheduler's machine knows the rest.
"""

import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_DONE, _FAILED = "done", "failed"
log = logging.getLogger("wellbeing.jobs")


@dataclass(frozen=True, slots=True)
class LastRuns:
    """None: never, as far as this machine knows."""

    done_at: datetime | None
    failed_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """Whether it failed since it last ended well."""
        return self.failed_at is not None and (
            self.done_at is None or self.done_at < self.failed_at
        )


@dataclass(frozen=True, slots=True)
class JobRuns:
    """The folder; where it cannot be written a job runs all the same."""

    folder: Path

    def note_done(self, job: str, *, at: datetime) -> None:
        """The job ended well."""
        self._write(job, _DONE, at)

    def note_failed(self, job: str, *, at: datetime) -> None:
        """The job raised."""
        self._write(job, _FAILED, at)

    def read(self, job: str) -> LastRuns:
        """What is known of a job."""
        return LastRuns(self._read(job, _DONE), self._read(job, _FAILED))

    def _write(self, job: str, what: str, at: datetime) -> None:
        path = self.folder / f"{job}.{what}"
        beside = path.with_suffix(f".{what}.{os.getpid()}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(at.isoformat(), encoding="ascii")
            beside.replace(path)
        except OSError as fault:
            log.warning("When a job ran could not be written down: %s.", fault)

    def _read(self, job: str, what: str) -> datetime | None:
        try:
            found = datetime.fromisoformat((self.folder / f"{job}.{what}").read_text("ascii"))
        except (OSError, ValueError):
            return None
        return found if found.tzinfo else None
