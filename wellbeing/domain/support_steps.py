"""From support held in units to the steps a model can look for: what is before, after, comparable.

A unit's series is cut at its breaks. In each part every support is one step, from the first round
that asks about the days after its first session. What cannot be judged is said with its reason.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.effect_rules import EffectRules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.trends import Point, Series, split_at_breaks

Unit = TypeVar("Unit", bound=Hashable)
Mask = NDArray[np.bool_]


class Unjudged(StrEnum):
    """Why an effect cannot be told yet."""

    TOO_FEW_BEFORE = "too_few_before"
    TOO_FEW_AFTER = "too_few_after"
    BREAK = "break"
    MIXED = "mixed"
    TOO_FEW_COMPARISONS = "too_few_comparisons"
    TOO_FEW_UNITS = "too_few_units"
    TOO_UNSURE = "too_unsure"


@dataclass(frozen=True)
class Support(Generic[Unit]):
    """Support of one form in one unit: an offer with the days its sessions were held."""

    unit: Unit
    form: str
    held_on: tuple[date, ...]

    @property
    def began_on(self) -> date:
        """The day of the first session."""
        return min(self.held_on)


@dataclass(frozen=True)
class Row(Generic[Unit]):
    """A unit between two breaks; None where withheld, outside, or too soon after support began."""

    unit: Unit
    points: tuple[Point | None, ...]
    supports: tuple[Support[Unit], ...] = ()

    @property
    def shown(self) -> Mask:
        """The rounds with a figure, (T,)."""
        return np.array([point is not None for point in self.points], dtype=np.bool_)


@dataclass(frozen=True)
class Step(Generic[Unit]):
    """Supports that began between the same two rounds of `row`; all masks are (T,).

    `before` and `after` are the shown rounds that tell of this step alone. Two forms at once have
    no `form`. `why` is None where the step can be judged.
    """

    row: int
    unit: Unit
    supports: tuple[Support[Unit], ...]
    begun: Mask
    before: Mask
    after: Mask
    comparisons: int = 0
    why: Unjudged | None = None

    @property
    def form(self) -> str | None:
        """The form of support; None where several began at once."""
        forms = {support.form for support in self.supports}
        return forms.pop() if len(forms) == 1 else None


def find_steps(
    series: Mapping[Unit, Series], supports: Sequence[Support[Unit]], rules: EffectRules
) -> tuple[list[Row[Unit]], list[Step[Unit]]]:
    """All rows and steps; every support is in one step. BadInput where the pieces do not fit."""
    _check(series, supports)
    rows = [row for unit in series for row in _rows_of(unit, series[unit], supports, rules)]
    steps = [step for at, row in enumerate(rows) for step in _steps_of(at, row, rules)]
    untouched = _find_untouched(rows, steps)
    counted = (replace(s, comparisons=_count_comparisons(s, rows, untouched)) for s in steps)
    return rows, [replace(s, why=_why_unjudged(s, series[s.unit], rules)) for s in counted]


def _check(series: Mapping[Unit, Series], supports: Sequence[Support[Unit]]) -> None:
    if len({len(points) for points in series.values()}) > 1:
        raise BadInput("Every unit's series needs one entry for each round, withheld ones too.")
    for support in supports:
        if support.unit not in series:
            raise BadInput("Support was held in a unit without a series.")
        if not support.held_on:
            raise BadInput("Support without a day on which it was held has no effect to find.")


def _rows_of(
    unit: Unit, series: Series, supports: Sequence[Support[Unit]], rules: EffectRules
) -> Iterator[Row[Unit]]:
    """The parts of a series; those after a supported part are left out, being neither."""
    own = sorted((s for s in supports if s.unit == unit), key=lambda s: (s.began_on, s.form))
    parts = list(_padded(series))
    placed = [(_find_part(parts, support.began_on), support) for support in own]
    helped = False
    for at, points in enumerate(parts):
        here = tuple(support for part, support in placed if part == at)
        helped = helped or bool(here)
        if here or not helped:
            yield Row(unit, _settle(points, here, rules), here)


def _padded(series: Series) -> Iterator[tuple[Point | None, ...]]:
    """Each part between breaks as a series of all rounds."""
    done = 0
    for part in split_at_breaks(series):
        after = len(series) - done - len(part)
        yield (*[None] * done, *part, *[None] * after)
        done += len(part)


def _find_part(parts: Sequence[Series], began_on: date) -> int:
    """The last part that was shown by that day, or the first."""
    begun = (
        at
        for at, points in enumerate(parts)
        if any(point is not None and point.closed_on <= began_on for point in points)
    )
    return max(begun, default=0)


def _settle(
    points: Sequence[Point | None], supports: Sequence[Support[Unit]], rules: EffectRules
) -> tuple[Point | None, ...]:
    """Without the rounds that ask about days both before and after a first session."""
    days = timedelta(rules.settling_days)
    return tuple(
        None
        if point is None or any(s.began_on < point.closed_on <= s.began_on + days for s in supports)
        else point
        for point in points
    )


def _steps_of(at: int, row: Row[Unit], rules: EffectRules) -> Iterator[Step[Unit]]:
    """One step for all supports between the same two rounds, or of one form that goes on."""
    groups = [
        tuple(group) for _, group in groupby(row.supports, lambda s: int(_begun(row, s).sum()))
    ]
    joined: list[tuple[Support[Unit], ...]] = []
    for group in groups:
        last = joined[-1] if joined else ()
        forms = {support.form for support in (*last, *group)}
        between = _begun(row, last[-1]) & ~_begun(row, group[0]) if last else row.shown
        if last and len(forms) == 1 and between.sum() < rules.min_rounds_after:
            joined[-1] = (*last, *group)
        else:
            joined.append(group)
    starts = [_begun(row, group[0]) for group in joined]
    nothing = np.zeros(len(row.points), dtype=np.bool_)
    for k, (group, begun) in enumerate(zip(joined, starts, strict=True)):
        since = starts[k - 1] if k else row.shown
        until = starts[k + 1] if k + 1 < len(starts) else nothing
        yield Step(at, row.unit, group, begun, since & ~begun, begun & ~until)


def _begun(row: Row[Unit], support: Support[Unit]) -> Mask:
    """The shown rounds that closed after a support began."""
    return np.array(
        [point is not None and point.closed_on > support.began_on for point in row.points],
        dtype=np.bool_,
    )


def _find_untouched(rows: Sequence[Row[Unit]], steps: Sequence[Step[Unit]]) -> Mask:
    """The shown rounds of each row before any support there, (rows, T)."""
    free = np.array([row.shown for row in rows])
    for step in steps:
        free[step.row] &= ~step.begun
    return free


def _count_comparisons(step: Step[Unit], rows: Sequence[Row[Unit]], untouched: Mask) -> int:
    """Units shown without support in rounds before and in rounds after this step."""
    both = (untouched & step.before).any(axis=1) & (untouched & step.after).any(axis=1)
    return len({rows[at].unit for at in np.flatnonzero(both).tolist()} - {step.unit})


def _why_unjudged(step: Step[Unit], series: Series, rules: EffectRules) -> Unjudged | None:
    if step.before.sum() < rules.min_rounds_before:
        return Unjudged.TOO_FEW_BEFORE
    if step.after.sum() < rules.min_rounds_after:
        return Unjudged.BREAK if _breaks_after(step, series) else Unjudged.TOO_FEW_AFTER
    if step.form is None:
        return Unjudged.MIXED
    if step.comparisons < rules.min_comparisons:
        return Unjudged.TOO_FEW_COMPARISONS
    return None


def _breaks_after(step: Step[Unit], series: Series) -> bool:
    began_on = step.supports[0].began_on
    return any(p is not None and p.series_break and p.closed_on > began_on for p in series)
