"""A password is good when it is long, and not the owner's own name."""

import pytest

from wellbeing.domain.errors import BadInput
from wellbeing.domain.passwords import MAX_LENGTH, MIN_LENGTH, check_password


@pytest.mark.parametrize(
    "good", ["en lang tur langs havet", "abcdeabcdeab", "æøåæøåABCxyz", "a1b2c" * 25]
)
def test_a_long_password_is_accepted(good: str) -> None:
    check_password(good)


def test_length_is_counted_to_the_character() -> None:
    check_password("abcdefghijklmnop"[:MIN_LENGTH])
    with pytest.raises(BadInput, match="at least 12"):
        check_password("abcdefghijklmnop"[: MIN_LENGTH - 1])
    check_password(("abcdefgh" * 16)[:MAX_LENGTH])
    with pytest.raises(BadInput, match="at most 128"):
        check_password("abcdefgh" * 16 + "i")


@pytest.mark.parametrize("poor", ["aaaaaaaaaaaa", "abcdabcdabcd", "AaBbCcDdAaBbCcDd"])
def test_few_different_characters_are_refused(poor: str) -> None:
    with pytest.raises(BadInput, match="too few"):
        check_password(poor)


@pytest.mark.parametrize("own", ["xx eva holm xx", "EVA HOLM 2026 ok", "xx-osterhus-xx1"])
def test_the_owners_name_and_address_are_refused_in_any_case(own: str) -> None:
    with pytest.raises(BadInput, match="your own name"):
        check_password(own, about=("Eva Holm", "evah", "osterhus"))


def test_short_words_about_the_owner_do_not_count() -> None:
    check_password("en havregryn med eva", about=("eva", ""))
