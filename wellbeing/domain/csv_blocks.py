"""Reads a CSV file of answers in blocks: array operations for clean text, row by row for the rest.

Clean means: no quotes, every row as long as the heading, every answer a single digit or blank.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import ITEM_COUNT

ITEM_COLUMNS = tuple(f"item{number}" for number in range(1, ITEM_COUNT + 1))

_BLOCK_CHARACTERS = 1 << 16
_BLOCK_ROWS = 8192
_SHOWN_CHARACTERS = 20
# Before Python 3.13 csv.writer quotes a line break only if its own line end contains it.
_LINE_END = "\r\n"
_ANSWER_OF_FIELD = {"": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
_NEWLINE, _ZERO, _FIVE = ord("\n"), ord("0"), ord("5")


@dataclass(frozen=True, slots=True)
class Heading:
    """The first row of a file; `item_positions` are the columns of item1 to item30, from 0."""

    text: str
    names: tuple[str, ...]
    delimiter: str
    newline: str
    item_positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows: the text of each, the answers (N, 30), and a sentence for each fault in them."""

    lines: Sequence[str]
    answers: NDArray[np.uint8]
    faults: Sequence[str] = ()


def read_heading(source: TextIO, added: Sequence[str] = ()) -> Heading:
    """Reads the first row; BadInput names columns missing, repeated, or taken from those added."""
    text = _read_record(source).removeprefix("\ufeff")
    line = text.rstrip("\r\n")
    if not line:
        raise BadInput("The file is empty: its first row must name the columns.")
    delimiter, names = max(
        ((mark, _split(line, mark)) for mark in ",;"),
        key=lambda found: (len(set(ITEM_COLUMNS) & set(found[1])), len(found[1])),
    )
    _check_names(names, added)
    positions = tuple(names.index(column) for column in ITEM_COLUMNS)
    return Heading(line, names, delimiter, "\r\n" if text.endswith("\r\n") else "\n", positions)


def read_blocks(source: TextIO, heading: Heading) -> Iterator[Block]:
    """The rows after the heading, block by block; blank lines are dropped, but counted as rows."""
    row = 2
    while text := source.read(_BLOCK_CHARACTERS):
        text = (text + source.readline()).replace("\r\n", "\n")
        if '"' in text or "\r" in text:
            lines = chain(io.StringIO(text, newline=""), iter(source.readline, ""))
            yield from _read_rows(lines, heading, row)
            return
        text = text if text.endswith("\n") else text + "\n"
        answers = _find_answers(text, heading)
        if answers is None:
            yield from _read_rows(io.StringIO(text), heading, row)
        else:
            yield Block(text.split("\n")[:-1], answers)
        row += text.count("\n")


def _read_record(source: TextIO) -> str:
    """One row as text; a quoted field may hold line breaks."""
    text = source.readline()
    while text.count('"') % 2 and (more := source.readline()):
        text += more
    return text


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    rows = csv.reader(io.StringIO(line, newline=""), delimiter=delimiter)
    return tuple(name.strip() for name in next(rows))


def _check_names(names: Sequence[str], added: Sequence[str]) -> None:
    missing = [column for column in ITEM_COLUMNS if column not in names]
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    in_the_way = [name for name in added if name in names]
    faults = [
        *(f"The column {name} is missing." for name in missing),
        *(f"The column {name} occurs more than once." for name in repeated),
        *(f"The file already has a column {name}; rename or remove it." for name in in_the_way),
    ]
    if len(missing) == ITEM_COUNT:
        faults[:ITEM_COUNT] = ["The first row must name the columns item1 to item30."]
    if faults:
        raise BadInput(faults[0], tuple(faults))


def _find_answers(text: str, heading: Heading) -> NDArray[np.uint8] | None:
    """The answers (N, 30) in clean text that ends with a line break; None when it is not clean."""
    raw = np.frombuffer(text.encode("utf-8"), np.uint8)
    columns = len(heading.names)
    breaks = raw == _NEWLINE
    ends = np.flatnonzero(breaks | (raw == ord(heading.delimiter)))
    rows = int(np.count_nonzero(breaks))
    if ends.size != rows * columns or not breaks[ends[columns - 1 :: columns]].all():
        return None
    lengths = np.diff(ends, prepend=-1).reshape(rows, columns)[:, heading.item_positions] - 1
    last = raw[ends.reshape(rows, columns)[:, heading.item_positions] - 1]
    filled = lengths == 1
    valid = filled & (last > _ZERO) & (last <= _FIVE)
    if not (valid | (lengths == 0)).all():
        return None
    return np.where(filled, last - np.uint8(_ZERO), np.uint8(0))


def _read_rows(lines: Iterable[str], heading: Heading, first_row: int) -> Iterator[Block]:
    rows = enumerate(csv.reader(lines, delimiter=heading.delimiter), start=first_row)
    try:
        while batch := list(islice(rows, _BLOCK_ROWS)):
            yield _read_batch(batch, heading)
    except csv.Error as error:
        raise BadInput(f"The file is not a readable CSV file: {error}.") from error


def _read_batch(batch: Sequence[tuple[int, list[str]]], heading: Heading) -> Block:
    lines = _Lines()
    writer = csv.writer(lines, delimiter=heading.delimiter, lineterminator=_LINE_END)
    pick = itemgetter(*heading.item_positions)
    sheets: list[bytes] = []
    faults: list[str] = []
    for row, fields in batch:
        if not fields:
            continue
        if len(fields) != len(heading.names):
            faults.append(_wrong_length(row, fields, heading))
            continue
        try:
            sheets.append(bytes([_ANSWER_OF_FIELD[field.strip()] for field in pick(fields)]))
            writer.writerow(fields)
        except KeyError:
            faults += _wrong_fields(row, pick(fields))
    answers = np.frombuffer(b"".join(sheets), np.uint8).reshape(-1, ITEM_COUNT)
    return Block(lines, answers, faults)


class _Lines(list[str]):
    """A list that csv.writer can write to: one entry for each row, without its line end."""

    def write(self, line: str) -> None:
        self.append(line.removesuffix(_LINE_END))


def _wrong_length(row: int, fields: Sequence[str], heading: Heading) -> str:
    return f"Row {row} (the heading is row 1) has {len(fields)} columns, not {len(heading.names)}."


def _wrong_fields(row: int, fields: Sequence[str]) -> Iterator[str]:
    for column, field in zip(ITEM_COLUMNS, fields, strict=True):
        if field.strip() not in _ANSWER_OF_FIELD:
            shown = field if len(field) <= _SHOWN_CHARACTERS else field[:_SHOWN_CHARACTERS] + "…"
            yield (
                f"Row {row} (the heading is row 1), column {column}: {shown!r} is not a whole "
                "number from 1 to 5, nor blank for no answer."
            )
