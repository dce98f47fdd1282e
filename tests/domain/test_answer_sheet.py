"""Reading a form: valid answers are kept, faults are named, and nothing else is touched."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from wellbeing.domain.answer_sheet import (
    PREFER_NOT,
    Fault,
    choice_of,
    field_name,
    read_page,
    to_sheet,
)
from wellbeing.domain.errors import BadInput

VALUES_BY_FAULT: dict[Fault, list[list[str]]] = {
    Fault.MISSING: [[], [""]],
    Fault.REPEATED: [["3", "3"], ["1", "5"], ["none", "3"], ["", ""]],
    Fault.OUT_OF_RANGE: [["0"], ["6"], ["-1"], ["17"], ["03"]],
    Fault.UNKNOWN: [["x"], ["3.0"], [" 3"], ["３"], ["None"], ["-"], ["²"], ["9" * 5000]],
}


def test_every_fault_is_covered() -> None:
    assert set(Fault) - VALUES_BY_FAULT.keys() == set()


@pytest.mark.parametrize(
    ("values", "fault"),
    [(values, fault) for fault, many in VALUES_BY_FAULT.items() for values in many],
)
def test_a_value_that_is_no_choice_is_a_fault(values: list[str], fault: Fault) -> None:
    page = read_page({"item1": values}, range(1, 2))
    assert page.faults == {1: fault}
    assert page.answers == {}


@pytest.mark.parametrize("answer", range(6))
def test_every_choice_is_read_back_as_its_answer(answer: int) -> None:
    assert read_page({"item7": [choice_of(answer)]}, range(7, 8)).answers == {7: answer}


def test_would_rather_not_is_stored_as_not_answered() -> None:
    page = read_page({"item1": [PREFER_NOT]}, range(1, 2))
    assert (page.answers, page.complete) == ({1: 0}, True)


def test_a_field_that_is_absent_is_missing() -> None:
    page = read_page({}, range(1, 3))
    assert page.faults == {1: Fault.MISSING, 2: Fault.MISSING}


def test_a_fault_keeps_the_other_answers() -> None:
    form = {"item1": ["4"], "item2": ["9"], "item3": ["none"]}
    page = read_page(form, range(1, 4))
    assert page.answers == {1: 4, 3: 0}
    assert page.faults == {2: Fault.OUT_OF_RANGE}
    assert not page.complete


def test_only_the_items_asked_for_are_read() -> None:
    form = {"item1": ["4"], "item11": ["2"], "csrf_token": ["abc"]}
    assert read_page(form, range(11, 12)).answers == {11: 2}


def test_a_web_form_is_read_with_its_repetitions() -> None:
    form = MultiDict([("item1", "4"), ("item2", "2"), ("item2", "2")])
    page = read_page(form, range(1, 3))
    assert page.answers == {1: 4}
    assert page.faults == {2: Fault.REPEATED}


class _UncountableForm(Mapping[str, Sequence[str]]):
    """A form whose fields may be asked for by name but never gone through."""

    def __init__(self) -> None:
        self.asked = 0

    def __getitem__(self, name: str) -> Sequence[str]:
        self.asked += 1
        return ["3"]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the fields were gone through")

    def __len__(self) -> int:
        raise AssertionError("the fields were counted")


def test_the_work_depends_on_the_items_alone() -> None:
    form = _UncountableForm()
    read_page(form, range(1, 31))
    assert form.asked == 30


@given(
    st.dictionaries(
        st.sampled_from([field_name(item) for item in range(1, 31)]),
        st.lists(st.sampled_from(["1", "5", "none"]) | st.text(max_size=6), max_size=3),
    )
)
def test_each_item_has_an_answer_or_a_fault_whatever_is_sent(form: dict[str, list[str]]) -> None:
    page = read_page(form, range(1, 31))
    assert sorted([*page.answers, *page.faults]) == list(range(1, 31))
    assert set(page.answers.values()) <= set(range(6))


def test_a_complete_sheet_becomes_one_row() -> None:
    answers = {item: item % 6 for item in range(30, 0, -1)}
    sheet = to_sheet(answers)
    assert (sheet.shape, sheet.dtype) == ((1, 30), np.dtype(np.uint8))
    assert sheet[0].tolist() == [item % 6 for item in range(1, 31)]


def test_a_sheet_with_an_item_lacking_is_refused() -> None:
    with pytest.raises(BadInput, match="each of the items 1 to 30"):
        to_sheet(dict.fromkeys(range(1, 30), 3))


def test_a_sheet_with_an_answer_out_of_range_is_refused() -> None:
    with pytest.raises(BadInput, match="from 1 to 5"):
        to_sheet(dict.fromkeys(range(1, 31), 6))
