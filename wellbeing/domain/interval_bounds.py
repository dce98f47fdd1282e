"""What a range of possible sums says about one person's score: closed forms, in whole points.

Scores run from 10 to 50. Somebody who knows that n scores sum to between `low_sum` and `high_sum`,
and the answers of `pooled` colleagues among the n, learns an interval for each person left.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.disclosure_rules import HIGHEST, LOWEST

Whole = NDArray[np.int64]
_HIGHEST_LOW_BAND, _HIGHEST_MODERATE_BAND = 22, 41
_NOISE = 1e-6


@dataclass(frozen=True, eq=False)
class SumRanges:
    """Numbers of people and the sums of their scores that a record allows, one row per figure."""

    n: Whole
    low_sum: Whole
    high_sum: Whole

    @classmethod
    def of_means(cls, n: Whole, low: NDArray[np.float64], high: NDArray[np.float64]) -> Self:
        """The whole sums whose mean lies in the closed range from `low` to `high`."""
        low_sum = np.ceil(low * n - _NOISE).astype(np.int64)
        high_sum = np.floor(high * n + _NOISE).astype(np.int64)
        return cls(n, np.maximum(low_sum, LOWEST * n), np.minimum(high_sum, HIGHEST * n))


def bound_alone(ranges: SumRanges) -> tuple[Whole, Whole]:
    """The interval, lowest and highest score, that everyone keeps when nobody tells."""
    others = ranges.n - 1
    lowest = np.maximum(LOWEST, ranges.low_sum - HIGHEST * others)
    return lowest, np.minimum(HIGHEST, ranges.high_sum - LOWEST * others)


def bound_pooled(ranges: SumRanges, pooled: int) -> tuple[Whole, Whole, Whole]:
    """The worst over what `pooled` colleagues may tell, for anyone of the others.

    The lowest score at its highest, the highest at its lowest, and the narrowest interval.
    The interval changes with what is told along a line that rises, stays and falls, so the
    narrowest stands at one of the two ends of what can be told. Rows need `n` above `pooled`.
    """
    left = ranges.n - pooled
    told_least = np.maximum(LOWEST * pooled, ranges.low_sum - HIGHEST * left)
    told_most = np.minimum(HIGHEST * pooled, ranges.high_sum - LOWEST * left)
    ends = [
        bound_alone(SumRanges(left, ranges.low_sum - told, ranges.high_sum - told))
        for told in (told_least, told_most)
    ]
    narrowest = np.minimum(*(highest - lowest for lowest, highest in ends))
    return ends[0][0], ends[1][1], narrowest


def bound_joiner(before: SumRanges, after: SumRanges, moved: int) -> tuple[Whole, Whole]:
    """The score of the one person more in `after`, if all others moved by at most `moved` points.

    Lowest above highest says that the others did move more.
    """
    spread = moved * before.n
    others_least = np.maximum(LOWEST * before.n, before.low_sum - spread)
    others_most = np.minimum(HIGHEST * before.n, before.high_sum + spread)
    lowest = np.maximum(LOWEST, after.low_sum - others_most)
    return lowest, np.minimum(HIGHEST, after.high_sum - others_least)


def count_bands(lowest: Whole, highest: Whole) -> Whole:
    """How many of the bands low (to 22), moderate (to 41) and high an interval touches."""
    low = lowest <= _HIGHEST_LOW_BAND
    moderate = (lowest <= _HIGHEST_MODERATE_BAND) & (highest > _HIGHEST_LOW_BAND)
    high = highest > _HIGHEST_MODERATE_BAND
    return low.astype(np.int64) + moderate + high
