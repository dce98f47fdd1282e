"""What people outside were told: what they sent, what was acknowledged, and what they saw instead.

The service is held to this. It names nobody to it: counts are compared, and a receipt is its
owner's own.
"""

from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Lock
from uuid import UUID


@dataclass
class Told:
    """Filled by many threads at once. `before`: answers stored before people came, by no page.

    `over`: their world is gone, and nobody tries any more.
    """

    tried: set[str] = field(default_factory=set)
    receipts: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    before: int = 0
    last_event: tuple[int, str] | None = None
    figures: dict[UUID, str] = field(default_factory=dict)
    gone_after_data: set[str] = field(default_factory=set)
    over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def try_to_send(self, who: str) -> None:
        """Somebody pressed Send, from here on it may be stored."""
        with self._lock:
            self.tried.add(who)

    def acknowledge(self, who: str, receipt: str) -> None:
        """Somebody was shown a receipt; later ones have to be the same."""
        with self._lock:
            known = self.receipts.setdefault(who, receipt)
            if known != receipt:
                self.contradictions.append(f"{who} was shown two receipts")

    def contradict(self, what: str) -> None:
        """Somebody was shown what cannot be."""
        with self._lock:
            self.contradictions.append(what)

    def show(self, what: str) -> None:
        """What stood on somebody's screen while something was broken."""
        with self._lock:
            self.shown[what] += 1

    def resend(self) -> None:
        """Somebody sent the same form again on purpose, and was told so."""
        with self._lock:
            self.resent += 1

    def acknowledged(self) -> dict[str, str]:
        """Who has a receipt by now."""
        with self._lock:
            return dict(self.receipts)
