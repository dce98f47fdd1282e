"""Which codes are good enough for a diary: what a machine that may guess for months does not hit.

Whoever holds a copy of the database may guess as long as they like; Argon2id makes each guess
dear, so what remains to refuse is short codes and those that stand first on every list.
"""

import re
import unicodedata
from collections.abc import Iterable

from wellbeing.domain.errors import BadInput

MIN_CODE_LENGTH, MAX_CODE_LENGTH = 12, 200
FEWEST_DIFFERENT = 6
# A letter is worth three and a digit two; six letters that nobody expects have to be left.
_LETTER, _DIGIT, _LEAST_WORTH = 3, 2, 18
_ROWS = (
    "abcdefghijklmnopqrstuvwxyzæøå",
    "qwertyuiopåasdfghjklæøzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "01234567890123456789",
)
_RUN = 4
_FIRST_GUESSES = (
    *("adgangskode", "password", "kodeord", "kode", "code", "passord", "login", "secret"),
    *("hemmelig", "hemmeligt", "dagbog", "diary", "wellbeing", "trivsel", "proqol", "checkin"),
    *("velkommen", "welcome", "admin", "test", "mitarbejde", "arbejde", "work", "jegelskerdig"),
    *("iloveyou", "elskerdig", "sommer", "winter", "vinter", "summer", "forår", "spring"),
    *("efterår", "autumn", "januar", "februar", "marts", "april", "juni", "juli", "august"),
    *("september", "oktober", "november", "december", "mandag", "tirsdag", "onsdag", "torsdag"),
    *("fredag", "lørdag", "søndag", "danmark", "denmark", "københavn", "aarhus", "århus"),
    *("odense", "aalborg", "ålborg"),
)


def check_code(code: str, *, about: Iterable[str] = ()) -> None:
    """Refuses codes that are soon guessed; `about` are names of the owner and the workplace."""
    if len(code) < MIN_CODE_LENGTH:
        raise BadInput(
            "Use at least {length} characters. Three or four words are fine.",
            length=MIN_CODE_LENGTH,
        )
    if len(code) > MAX_CODE_LENGTH:
        raise BadInput("Use at most {length} characters.", length=MAX_CODE_LENGTH)
    folded = code.casefold()
    if not any(sign.isalpha() for sign in folded):
        raise BadInput("A code of digits alone is soon guessed. Take some words instead.")
    if len(set(folded)) < FEWEST_DIFFERENT:
        raise BadInput("That code repeats too few characters.")
    left = _without_guesses("".join(sign for sign in folded if sign.isalnum()), about)
    if sum(_LETTER if sign.isalpha() else _DIGIT for sign in left) < _LEAST_WORTH:
        raise BadInput(
            "That code is among the first that somebody would try. Take three or four words that "
            "have nothing to do with you or with each other."
        )


def composed(code: str) -> str:
    """Keyboards send å as one character or as two; both are the same code."""
    return unicodedata.normalize("NFC", code)


def _without_guesses(signs: str, about: Iterable[str]) -> str:
    """What is left of a code beyond names, common words, years, and keys that stand in a row."""
    names = (part for text in about for part in re.split(r"[\W\d_]+", text.casefold()))
    guesses = [*_FIRST_GUESSES, *(name for name in names if len(name) > 2)]
    for guess in sorted(guesses, key=len, reverse=True):
        signs = signs.replace(guess, "")
    signs = re.sub(r"(19|20)\d\d", "", signs)
    for row in _ROWS:
        for line in (row, row[::-1]):
            signs = _without_runs(signs, line)
    return signs


def _without_runs(signs: str, row: str) -> str:
    kept, at = "", 0
    while at < len(signs):
        end = at + 1
        while end < len(signs) and signs[at : end + 1] in row:
            end += 1
        if end - at < _RUN:
            kept, at = kept + signs[at], at + 1
        else:
            at = end
    return kept
