"""How long and how much memory scoring takes beside the fastest plain numpy way known."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.csv_blocks import ITEM_COLUMNS
from wellbeing.domain.instrument import Instrument, Scale, load_instrument
from wellbeing.domain.score_file import score_csv
from wellbeing.domain.scoring import score

PEOPLE = 1_000_000
FILE_ROWS = 200_000
REPEATS = 5
BLANK_SHARE = 0.01

Row = dict[str, Any]
Answers = NDArray[np.uint8]
Scores = NDArray[np.int16]


def run() -> list[Row]:
    """One row per measure: ours, the floor, and ours divided by the floor."""
    random = np.random.default_rng(2026)
    answers = random.integers(1, 6, (PEOPLE, 30), np.uint8)
    form = load_instrument()
    ways: tuple[Callable[[], Scores], ...] = (
        lambda: sum_pairs(answers, form),
        lambda: multiply(answers, form),
    )
    if any((score(answers, form) != way()).any() for way in ways):
        raise AssertionError("the floors do not compute the same scores")
    seconds, *floors = _best_seconds(lambda: score(answers, form), *ways)
    rows = [_row("score 1,000,000 sheets", seconds, "s", min(floors))]
    rows.append(
        _row(
            "score 1,000,000 sheets, peak memory with the result",
            _peak_megabytes(lambda: score(answers, form)),
            "MB",
            _peak_megabytes(ways[floors.index(min(floors))]),
        )
    )
    answers[random.random(answers.shape) < BLANK_SHARE] = 0
    if (score(answers, form) != multiply_with_blanks(answers, form)).any():
        raise AssertionError("the floor does not compute the same scores")
    seconds, floor = _best_seconds(
        lambda: score(answers, form), lambda: multiply_with_blanks(answers, form)
    )
    rows.append(_row("score 1,000,000 sheets, 1 % of answers blank", seconds, "s", floor))
    return [*rows, _measure_file(answers[:FILE_ROWS], form)]


def sum_pairs(answers: Answers, form: Instrument, block: int = 16_384) -> Scores:
    """Scores of complete sheets: two neighbouring items added at a time, as 16-bit numbers."""
    groups = _pairs_by_kind(form)
    offsets = [6 * len(form.reversed_items.intersection(form.subscales[s])) for s in Scale]
    scores = np.empty((len(answers), len(Scale)), np.int16)
    for start in range(0, len(answers), block):
        pairs = np.ascontiguousarray(answers[start : start + block].view("<u2").T)
        totals = [np.full(pairs.shape[1], offset, np.int16) for offset in offsets]
        for kinds, (first, *others) in groups.items():
            summed = pairs[first]
            for other in others:
                summed += pairs[other]
            for half, (scale, is_reversed) in zip((summed & 255, summed >> 8), kinds, strict=True):
                combine = np.subtract if is_reversed else np.add
                combine(totals[scale], half.view(np.int16), out=totals[scale])
        for position, total in enumerate(totals):
            scores[start : start + block, position] = total
    return scores


def multiply(answers: Answers, form: Instrument, block: int = 65_536) -> Scores:
    """Scores of complete sheets: a matrix product in single precision, in blocks."""
    weights, offsets = _weights(form), _members(form)[_reversed_rows(form)].sum(axis=0) * 6
    scores = np.empty((len(answers), len(Scale)), np.int16)
    for start in range(0, len(answers), block):
        scores[start : start + block] = (
            answers[start : start + block].astype(np.float32) @ weights + offsets
        )
    return scores


def multiply_with_blanks(answers: Answers, form: Instrument, block: int = 65_536) -> Scores:
    """Scores of any sheets: matrix products of the answers and of which items were answered."""
    members = _members(form)
    sixes = np.zeros_like(members)
    sixes[_reversed_rows(form)] = 6 * members[_reversed_rows(form)]
    both = np.hstack([members, sixes])
    scores = np.empty((len(answers), len(Scale)), np.int16)
    for start in range(0, len(answers), block):
        part = answers[start : start + block]
        sums = part.astype(np.float32) @ _weights(form)
        counts = ((part != 0).astype(np.float32) @ both).astype(np.int32)
        answered, offsets = counts[:, :3], counts[:, 3:]
        totals = sums.astype(np.int32) + offsets
        means = (20 * totals + answered) // np.maximum(2 * answered, 1)
        scores[start : start + block] = np.where(answered >= form.min_answered, means, 0)
    return scores


def _members(form: Instrument) -> NDArray[np.float32]:
    """1 where an item (row) is on a scale (column), else 0."""
    members = np.zeros((form.items, len(Scale)), np.float32)
    for position, scale in enumerate(Scale):
        members[np.array(form.subscales[scale]) - 1, position] = 1
    return members


def _reversed_rows(form: Instrument) -> NDArray[np.intp]:
    return np.array(sorted(form.reversed_items), np.intp) - 1


def _weights(form: Instrument) -> NDArray[np.float32]:
    weights = _members(form)
    weights[_reversed_rows(form)] *= -1
    return weights


def _pairs_by_kind(form: Instrument) -> dict[tuple[tuple[int, bool], ...], list[int]]:
    """Pair numbers by what their two items are: scale position, and whether reversed."""
    scale_of = {i: p for p, scale in enumerate(Scale) for i in form.subscales[scale]}
    groups: dict[tuple[tuple[int, bool], ...], list[int]] = {}
    for pair in range(15):
        items = (2 * pair + 1, 2 * pair + 2)
        kinds = tuple((scale_of[item], item in form.reversed_items) for item in items)
        groups.setdefault(kinds, []).append(pair)
    return groups


def _measure_file(answers: Answers, form: Instrument) -> Row:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", *ITEM_COLUMNS])
    writer.writerows(
        [number, *(answer or "" for answer in sheet)]
        for number, sheet in enumerate(answers.tolist())
    )

    def score_it() -> None:
        score_csv(io.StringIO(text.getvalue(), newline=""), io.StringIO(), form)

    def copy_it() -> None:
        rows = csv.reader(io.StringIO(text.getvalue(), newline=""))
        csv.writer(io.StringIO()).writerows(rows)

    seconds, floor = _best_seconds(score_it, copy_it)
    return _row("score a file of 200,000 rows (floor: csv copies it)", seconds, "s", floor)


def _best_seconds(*ways: Callable[[], object]) -> list[float]:
    """The shortest of several turns of each way; they take turns, so a busy moment hits all."""
    best = [float("inf")] * len(ways)
    for _ in range(REPEATS):
        for position, way in enumerate(ways):
            began = perf_counter()
            way()
            best[position] = min(best[position], perf_counter() - began)
    return best


def _peak_megabytes(way: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        way()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _row(name: str, value: float, unit: str, floor: float) -> Row:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": value / floor}
