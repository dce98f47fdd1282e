"""Whether a session was useful, in one whole number, and only where enough people have said so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LEAST, MOST = 1, 5
FEWEST_ANSWERS = 5
VALUES = range(LEAST, MOST + 1)


class Asked(StrEnum):
    """Not asked, still open, closed with too few answers, or shown."""

    NOT = "not"
    OPEN = "open"
    TOO_FEW = "too_few"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Usefulness:
    """`value` is 1 (not at all) to 5 (very) where it is shown, else None."""

    asked: Asked
    value: int | None = None


def find_usefulness(counts: Mapping[int, int], until: date | None, *, today: date) -> Usefulness:
    """What readers may know of the answers counted by value, on this day.

    It is shown once, when nothing more can come in: whoever looked every day at a figure that
    moves could tell from the difference what the one colleague said who answered in between.
    """
    if until is None:
        return Usefulness(Asked.NOT)
    if today <= until:
        return Usefulness(Asked.OPEN)
    answers = sum(counts.values())
    if answers < FEWEST_ANSWERS:
        return Usefulness(Asked.TOO_FEW)
    total = sum(value * count for value, count in counts.items())
    return Usefulness(Asked.SHOWN, (2 * total + answers) // (2 * answers))
