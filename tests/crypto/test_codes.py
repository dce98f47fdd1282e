"""A one-time code is read as people type it, kept as a keyed hash, and hopeless to guess."""

import math
from hashlib import sha256

import pytest

from wellbeing.crypto.codes import (
    ALPHABET,
    LENGTH,
    hash_code,
    hash_of_no_code,
    make_code,
    read_code,
    show_code,
)

KEY, OTHER_KEY = b"k" * 32, b"l" * 32
TRIES, LIVE_CODES = 10**6, 100


def test_a_code_is_twelve_characters_that_do_not_look_alike() -> None:
    code = make_code()
    assert len(code) == LENGTH == 12
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01OIL")
    assert len(set(ALPHABET)) == 31


def test_a_code_is_shown_in_groups_of_four() -> None:
    assert show_code("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDEFGHJKMN",
        "abcd-efgh-jkmn",
        " ABCD efgh – jkmn\n",
        "ab cd ef gh jk mn",
        "abcd.efgh_jkmn",
    ],
)
def test_a_code_is_read_in_any_case_and_with_any_gaps(typed: str) -> None:
    assert read_code(typed) == "ABCDEFGHJKMN"


def test_what_is_far_too_long_is_no_code() -> None:
    assert len(read_code("A" * 10_000)) < 100


def test_a_hash_depends_on_the_key_of_the_service_and_is_no_plain_hash() -> None:
    code = make_code()
    assert hash_code(code, KEY) == hash_code(code, KEY)
    assert hash_code(code, KEY) != hash_code(code, OTHER_KEY)
    assert hash_code(code, KEY) != sha256(code.encode()).hexdigest()


def test_what_stands_for_a_used_code_looks_like_any_other_hash() -> None:
    used, unused = hash_of_no_code(), hash_code(make_code(), KEY)
    assert len(used) == len(unused) == 64
    assert set(used) | set(unused) <= set("0123456789abcdef")
    assert hash_of_no_code() != used


def test_twenty_thousand_codes_all_differ_and_use_every_character_evenly() -> None:
    codes = [make_code() for _ in range(20_000)]
    assert len(set(codes)) == len(codes)
    counts = [sum(code.count(letter) for code in codes) for letter in ALPHABET]
    expected = len(codes) * LENGTH / len(ALPHABET)
    assert all(abs(count - expected) < 6 * math.sqrt(expected) for count in counts)


@pytest.mark.asvs("6.5.4")
def test_a_million_tries_find_one_of_a_hundred_codes_with_less_than_one_in_a_thousand_million() -> (
    None
):
    assert LIVE_CODES * TRIES / len(ALPHABET) ** LENGTH < 1e-9
