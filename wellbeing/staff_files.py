"""Reads a staff file, CSV or XLSX, into raw rows; whatever the bytes are, rows or BadInput."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from wellbeing.domain.errors import BadInput
from wellbeing.domain.staff import RawRow, find_column
from wellbeing.domain.staff_cells import shown
from wellbeing.staff_sheets import Cell, CellFault, read_sheet

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
DELIMITERS = ";,\t"
_MARKS = DELIMITERS + " "

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SAVE_ANEW = "Save it as 'CSV UTF-8' or .xlsx."


def read_staff_file(path: Path, default_language: str) -> list[RawRow]:
    """The rows of a .csv or .xlsx file with their numbers there; raises BadInput for any other.

    A row that does not fit the header carries its faults; `check_rows` reports them with the rest.
    """
    kind = path.suffix.casefold()
    if kind not in (".csv", ".xlsx"):
        raise BadInput(f"{shown(path.name)} is not a .csv or .xlsx file. Save it as one of them.")
    content = _read_bytes(path)
    rows: Iterator[Sequence[Cell]] = _read_csv(content) if kind == ".csv" else read_sheet(content)
    return list(_to_rows(rows, default_language))


def _read_bytes(path: Path) -> bytes:
    """The whole file; refused before it is read when it is too large or no file."""
    try:
        if not path.is_file():
            raise BadInput(f"There is no file {shown(str(path))}.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadInput(
                f"The file holds {size / 1e6:.0f} MB; the most is {MAX_BYTES / 1e6:.0f} MB."
                " Remove what is not about staff."
            )
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"The file {shown(str(path))} cannot be read: {error.strerror}.") from error


def _read_csv(content: bytes) -> Iterator[list[str]]:
    """Each record, blank lines included, so that rows are counted as a spreadsheet counts them."""
    text = _decode(content)
    delimiter = max(DELIMITERS, key=lambda mark: _fit(text, mark))
    read = 0
    try:
        for cells in _parse(text, delimiter):
            read += 1
            yield cells
    except csv.Error as error:
        raise BadInput(
            f"Row {read + 1} cannot be read as CSV ({error})."
            " Look for a quotation mark without its partner."
        ) from error


def _parse(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """How well a delimiter parts the header: columns that are known, then cells."""
    try:
        records = _parse(text, delimiter)
        header = next((cells for cells in records if any(c.strip(_MARKS) for c in cells)), [])
    except csv.Error:
        return (0, 0)
    return sum(find_column(cell) is not None for cell in header), len(header)


def _decode(content: bytes) -> str:
    """The text; Windows-1252 only where the bytes are not UTF-8 and hold no control bytes."""
    if content.startswith(b"PK\x03\x04"):
        raise BadInput("The file is a workbook, not CSV. Give it a name that ends in .xlsx.")
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if content.startswith((*_UTF_16, codecs.BOM_UTF8)) or _CONTROL.search(content):
            raise BadInput(f"The file is not readable text. {_SAVE_ANEW}") from error
        text = _decode_windows(content)
    if "\0" in text:
        raise BadInput(f"The file holds NUL bytes, so it is not text. {_SAVE_ANEW}")
    return text


def _decode_windows(content: bytes) -> str:
    """Text of older spreadsheets; refused when parts of it are UTF-8, which would garble names."""
    try:
        text = content.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise BadInput(f"The letters of the file are in no known encoding. {_SAVE_ANEW}") from error
    if not content.decode("utf-8", errors="ignore").isascii():
        raise BadInput(f"The file mixes two encodings of letters like æ, ø and å. {_SAVE_ANEW}")
    return text


def _to_rows(rows: Iterable[Sequence[Cell]], default_language: str) -> Iterator[RawRow]:
    """The rows below the header, blank ones left out."""
    filled = ((number, row) for number, row in enumerate(rows, start=1) if _trim(row))
    headers = _read_headers(next(filled, (0, ()))[1])
    for count, (number, cells) in enumerate(filled, start=1):
        if count > MAX_ROWS:
            raise BadInput(
                f"The file has more than {MAX_ROWS} people. Leave out whom it is not for."
            )
        yield _to_row(number, headers, cells, default_language)


def _read_headers(cells: Sequence[Cell]) -> list[str]:
    """The header of each column, "" for one without; a known header may not stand twice."""
    headers = [cell.strip() if isinstance(cell, str) else "" for cell in _trim(cells)]
    if not headers:
        raise BadInput("The file is empty.")
    for header in headers:
        if find_column(header) and headers.count(header) > 1:
            raise BadInput(f"The column {shown(header)} stands twice. Keep one of them.")
    return headers


def _to_row(
    number: int, headers: Sequence[str], cells: Sequence[Cell], default_language: str
) -> RawRow:
    faults = []
    if len(cells) < len(headers) or len(_trim(cells)) > len(headers):
        faults.append(
            f"The row has {len(cells)} cells and the header {len(headers)}."
            " Look for a delimiter too many or too few."
        )
    texts = {}
    for header, cell in zip(headers, cells, strict=False):
        if isinstance(cell, str):
            texts[header] = cell
        elif find_column(header):
            faults.append(f"The cell below {shown(header)} {cell.text}")
    texts.pop("", None)
    return RawRow(number, texts, default_language, tuple(faults))


def _trim(cells: Sequence[Cell]) -> Sequence[Cell]:
    """The cells up to the last that is not blank."""
    end = len(cells)
    while end and not (isinstance(last := cells[end - 1], CellFault) or last.strip()):
        end -= 1
    return cells[:end]
