"""A clock that the suite sets for processes already running: they read it from a small file.

Only `wellbeing/clock.py` reads the time, so a process in which `follow` has replaced that one
function before anything else was imported lives at the time of the file. The product knows no
switch for it.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wellbeing import clock

PLACE = "FAULTS_CLOCK"


@dataclass(frozen=True, slots=True)
class InventedTime:
    """The file."""

    path: Path

    def now(self) -> datetime:
        """What everybody who follows the file takes for the present moment."""
        since, moment, rate = map(float, self.path.read_text(encoding="ascii").split())
        return datetime.fromtimestamp(moment + rate * (time.time() - since), UTC)

    def set(self, moment: datetime, *, rate: float = 1.0) -> None:
        """It is `moment` now, and time goes on at `rate` seconds a second."""
        beside = self.path.with_suffix(".new")
        said = f"{time.time()} {moment.timestamp()} {rate}"
        beside.write_text(said, encoding="ascii")
        beside.replace(self.path)

    def jump(self, by: timedelta, *, rate: float = 1.0) -> None:
        """Forward or back, at once."""
        self.set(self.now() + by, rate=rate)


def follow() -> None:
    """From here on this process takes the time from the file named in its environment."""

    def utc_now() -> datetime:
        return InventedTime(Path(os.environ[PLACE])).now()

    clock.utc_now = utc_now
