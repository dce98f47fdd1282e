"""Writes tables as a workbook that every spreadsheet program opens. Knows no tables of ours.

Whatever people typed stays text: nothing in a cell is ever a formula or a link, and the same
tables give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from wellbeing.csv_files import ACTS_AS_FORMULA

Cell = str | int | date | None
_NOT_IN_NAMES, _LONGEST_NAME = frozenset("[]:*?/\\"), 31
_NARROWEST, _WIDEST = 10, 60
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with rows as long as `columns`; of its name what a sheet's name may have is kept."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def make_workbook(sheets: Sequence[Sheet], *, title: str, author: str, made_on: date) -> bytes:
    """The workbook with these sheets, in order, as .xlsx."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, _OPTIONS)
    made = datetime.combine(made_on, time(), tzinfo=UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "author": author, "created": made})
    look = _Look(
        heading=book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        plain=book.add_format({"text_wrap": True, "valign": "top"}),
        quoted=book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
        day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"}),
    )
    for sheet in sheets:
        _write(book.add_worksheet(_name(sheet)), sheet, look)
    book.close()
    return content.getvalue()


@dataclass(frozen=True, slots=True)
class _Look:
    """The formats of cells."""

    heading: Any
    plain: Any
    quoted: Any
    day: Any


def _name(sheet: Sheet) -> str:
    allowed = "".join(letter for letter in sheet.name if letter not in _NOT_IN_NAMES)
    return allowed.strip("' ")[:_LONGEST_NAME]


def _write(target: Any, sheet: Sheet, look: _Look) -> None:
    for column, heading in enumerate(sheet.columns):
        target.write_string(0, column, heading, look.heading)
        target.set_column(column, column, _width(sheet, column))
    for number, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            _write_cell(target, number, column, cell, look)
    target.freeze_panes(1, 0)
    target.set_landscape()
    target.set_paper(9)  # A4
    target.fit_to_pages(1, 0)
    target.repeat_rows(0)


def _write_cell(target: Any, row: int, column: int, cell: Cell, look: _Look) -> None:
    if cell is None:
        target.write_blank(row, column, None, look.plain)
    elif isinstance(cell, str):
        is_quoted = cell.startswith(ACTS_AS_FORMULA)
        target.write_string(row, column, cell, look.quoted if is_quoted else look.plain)
    elif isinstance(cell, int):
        target.write_number(row, column, cell, look.plain)
    else:
        target.write_datetime(row, column, datetime.combine(cell, time()), look.day)


def _width(sheet: Sheet, column: int) -> int:
    longest = max((len(str(row[column] or "")) for row in sheet.rows), default=0)
    return min(max(longest, len(sheet.columns[column]), _NARROWEST) + 2, _WIDEST)
