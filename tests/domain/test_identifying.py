"""Digits that look like a person number are recognised however they are written."""

import pytest

from wellbeing.domain.identifying import has_person_number


@pytest.mark.parametrize(
    "text",
    ["010190-1234", "0101901234", "010190 1234", "se 010190–1234.", "010190.1234", "(010190/1234)"],
)
def test_a_person_number_is_recognised(text: str) -> None:
    assert has_person_number(text)


@pytest.mark.parametrize(
    "text", ["", "tlf. 12 34 56 78", "kl. 13.00 den 02.03.2026", "12345678901", "lokale 010190"]
)
def test_other_digits_are_left_alone(text: str) -> None:
    assert not has_person_number(text)
