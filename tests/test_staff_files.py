"""Staff files of every kind are read, or refused in words; never anything else."""

import datetime
import io
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wellbeing import staff_files, staff_sheets
from wellbeing.domain.errors import BadInput
from wellbeing.domain.staff import RawRow, check_rows
from wellbeing.domain.staff_changes import Present
from wellbeing.domain.staff_comparison import compare
from wellbeing.resources import folder
from wellbeing.staff_files import MAX_BYTES, MAX_ROWS, read_staff_file

HEADER = "medarbejdernummer;navn;enhed"
LINE = "1;Søren Ægir Åse;Hus / Nat"


def read(folder: Path, content: bytes, name: str = "staff.csv") -> list[RawRow]:
    """The rows of a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return read_staff_file(path, "da")


def refusal(folder: Path, content: bytes, name: str = "staff.csv") -> str:
    """The sentence that a file with this content is refused with."""
    with pytest.raises(BadInput) as refused:
        read(folder, content, name)
    return str(refused.value)


def sheet(*rows: Sequence[object], hidden_first: bool = False) -> bytes:
    """A workbook with these rows on its last sheet."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"})
    if hidden_first:
        book.add_worksheet("Hidden").write_row(0, 0, ["not", "this"])
    page = book.add_worksheet("Staff")
    if hidden_first:
        page.activate()
        page.set_first_sheet()
        book.worksheets()[0].hide()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return content.getvalue()


def changed(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The archive with each part changed."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return copy.getvalue()


SHEET = sheet(["employee_number", "name", "unit"], ["1", "Søren Ægir Åse", "Hus / Nat"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_danish_letters_come_through(tmp_path: Path, encoding: str) -> None:
    (row,) = read(tmp_path, f"{HEADER}\n{LINE}\n".encode(encoding))
    assert row.cells["navn"] == "Søren Ægir Åse"


def test_utf_16_of_the_other_byte_order_comes_through(tmp_path: Path) -> None:
    (row,) = read(tmp_path, b"\xfe\xff" + f"{HEADER}\n{LINE}".encode("utf-16-be"))
    assert row.cells["navn"] == "Søren Ægir Åse"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = f"{HEADER}\n{LINE}".replace(";", delimiter)
    assert list(read(tmp_path, text.encode())[0].cells) == HEADER.split(";")


def test_a_comma_inside_semicolon_cells_is_no_delimiter(tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"{HEADER};by, land\n1;Holm, Mette;Hus;x\n".encode())
    assert row.cells["navn"] == "Holm, Mette"


def test_a_quoted_cell_may_hold_delimiters_and_new_lines(tmp_path: Path) -> None:
    content = f'{HEADER};leder af\r\n1;"Holm; Mette";Hus;"Hus\r\nHus / Nat"\r\n2;Bo;Hus;\r\n'
    first, second = read(tmp_path, content.encode())
    assert first.cells["leder af"] == "Hus\r\nHus / Nat"
    assert second.number == 3


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    rows = read(tmp_path, f"{HEADER}\n\n{LINE}\n;;\n{LINE}\n".encode())
    assert [row.number for row in rows] == [3, 5]


@pytest.mark.parametrize(("line", "cells"), [("1;Anne", 2), ("1;Anne;Hus;x", 4)])
def test_a_row_unlike_the_header_carries_the_fault(tmp_path: Path, line: str, cells: int) -> None:
    rows = read(tmp_path, f"{HEADER}\n{LINE}\n{line}\n".encode())
    assert rows[0].faults == ()
    assert rows[1].faults[0].startswith(f"The row has {cells} cells and the header 3.")


def test_a_row_unlike_the_header_is_told_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        check_rows(read(tmp_path, f"{HEADER}\n{LINE}\n2;Anne\n".encode()))
    assert [fault[:6] for fault in refused.value.faults] == ["Row 3:"]


def test_blank_cells_beyond_the_header_do_not_matter(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER};\n{LINE};;;\n".encode())[0].faults == ()


def test_the_default_language_is_that_of_the_organisation(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(f"{HEADER}\n{LINE}".encode())
    assert read_staff_file(tmp_path / "a.csv", "en")[0].default_language == "en"


def test_a_header_that_stands_twice_is_refused(tmp_path: Path) -> None:
    assert "'navn' stands twice" in refusal(tmp_path, b"navn;navn;enhed\na;b;c")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n", b";;\n", b"   "])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == "The file is empty."


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    assert "NUL" in refusal(tmp_path, f"{HEADER}\n1;A\0;Hus".encode())


def test_control_bytes_are_not_taken_for_windows_text(tmp_path: Path) -> None:
    assert "not readable" in refusal(tmp_path, b"navn\n\xe6\x01")


def test_bytes_that_windows_has_no_letter_for_are_refused(tmp_path: Path) -> None:
    assert "no known encoding" in refusal(tmp_path, b"navn\n\xe6\x81")


def test_text_that_is_partly_utf_8_is_refused_rather_than_garbled(tmp_path: Path) -> None:
    content = "navn\nSøren\n".encode() + "Åse\n".encode("windows-1252")
    assert "mixes two encodings" in refusal(tmp_path, content)


def test_an_open_quotation_mark_is_told_with_its_row(tmp_path: Path) -> None:
    assert "Row 3 cannot be read" in refusal(tmp_path, f'{HEADER}\n{LINE}\n2;"Anne;Hus\n'.encode())


def test_a_huge_cell_is_refused(tmp_path: Path) -> None:
    assert "cannot be read as CSV" in refusal(tmp_path, b"navn;enhed\n" + b"x" * 200_000 + b";y")


@pytest.mark.parametrize("name", ["staff.xls", "staff.ods", "staff.txt", "staff", "staff.csv.pdf"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    assert "is not a .csv or .xlsx file" in refusal(tmp_path, b"x", name)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        read_staff_file(tmp_path / "none.csv", "da")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").mkdir()
    with pytest.raises(BadInput, match="There is no file"):
        read_staff_file(tmp_path / "staff.csv", "da")


@pytest.mark.asvs("5.2.1")
def test_a_file_of_50_mb_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "staff.csv"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    monkeypatch.setattr(Path, "read_bytes", None)
    with pytest.raises(BadInput, match="The file holds 50 MB; the most is 20 MB"):
        read_staff_file(path, "da")


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    content = f"{HEADER}\n{LINE}\n".encode()
    assert len(read(tmp_path, content + b"\n" * (MAX_BYTES - len(content)))) == 1


def test_more_rows_than_the_limit_are_refused(tmp_path: Path) -> None:
    assert f"more than {MAX_ROWS} people" in refusal(tmp_path, b"a;b\n" + b"1;2\n" * (MAX_ROWS + 1))


def test_a_workbook_is_read_like_csv(tmp_path: Path) -> None:
    (row,) = read(tmp_path, SHEET, "staff.XLSX")
    assert row.cells == {"employee_number": "1", "name": "Søren Ægir Åse", "unit": "Hus / Nat"}
    assert row.number == 2


def test_whole_numbers_lose_their_decimal_point(tmp_path: Path) -> None:
    content = sheet(["employee_number", "mobile"], [1234.0, 12345678])
    assert list(read(tmp_path, content, "a.xlsx")[0].cells.values()) == ["1234", "12345678"]


def test_rows_of_a_workbook_keep_their_numbers(tmp_path: Path) -> None:
    content = sheet([], ["", "name"], [], ["", "Anne"])
    (row,) = read(tmp_path, content, "a.xlsx")
    assert (row.number, row.cells) == (4, {"name": "Anne"})


def test_the_first_visible_sheet_is_read(tmp_path: Path) -> None:
    content = sheet(["name"], ["Anne"], hidden_first=True)
    assert read(tmp_path, content, "a.xlsx")[0].cells == {"name": "Anne"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (datetime.date(2020, 1, 1), "holds a date or time"),
        (datetime.datetime(2020, 1, 1, 12, 30), "holds a date or time"),  # noqa: DTZ001
        (True, "holds true or false"),
        (12345678901234567890, "too long for a spreadsheet"),
    ],
)
def test_a_cell_that_is_neither_text_nor_number_carries_the_fault(
    tmp_path: Path, value: object, told: str
) -> None:
    (row,) = read(tmp_path, sheet(["name", "unit"], [value, "Hus"]), "a.xlsx")
    assert row.faults[0].startswith("The cell below 'name' ")
    assert told in row.faults[0]


def test_a_date_in_a_column_of_no_meaning_is_no_fault(tmp_path: Path) -> None:
    content = sheet(["name", "hired"], ["Anne", datetime.date(2020, 1, 1)])
    assert read(tmp_path, content, "a.xlsx")[0].faults == ()


def test_a_formula_that_failed_is_told_rather_than_blank(tmp_path: Path) -> None:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    page = book.add_worksheet()
    page.write_row(0, 0, ["name", "email"])
    page.write_string(1, 0, "Anne")
    page.write_formula(1, 1, "=VLOOKUP(1,A1:A1,1)", value="#N/A")
    book.close()
    (row,) = read(tmp_path, content.getvalue(), "a.xlsx")
    assert row.faults == ("The cell below 'email' holds the error #N/A.",)


@pytest.mark.asvs("5.2.2")
def test_a_workbook_named_csv_is_told_apart(tmp_path: Path) -> None:
    assert "a workbook, not CSV" in refusal(tmp_path, SHEET)


def test_a_workbook_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
    assert "has a password or an old format" in refusal(tmp_path, content, "a.xlsx")


@pytest.mark.parametrize("content", [b"", b"navn;enhed", SHEET[:200], SHEET[200:], SHEET[:-30]])
def test_a_damaged_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "damaged" in refusal(tmp_path, content, "a.xlsx")


@pytest.mark.asvs("5.2.2")
def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert "damaged" in refusal(tmp_path, content.getvalue(), "a.xlsx")


def bomb(size: int) -> bytes:
    """A small workbook with one part that unpacks to `size` bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(size // 1_000_000):
                part.write(b" " * 1_000_000)
        archive.writestr("xl/workbook.xml", "<x/>")
    return content.getvalue()


@pytest.mark.asvs("5.2.3")
def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    content = bomb(300_000_000)
    assert len(content) < 1_000_000
    assert "unpacks to more than 200 MB" in refusal(tmp_path, content, "a.xlsx")


@pytest.mark.asvs("5.2.3")
def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    claimed = (90_000_000).to_bytes(4, "little")
    content = bomb(90_000_000).replace(claimed, (1000).to_bytes(4, "little"))
    assert "damaged" in refusal(tmp_path, content, "a.xlsx")


@pytest.mark.asvs("15.2.2")
@pytest.mark.parametrize("place", [b"XFD1048576", b"A1048576", b"ZZZZZZ2", b"C" + b"9" * 30])
def test_cells_far_apart_are_refused_before_memory_is_taken(tmp_path: Path, place: bytes) -> None:
    content = changed(SHEET, lambda _, part: part.replace(b'r="C2"', b'r="' + place + b'"'))
    assert "The sheet reaches to row" in refusal(tmp_path, content, "a.xlsx")


def test_a_far_row_without_cells_does_not_matter(tmp_path: Path) -> None:
    end = b'<row r="1048576"></row></sheetData>'
    content = changed(SHEET, lambda _, part: part.replace(b"</sheetData>", end))
    assert len(read(tmp_path, content, "a.xlsx")) == 1


def test_pictures_in_a_workbook_are_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_sheets, "MAX_UNPACKED_BYTES", 50_000)
    content = io.BytesIO(SHEET)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/media/image1.png", bytes(100_000))
    assert len(read(tmp_path, content.getvalue(), "a.xlsx")) == 1


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FUZZ
@given(st.binary(max_size=300))
@example(b'"')
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\x00\xd8")
def test_any_bytes_as_csv_give_rows_or_bad_input(tmp_path: Path, content: bytes) -> None:
    for start in (b"", HEADER.encode() + b"\n"):
        try:
            check_rows(read(tmp_path, start + content))
        except BadInput:
            continue


@FUZZ
@given(st.binary(max_size=300))
def test_any_bytes_as_workbook_are_refused(tmp_path: Path, content: bytes) -> None:
    refusal(tmp_path, content, "a.xlsx")


@FUZZ
@given(st.data())
def test_any_damage_to_a_workbook_gives_rows_or_bad_input(
    tmp_path: Path, data: st.DataObject
) -> None:
    with zipfile.ZipFile(io.BytesIO(SHEET)) as archive:
        name = data.draw(st.sampled_from(archive.namelist()))
        part = bytearray(archive.read(name))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(part)))
        end = start + data.draw(st.integers(0, 8))
        part[start:end] = data.draw(st.binary(max_size=8))
    content = changed(SHEET, lambda other, old: bytes(part) if other == name else old)
    try:
        check_rows(read(tmp_path, content, "a.xlsx"))
    except BadInput:
        return


def test_the_example_file_is_a_directory_of_twelve_people_and_five_units() -> None:
    directory = check_rows(read_staff_file(folder("config") / "staff-example.csv", "da"))
    assert len(directory.people) == 12
    assert len(directory.units) == 5
    assert max(len(path) for path in directory.units) == 3
    assert "Jørgen Nygård" in {person.name for person in directory.people}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_twenty_thousand_people_take_a_few_seconds(tmp_path: Path, kind: str) -> None:
    rows = [["employee_number", "name", "email", "mobile", "unit", "leader_of", "roles"]]
    for n in range(20_000):
        unit = f"Hus / Afdeling {n // 400} / Team {n // 10}"
        leads = unit if n % 10 == 0 else ""
        email = f"p{n}@hus.example"
        rows.append([str(n), f"Søren {n}", email, f"+45{10_000_000 + n}", unit, leads, ""])
    content = "\n".join(";".join(row) for row in rows).encode() if kind == "csv" else sheet(*rows)
    (tmp_path / f"staff.{kind}").write_bytes(content)
    start = time.perf_counter()
    directory = check_rows(staff_files.read_staff_file(tmp_path / f"staff.{kind}", "da"))
    changes = compare(Present({}, frozenset(), frozenset()), directory)
    assert len(changes.people_to_add) == 20_000
    assert time.perf_counter() - start < 10


@pytest.mark.asvs("1.5.1")
def test_a_workbook_that_names_a_file_of_the_server_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("kålorm")
    names_it = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SHEET)) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/sharedStrings.xml":
                assert "Søren Ægir Åse".encode() in text
                text = text.replace("Søren Ægir Åse".encode(), b"&x;")
                text = text.replace(b"<sst", names_it.encode() + b"<sst", 1)
            new.writestr(name, text)
    try:
        told = str(read(tmp_path, content.getvalue(), "a.xlsx"))
    except BadInput as refused:
        told = str(refused)
    assert "kålorm" not in told
