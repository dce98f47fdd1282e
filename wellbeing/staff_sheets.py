"""Reads the first visible sheet of an XLSX workbook, after measuring what it would unpack to."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wellbeing.domain.errors import BadInput

MAX_UNPACKED_BYTES = 200_000_000
MAX_PARTS = 2_000
MAX_SHEET_ROWS = 1_000_000
MAX_SHEET_CELLS = 5_000_000

_DAMAGED = (
    "The workbook is damaged or not an .xlsx file. Open it in a spreadsheet and save it anew."
)
_TOO_LARGE = "The workbook unpacks to more than {} MB. Save only the sheet of staff as a new file."
_LARGEST_EXACT = 2**53
_OLD_OR_ENCRYPTED = bytes.fromhex("d0cf11e0")
_PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PLACE = re.compile(
    rb"""<(?:[\w.-]+:)?(?:(row)(?=[\s/>])(?:[^<]*?\sr\s*=\s*["'](\d+))?"""
    rb"""|c(?=[\s/>])(?:[^<]*?\sr\s*=\s*["']([A-Za-z]+)(\d+))?)"""
)
_ERROR_CELL = re.compile(rb"""(<(?:[\w.-]+:)?c\s[^<]*?\bt=["'])e(?=["'])""")
_ERROR_TEXT = re.compile(r"#(N/A|DIV/0!|NULL!|NUM!|REF!|VALUE!|NAME\?|SPILL!|CALC!)")


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that holds something other than text or a whole number."""

    text: str


Cell = str | CellFault


def read_sheet(content: bytes) -> Iterator[list[Cell]]:
    """Every row from the first of the sheet, as texts; raises BadInput if it cannot be read."""
    if content.startswith(_OLD_OR_ENCRYPTED):
        raise BadInput(
            "The workbook has a password or an old format."
            " Save it without a password as .xlsx, or as 'CSV UTF-8'."
        )
    for row in _unpack_rows(_repack(content)):
        yield [_to_cell(value) for value in row]


def _repack(content: bytes) -> io.BytesIO:
    """The workbook's own parts, unpacked within limits and stored plainly.

    Sizes in an archive's index are only claims, so what is read later is what was measured here.
    """
    plain = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(plain, "w") as copy:
            parts = [part for part in packed.infolist() if _is_needed(part.filename)]
            if len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED_BYTES:
                raise BadInput(_TOO_LARGE.format(MAX_UNPACKED_BYTES // 1_000_000))
            for part in parts:
                if part.compress_type not in _PACKED_AS:
                    raise BadInput(_DAMAGED)
                with packed.open(part) as stream:
                    xml = stream.read(part.file_size + 1)
                _check_extent(xml)
                copy.writestr(part.filename, _ERROR_CELL.sub(rb"\1str", xml))
    except BadInput:
        raise
    except Exception as error:  # zipfile raises a dozen kinds for a damaged archive
        raise BadInput(_DAMAGED) from error
    plain.seek(0)
    return plain


def _is_needed(name: str) -> bool:
    folded = name.replace("\\", "/").lstrip("/").casefold()
    ours = folded.startswith(("xl/", "_rels/")) or folded == "[content_types].xml"
    return ours and folded.endswith((".xml", ".rels"))


def _check_extent(xml: bytes) -> None:
    """Refuses a sheet whose cells lie so far apart that the rectangle around them fills memory."""
    row = column = last_row = last_column = 0
    for found in _PLACE.finditer(xml):
        is_row, row_number, letters, cell_row = found.groups()
        if is_row:
            row, column = int(row_number or row + 1), 0
            continue
        column = _column_number(letters) if letters else column + 1
        row = int(cell_row or row)
        last_row, last_column = max(last_row, row), max(last_column, column)
    if last_row > MAX_SHEET_ROWS or last_row * last_column > MAX_SHEET_CELLS:
        raise BadInput(
            f"The sheet reaches to row {last_row}, column {last_column}. Delete what stands far"
            " below and to the right of the staff, and save it anew."
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:6].upper():
        number = number * 26 + letter - 64
    return number


def _unpack_rows(workbook: io.BytesIO) -> Sequence[Sequence[object]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_filelike(workbook) as book:
            for place, sheet in enumerate(book.sheets_metadata):
                is_visible = sheet.visible == SheetVisibleEnum.Visible
                if is_visible and sheet.typ == SheetTypeEnum.WorkSheet:
                    found = book.get_sheet_by_index(place)
                    return found.to_python(skip_empty_area=False)
    except Exception as error:
        raise BadInput(_DAMAGED) from error
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        raise BadInput(_DAMAGED) from panic
    raise BadInput("The workbook has no visible sheet.")


def _to_cell(value: object) -> Cell:
    """A cell as text; whole numbers lose the decimal point that spreadsheets keep them with."""
    if isinstance(value, str):
        return CellFault(f"holds the error {value}.") if _ERROR_TEXT.fullmatch(value) else value
    if isinstance(value, bool):
        return CellFault("holds true or false. Format the column as text and write it again.")
    if isinstance(value, (int, float)):
        if abs(value) < _LARGEST_EXACT:
            return str(int(value)) if value == int(value) else str(value)
        return CellFault("holds a number too long for a spreadsheet. Format the column as text.")
    return CellFault("holds a date or time. Format the column as text and write it again.")
