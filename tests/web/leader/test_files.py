"""The published figures of a unit as files: the cells say what the page says."""

import csv
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from tests.cast import Cast
from tests.web.conftest import ClientOf
from tests.web.past import page_of
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def read_workbook(content: bytes, sheet: str) -> list[list[object]]:
    """A sheet as another library reads it."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return [list(row) for row in book.get_sheet_by_name(sheet).to_python()]


@pytest.mark.parametrize(("language", "sheet"), [("en", "Figures"), ("da", "Tal")])
def test_the_workbook_has_each_round_as_the_page_shows_it(
    language: str, sheet: str, client_of: ClientOf, cast: Cast
) -> None:
    lis = client_of("Lis", language=language)
    shown = lis.get(f"{page_of('team_a', cast)}/figures.xlsx")
    heading, *rows = read_workbook(shown.response.data, sheet)
    assert len(heading) == 7
    assert [row[0] for row in rows] == [8, 7, 6, 5, 4, 3, 2, 1]
    page = lis.get(f"{page_of('team_a', cast)}?rounds=all").text
    gap = rows[5]
    assert gap[2:6] == ["", "", "", ""]
    for row in rows:
        cells = [str(cell) for cell in (*row[2:5], row[6]) if cell]
        assert cells
        assert all(cell in page for cell in cells)
    assert {row[5] for row in rows if row is not gap} == {"5–9"}
    link = f'href="{page_of("team_a", cast)}/figures.xlsx"'
    assert link in lis.get(page_of("team_a", cast)).html


def test_the_csv_withholds_what_the_page_withholds_and_is_written_down(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lis = client_of("Lis")
    shown = lis.get(f"{page_of('team_a', cast)}/figures.csv")
    rows = list(csv.DictReader(StringIO(shown.response.text)))
    assert len(rows) == 8 * 3
    assert [row["withheld"] for row in rows if not row["point"]] == ["too_few"] * 3
    with database.reading(Reach.EVERYTHING) as session:
        acts = session.scalars(
            select(AuditEvent.act).where(AuditEvent.act.contains("figures"))
        ).all()
    assert acts[-1] == "figures.taken"
    for path in ("figures.csv", "figures.xlsx"):
        client_of("Ole").get(f"{page_of('team_a', cast)}/{path}", 404)
        client_of("Eva").get(f"{page_of('team_a', cast)}/{path}", 404)


def test_a_name_that_would_act_as_a_formula_stays_text(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    name = '=HYPERLINK("http://127.0.0.1:9/","x")'
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(update(Unit).where(Unit.id == cast.units["organisation"]).values(name=name))
    shown = client_of("Lis").get(f"{page_of('team_a', cast)}/figures.csv")
    rows = list(csv.DictReader(StringIO(shown.response.text)))
    assert all(row["unit"].startswith("'=HYPERLINK") for row in rows)
