"""Waiting for something another thread or process does, never for a fixed time."""

from collections.abc import Callable
from time import monotonic, sleep


def holds_in_time(happens: Callable[[], object], seconds: float) -> bool:
    """Whether it is so within `seconds`."""
    until = monotonic() + seconds
    while not happens():
        if monotonic() > until:
            return bool(happens())
        sleep(0.02)
    return True


def wait_until(happens: Callable[[], object], what: str = "it", *, seconds: float = 60) -> None:
    """Until it is so; AssertionError that says `what` when `seconds` have passed."""
    assert holds_in_time(happens, seconds), f"waited in vain for {what}"
