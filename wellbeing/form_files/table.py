"""Reads the form out of a CSV file: a row for each item, and optionally for answers and
instructions.
"""

import csv
import io
import re
from collections.abc import Iterator

from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import ANCHOR_COUNT, ITEM_COUNT
from wellbeing.domain.official_form import FoundForm

MAX_ROWS = 200
DELIMITERS = ";,\t"

_NUMBER_HEADERS = ("item", "number", "no", "nr", "nummer", "spørgsmål")
_TEXT_HEADERS = ("text", "tekst", "sentence", "sætning", "wording", "ordlyd")
_ITEM = re.compile(r"(?:item|spørgsmål)?\s*([0-9]{1,3})\.?")
_ANCHOR = re.compile(r"(?:answer|anchor|svar)\s*([0-9]{1,3})")
_INTRO = ("instructions", "intro", "vejledning")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def example_table(locale: str) -> str:
    """A CSV file to fill in, with headers in the language: every row there is, without words."""
    danish = locale == "da"
    headers = ("nummer", "tekst") if danish else ("item", "text")
    rows = [*(str(number) for number in range(1, ITEM_COUNT + 1))]
    rows += [f"{'svar' if danish else 'answer'} {number}" for number in range(1, ANCHOR_COUNT + 1)]
    rows.append("vejledning" if danish else "instructions")
    return "\r\n".join([";".join(headers), *(f"{row};" for row in rows), ""])


def read_table(content: bytes, _locale: str) -> FoundForm:
    """The sentences with their numbers; BadInput names the row that cannot be read."""
    text = _decode(content)
    rows = _parse_best(text)
    items: list[tuple[int, str]] = []
    anchors: dict[int, str] = {}
    intro = ""
    for row, name, sentence in _named(rows):
        if not sentence:
            continue
        if found := _ITEM.fullmatch(name):
            items.append((int(found[1]), sentence))
        elif found := _ANCHOR.fullmatch(name):
            _put(anchors, int(found[1]), sentence, row)
        elif name in _INTRO and not intro:
            intro = sentence
        else:
            raise BadInput(
                "Row {row} begins with '{name}'. It must begin with the number of an item.",
                row=row,
                name=name[:30],
            )
    _check_anchor_numbers(anchors)
    return FoundForm(tuple(items), tuple(anchors[n] for n in sorted(anchors)), intro)


def _put(anchors: dict[int, str], number: int, text: str, row: int) -> None:
    if number in anchors:
        raise BadInput(
            "Row {row} gives answer {number} a second time. Keep one of them.",
            row=row,
            number=number,
        )
    anchors[number] = text


def _check_anchor_numbers(anchors: dict[int, str]) -> None:
    if anchors and sorted(anchors) != list(range(1, ANCHOR_COUNT + 1)):
        raise BadInput("Give all five answers, answer 1 to answer 5, or none of them.")


def _parse_best(text: str) -> list[list[str]]:
    """The records with the delimiter that parts most rows into a number and words."""
    tried = [_parse(text, mark) for mark in DELIMITERS]
    rows = max(tried, key=_fit)
    if rows is None or (None in tried and not _fit(rows)):
        raise BadInput(
            "The file cannot be read as CSV. Look for a quotation mark without its partner."
        )
    return rows


def _parse(text: str, delimiter: str) -> list[list[str]] | None:
    """The records; None where the text is no CSV with this delimiter."""
    lines = io.StringIO(text, newline="")
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None
    return [[cell.strip() for cell in row] for row in rows]


def _fit(rows: list[list[str]] | None) -> int:
    """How many rows are a number and words."""
    return sum(len(row) > 1 and bool(row[0]) and bool(row[1]) for row in rows or [])


def _named(rows: list[list[str]]) -> Iterator[tuple[int, str, str]]:
    """Row number, what stands in the column of numbers, and the words; blank rows left out."""
    filled = [(place, row) for place, row in enumerate(rows, start=1) if any(row)]
    if len(filled) > MAX_ROWS:
        raise BadInput("The file has more than {rows} rows. Keep the form alone.", rows=MAX_ROWS)
    headers = [cell.casefold() for cell in filled[0][1]] if filled else []
    number = next((headers.index(h) for h in _NUMBER_HEADERS if h in headers), None)
    words = next((headers.index(h) for h in _TEXT_HEADERS if h in headers), None)
    if number is None and words is None and headers and _ITEM.fullmatch(headers[0]):
        number, words, filled = 0, 1, [(0, []), *filled]
    if number is None or words is None:
        raise BadInput("The first row must name the two columns: item and text.")
    for place, row in filled[1:]:
        if any(cell for cell in row[max(number, words) + 1 :]) and len(row) > len(headers):
            raise BadInput(
                "Row {row} has more columns than the first. Put sentences with a comma or a"
                " semicolon between quotation marks.",
                row=place,
            )
        cells = [*row, *[""] * (len(headers) - len(row))]
        yield place, " ".join(cells[number].casefold().split()), cells[words]


def _decode(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or the Windows letters of older spreadsheets."""
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = _decode_windows(content)
    if _CONTROL.search(text):
        raise BadInput("The file is not readable text. Save it as “CSV UTF-8”.")
    return text


def _decode_windows(content: bytes) -> str:
    """Refused where parts of it are UTF-8 nevertheless, which would garble letters."""
    try:
        text = content.decode("windows-1252")
    except UnicodeDecodeError:
        raise BadInput("The file is not readable text. Save it as “CSV UTF-8”.") from None
    if not content.decode("utf-8", errors="ignore").isascii():
        raise BadInput("The letters æ, ø and å cannot be told apart. Save the file as “CSV UTF-8”.")
    return text
