"""The worked table is the specification; a slow second implementation checks everything else."""

import csv
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import NOT_SCORED, Scale, load_instrument
from wellbeing.domain.scoring import score

WORKED_TABLE = Path(__file__).parent / "proqol_worked_table.csv"
CASES = list(csv.DictReader(WORKED_TABLE.read_text(encoding="utf-8").splitlines()))

CS_ITEMS = (3, 6, 12, 16, 18, 20, 22, 24, 27, 30)
BO_ITEMS = (1, 4, 8, 10, 15, 17, 19, 21, 26, 29)
STS_ITEMS = (2, 5, 7, 9, 11, 13, 14, 23, 25, 28)
REVERSED = (1, 4, 15, 17, 29)

SHEETS = st.lists(
    st.lists(st.integers(0, 5), min_size=30, max_size=30)
    | st.lists(st.sampled_from([0, *[1, 2, 3, 4, 5] * 4]), min_size=30, max_size=30),
    min_size=1,
    max_size=20,
)


def _score_slowly(sheet: list[int], items: tuple[int, ...], min_answered: int = 9) -> int:
    points = [
        6 - sheet[item - 1] if item in REVERSED else sheet[item - 1]
        for item in items
        if sheet[item - 1] != 0
    ]
    if len(points) < min_answered:
        return 0
    return floor(Fraction(sum(points) * 10, len(points)) + Fraction(1, 2))


def _sheet_of_threes(**answers: int) -> NDArray[np.uint8]:
    sheet = np.full((1, 30), 3, np.uint8)
    for name, answer in answers.items():
        sheet[0, int(name.removeprefix("item")) - 1] = answer
    return sheet


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_sheet_of_the_worked_table_gets_its_scores(case: dict[str, str]) -> None:
    sheet = np.array([[int(case[f"item{n}"] or 0) for n in range(1, 31)]], np.uint8)
    assert score(sheet, load_instrument()).tolist() == [[int(case[s] or 0) for s in Scale]]


@settings(max_examples=300, deadline=None)
@given(SHEETS)
def test_scores_agree_with_a_slow_second_implementation(sheets: list[list[int]]) -> None:
    expected = [
        [_score_slowly(sheet, items) for items in (CS_ITEMS, BO_ITEMS, STS_ITEMS)]
        for sheet in sheets
    ]
    assert score(np.array(sheets, np.uint8), load_instrument()).tolist() == expected


@pytest.mark.parametrize("item", REVERSED)
def test_a_reversed_item_lowers_burnout_as_it_is_answered_higher(item: int) -> None:
    scores = [
        score(_sheet_of_threes(**{f"item{item}": answer}), load_instrument())[0].tolist()
        for answer in range(1, 6)
    ]
    assert scores == [[30, burnout, 30] for burnout in (32, 31, 30, 29, 28)]


@pytest.mark.parametrize("item", sorted(set(range(1, 31)) - set(REVERSED)))
def test_any_other_item_raises_its_own_scale_alone(item: int) -> None:
    scale = [item in CS_ITEMS, item in BO_ITEMS, item in STS_ITEMS].index(True)
    expected = [30, 30, 30]
    expected[scale] = 32
    sheet = _sheet_of_threes(**{f"item{item}": 5})
    assert score(sheet, load_instrument())[0].tolist() == expected


@pytest.mark.parametrize(("threes_raised", "expected"), [(2, 33), (6, 38), (10, 43)])
def test_half_a_point_is_rounded_up(threes_raised: int, expected: int) -> None:
    """With nine of ten answered a half cannot occur, so this instrument asks for eight."""
    lenient = replace(load_instrument(), min_answered=8)
    sheet = _sheet_of_threes(item3=0, item6=0)
    for item in CS_ITEMS[2 : 2 + threes_raised // 2]:
        sheet[0, item - 1] = 5
    assert score(sheet, lenient)[0, 0] == expected


def test_a_score_does_not_depend_on_the_other_rows() -> None:
    random = np.random.default_rng(7)
    answers = random.integers(0, 6, (40_000, 30), np.uint8)
    answers[:20_000] = random.integers(1, 6, (20_000, 30), np.uint8)
    together = score(answers, load_instrument())
    for row in (0, 1, 16_383, 16_384, 19_999, 20_000, 32_768, 39_999):
        alone = score(answers[row : row + 1], load_instrument())
        assert alone.tolist() == [together[row].tolist()]
    assert (together == NOT_SCORED).any()


def test_scoring_leaves_the_answers_unchanged() -> None:
    answers = np.full((2, 30), 2, np.uint8)
    score(answers, load_instrument())
    assert (answers == 2).all()


def test_nobody_gives_no_scores() -> None:
    assert score(np.empty((0, 30), np.uint8), load_instrument()).shape == (0, 3)


def test_scores_are_sixteen_bit_whole_numbers() -> None:
    assert score(_sheet_of_threes(), load_instrument()).dtype == np.int16


def test_answers_in_another_number_type_are_scored_the_same() -> None:
    sheet = _sheet_of_threes(item3=5, item1=0)
    expected = score(sheet, load_instrument()).tolist()
    assert score(sheet.astype(np.int64), load_instrument()).tolist() == expected


def test_an_answer_above_five_is_refused_when_scored() -> None:
    answers = np.full((20_000, 30), 3, np.uint8)
    answers[17_999, 11] = 6
    with pytest.raises(BadInput, match=r"Row 18000, item 12: 6 "):
        score(answers, load_instrument())


def test_a_negative_answer_is_refused_when_scored() -> None:
    answers = np.full((1, 30), -1, np.int8)
    with pytest.raises(BadInput, match=r"Row 1, item 1: -1 "):
        score(answers, load_instrument())


@pytest.mark.parametrize("shape", [(30,), (2, 29), (2, 31), (1, 30, 1)])
def test_answers_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="rows of 30 items"):
        score(np.ones(shape, np.uint8), load_instrument())


@pytest.mark.parametrize("value", [-1, 6, 2.5, float("nan"), float("inf")])
def test_a_value_that_is_no_answer_is_named_by_row_and_item(value: float) -> None:
    answers = np.full((3, 30), 3.0)
    answers[1, 29] = value
    with pytest.raises(BadInput, match="Row 2, item 30"):
        score(answers, load_instrument())


def test_every_value_that_is_no_answer_is_named() -> None:
    answers = np.full((3, 30), 3)
    answers[0, 4] = answers[2, 0] = 9
    with pytest.raises(BadInput) as caught:
        score(answers, load_instrument())
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "Row 1, item 5",
        "Row 3, item 1",
    ]


def test_no_more_than_fifty_faults_are_named() -> None:
    with pytest.raises(BadInput) as caught:
        score(np.full((10, 30), 7), load_instrument())
    assert len(caught.value.faults) == 50


def test_answers_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(BadInput, match="must be numbers"):
        score(np.full((1, 30), "3"), load_instrument())


def test_zero_to_five_are_answers() -> None:
    score(np.tile(np.arange(6), (2, 5)), load_instrument())


def test_scoring_a_hundred_thousand_needs_two_megabytes_beside_the_scores() -> None:
    answers = np.ones((100_000, 30), np.uint8)
    instrument = load_instrument()
    tracemalloc.start()
    try:
        scores = score(answers, instrument)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - scores.nbytes < 2_000_000
