"""Other ways to say that support helped, for comparison: what a workplace would do by hand.

Each sees the same published figures and gives, for each helped team and for all of them together,
the change in points (above 0 is better) and whether it would be called "helped".
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.level_model import Floats

SURE_Z = 1.64


@dataclass(frozen=True)
class Finding:
    """Of the helped teams, (k,), and of all together: the gain, NaN if unknown, and the claim."""

    gains: Floats
    claims: NDArray[np.bool_]
    gain: float
    claim: bool


Rival = Callable[[Floats, int, NDArray[np.intp]], Finding]


def compare_means(better: Floats, before: int, helped: NDArray[np.intp]) -> Finding:
    """Mean after against mean before; any gain is help. (teams, rounds), upwards is better."""
    gains = _mean_change(better[helped], before)
    return _any_gain(gains)


def compare_nearest(better: Floats, before: int, helped: NDArray[np.intp]) -> Finding:
    """The first shown round after against the last before; any gain is help."""
    own = better[helped]
    last = _latest_shown(own[:, :before])
    first = _latest_shown(own[:, before:][:, ::-1])
    return _any_gain(first - last)


def compare_means_surely(better: Floats, before: int, helped: NDArray[np.intp]) -> Finding:
    """Mean after against mean before; help is a gain of 1.64 standard errors."""
    own = better[helped]
    gains = _mean_change(own, before)
    parts = (own[:, :before], own[:, before:])
    shown = [(~np.isnan(part)).sum(axis=1) for part in parts]
    squares = sum(np.nansum((part - _mean(part)[:, None]) ** 2, axis=1) for part in parts)
    freedom = np.maximum(shown[0] + shown[1] - 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.sqrt(squares / freedom * (1 / shown[0] + 1 / shown[1]))
        claims = (freedom > 0) & (gains > SURE_Z * errors)
    return _with_total(gains, claims, _standard_error(gains))


def compare_differences(better: Floats, before: int, helped: NDArray[np.intp]) -> Finding:
    """Difference in differences without pooling; help is a gain of 1.64 standard errors."""
    changes = _mean_change(better, before)
    others = np.delete(changes, helped)
    known = others[~np.isnan(others)]
    gains = changes[helped] - (known.mean() if len(known) else np.nan)
    spread = known.std(ddof=1) if len(known) > 1 else np.nan
    claims = gains > SURE_Z * spread * np.sqrt(1 + 1 / max(len(known), 1))
    error = np.hypot(_standard_error(gains), _standard_error(known))
    return _with_total(gains, claims, float(error))


RIVALS: dict[str, Rival] = {
    "before and after": compare_means,
    "last and first": compare_nearest,
    "before and after, sure": compare_means_surely,
    "difference in differences": compare_differences,
}


def _mean(values: Floats) -> Floats:
    shown = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.where(shown, values, 0).sum(axis=1) / shown.sum(axis=1)
    return mean


def _mean_change(better: Floats, before: int) -> Floats:
    change: Floats = _mean(better[:, before:]) - _mean(better[:, :before])
    return change


def _latest_shown(values: Floats) -> Floats:
    latest = np.full(len(values), np.nan)
    for column in values.T:
        latest = np.where(np.isnan(column), latest, column)
    return latest


def _standard_error(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else float("nan")


def _any_gain(gains: Floats) -> Finding:
    return _with_total(gains, gains > 0, 0.0)


def _with_total(gains: Floats, claims: NDArray[np.bool_], error: float) -> Finding:
    known = gains[~np.isnan(gains)]
    gain = float(known.mean()) if len(known) else float("nan")
    return Finding(gains, claims, gain, bool(gain > SURE_Z * error))
