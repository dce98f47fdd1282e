"""What a job is given: the database, the settings and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wellbeing.crypto.handover import Handover
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.settings import Settings
from wellbeing.store.sessions import Database


@dataclass(frozen=True, slots=True)
class JobContext:
    """Handed to every job; `clock` is asked again where a job takes long.

    `handover`: where keys that two people gave arrive; only a process that stays has one.
    """

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    handover: Handover | None = None

    @property
    def keys(self) -> RoundKeys:
        """The key directory."""
        return RoundKeys(self.settings.key_folder, self.settings.mac_keys)
