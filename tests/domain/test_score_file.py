"""Scoring a file, checked against the worked table and Python's own CSV reader."""

import csv
import io
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from wellbeing.commands.score import score as score_command
from wellbeing.domain import csv_blocks
from wellbeing.domain.csv_blocks import ITEM_COLUMNS
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import NOT_SCORED, Scale, band_of, load_instrument
from wellbeing.domain.score_file import SCORE_COLUMNS, score_csv
from wellbeing.domain.scoring import score

WORKED_TABLE = Path(__file__).parent / "proqol_worked_table.csv"
HEADING = ",".join(ITEM_COLUMNS)
THREES = ",".join(["3"] * 30)
THREES_SCORED = THREES + ",30,30,30,moderate,moderate,moderate"


def _scored(text: str) -> str:
    sink = io.StringIO()
    score_csv(io.StringIO(text, newline=""), sink, load_instrument())
    return sink.getvalue()


def _rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def _faults(text: str) -> list[str]:
    sink = io.StringIO()
    with pytest.raises(BadInput) as caught:
        score_csv(io.StringIO(text, newline=""), sink, load_instrument())
    assert sink.getvalue() == ""
    return [str(caught.value), *caught.value.faults[1:]]


def _threes_with(**fields: str) -> str:
    return ",".join(fields.get(column, "3") for column in ITEM_COLUMNS)


def _worked_table_without_scores() -> str:
    lines = WORKED_TABLE.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.rsplit(",", 3)[0] for line in lines)


@pytest.mark.parametrize("quoted", [False, True])
def test_the_worked_table_gets_its_scores(quoted: bool) -> None:
    text = _worked_table_without_scores()
    if quoted:
        text = "\n".join('"' + line.replace(",", '","') + '"' for line in text.split("\n"))
    expected = _rows(WORKED_TABLE.read_text(encoding="utf-8"))
    scored = _rows(_scored(text))
    assert [{name: row[name] for name in expected[0]} for row in scored] == expected


def test_each_scale_gets_its_band_and_none_when_not_scored() -> None:
    rows = {row["case"]: row for row in _rows(_scored(_worked_table_without_scores()))}
    bands = {case: [row[f"{scale}_band"] for scale in Scale] for case, row in rows.items()}
    assert bands["everything as bad as can be"] == ["low", "high", "high"]
    assert bands["two blank on BO: one plain and one reversed"] == ["moderate", "", "moderate"]
    assert bands["nothing answered"] == ["", "", ""]


def test_scores_are_appended_after_the_columns_there_are() -> None:
    heading, row = _scored(f"id,{HEADING},site\n7,{THREES},Nørrebro\n").splitlines()
    assert heading == f"id,{HEADING},site,CS,BO,STS,CS_band,BO_band,STS_band"
    assert row == f"7,{THREES},Nørrebro,30,30,30,moderate,moderate,moderate"


def test_item_columns_may_stand_in_any_order() -> None:
    columns = ["id", *ITEM_COLUMNS, "site"]
    row = {"id": "1", "site": "5", **{name: str(n % 5 + 1) for n, name in enumerate(ITEM_COLUMNS)}}
    straight = _scored(f"{','.join(columns)}\n{','.join(row[name] for name in columns)}\n")
    random.Random(3).shuffle(columns)
    mixed = _scored(f"{','.join(columns)}\n{','.join(row[name] for name in columns)}\n")
    assert [_rows(mixed)[0][name] for name in SCORE_COLUMNS] == [
        _rows(straight)[0][name] for name in SCORE_COLUMNS
    ]


def test_semicolons_in_give_semicolons_out() -> None:
    text = f"{HEADING.replace(',', ';')};navn\n{THREES.replace(',', ';')};Bo, Ib\n"
    assert _scored(text).splitlines()[1].endswith(";3;Bo, Ib;30;30;30;moderate;moderate;moderate")


def test_a_byte_order_mark_is_not_part_of_the_first_column() -> None:
    assert _scored(f"\ufeff{HEADING}\n{THREES}\n").startswith("item1,item2")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_breaks_stay_as_they_are(newline: str) -> None:
    text = _scored(newline.join([HEADING, THREES, THREES, ""]))
    assert text.split(newline)[1:] == [THREES_SCORED, THREES_SCORED, ""]


def test_a_last_line_without_a_break_is_scored() -> None:
    assert _scored(f"{HEADING}\n{THREES}").splitlines()[1:] == [THREES_SCORED]


def test_blank_lines_are_left_out() -> None:
    assert _scored(f"{HEADING}\n{THREES}\n\n{THREES}\n\n").splitlines()[1:] == [THREES_SCORED] * 2


def test_spaces_around_an_answer_are_allowed() -> None:
    assert (
        _scored(f"{HEADING}\n{_threes_with(item3=' 3 ', item4=' ')}\n")
        .splitlines()[1]
        .endswith(",30,30,30,moderate,moderate,moderate")
    )


def test_quoted_columns_with_delimiters_and_line_breaks_are_kept() -> None:
    text = f'"note, long",{HEADING}\n"two\nlines; and ""more""",{THREES}\nplain,{THREES}\n'
    rows = _rows(_scored(text))
    assert [row["note, long"] for row in rows] == ['two\nlines; and "more"', "plain"]
    assert [row["STS"] for row in rows] == ["30", "30"]


def test_a_line_break_in_a_column_name_is_kept() -> None:
    rows = _rows(_scored(f'"two\nlines",{HEADING}\na,{THREES}\n'))
    assert [(row["two\nlines"], row["CS"]) for row in rows] == [("a", "30")]


def test_a_heading_alone_gives_a_heading() -> None:
    assert _scored(f"{HEADING}\n") == f"{HEADING},CS,BO,STS,CS_band,BO_band,STS_band\n"


@pytest.mark.parametrize("value", ["0", "6", "x", "33", "3.0", "-1", "none", "NA", "３", "1e0"])
def test_a_bad_value_is_named_by_row_and_column(value: str) -> None:
    faults = _faults(f"{HEADING}\n{THREES}\n{_threes_with(item12=value)}\n")
    assert faults == [
        f"Row 3 (the heading is row 1), column item12: '{value}' is not a whole number "
        "from 1 to 5, nor blank for no answer."
    ]


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    bad = _threes_with(item1="9")
    text = f'note,{HEADING}\na,{THREES}\n\n"b\nc",{THREES}\nd,{bad}\n'
    assert _faults(text)[0].startswith("Row 5 (the heading is row 1), column item1")


def test_a_bad_value_far_down_is_found_before_anything_is_written() -> None:
    rows = [THREES] * 30_000
    rows[29_000] = _threes_with(item30="7")
    assert _faults("\n".join([HEADING, *rows]))[0].startswith("Row 29002 ")


def test_every_bad_value_is_named() -> None:
    bad = _threes_with(item2="x", item29="6")
    faults = _faults(f"{HEADING}\n{bad}\n{THREES}\n{bad}\n")
    assert [fault.split(":")[0].replace(" (the heading is row 1)", "") for fault in faults] == [
        "Row 2, column item2",
        "Row 2, column item29",
        "Row 4, column item2",
        "Row 4, column item29",
    ]


def test_no_more_than_fifty_faults_are_named() -> None:
    assert len(_faults("\n".join([HEADING, *[_threes_with(item2="x")] * 60]))) == 50


def test_a_long_bad_value_is_cut_short() -> None:
    assert len(_faults(f"{HEADING}\n{_threes_with(item2='x' * 10_000)}\n")[0]) < 200


@pytest.mark.parametrize(("row", "columns"), [(THREES + ",3", 31), (THREES[2:], 29)])
def test_a_row_of_another_length_is_named(row: str, columns: int) -> None:
    assert _faults(f"{HEADING}\n{THREES}\n{row}\n") == [
        f"Row 3 (the heading is row 1) has {columns} columns, not 30."
    ]


def test_rows_whose_lengths_make_up_for_each_other_are_still_named() -> None:
    faults = _faults(f"{HEADING}\n{THREES},3\n{THREES[2:]}\n")
    assert [fault[:5] for fault in faults] == ["Row 2", "Row 3"]


def test_missing_columns_are_named() -> None:
    text = HEADING.replace("item7,", "").replace(",item30", "")
    assert _faults(f"{text}\n") == [
        "The column item7 is missing.",
        "The column item30 is missing.",
    ]


def test_a_repeated_column_is_named() -> None:
    assert _faults(f"{HEADING},item4\n") == ["The column item4 occurs more than once."]


def test_a_column_in_the_way_of_the_scores_is_named() -> None:
    assert _faults(f"{HEADING},BO\n") == ["The file already has a column BO; rename or remove it."]


def test_a_file_without_a_heading_is_refused() -> None:
    assert _faults(f"{THREES}\n")[0] == "The first row must name the columns item1 to item30."


def test_an_empty_file_is_refused() -> None:
    assert _faults("") == ["The file is empty: its first row must name the columns."]


def test_text_that_is_not_utf8_is_refused() -> None:
    latin = f"sted,{HEADING}\nNørrebro,{THREES}\n".encode("latin-1")
    with pytest.raises(BadInput, match="not UTF-8"):
        score_csv(
            io.TextIOWrapper(io.BytesIO(latin), encoding="utf-8"), io.StringIO(), load_instrument()
        )


def test_a_field_too_long_to_be_read_is_refused() -> None:
    assert "not a readable CSV file" in _faults(f'note,{HEADING}\n"{"x" * 200_000}",{THREES}\n')[0]


class _Pipe(io.StringIO):
    """Text that can be read only once."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def test_a_pipe_is_scored_like_a_file() -> None:
    text = f"{HEADING},sted\n{THREES},Ærø\n"
    sink = io.StringIO()
    assert score_csv(_Pipe(text), sink, load_instrument()) == 1
    assert sink.getvalue() == _scored(text)


class _ChangingFile(io.StringIO):
    """A file that somebody spoils between the first reading and the second."""

    def seek(self, offset: int, whence: int = 0) -> int:
        spoiled = self.getvalue().replace("3,3\n", "3,9\n")
        super().seek(0)
        self.write(spoiled)
        return super().seek(offset, whence)


def test_a_file_changed_while_it_is_read_is_refused() -> None:
    with pytest.raises(BadInput, match="was changed while it was being read"):
        score_csv(_ChangingFile(f"{HEADING}\n{THREES}\n"), io.StringIO(), load_instrument())


def test_a_source_is_read_from_where_it_stands() -> None:
    source = io.StringIO(f"a line before\n{HEADING}\n{THREES}\n")
    source.readline()
    sink = io.StringIO()
    score_csv(source, sink, load_instrument())
    assert sink.getvalue().startswith("item1,")


def test_progress_adds_up_to_two_passes_over_the_rows() -> None:
    done: list[int] = []
    rows = "\n".join([THREES] * 5_000) + "\n"
    score_csv(io.StringIO(f"{HEADING}\n{rows}"), io.StringIO(), load_instrument(), done.append)
    assert sum(done) == 2 * len(rows)
    assert len(done) > 2


FIELD = st.sampled_from(["", "1", "2", "3", "4", "5", "1", "2", "4", "5"])
OTHER = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(OTHER, st.lists(FIELD, min_size=30, max_size=30), OTHER), max_size=6),
    delimiter=st.sampled_from([",", ";"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    newline=st.sampled_from(["\n", "\r\n"]),
    block_characters=st.sampled_from([1, 70, 1 << 16]),
)
def test_any_file_keeps_its_fields_and_gets_the_scores_of_its_answers(
    rows: list[tuple[str, list[str], str]],
    delimiter: str,
    quoting: int,
    newline: str,
    block_characters: int,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=newline)  # type: ignore[arg-type]
    writer.writerow(["before", *ITEM_COLUMNS, "æfter"])
    writer.writerows([before, *answers, after] for before, answers, after in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "_BLOCK_CHARACTERS", block_characters)
        scored = _rows(_scored(text.getvalue()), delimiter)
    assert [(row["before"], [row[c] for c in ITEM_COLUMNS], row["æfter"]) for row in scored] == rows
    for row, (_, answers, _) in zip(scored, rows, strict=True):
        assert [row[column] for column in SCORE_COLUMNS] == _expected_fields(answers)


def _expected_fields(answers: list[str]) -> list[str]:
    sheet = np.array([[int(answer or 0) for answer in answers]], np.uint8)
    values = score(sheet, load_instrument())[0].tolist()
    bands = [
        "" if value == NOT_SCORED else band_of(load_instrument(), scale, value)
        for scale, value in zip(Scale, values, strict=True)
    ]
    return [*("" if value == NOT_SCORED else str(value) for value in values), *bands]


class _Nowhere(io.StringIO):
    def write(self, text: str) -> int:
        return len(text)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("\n".join([HEADING, *[THREES] * 100_000]), encoding="utf-8")
    with file.open(encoding="utf-8", newline="") as source:
        tracemalloc.start()
        try:
            score_csv(source, _Nowhere(), load_instrument())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize("source", ["file", "-"])
def test_the_command_prints_the_scored_file(tmp_path: Path, source: str) -> None:
    text = f"\ufeffsted,{HEADING}\r\nÆrø,{THREES}\r\n"
    (tmp_path / "a.csv").write_bytes(text.encode())
    name = str(tmp_path / "a.csv") if source == "file" else "-"
    result = CliRunner().invoke(score_command, [name], input=text.encode())
    assert result.exit_code == 0
    assert result.stdout_bytes.decode() == _scored(text)
    assert result.stderr == "1 rows scored.\n"


def test_the_command_prints_each_fault_on_a_line_and_exits_2(tmp_path: Path) -> None:
    bad = _threes_with(item2="x", item29="6")
    (tmp_path / "bad.csv").write_text(f"{HEADING}\n{THREES}\n{bad}\n", encoding="utf-8")
    result = CliRunner().invoke(score_command, [str(tmp_path / "bad.csv")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "Row 3 (the heading is row 1), column item2",
        "Row 3 (the heading is row 1), column item29",
    ]


def test_the_command_says_when_a_file_cannot_be_opened(tmp_path: Path) -> None:
    result = CliRunner().invoke(score_command, [str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert result.stderr.endswith("none.csv cannot be opened: No such file or directory.\n")


def test_the_command_is_imported_without_numpy() -> None:
    code = "import sys, wellbeing.commands.score; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
