"""A diary's code is long, and not what somebody would try first."""

import pytest

from wellbeing.domain.diary_codes import MAX_CODE_LENGTH, MIN_CODE_LENGTH, check_code
from wellbeing.domain.errors import BadInput

ABOUT = ("Eva Holm", "eva.holm", "Østerhus")


@pytest.mark.parametrize(
    "good",
    [
        "måneskin over Anholt",
        "havregrød og blåbær",
        "korrekt hest batteri",
        "kx7-pq2-vv9-zz1",
        "83f0193847561a29",
        "min kode er gul og flyver",
        "Eva Holm spiser kiks ved åen",
    ],
)
def test_some_words_or_many_odd_signs_are_accepted(good: str) -> None:
    check_code(good, about=ABOUT)


def test_length_is_counted_to_the_character() -> None:
    check_code("gule sejl ved molen"[:MIN_CODE_LENGTH])
    with pytest.raises(BadInput, match="at least 12"):
        check_code("gule sejl ved molen"[: MIN_CODE_LENGTH - 1])
    check_code(("gule sejl " * 20)[:MAX_CODE_LENGTH])
    with pytest.raises(BadInput, match="at most 200"):
        check_code("gule sejl " * 20 + "x")


@pytest.mark.parametrize("digits", ["123456789012", "004522334455", "0101801234 22334455"])
def test_digits_alone_are_refused_however_many(digits: str) -> None:
    with pytest.raises(BadInput, match="digits alone"):
        check_code(digits)


@pytest.mark.parametrize("poor", ["aaaaaaaaaaaa", "ababababababab", "xyxyxyz xyxyxyz"])
def test_few_different_characters_are_refused(poor: str) -> None:
    with pytest.raises(BadInput, match="too few"):
        check_code(poor)


@pytest.mark.parametrize(
    "first_guess",
    [
        "Sommer2026!!",
        "Adgangskode1",
        "min dagbog 1234",
        "Velkommen2026",
        "qwertyuiop123",
        "abcdefghijklm",
        "mlkjihgfedcba",
        "asdfghjkl 2026",
        "EvaHolm1980!",
        "holm.eva.2201",
        "Østerhus2026",
        "jeg elsker dig",
    ],
)
def test_what_somebody_would_try_first_is_refused(first_guess: str) -> None:
    with pytest.raises(BadInput, match="among the first"):
        check_code(first_guess, about=ABOUT)
