"""A gentle check of free text: what looks like a person number, and what looks like a name.

A person number is always refused. A name may be a place or a house, so whoever wrote it is asked
once and can say so. The check is made to be seldom wrong rather than to find everything.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from wellbeing.domain.known_names import (
    FIRST_NAMES,
    NOT_A_NAME,
    PLACE_WORDS,
    ROLE_WORDS,
    STARTERS,
)

_GAP = r"[ \t]*[-–—‐‑−/][ \t]*|[ \t]+|"
# The day of some replacement numbers is 60 too high, and in others letters take the place of
# digits; the control digit is no longer used for new numbers, so it proves nothing.
_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_PERSON_NUMBER = re.compile(
    rf"(?<![\w]){_DAY}(?P<s1>[ ./-]?){_MONTH}(?P<s2>[ ./-]?)(?:19|20)?\d\d"
    rf"(?P<gap>{_GAP})(?P<last>\d{{4}}|(?=[A-Za-z\d]*\d)(?=[A-Za-z\d]*[A-Z])[A-Z\d]{{4}})(?![\w])"
)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_INITIALS = re.compile(r"(?<!\w)(?:[A-ZÆØÅ]\.[ ]?){2,3}(?!\w)")
_INITIALS_KNOWN = frozenset({"AM", "PM", "US", "UK", "DC", "EU", "FN", "UN", "OBS"})
_ENDS_SENTENCE = frozenset('.!?:;\n•“”"»«(')
_DEFINITE = ("en", "et", "erne", "ene", "ing", "hed")


@dataclass(frozen=True, slots=True)
class Identifying:
    """What in a text looks like a person number, and what like a name, as it is written there."""

    person_numbers: tuple[str, ...]
    names: tuple[str, ...]


def find_identifying(text: str) -> Identifying:
    """What looks as if it told who somebody is; each only once, in the order of the text."""
    plain = _plain(text)
    numbers = tuple(dict.fromkeys(_find_numbers(plain)))
    return Identifying(numbers, tuple(dict.fromkeys(_find_names(plain))))


def _plain(text: str) -> str:
    """The text with its digits and letters in their usual form, and nothing invisible in it."""
    usual = unicodedata.normalize("NFKC", text)
    seen = (c for c in usual if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in seen)


def _find_numbers(text: str) -> Iterator[str]:
    for found in _PERSON_NUMBER.finditer(text):
        is_written_as_day = found["s1"] in (".", "/", "-") and found["s1"] == found["s2"]
        is_time_of_day = found["gap"].isspace() and _CLOCK.fullmatch(found["last"]) is not None
        if not (is_written_as_day and is_time_of_day):
            yield found[0]


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    starts_sentence: bool
    follows: bool

    @property
    def bare(self) -> str:
        return self.text.rstrip(".")

    @property
    def folded(self) -> str:
        small = self.bare.casefold().removesuffix("'s").removesuffix("’s")
        stem = small.removesuffix("s")
        return stem if stem in FIRST_NAMES else small

    @property
    def is_capitalised(self) -> bool:
        letters = self.bare
        return len(letters) > 1 and letters[0].isupper() and letters not in _INITIALS_KNOWN

    @property
    def is_titled(self) -> bool:
        return self.is_capitalised and any(c.islower() for c in self.bare)


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    end = 0
    for found in _WORD.finditer(text):
        between = text[end : found.start()]
        ended = bool(words) and _ends_sentence(words[-1])
        starts = not words or ended or any(c in _ENDS_SENTENCE for c in between)
        words.append(_Word(found[0], starts, follows=between in (" ", "\t") and not ended))
        end = found.end()
    return words


def _ends_sentence(word: _Word) -> bool:
    return word.text.endswith(".") and len(word.bare) > 1 and word.folded not in ROLE_WORDS


def _find_names(text: str) -> Iterator[str]:
    words = _words(text)
    taken: set[int] = set()
    for at, word in enumerate(words):
        if at in taken:
            continue
        length = _length_of_name(words, at)
        if length:
            first = at if word.folded not in ROLE_WORDS else at + 1
            taken.update(range(at, at + length))
            yield " ".join(found.text for found in words[first : at + length]).rstrip(".")
    for found in _INITIALS.finditer(text):
        letters = found[0].replace(".", "").replace(" ", "")
        if letters not in _INITIALS_KNOWN:
            yield found[0].strip()


def _length_of_name(words: list[_Word], at: int) -> int:
    """How many words from `at` on are a name, with the role word before it; 0 for none."""
    word = words[at]
    if word.folded in ROLE_WORDS:
        after = _run(words, at + 1) if at + 1 < len(words) and words[at + 1].follows else 0
        return 1 + after if after and _may_follow_role(words[at + 1]) else 0
    run = _run(words, at)
    if run >= 2 and _is_full_name(words[at : at + run]):
        return run
    if _is_initial_and_name(words, at):
        return 2
    return 1 if word.is_titled and word.folded in FIRST_NAMES else 0


def _run(words: list[_Word], at: int) -> int:
    """How many capitalised words follow each other without a stop, an initial among them."""
    count = 0
    while at + count < len(words):
        word = words[at + count]
        is_initial = count > 0 and len(word.bare) == 1 and word.bare.isupper() and "." in word.text
        if count and not word.follows:
            break
        if not (word.is_capitalised or is_initial) or word.folded in NOT_A_NAME:
            break
        count += 1
    return count


def _may_follow_role(word: _Word) -> bool:
    return word.folded not in STARTERS and word.folded not in PLACE_WORDS


def _is_full_name(run: list[_Word]) -> bool:
    first = run[0]
    if any(_is_of_place(word) for word in run):
        return False
    if first.folded in FIRST_NAMES:
        return True
    if not any(word.is_titled for word in run):
        return False
    if first.starts_sentence:
        is_common = first.folded in STARTERS or first.folded.endswith(_DEFINITE)
        return not is_common and first.is_titled and run[1].is_titled
    return all(word.is_titled or len(word.bare) == 1 for word in run)


def _is_of_place(word: _Word) -> bool:
    return word.folded in PLACE_WORDS or word.folded.endswith(
        ("gade", "vej", "allé", "hus", "huset", "herberget", "kommune", "sygehus", "hospital",
         "afsnittet", "center", "centret", "street", "road", "house", "stræde", "gården")
    )  # fmt: skip


def _is_initial_and_name(words: list[_Word], at: int) -> bool:
    """ "J. Hansen", but not the end of "… on ward B. They"."""
    if at + 1 >= len(words) or len(words[at].bare) != 1 or not words[at].text.endswith("."):
        return False
    after = words[at + 1]
    labelled = at > 0 and words[at].follows and words[at - 1].folded in PLACE_WORDS
    is_name = after.is_titled and after.follows and after.folded not in STARTERS
    return words[at].bare.isupper() and is_name and not labelled and not _is_of_place(after)
