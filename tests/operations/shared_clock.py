"""A clock of tests that several processes read: a moment in a file, moved on by one of them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class SharedClock:
    """Shows the moment in `path`."""

    path: Path

    def now(self) -> datetime:
        """The moment."""
        return datetime.fromisoformat(self.path.read_text(encoding="ascii"))

    def show(self, moment: datetime) -> None:
        """Moves it on, for every process at once."""
        new = self.path.with_suffix(".new")
        new.write_text(moment.isoformat(), encoding="ascii")
        new.replace(self.path)
