"""Scores a CSV file of answers: the same rows and columns, with scores and bands appended.

The text is read twice in blocks, first to check it and then to score it, so memory does not grow
with the file and nothing is written while a later row may be wrong.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import TextIO

import numpy as np

from wellbeing.domain.csv_blocks import Block, Heading, read_blocks, read_heading
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import NOT_SCORED, Instrument, Scale, band_of
from wellbeing.domain.scoring import MAX_FAULTS, score

Progress = Callable[[int], None]

PASSES = 2
SCORE_COLUMNS = (*Scale, *(f"{scale}_band" for scale in Scale))

_BYTES_IN_MEMORY = 1 << 24
_DIGITS = np.array([10_000, 100, 1], np.int32)


def score_csv(
    source: TextIO,
    sink: TextIO,
    instrument: Instrument,
    progress: Progress | None = None,
) -> int:
    """Writes `source` with CS, BO, STS and their bands appended to `sink`; returns the rows scored.

    Columns item1–item30 in any order, others kept; `,` or `;`, the output as the input; a blank is
    not answered and a scale not scored is blank. BadInput names up to 50 faults by row (the heading
    is row 1) and column, and then nothing has been written. `progress` gets the characters done
    since its last call; the text passes `PASSES` times.
    """
    try:
        with _rewindable(source) as text:
            start = text.tell()
            _check(text, progress)
            text.seek(start)
            return _write(text, sink, instrument, progress)
    except UnicodeDecodeError as error:
        raise BadInput("The file is not UTF-8 text; save it as CSV in UTF-8.") from error


@contextmanager
def _rewindable(source: TextIO) -> Iterator[TextIO]:
    """The source, or a passing copy of it (in memory while small) when it can be read only once."""
    if source.seekable():
        yield source
        return
    with (
        SpooledTemporaryFile(_BYTES_IN_MEMORY) as spool,
        TextIOWrapper(spool, encoding="utf-8", newline="") as copy,
    ):
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        yield copy


def _check(source: TextIO, progress: Progress | None) -> None:
    faults: list[str] = []
    for block in _blocks(source, read_heading(source, SCORE_COLUMNS), progress):
        faults += block.faults
        if len(faults) >= MAX_FAULTS:
            break
    if faults:
        raise BadInput(faults[0], tuple(faults[:MAX_FAULTS]))


def _write(source: TextIO, sink: TextIO, instrument: Instrument, progress: Progress | None) -> int:
    heading = read_heading(source, SCORE_COLUMNS)
    endings = _Endings(instrument, heading)
    sink.write(heading.delimiter.join((heading.text, *SCORE_COLUMNS)) + heading.newline)
    rows = 0
    for block in _blocks(source, heading, progress):
        if block.faults:
            raise BadInput("The file was changed while it was being read; score it again.")
        codes = (score(block.answers, instrument) @ _DIGITS).tolist()
        scored = zip(block.lines, codes, strict=True)
        sink.write("".join([line + endings[code] for line, code in scored]))
        rows += len(codes)
    return rows


def _blocks(source: TextIO, heading: Heading, progress: Progress | None) -> Iterator[Block]:
    for block in read_blocks(source, heading):
        yield block
        if progress:
            progress(sum(map(len, block.lines)) + len(block.lines))


class _Endings(dict[int, str]):
    """What a row ends with, by its three scores as one number (CS 38, BO 22, STS 17: 382217)."""

    def __init__(self, instrument: Instrument, heading: Heading) -> None:
        super().__init__()
        self._instrument = instrument
        self._heading = heading

    def __missing__(self, code: int) -> str:
        scores = (code // 10_000, code // 100 % 100, code % 100)
        bands = [self._band(scale, value) for scale, value in zip(Scale, scores, strict=True)]
        fields = ["" if value == NOT_SCORED else str(value) for value in scores]
        ending = self._heading.delimiter.join(("", *fields, *bands)) + self._heading.newline
        self[code] = ending
        return ending

    def _band(self, scale: Scale, value: int) -> str:
        return "" if value == NOT_SCORED else band_of(self._instrument, scale, value)
