"""The official form as a file gave it: thirty numbered sentences, or one that says why not.

Nothing is guessed: what is missing, stands twice or cannot be read is refused and named. White
space is made even and the joined letters of typesetters (ﬁ, ﬂ) are parted; no other letter changes.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import ANCHOR_COUNT, ITEM_COUNT

MAX_ITEM_LENGTH = 400
MAX_ANCHOR_LENGTH = 60
MAX_INTRO_LENGTH = 2000

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_JOINED = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# Control, private and unassigned characters: what a font or an encoding has lost.
_LOST = frozenset({"Cc", "Co", "Cn", "Cs"})
_LOST_LETTER = "\ufffd"
_MOST_SINGLE_LETTERS = 0.4


@dataclass(frozen=True, slots=True)
class FoundForm:
    """What a file holds: numbered sentences in the order found, and perhaps answers and words of
    instruction.
    """

    sentences: tuple[tuple[int, str], ...]
    anchors: tuple[str, ...] = ()
    intro: str = ""


@dataclass(frozen=True, slots=True)
class OfficialForm:
    """Thirty sentences in order; five answers or none, instructions or "" as the file gave them."""

    items: tuple[str, ...]
    anchors: tuple[str, ...]
    intro: str


def check_form(found: FoundForm) -> OfficialForm:
    """The form, whole; BadInput says which items are missing, too many or cannot be read."""
    sentences = [(number, tidy(text)) for number, text in found.sentences]
    _check_numbers([number for number, _ in sentences])
    items = tuple(text for _, text in sorted(sentences))
    for number, text in enumerate(items, start=1):
        _check_sentence(number, text)
    _check_different(items)
    return OfficialForm(items, _check_anchors(found.anchors), _check_intro(found.intro))


def tidy(text: str) -> str:
    """`text` in Unicode's composed form with single spaces, without what cannot be seen."""
    parted = text.translate(_JOINED).translate(_UNSEEN)
    return " ".join(unicodedata.normalize("NFC", parted).split())


def _check_numbers(numbers: list[int]) -> None:
    counts = Counter(numbers)
    repeated = sorted(number for number, count in counts.items() if count > 1)
    unknown = sorted(number for number in counts if not 1 <= number <= ITEM_COUNT)
    missing = [number for number in range(1, ITEM_COUNT + 1) if number not in counts]
    if repeated:
        raise BadInput(
            "Number {number} stands twice. Each of the thirty items must be there once.",
            number=repeated[0],
        )
    if unknown:
        raise BadInput(
            "{found} items were found, also one with the number {number}. ProQOL 5 has exactly 30"
            " items; another version or another form cannot be used.",
            found=len(numbers),
            number=unknown[0],
        )
    if len(missing) == ITEM_COUNT:
        raise BadInput("No numbered items were found. Each sentence needs its number, 1 to 30.")
    if len(missing) == 1:
        raise BadInput(
            "29 items were found; {last} is missing. ProQOL 5 has exactly 30 items.",
            last=missing[0],
        )
    if missing:
        raise BadInput(
            "{found} items were found; {some} and {last} are missing. ProQOL 5 has exactly 30"
            " items.",
            found=len(numbers),
            some=_listed(missing[:-1]),
            last=missing[-1],
        )


def _listed(numbers: list[int]) -> str:
    """ "3, 7, 9–12": runs of three or more are drawn together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(part for run in runs for part in _run(run))


def _run(run: list[int]) -> Iterable[str]:
    return [f"{run[0]}–{run[-1]}"] if len(run) > 2 else map(str, run)


def _check_sentence(number: int, text: str) -> None:
    if not any(letter.isalpha() for letter in text):
        raise BadInput("Item {number} has no words.", number=number)
    if len(text) > MAX_ITEM_LENGTH:
        raise BadInput(
            "Item {number} is {length} characters long, which no item of ProQOL 5 is. Something"
            " that stands after it was read as part of it.",
            number=number,
            length=len(text),
        )
    if not can_be_read(text):
        raise BadInput(
            "The letters of item {number} cannot be read reliably. Write the thirty sentences in a"
            " CSV file instead.",
            number=number,
        )


def can_be_read(text: str) -> bool:
    """False where letters are lost, or stand spaced so that words cannot be told."""
    if _LOST_LETTER in text or any(unicodedata.category(letter) in _LOST for letter in text):
        return False
    words = [word for word in text.split() if word.isalpha()]
    single = sum(len(word) == 1 for word in words)
    return len(words) < 4 or single / len(words) <= _MOST_SINGLE_LETTERS


def _check_different(items: tuple[str, ...]) -> None:
    first_with: dict[str, int] = {}
    for number, text in enumerate(items, start=1):
        first = first_with.setdefault(text.casefold(), number)
        if first != number:
            raise BadInput(
                "Items {first} and {second} have the same words. Look at the file once more.",
                first=first,
                second=number,
            )


def _check_anchors(given: tuple[str, ...]) -> tuple[str, ...]:
    anchors = tuple(tidy(anchor) for anchor in given)
    if not anchors:
        return ()
    if len(anchors) != ANCHOR_COUNT or len({a.casefold() for a in anchors}) != ANCHOR_COUNT:
        raise BadInput(
            "{found} different answers were found. ProQOL 5 has five, from never to very often.",
            found=len(set(anchors)),
        )
    if not all(0 < len(anchor) <= MAX_ANCHOR_LENGTH and can_be_read(anchor) for anchor in anchors):
        raise BadInput("The words of the five answers cannot be read. Write them out in full.")
    return anchors


def _check_intro(given: str) -> str:
    paragraphs = (tidy(paragraph) for paragraph in given.replace("\r\n", "\n").split("\n\n"))
    intro = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if len(intro) > MAX_INTRO_LENGTH:
        raise BadInput(
            "The instructions can be {length} characters long. Keep the form alone.",
            length=MAX_INTRO_LENGTH,
        )
    if not can_be_read(intro.replace("\n", " ")):
        raise BadInput("The letters of the instructions cannot be read reliably.")
    return intro
