"""Workbooks: readable by another library, nothing in them acts, the same tables the same bytes."""

import re
import zipfile
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from wellbeing.apv_workbook import Sheet, make_workbook

DAY = date(2026, 2, 2)
ACTING = (
    '=HYPERLINK("http://127.0.0.1:9/","x")',
    "+45 12345678",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "{=1+1}",
    "http://127.0.0.1:9/",
    "mailto:x@example.com",
    "internal:Ark1!A1",
    "007",
    "1e9",
)


def make(*sheets: Sheet) -> bytes:
    return make_workbook(sheets, title="Titel", author="Østerhus", made_on=DAY)


def parts_of(content: bytes) -> dict[str, str]:
    """The text of each file in the workbook."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def read(content: bytes, name: str) -> list[list[object]]:
    """A sheet as another library reads it."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return [list(row) for row in book.get_sheet_by_name(name).to_python()]


def test_every_kind_of_cell_is_read_back() -> None:
    rows = [("Ærø", 7, DAY, None), ("", 0, date(1950, 1, 1), "x" * 500)]
    content = make(Sheet("Møder", ("Navn", "Antal", "Dag", "Mere"), rows))
    assert read(content, "Møder") == [
        ["Navn", "Antal", "Dag", "Mere"],
        ["Ærø", 7.0, DAY, ""],
        ["", 0.0, date(1950, 1, 1), "x" * 500],
    ]


@pytest.mark.parametrize("text", ACTING)
def test_what_people_typed_stays_text(text: str) -> None:
    content = make(Sheet("Aftaler", (text,), [(text,)]))
    assert read(content, "Aftaler") == [[text], [text]]
    inside = parts_of(content)
    sheet = inside["xl/worksheets/sheet1.xml"]
    assert not re.search(r"<f>|<hyperlink", sheet)
    assert not [name for name in inside if "externalLink" in name or "sheet1.xml.rels" in name]


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x"])
def test_what_would_act_when_typed_again_is_marked_as_text(text: str) -> None:
    inside = parts_of(make(Sheet("A", ("B",), [(text,)])))
    assert 'quotePrefix="1"' in inside["xl/styles.xml"]


def test_the_heading_stays_and_columns_have_a_width() -> None:
    rows = [("kort", "langt ord " * 30)]
    sheet = parts_of(make(Sheet("A", ("B", "C"), rows)))["xl/worksheets/sheet1.xml"]
    assert re.search(r'<pane ySplit="1"[^>]*state="frozen"', sheet)
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
    assert widths[0] < 15 < widths[1] < 65


@pytest.mark.parametrize("name", ["Hjalp det?", "[a]:*/\\b?", "Ærø " * 20])
def test_a_sheet_may_be_called_anything(name: str) -> None:
    content = make(Sheet(name, ("B",), [("x",)]))
    (called,) = CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names
    assert called
    assert len(called) <= 31


def test_the_same_tables_give_the_same_bytes_and_others_do_not() -> None:
    sheet = Sheet("A", ("B",), [("x",), (DAY,)])
    assert make(sheet) == make(sheet)
    with zipfile.ZipFile(BytesIO(make(sheet))) as archive:
        assert {member.date_time[0] for member in archive.infolist()} == {1980}
    assert make(sheet) != make(Sheet("A", ("B",), [("y",), (DAY,)]))


def test_it_has_a_title_an_author_and_the_day_it_was_made() -> None:
    core = parts_of(make(Sheet("A", ("B",), [])))["docProps/core.xml"]
    assert "<dc:title>Titel</dc:title>" in core
    assert "Østerhus" in core
    assert "2026-02-02T00:00:00Z" in core
