"""A clock that tests set."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class InventedClock:
    """Shows `moment` until it is moved on; pass `clock.now` where a clock is wanted."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it shows."""
        return self.moment

    def forward(self, **by: float) -> None:
        """Moves on by so many days, hours, minutes."""
        self.moment += timedelta(**by)
