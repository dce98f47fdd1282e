"""From answers to the three scores, with the same code for one person and for a million."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import NOT_SCORED, Instrument, Scale

NOT_ANSWERED = 0
MAX_FAULTS = 50

# A block's answers fit in a processor's second-level cache: 16,384 × 30 bytes.
_ROWS_PER_BLOCK = 16_384


def score(answers: NDArray[Any], instrument: Instrument) -> NDArray[np.int16]:
    """Scores (N, 3), 10–50 or 0 for not scored, in the order of Scale, from answers (N, 30).

    A scale needs `min_answered` of its items; its score is the mean of those answered × 10, rounded
    half up. BadInput names row and item of an answer outside 0–5.
    """
    _check_shape(answers, instrument)
    if answers.dtype != np.uint8:
        _check_answers(answers, instrument)
        answers = answers.astype(np.uint8)
    subscales = tuple(instrument.subscales[scale] for scale in Scale)
    order = _order(subscales)
    outcomes = _outcomes(len(subscales[0]), instrument.highest_answer, instrument.min_answered)
    scores = np.empty((len(answers), len(Scale)), np.int16)
    lanes = np.empty((instrument.items, min(_ROWS_PER_BLOCK, len(answers))), np.uint8)
    for start in range(0, len(answers), _ROWS_PER_BLOCK):
        block = answers[start : start + _ROWS_PER_BLOCK]
        by_item = lanes[:, : len(block)]
        np.take(block.T, order, axis=0, out=by_item, mode="clip")
        if by_item.max() > instrument.highest_answer:
            _check_answers(answers, instrument)
        _score_block(by_item, instrument, outcomes, scores[start : start + len(block)])
    return scores


def _check_answers(answers: NDArray[Any], instrument: Instrument) -> None:
    if answers.dtype.kind not in "uif":
        raise BadInput("Answers must be numbers.")
    allowed = (answers >= NOT_ANSWERED) & (answers <= instrument.highest_answer)
    if answers.dtype.kind == "f":
        allowed &= answers == np.floor(answers)
    if allowed.all():
        return
    places = np.argwhere(~allowed)
    faults = tuple(
        f"Row {row + 1}, item {item + 1}: {answers[row, item]} is not an answer from "
        f"{instrument.lowest_answer} to {instrument.highest_answer}, nor {NOT_ANSWERED} for none."
        for row, item in places[:MAX_FAULTS].tolist()
    )
    raise BadInput(faults[0], faults)


def _check_shape(answers: NDArray[Any], instrument: Instrument) -> None:
    if answers.ndim != 2 or answers.shape[1] != instrument.items:
        raise BadInput(f"Answers must be rows of {instrument.items} items, not {answers.shape}.")


@cache
def _order(subscales: tuple[tuple[int, ...], ...]) -> NDArray[np.intp]:
    """Column numbers scale by scale, so that a scale is one run of rows once turned on its side."""
    order = np.array([item for members in subscales for item in members], np.intp) - 1
    order.setflags(write=False)
    return order


@cache
def _outcomes(size: int, highest_answer: int, min_answered: int) -> NDArray[np.uint8]:
    """The score of a scale of so many items, for each number of blanks (row) and sum of the answers
    given (column).
    """
    table = np.full((size + 1, size * highest_answer + 1), NOT_SCORED, np.uint8)
    for answered in range(min_answered, size + 1):
        sums = np.arange(answered, answered * highest_answer + 1)
        table[size - answered, sums] = (2 * size * sums + answered) // (2 * answered)
    table.setflags(write=False)
    return table


def _score_block(
    by_item: NDArray[np.uint8],
    instrument: Instrument,
    outcomes: NDArray[np.uint8],
    scores: NDArray[np.int16],
) -> None:
    """Fills `scores` from answers turned on their side, a row for each item; changes `by_item`."""
    first = 0
    for position, scale in enumerate(Scale):
        members = instrument.subscales[scale]
        lanes = by_item[first : first + len(members)]
        first += len(members)
        blanks = _count_blanks(lanes)
        for lane, item in zip(lanes, members, strict=True):
            if item in instrument.reversed_items:
                _reverse(lane, instrument)
        sums = lanes.sum(axis=0, dtype=np.uint8)
        if blanks is not None:
            rows = np.flatnonzero(blanks != 0)
            sums[rows] = outcomes[blanks[rows], sums[rows]]
        scores[:, position] = sums


def _count_blanks(lanes: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """How many of a scale's items each person left out; None when nobody did."""
    if lanes.min() != NOT_ANSWERED:
        return None
    counts: NDArray[np.uint8] = (lanes == NOT_ANSWERED).view(np.uint8).sum(axis=0, dtype=np.uint8)
    return counts


def _reverse(lane: NDArray[np.uint8], instrument: Instrument) -> None:
    """Turns each answer a of one item into 6 − a in place; what was not answered stays 0."""
    answered = lane != NOT_ANSWERED
    np.subtract(instrument.lowest_answer + instrument.highest_answer, lane, out=lane)
    lane *= answered
