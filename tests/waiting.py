"""Waiting for something another thread or process does, never for a fixed time."""

from collections.abc import Callable
from time import monotonic, sleep

# Looking takes time from what is waited for, which a dozen who look into databases at once feel.
_SECONDS_BETWEEN_LOOKS = 0.05


def holds_in_time(happens: Callable[[], object], seconds: float) -> bool:
    """Whether it is so within `seconds`."""
    until = monotonic() + seconds
    while not happens():
        if monotonic() > until:
            return bool(happens())
        sleep(_SECONDS_BETWEEN_LOOKS)
    return True


def wait_until(happens: Callable[[], object], what: str = "it", *, seconds: float = 60) -> None:
    """Until it is so; AssertionError that says `what` when `seconds` have passed."""
    assert holds_in_time(happens, seconds), f"waited in vain for {what}"
