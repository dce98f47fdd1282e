"""The APV pack: the page that chooses a period, the document to print, and the workbook."""

import re
import shutil
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from tests.apv_past import FORMULAS, INCIDENT_ON, SECRETS, TODAY, add_apv_past
from tests.canaries import find_in_page, of_text
from tests.cast import Cast
from tests.crawler import body_of
from tests.published_rows import add_held, closing
from tests.test_pdf import read_streams
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.past import EITHER_LANGUAGE, page_of
from wellbeing.actions.reads import FIGURES
from wellbeing.pdf import can_render_pdf, render_pdf
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

needs_pdf = pytest.mark.skipif(not can_render_pdf(), reason="No PDF can be made on this machine.")
needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed."
)
SHEETS_DA = ["Om pakken", "Tal", "Forslag", "Hændelser", "Tilbud", "Møder", "Aftaler", "Hjalp det"]


@pytest.fixture
def rounds_past() -> int:
    """None: the rounds of these tests are put in."""
    return 0


@pytest.fixture
def clock() -> Clock:
    """In February 2026."""
    return Clock(TODAY)


@pytest.fixture
def told(database: Database, cast: Cast) -> None:
    """Team A with its three years."""
    with database.writing(Reach.EVERYTHING) as session:
        add_apv_past(session, cast, cast.units["team_a"])


def at(cast: Cast, ending: str = "", unit: str = "team_a", **days: object) -> str:
    """An address of the pack; `first` and `last` are its days."""
    query = {{"first": "from", "last": "until"}[key]: str(day) for key, day in days.items()}
    return f"{page_of(unit, cast)}/apv{ending}" + (f"?{urlencode(query)}" if query else "")


def workbook(shown: Shown) -> CalamineWorkbook:
    """The file that came."""
    return CalamineWorkbook.from_filelike(BytesIO(shown.response.get_data()))


def words_of_pdf(shown: Shown, folder: Path) -> str:
    """What a reader takes out of the document."""
    file = folder / "apv.pdf"
    file.write_bytes(shown.response.get_data())
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode()


@on_both_databases
def test_the_page_offers_the_last_three_years_and_says_what_is_in_them(
    client_of: ClientOf, cast: Cast, told: None
) -> None:
    shown = client_of("Lis").get(at(cast))
    assert 'value="2023-02-03"' in shown.html
    assert 'value="2026-02-02"' in shown.html
    for said in ("Tal 8 linjer", "Hændelser 1 linje", "Aftaler 4 linjer", "Hjalp det? 3 linjer"):
        assert said in shown.text
    assert "apv.xlsx?from=2023-02-03&amp;until=2026-02-02" in shown.html


@pytest.mark.parametrize("name", ["Lis", "Sara", "Hanne"])
def test_leader_safety_representative_and_hr_get_the_same_pack(
    client_of: ClientOf, cast: Cast, told: None, name: str
) -> None:
    book = workbook(client_of(name).get(at(cast, ".xlsx")))
    assert book.sheet_names == SHEETS_DA
    figures = book.get_sheet_by_name("Tal").to_python()
    assert [row[1] for row in figures[1:]] == [27, 26, 27, 26, 22, 21, 22, 21]


@pytest.mark.parametrize("ending", ["", ".xlsx", ".pdf"])
@pytest.mark.parametrize("name", ["Eva", "Ole", "Hugo", "Susan", "Adam", "Dina"])
def test_nobody_else_gets_it(
    client_of: ClientOf, cast: Cast, told: None, name: str, ending: str
) -> None:
    client_of(name).get(at(cast, ending), 404)


@EITHER_LANGUAGE
@pytest.mark.parametrize("ending", ["", ".xlsx", pytest.param(".pdf", marks=needs_pdf)])
@pytest.mark.parametrize("unit", ["team_a", "organisation"])
def test_no_name_request_or_detail_is_in_any_of_it(
    client_of: ClientOf, cast: Cast, told: None, unit: str, ending: str, language: str
) -> None:
    shown = client_of("Hanne", language=language).get(at(cast, ending, unit))
    own = {"Hanne Thomsen"}  # the page greets its reader
    canaries = [of_text(secret, secret) for secret in SECRETS if secret not in own]
    body = body_of(shown)
    assert find_in_page(body, canaries) == []
    assert find_in_page(body + SECRETS[0], canaries) != []


@needs_pdf
@needs_pdftotext
def test_the_document_has_the_four_headings_of_the_assessment_and_all_that_happened(
    client_of: ClientOf, cast: Cast, told: None, tmp_path: Path
) -> None:
    shown = client_of("Lis").get(at(cast, ".pdf"))
    words = words_of_pdf(shown, tmp_path)
    found = [words.index(h) for h in ("1. Kortlægning", "2. Vurdering", "3. Handlingsplan")]
    assert found == sorted(found)
    assert "4. Opfølgning" in words
    for said in ("Teamsupervision", "Trusler", "Arbejdspres", "§ 15 a", "1838", "Sygefravær"):
        assert said in words
    for secret in SECRETS:
        assert secret not in words


@needs_pdf
def test_the_document_is_tagged_and_fetches_nothing(
    client_of: ClientOf, cast: Cast, told: None
) -> None:
    shown = client_of("Lis").get(at(cast, ".pdf"))
    assert shown.headers["Content-Disposition"] == (
        'attachment; filename="apv-2023-02-03-2026-02-02.pdf"'
    )
    inside = read_streams(shown.response.get_data())
    assert b"/StructTreeRoot" in inside
    assert re.search(rb"/S\s*/TH\b", inside)
    assert b"/Lang (da)" in inside


@pytest.mark.parametrize("ending", [".xlsx", pytest.param(".pdf", marks=needs_pdf)])
def test_the_same_pack_gives_the_same_bytes(
    client_of: ClientOf, cast: Cast, told: None, ending: str
) -> None:
    lis = client_of("Lis")
    first = lis.get(at(cast, ending)).response.get_data()
    render_pdf.cache_clear()
    assert lis.get(at(cast, ending)).response.get_data() == first


@pytest.mark.asvs("1.3.3")
def test_what_people_typed_acts_in_no_cell(
    client_of: ClientOf, database: Database, cast: Cast, told: None
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_a"]).name = FORMULAS[0]
    shown = client_of("Hanne").get(at(cast, ".xlsx", "department_1"))
    rows = workbook(shown).get_sheet_by_name("Aftaler").to_python()
    assert {row[2] for row in rows} > set(FORMULAS)
    assert FORMULAS[0] in {row[1] for row in rows}
    assert "<f>" not in body_of(shown)
    assert "<hyperlink" not in body_of(shown)


def test_a_pack_of_several_units_names_the_unit_of_each_line(
    client_of: ClientOf, cast: Cast, told: None
) -> None:
    book = workbook(client_of("Hanne").get(at(cast, ".xlsx", "organisation")))
    heading, first, *_ = book.get_sheet_by_name("Møder").to_python()
    assert heading[:2] == ["Holdt den", "Enhed"]
    assert first[1] == "Bostøtte / Anemonen"


@EITHER_LANGUAGE
def test_an_empty_period_says_so_and_can_still_be_taken(
    client_of: ClientOf, cast: Cast, told: None, language: str
) -> None:
    lis, days = client_of("Lis", language=language), {"first": "2020-01-01", "last": "2020-12-31"}
    shown = lis.get(at(cast, **days))
    assert {"da": "Der er ikke noget", "en": "There is nothing"}[language] in shown.text
    book = workbook(lis.get(at(cast, ".xlsx", **days)))
    assert len(book.sheet_names) == 8
    assert len(book.get_sheet_by_index(3).to_python()) == 2


@pytest.mark.parametrize("ending", ["", ".xlsx", pytest.param(".pdf", marks=needs_pdf)])
@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-01-02", "2026-01-01", "Den sidste dag kan ikke ligge før den første."),
        ("2010-01-01", "2026-01-01", "Vælg højst 10 år ad gangen."),
        ("2027-01-01", "2027-02-01", "Vælg en periode, der er begyndt."),
        ("9999-12-31", "9999-12-31", "Vælg en periode, der er begyndt."),
        ("i går", "2026-01-01", "dato"),
        ("2026-02-30", "2026-03-01", "dato"),
        ("", "2026-03-01", ""),
    ],
)
def test_a_period_that_cannot_be_is_said_and_what_was_typed_is_kept(
    client_of: ClientOf, database: Database, cast: Cast, told: None,
    first: str, last: str, said: str, ending: str,
) -> None:  # fmt: skip
    shown = client_of("Lis").get(at(cast, ending, first=first, last=last), 422)
    assert said in shown.text
    assert f'value="{first}"' in shown.html
    assert f'value="{last}"' in shown.html
    assert not re.search(r'href="[^"]*apv\.xlsx', shown.html)
    with database.reading(Reach.EVERYTHING) as session:
        assert (
            session.scalars(select(AuditEvent).where(AuditEvent.act == "figures.read")).all() == []
        )


def test_every_look_at_it_is_written_down_with_the_role(
    client_of: ClientOf, database: Database, cast: Cast, told: None
) -> None:
    sara = client_of("Sara")
    sara.get(at(cast))
    sara.get(at(cast, ".xlsx"))
    with database.reading(Reach.EVERYTHING) as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.act.in_(FIGURES)).order_by(AuditEvent.number)
        ).all()
    assert [event.act for event in events] == ["figures.read", "figures.taken"]
    assert [event.subject for event in events] == [str(cast.units["team_a"])] * 2
    assert [event.details["roles"] for event in events] == [["safety_representative"]] * 2


@pytest.mark.asvs("16.5.3")
@pytest.mark.parametrize("ending", [".xlsx", pytest.param(".pdf", marks=needs_pdf)])
def test_a_look_that_cannot_be_written_down_gives_no_pack(
    client_of: ClientOf, database: Database, cast: Cast, told: None, ending: str
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON audit_event "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )
    shown = client_of("Lis").get(at(cast, ending), 500)
    assert shown.is_html


@pytest.mark.asvs("15.2.2")
def test_more_lines_than_can_be_printed_are_refused_and_the_workbook_holds_them(
    client_of: ClientOf, cast: Cast, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wellbeing.web.leader.apv_routes.MOST_ROWS_IN_PDF", 5)
    lis = client_of("Lis")
    shown = lis.get(at(cast))
    assert not re.search(r'href="[^"]*apv\.pdf', shown.html)
    if can_render_pdf():
        assert "for mange til print" in lis.get(at(cast, ".pdf"), 422).text
    assert workbook(lis.get(at(cast, ".xlsx"))).sheet_names == SHEETS_DA


def test_more_sessions_than_a_pack_holds_are_refused(
    client_of: ClientOf, database: Database, cast: Cast, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        days = [closing(5) + timedelta(days=number) for number in range(3)]
        add_held(session, cast.units["team_a"], cast.people["Susan"], *days)
    monkeypatch.setattr("wellbeing.actions.apv_support.MOST_SESSIONS", 3)
    shown = client_of("Lis").get(at(cast, ".xlsx"), 422)
    assert "Der er holdt mere end 3 møder." in shown.text


def test_an_incident_s_kind_and_day_are_all_there_is_of_it(
    client_of: ClientOf, cast: Cast, told: None
) -> None:
    book = workbook(client_of("Lis").get(at(cast, ".xlsx")))
    rows = book.get_sheet_by_name("Hændelser").to_python()
    assert rows[1:] == [[INCIDENT_ON, "Trusler", INCIDENT_ON + timedelta(days=31)]]
