"""Writes a table as CSV (RFC 4180) that programs read. Knows no tables of ours.

What would act as a formula where a spreadsheet program opens it gets an apostrophe before it.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

ACTS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def make_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table in UTF-8, with commas; None is an empty cell, yes and no are true and false."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    is_formula = isinstance(value, str) and value.startswith(ACTS_AS_FORMULA)
    return f"'{value}" if is_formula else value
