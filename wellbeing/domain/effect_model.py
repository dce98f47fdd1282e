"""The mixed linear model behind "did it help?", in closed form, on arrays of (rows, rounds).

A row is one unit between two breaks. Its published mean is what all units share in that round, plus
the row's own level, plus a step for each support that has begun, plus noise. Levels are drawn from
a distribution and steps of one form are drawn around the effect of that form, so a row that was
high by chance is expected to fall by itself. Variances are those of the trends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.level_model import Floats, Noise

NO_FORM = -1
UNKNOWN_STEP_VARIANCE = 1e3
LEAST_PRECISION = 1e-6


@dataclass(frozen=True)
class Steps:
    """K supports: the row of each, (K,), its form or NO_FORM, (K,), and where it has begun, (K, T).

    A step without a form may have any size and tells nothing of other steps.
    """

    row: NDArray[np.intp]
    form: NDArray[np.intp]
    begun: NDArray[np.bool_]


@dataclass(frozen=True)
class StepFit:
    """Estimates in points with their standard errors: of the forms, (F,), and of the steps, (K,).

    What the figures cannot tell has a standard error of hundreds of points. That of a step without
    a form is meaningless.
    """

    form: Floats
    form_error: Floats
    step: Floats
    step_error: Floats


@dataclass(frozen=True)
class _Design:
    """Masked values (S, T), columns (S, T, T + F) and inverse covariances (S, T, T)."""

    values: Floats
    columns: Floats
    weights: Floats


def fit_steps(
    values: Floats, answers: Floats, noise: Noise, steps: Steps, forms: int, effect_sd: float
) -> StepFit:
    """The effect of each form and each step from values and answers (S, T), NaN where withheld."""
    design = _design(values, answers, noise, steps, forms, effect_sd)
    weighted = design.weights @ design.columns
    precision = np.einsum("stp,stq->pq", design.columns, weighted)
    precision += LEAST_PRECISION * np.eye(len(precision))
    covariance = np.linalg.inv(precision)
    fitted = covariance @ np.einsum("stp,st->p", weighted, design.values)
    residuals = design.values - design.columns @ fitted
    covariance, inflation = _inflate(covariance, design, residuals, steps)
    step, step_error = _fit_each(design, residuals, fitted, covariance, inflation, steps, effect_sd)
    rounds = values.shape[1]
    errors = np.sqrt(np.diagonal(covariance))
    return StepFit(fitted[rounds:], errors[rounds:], step, step_error)


def _design(
    values: Floats, answers: Floats, noise: Noise, steps: Steps, forms: int, effect_sd: float
) -> _Design:
    rows, rounds = values.shape
    shown = ~np.isnan(values)
    columns = np.zeros((rows, rounds, rounds + forms))
    columns[:, :, :rounds] = np.eye(rounds) * shown[:, :, None]
    covariance = _covariance(answers, noise)
    for row, form, begun in zip(steps.row, steps.form, steps.begun, strict=True):
        known = form != NO_FORM
        if known:
            columns[row, :, rounds + form] += begun & shown[row]
        variance = effect_sd**2 if known else UNKNOWN_STEP_VARIANCE
        covariance[row] += variance * np.outer(begun, begun)
    both = shown[:, :, None] & shown[:, None, :]
    masked = np.where(both, covariance, np.eye(rounds))
    centre = np.nanmean(values) if shown.any() else 0.0
    return _Design(np.where(shown, values - centre, 0), columns, np.linalg.inv(masked))


def _covariance(answers: Floats, noise: Noise) -> Floats:
    """Of the published means of each row, (S, T, T): what teams differ by for good, people who
    stay and are replaced little by little, and the noise of each round."""
    shown = ~np.isnan(answers)
    typical = np.where(shown, answers, 0).sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
    typical = np.maximum(typical, 1)
    rounds = answers.shape[1]
    lag = np.abs(np.subtract.outer(np.arange(rounds), np.arange(rounds)))
    people = np.exp(-lag * noise.drift / (2 * noise.lasting)) * noise.lasting
    level = noise.team + people / typical[:, None, None]
    of_mean = noise.of_mean(np.where(shown, answers, 1))
    covariance: Floats = level + of_mean[:, :, None] * np.eye(rounds)
    return covariance


def _inflate(
    covariance: Floats, design: _Design, residuals: Floats, steps: Steps
) -> tuple[Floats, float]:
    """The covariance widened where the figures vary more than the stated noise; never narrowed."""
    spread = np.einsum("st,stu,su->", residuals, design.weights, residuals)
    used = design.columns.any(axis=(0, 1)).sum() + (steps.form == NO_FORM).sum()
    free = design.columns[:, :, : design.values.shape[1]].sum() - used
    inflation = max(1.0, float(spread / free)) if free > 0 else 1.0
    return covariance * inflation, inflation


def _fit_each(
    design: _Design,
    residuals: Floats,
    fitted: Floats,
    covariance: Floats,
    inflation: float,
    steps: Steps,
    effect_sd: float,
) -> tuple[Floats, Floats]:
    """Each step: the effect of its form, moved by its own row as far as that row is sure."""
    rounds = design.values.shape[1]
    estimates, errors = np.zeros(len(steps.row)), np.full(len(steps.row), np.inf)
    for k, (row, form, begun) in enumerate(zip(steps.row, steps.form, steps.begun, strict=True)):
        if form == NO_FORM:
            continue
        pull = effect_sd**2 * design.weights[row] @ (begun & design.columns[row].any(axis=1))
        own = effect_sd**2 * (1 - pull @ begun)
        from_fit = -design.columns[row].T @ pull
        from_fit[rounds + form] += 1
        estimates[k] = fitted[rounds + form] + pull @ residuals[row]
        errors[k] = np.sqrt(inflation * own + from_fit @ covariance @ from_fit)
    return estimates, errors
