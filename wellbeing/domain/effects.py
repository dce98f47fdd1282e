"""Did support help? Judged from published series only, against the units that had none.

An interrupted time series with partial pooling: the figures after support are compared with what a
unit's earlier figures, drawn towards those of all units, and the course of the other units led one
to expect. A unit that was picked because a figure was high is expected to come down by itself, as
far as such figures are chance; only a fall beyond that counts. This tells what went together in
time, not what caused it.

Nothing here sees an answer. Estimates are arithmetic on values as shown, but a decimal beside whole
points invites to restore what was rounded: a page shows `Effect.shown` only, in half points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic

import numpy as np

from wellbeing.domain.effect_model import NO_FORM, StepFit, Steps, fit_steps
from wellbeing.domain.effect_rules import EffectRules
from wellbeing.domain.errors import Missing
from wellbeing.domain.instrument import Instrument, Reference, Scale
from wellbeing.domain.level_model import Noise, TrendRules, level_classes
from wellbeing.domain.support_steps import Row, Step, Support, Unit, Unjudged, find_steps
from wellbeing.domain.trends import (
    Series,
    as_arrays,
    find_reference,
    noise_of,
    worse_direction,
)

__all__ = [
    "Effect",
    "EffectVerdict",
    "Effects",
    "ShownEffect",
    "Support",
    "Unjudged",
    "find_effect",
    "find_effects",
    "find_pooled_effect",
]
ANY_FORM = "any"


class EffectVerdict(StrEnum):
    """Whether support helped; the list is closed. A change for the worse is no evidence of help."""

    HELPED = "helped"
    NO_EVIDENCE = "no_evidence"
    CANNOT_TELL_YET = "cannot_tell_yet"


@dataclass(frozen=True)
class ShownEffect:
    """What a page may show, in half points: above 0 the figure rose beyond what was expected."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """The effect of support on one scale, in one unit or for a form of support in all its units.

    `estimate`, `low` and `high` are points beyond what was expected, for further arithmetic only:
    show `shown`. They are None where nothing was judged. `units` counts the units judged;
    `rounds_before`, `rounds_after` and `comparisons` are the fewest among them. `at_least` says
    that a class such as "X or more" took part, entered at its X. `why` is set where the verdict is
    CANNOT_TELL_YET, and only there.
    """

    scale: Scale
    form: str | None
    verdict: EffectVerdict
    why: Unjudged | None
    estimate: float | None
    low: float | None
    high: float | None
    units: int
    rounds_before: int
    rounds_after: int
    comparisons: int
    at_least: bool

    @property
    def shown(self) -> ShownEffect | None:
        """The figures rounded to half points, from which the verdict was taken."""
        if self.estimate is None or self.low is None or self.high is None:
            return None
        return ShownEffect(*map(_in_half_points, (self.estimate, self.low, self.high)))


@dataclass(frozen=True)
class Effects(Generic[Unit]):
    """One effect for each support, in their order, and the pooled effect of each form."""

    by_support: Mapping[Support[Unit], Effect]
    by_form: Mapping[str, Effect]


@dataclass(frozen=True)
class _Rules:
    """What an estimate is judged with."""

    scale: Scale
    effects: EffectRules
    interval_z: float


def find_effects(
    series_by_unit: Mapping[Unit, Series],
    supports: Sequence[Support[Unit]],
    scale: Scale,
    instrument: Instrument,
    trend_rules: TrendRules,
    rules: EffectRules,
    reference: Reference | None = None,
) -> Effects[Unit]:
    """The effects of all supports on one scale, each in its unit and each form in all its units.

    `series_by_unit` holds one entry per published round, the same rounds for every unit, None where
    withheld, for helped units and all others; no person may be in two of them, so no roll-ups. A
    support is one offer with all days it was held. BadInput where the pieces do not fit.
    """
    noise = noise_of(scale, reference or find_reference(instrument, trend_rules), trend_rules)
    rows, steps = find_steps(series_by_unit, supports, rules)
    forms = sorted({step.form for step in steps if step.why is None and step.form is not None})
    classed = _find_classed(rows)
    fit = _fit(rows, steps, forms, noise, rules)
    judge = _Rules(scale, rules, trend_rules.interval_z)
    by_step = [_effect_of(step, k, fit, classed, judge) for k, step in enumerate(steps)]
    by_support = {s: by_step[k] for k, step in enumerate(steps) for s in step.supports}
    return Effects(
        by_support={support: by_support[support] for support in supports},
        by_form={
            form: _pool(form, steps, forms, fit, classed, judge)
            for form in sorted({support.form for support in supports})
        },
    )


def find_effect(
    support: Support[Unit],
    series_by_unit: Mapping[Unit, Series],
    supports: Sequence[Support[Unit]],
    scale: Scale,
    instrument: Instrument,
    trend_rules: TrendRules,
    rules: EffectRules,
    reference: Reference | None = None,
) -> Effect:
    """The effect of one of `supports` in its unit, as `find_effects`; Missing if it is not one."""
    found = find_effects(series_by_unit, supports, scale, instrument, trend_rules, rules, reference)
    if support not in found.by_support:
        raise Missing("This support is not among those given.")
    return found.by_support[support]


def find_pooled_effect(
    form: str | None,
    series_by_unit: Mapping[Unit, Series],
    supports: Sequence[Support[Unit]],
    scale: Scale,
    instrument: Instrument,
    trend_rules: TrendRules,
    rules: EffectRules,
    reference: Reference | None = None,
) -> Effect:
    """The effect of one form of support in all units that had it, or of all forms together (None).

    Missing if no unit had support of that form.
    """
    if form is None:
        supports = [replace(support, form=ANY_FORM) for support in supports]
    found = find_effects(series_by_unit, supports, scale, instrument, trend_rules, rules, reference)
    effect = found.by_form.get(form or ANY_FORM)
    if effect is None:
        raise Missing("No unit had support of this form.")
    return effect if form else replace(effect, form=None)


def _fit(
    rows: Sequence[Row[Unit]],
    steps: Sequence[Step[Unit]],
    forms: Sequence[str],
    noise: Noise,
    rules: EffectRules,
) -> StepFit:
    if not forms:
        nothing = np.zeros(0)
        return StepFit(nothing, nothing, nothing, nothing)
    values, answers, sides = map(
        np.concatenate, zip(*(as_arrays(row.points) for row in rows), strict=True)
    )
    sought = Steps(
        row=np.array([step.row for step in steps]),
        form=np.array(
            [forms.index(s.form) if s.why is None and s.form else NO_FORM for s in steps]
        ),
        begun=np.array([step.begun for step in steps]),
    )
    levelled = level_classes(values, sides)
    return fit_steps(levelled, answers, noise, sought, len(forms), rules.effect_sd)


def _find_classed(rows: Sequence[Row[Unit]]) -> set[int]:
    """The rows in which a class was shown."""
    return {
        at
        for at, row in enumerate(rows)
        if any(point is not None and point.kind != "exact" for point in row.points)
    }


def _effect_of(step: Step[Unit], at: int, fit: StepFit, classed: set[int], rules: _Rules) -> Effect:
    if step.why is not None:
        return _judge(None, 0.0, step.why, step.form, [step], classed, rules)
    estimate, error = float(fit.step[at]), float(fit.step_error[at])
    return _judge(estimate, error, None, step.form, [step], classed, rules)


def _pool(
    form: str,
    steps: Sequence[Step[Unit]],
    forms: Sequence[str],
    fit: StepFit,
    classed: set[int],
    rules: _Rules,
) -> Effect:
    judged = [step for step in steps if step.form == form and step.why is None]
    if len({step.unit for step in judged}) < rules.effects.min_units:
        why = Unjudged.TOO_FEW_UNITS
        return _judge(None, 0.0, why, form, judged, classed, rules)
    at = forms.index(form)
    estimate, error = float(fit.form[at]), float(fit.form_error[at])
    return _judge(estimate, error, None, form, judged, classed, rules)


def _judge(
    estimate: float | None,
    error: float,
    why: Unjudged | None,
    form: str | None,
    steps: Sequence[Step[Unit]],
    classed: set[int],
    rules: _Rules,
) -> Effect:
    margin = rules.interval_z * error
    if estimate is not None and margin > rules.effects.widest_margin:
        why = Unjudged.TOO_UNSURE
    effect = Effect(
        scale=rules.scale,
        form=form,
        verdict=EffectVerdict.CANNOT_TELL_YET,
        why=why,
        estimate=estimate,
        low=None if estimate is None else estimate - margin,
        high=None if estimate is None else estimate + margin,
        units=len({step.unit for step in steps if step.why is None}),
        rounds_before=min((int(step.before.sum()) for step in steps), default=0),
        rounds_after=min((int(step.after.sum()) for step in steps), default=0),
        comparisons=min((step.comparisons for step in steps), default=0),
        at_least=any(step.row in classed for step in steps),
    )
    if why is None and effect.shown is not None:
        return replace(effect, verdict=_verdict(effect.shown, rules))
    return effect


def _verdict(shown: ShownEffect, rules: _Rules) -> EffectVerdict:
    """Helped if everything in the shown interval is better than nought, and enough of it."""
    better = -worse_direction(rules.scale)
    surely_better = min(better * shown.low, better * shown.high) > 0
    if surely_better and better * shown.estimate >= rules.effects.least_effect:
        return EffectVerdict.HELPED
    return EffectVerdict.NO_EVIDENCE


def _in_half_points(points: float) -> float:
    """To the nearest half point, halves of it away from nought; never minus nought."""
    return float(np.sign(points) * np.floor(abs(points) * 2 + 0.5) / 2) + 0.0
