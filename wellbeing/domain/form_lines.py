"""Finds numbered sentences in the lines of a page, in one column or in two.

A line that begins with a number begins an item; the lines below go on with it. Only an unbroken
run of numbers counts, so scoring tables and page numbers elsewhere in a document do no harm.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import ANCHOR_COUNT, ITEM_COUNT
from wellbeing.domain.official_form import FoundForm, tidy

MAX_LINE_LENGTH = 2000

_BOXES = r"[\s_.…☐□○◯•·\-–—]*"
_WITH_MARK = re.compile(rf"^{_BOXES}(?P<number>[1-9]\d?)\s*[.):](?!\d)(?P<text>.*)$")
_BARE = re.compile(r"^\s*(?P<number>[1-9]\d?)(?:\s+(?P<text>[^\W\d_].*)|\s*)$")
# "1 2 3 4 5" to ring, or blanks to write in, at the end of a line: no part of the sentence.
_TO_ANSWER = re.compile(r"(?:\s+(?:1\s+2\s+3\s+4\s+5|[_.…]{2,}|[☐□○◯]+))+\s*$")
# Where a second column begins in the middle of a line.
_INSIDE = re.compile(rf"\s(?={_BOXES}[1-9]\d?[.)]\s+[^\W\d_])")
# What stands so often below a full stop is a heading or names the answers.
_REPEATED = 5
_FULL_STOPS = (".", "!", "?")
_ENDS = re.compile(r"©|\(c\)|copyright|www\.", re.IGNORECASE)
_ANCHORS = re.compile(
    r"\b1\s*=\s*(.{2,40}?)[\s,;]*\b2\s*=\s*(.{2,40}?)[\s,;]*\b3\s*=\s*(.{2,40}?)[\s,;]*"
    r"\b4\s*=\s*(.{2,40}?)[\s,;]*\b5\s*=\s*([^\n\d_]{2,40})"
)


@dataclass(frozen=True, slots=True)
class _Start:
    """A line that begins with a number; `rest` is what stands after it there."""

    number: int
    line: int
    rest: str


def read_lines(pages: Sequence[str]) -> FoundForm:
    """The numbered sentences: an unbroken run, or thirty numbers in two columns, each once.

    Where there is neither, the longest part of a run, so that can be said what is missing.
    """
    lines = [line for page in pages for line in (*page.splitlines(), "")]
    if any(len(line) > MAX_LINE_LENGTH for line in lines):
        raise BadInput(
            "The sentences run together in the file, so it cannot be told where one ends. Write the"
            " thirty sentences in a CSV file instead."
        )
    parted = [part for line in lines for part in _INSIDE.split(line)]
    found = (
        _find_whole_run(lines, _WITH_MARK)
        or _find_all_once(parted, _WITH_MARK)
        or _find_whole_run(lines, _BARE)
        or _longest_run(lines)
    )
    return FoundForm(tuple(found), _find_anchors("\n".join(lines)))


def _find_whole_run(lines: Sequence[str], begin: re.Pattern[str]) -> list[tuple[int, str]]:
    """The sentences numbered 1 to 30 in order; none where there is no such run."""
    runs = _runs(list(_find_starts(lines, begin)))
    whole = [_sentences(lines, run) for run in runs if _is_whole(run)]
    if any(_spelled(other) != _spelled(whole[0]) for other in whole):
        raise BadInput(
            "The thirty items stand there more than once, with different words. Keep the form in"
            " one language and delete the rest."
        )
    return whole[0] if whole else []


def _find_all_once(lines: Sequence[str], begin: re.Pattern[str]) -> list[tuple[int, str]]:
    """The sentences numbered 1 to 30, each number once, in whatever order; else none."""
    starts = list(_find_starts(lines, begin))
    numbers = sorted(start.number for start in starts)
    return _sentences(lines, starts) if numbers == list(range(1, ITEM_COUNT + 1)) else []


def _longest_run(lines: Sequence[str]) -> list[tuple[int, str]]:
    runs = [run for begin in (_WITH_MARK, _BARE) for run in _runs(list(_find_starts(lines, begin)))]
    longest = max(runs, key=len, default=[])
    return [(start.number, start.rest.strip()) for start in longest]


def _find_starts(lines: Sequence[str], begin: re.Pattern[str]) -> Iterator[_Start]:
    for place, line in enumerate(lines):
        if found := begin.match(line):
            yield _Start(int(found["number"]), place, found["text"] or "")


def _runs(starts: Sequence[_Start]) -> list[list[_Start]]:
    """Stretches of growing numbers: a number not above the one before it begins a new one."""
    runs: list[list[_Start]] = [[start] for start in starts[:1]]
    for before, start in pairwise(starts):
        if start.number > before.number:
            runs[-1].append(start)
        else:
            runs.append([start])
    return runs


def _is_whole(run: Sequence[_Start]) -> bool:
    return [start.number for start in run] == list(range(1, ITEM_COUNT + 1))


def _sentences(lines: Sequence[str], run: Sequence[_Start]) -> list[tuple[int, str]]:
    counts = Counter(_without_answers(line) for line in lines)
    repeated = frozenset(line for line, count in counts.items() if count >= _REPEATED)
    ends = [start.line for start in run[1:]]
    inside = [(start, lines[start.line + 1 : end]) for start, end in zip(run, ends, strict=False)]
    last = [(start, _until_end(start.rest, lines[start.line + 1 :])) for start in run[-1:]]
    found = [(start.number, _sentence(start, more, repeated)) for start, more in inside + last]
    if not all(text for _, text in found):
        raise BadInput(
            "The numbers and the sentences stand apart in the file, so it cannot be told which"
            " belong together. Write the thirty sentences in a CSV file instead."
        )
    return found


def _sentence(start: _Start, more: Sequence[str], repeated: frozenset[str]) -> str:
    """The words of an item; BadInput where text stands apart below it that may belong to it."""
    parts = [_without_answers(start.rest)]
    is_over = False
    for line in more:
        part = _without_answers(line)
        if _ENDS.search(part) or (part in repeated and parts[-1].endswith(_FULL_STOPS)):
            is_over = True
        elif not part:
            is_over = any(parts)
        elif is_over:
            raise BadInput(
                "Below item {number} stands “{words}”, and it cannot be told whether it belongs to"
                " it. Write the thirty sentences in a CSV file instead.",
                number=start.number,
                words=part[:60],
            )
        else:
            parts.append(part)
    return _join([part for part in parts if part])


def _until_end(first: str, more: Sequence[str]) -> list[str]:
    """What still belongs to the last item: up to a full stop, a gap, or who owns the form."""
    taken: list[str] = []
    text = _without_answers(first)
    for line in more:
        part = _without_answers(line)
        is_over = not part or _ENDS.search(part) or text.endswith(_FULL_STOPS)
        if text and is_over:
            break
        taken.append(line)
        text = part or text
    return taken


def _without_answers(line: str) -> str:
    text = _TO_ANSWER.sub("", f" {line}")
    return tidy(text) if _has_letters(text) else ""


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _join(parts: Sequence[str]) -> str:
    for part in parts[:-1]:
        if part.endswith(("-", "‐")) and not part.endswith((" -", " ‐")):
            raise BadInput(
                "A word is broken with a hyphen at the end of a line (“{words}”), so it cannot be"
                " told how it is spelled. Write the thirty sentences in a CSV file instead.",
                words=part[-30:],
            )
    return " ".join(parts)


def _spelled(sentences: Sequence[tuple[int, str]]) -> list[str]:
    return ["".join(text.split()).casefold() for _, text in sentences]


def _find_anchors(text: str) -> tuple[str, ...]:
    """The five answers where the form explains its numbers: "1 = never, 2 = rarely …"."""
    found = _ANCHORS.search(text)
    anchors = tuple(tidy(word).rstrip(" .,;)") for word in found.groups()) if found else ()
    return anchors if len(set(anchors)) == ANCHOR_COUNT and all(anchors) else ()
