"""A password is good when it is long, not the owner's own name, and no early guess."""

from unicodedata import normalize

import pytest

from wellbeing.crypto.password_guesses import danish_words, is_easily_guessed
from wellbeing.crypto.secrets import hash_password, is_password
from wellbeing.domain.errors import BadInput
from wellbeing.domain.passwords import MAX_LENGTH, MIN_LENGTH, check_password

WORKPLACE = ("Østerhus", "wellbeing")


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize(
    "good",
    [
        "en lang tur langs havet",
        "kun små bogstaver her",
        "ÆØÅ I STORE ALENE NU",
        "847261930572846",
        "日本語の長いパスワードでも良い",
        "🦊 🐚 🌧 🍞 🚲 🏔 🕯 🎻",
    ],
)
def test_any_characters_will_do(good: str) -> None:
    check_password(good)


@pytest.mark.asvs("6.2.1", "6.2.9")
def test_length_is_counted_to_the_character() -> None:
    assert MIN_LENGTH == 15
    check_password("abcdefghijklmnop"[:MIN_LENGTH])
    with pytest.raises(BadInput, match="at least 15"):
        check_password("abcdefghijklmnop"[: MIN_LENGTH - 1])
    check_password(("abcdefgh" * 16)[:MAX_LENGTH])
    with pytest.raises(BadInput, match="at most 128"):
        check_password("abcdefgh" * 16 + "i")


def test_a_letter_typed_as_two_characters_counts_as_one() -> None:
    with pytest.raises(BadInput, match="at least 15"):
        check_password(normalize("NFD", "åååååøæabcdef"))


@pytest.mark.parametrize("poor", ["aaaaaaaaaaaaaaa", "abcdabcdabcdabcd", "AaBbCcDdAaBbCcDd"])
def test_few_different_characters_are_refused(poor: str) -> None:
    with pytest.raises(BadInput, match="too few"):
        check_password(poor)


@pytest.mark.parametrize("own", ["xx min eva holm xx", "EVA HOLM 2026 ok!", "xx-osterhus-xx1"])
def test_the_owners_name_and_address_are_refused_in_any_case(own: str) -> None:
    with pytest.raises(BadInput, match="your own name"):
        check_password(own, about=("Eva Holm", "evah", "osterhus"))


def test_short_words_about_the_owner_do_not_count() -> None:
    check_password("en havregryn med eva", about=("eva", ""))


@pytest.mark.asvs("6.2.4", "6.2.11")
@pytest.mark.parametrize(
    "early",
    [
        "password12345678",
        "P4ssw0rdP4ssw0rd",
        "qwertyuiopasdfgh",
        "qwertyuiopåasdfghjkl",
        "123456789012345",
        "iloveyou iloveyou2",
        "kaffe kaffe kaffe",
        "Velkommen2026!!!",
        "Sommer2026!Sommer2026!",
        "fodbold fodbold 1",
        "københavn1234567",
        "Østerhus-Østerhus",
        "wellbeing wellbeing",
        "01011990 01011990",
    ],
)
def test_what_is_guessed_early_is_found_out(early: str) -> None:
    assert is_easily_guessed(early, words=WORKPLACE)


@pytest.mark.parametrize(
    "good",
    [
        "en lang tur langs havet",
        "syv små svaner i søen",
        "correct horse battery staple",
        "gule sejl ved molen",
        "østerhus har et blåt tag",
        "847261930572846",
        "x8#Kq2!vBnR7pLm",
    ],
)
def test_a_few_words_in_a_row_are_no_early_guess(good: str) -> None:
    assert not is_easily_guessed(good, words=WORKPLACE)


@pytest.mark.asvs("6.2.4")
def test_every_common_password_of_the_length_asked_for_is_refused() -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

    known = FREQUENCY_LISTS["passwords"]
    assert len(known) >= 30_000
    long_enough = [word for word in known if len(word) >= MIN_LENGTH]
    assert long_enough
    assert [word for word in long_enough if not is_easily_guessed(word)] == []


def test_danish_words_are_there_once_each() -> None:
    assert len(danish_words()) > 500
    assert "adgangskode" in danish_words()


@pytest.mark.asvs("6.2.8")
@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("en lang tur langs ån", True),
        (normalize("NFD", "en lang tur langs ån"), True),
        ("En lang tur langs ån", False),
        ("en lang tur langs ån ", False),
        ("en lang tur langs an", False),
    ],
)
def test_a_password_is_right_to_the_letter_however_its_letters_are_spelt(
    typed: str, is_right: bool
) -> None:
    assert is_password(typed, hash_password("en lang tur langs ån")) is is_right


@pytest.mark.asvs("6.2.8")
def test_no_end_of_a_password_is_cut_off() -> None:
    longest = "ab cd ef gh " * 10
    assert not is_password(longest[:-1], hash_password(longest))
