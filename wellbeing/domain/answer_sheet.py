"""Reads one person's answers from a form: keeps what is valid, names what is not, item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import ITEM_COUNT
from wellbeing.domain.scoring import NOT_ANSWERED

PREFER_NOT = "none"

_ANSWER_OF_CHOICE = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, PREFER_NOT: NOT_ANSWERED}
_LONGEST_NUMBER = 4


class Fault(StrEnum):
    """Why an item has no answer that can be used."""

    MISSING = "missing"
    REPEATED = "repeated"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PageAnswers:
    """The valid answers (1–5, 0 = would rather not) and the faults, by item number.

    Every item asked for is in exactly one of the two.
    """

    answers: Mapping[int, int]
    faults: Mapping[int, Fault]

    @property
    def complete(self) -> bool:
        """Whether every item has a usable answer, "would rather not" included."""
        return not self.faults


def field_name(item: int) -> str:
    """The name of an item's form field and file column: `item1` to `item30`."""
    return f"item{item}"


def choice_of(answer: int) -> str:
    """The form value that stands for an answer 0–5."""
    return PREFER_NOT if answer == NOT_ANSWERED else str(answer)


def read_page(form: Mapping[str, Sequence[str]], items: range) -> PageAnswers:
    """The answers to `items`; other fields are never looked at, and nothing raises.

    `form` gives the values of each field, or is a werkzeug MultiDict. An item left out is a fault:
    whoever would rather not answer says so with the value "none".
    """
    answers: dict[int, int] = {}
    faults: dict[int, Fault] = {}
    for item in items:
        read = _read_values(_values(form, field_name(item)))
        if isinstance(read, Fault):
            faults[item] = read
        else:
            answers[item] = read
    return PageAnswers(answers, faults)


def to_sheet(answers: Mapping[int, int]) -> NDArray[np.uint8]:
    """The array (1, 30) that `score` takes; BadInput unless all thirty items are there, 0–5."""
    if set(answers) != set(range(1, ITEM_COUNT + 1)):
        raise BadInput(f"A sheet needs an answer to each of the items 1 to {ITEM_COUNT}.")
    if not set(answers.values()) <= set(_ANSWER_OF_CHOICE.values()):
        raise BadInput("An answer is from 1 to 5, or 0 for none.")
    return np.array([[answers[item] for item in range(1, ITEM_COUNT + 1)]], np.uint8)


def _values(form: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    getlist = getattr(form, "getlist", None)
    values: Sequence[str] = getlist(name) if getlist else form.get(name, ())
    return (values,) if isinstance(values, str) else values


def _read_values(values: Sequence[str]) -> int | Fault:
    if len(values) > 1:
        return Fault.REPEATED
    if not values or not values[0]:
        return Fault.MISSING
    value = values[0]
    if value in _ANSWER_OF_CHOICE:
        return _ANSWER_OF_CHOICE[value]
    return Fault.OUT_OF_RANGE if _is_short_number(value) else Fault.UNKNOWN


def _is_short_number(value: str) -> bool:
    digits = value.removeprefix("-")
    return len(digits) <= _LONGEST_NUMBER and digits.isascii() and digits.isdigit()
