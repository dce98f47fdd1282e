"""What the field does: any view of at least five answers is shown, with its mean and its details.

Kept to show that each attack is real: it succeeds against this publisher and fails against ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor
from statistics import median, pstdev

from tests.domain.attacker import Fact
from tests.domain.organisations import Person

MIN_GROUP_SIZE = 5
Scores = Mapping[Person, int]


@dataclass(frozen=True)
class View:
    """One page of a leader: number, mean with two decimals, bands, extremes and spread."""

    people: frozenset[Person]
    n: int
    mean: Decimal
    bands: tuple[int, int, int]
    least: int
    middle: float
    most: int
    spread: float

    def fact(self) -> Fact:
        """What the mean and the number say about the sum."""
        half = Decimal("0.005")
        low, high = (self.mean - half) * self.n, (self.mean + half) * self.n
        return Fact(self.people, ceil(low), floor(high))


def show(scores: Scores, *, hide_alike: bool = False) -> View | None:
    """The view of some people, None for fewer than five or, if wanted, where all are alike."""
    given = sorted(scores.values())
    if len(given) < MIN_GROUP_SIZE or (hide_alike and given[0] == given[-1]):
        return None
    return View(
        people=frozenset(scores),
        n=len(given),
        mean=round_to_hundredths(Decimal(sum(given)) / len(given)),
        bands=count_bands(given),
        least=given[0],
        middle=median(given),
        most=given[-1],
        spread=round(pstdev(given), 2),
    )


def show_all(answers: Mapping[str, Sequence[int]]) -> dict[str, View]:
    """A view of every unit and every unit above, each over everyone at or below it."""
    everyone = {(unit, at): s for unit, given in answers.items() for at, s in enumerate(given)}
    units = {unit for path in answers for unit in ancestry(path)}
    views = {
        unit: show({p: s for p, s in everyone.items() if unit in ancestry(p[0])}) for unit in units
    }
    return {unit: view for unit, view in views.items() if view is not None}


def ancestry(path: str) -> list[str]:
    """The unit and all above it, by path."""
    parts = path.split(" / ")
    return [" / ".join(parts[:end]) for end in range(1, len(parts) + 1)]


def round_to_hundredths(mean: Decimal) -> Decimal:
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


def count_bands(scores: Sequence[int]) -> tuple[int, int, int]:
    low = sum(score <= 22 for score in scores)
    high = sum(score >= 42 for score in scores)
    return low, len(scores) - low - high, high
