"""How soon a password would be guessed by somebody who tries the common ones first.

zxcvbn knows 30,000 passwords that many people have used, words, names, dates, keyboard walks,
sequences and repetitions, also with 4 for a and the like; Danish words are in config.
"""

from functools import cache
from math import log10
from threading import Lock

from wellbeing.domain.passwords import MAX_LENGTH, normalise_password
from wellbeing.resources import folder

# Ten guesses an hour are let through; ten thousand million also outlast a stolen argon2id hash.
ENOUGH_GUESSES_LOG10 = 10
_DANISH_WORDS = "common-words-da.txt"
# zxcvbn keeps the words of whoever asks in one table of the process.
_ONE_AT_A_TIME = Lock()


def is_easily_guessed(password: str, *, words: tuple[str, ...] = ()) -> bool:
    """Whether it would be among the first guesses; `words` are those of person and workplace."""
    from zxcvbn import zxcvbn  # type: ignore[import-untyped] # its lists take a moment to load, and only this page needs them

    password = normalise_password(password)[:MAX_LENGTH]
    parts = [part.lower() for word in words for part in (word, *word.split())]
    with _ONE_AT_A_TIME:
        found = zxcvbn(password, user_inputs=[*parts, *danish_words()], max_length=MAX_LENGTH)
    return log10(found["guesses"]) < ENOUGH_GUESSES_LOG10


@cache
def danish_words() -> tuple[str, ...]:
    """The words that Danes begin with, the likeliest first."""
    lines = (folder("config") / _DANISH_WORDS).read_text(encoding="utf-8").splitlines()
    return tuple(w for line in lines if not line.startswith("#") for w in line.split())
