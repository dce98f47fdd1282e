"""The questionnaire: an official form is read in, looked at beside the key, and decided about."""

import io
from typing import Any

import pytest
from markupsafe import escape

from tests.forms import ANCHORS_DA, csv_form, json_form, sentences, wording_of
from tests.rounds import BY, RoundRunner
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.actions.wordings import import_wording
from wellbeing.settings import Settings
from wellbeing.store.org import ImportedWording, WordingState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.admin import wording

FORM = wording_of()
PAGE = "/admin/questionnaire"
SHOWN = f"{PAGE}/{FORM.id}"


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The administrator's pages run as a process of their own."""
    return ("admin",)


def upload(
    browser: Browser, content: bytes, name: str = "form.csv", locale: str = "da", status: int = 302
) -> Shown:
    """Reads a file in as from the page."""
    file = (io.BytesIO(content), name)
    kind: dict[str, Any] = {"content_type": "multipart/form-data"}
    return browser.post(PAGE, {"locale": locale, "file": file}, status, **kind)


def state_of(database: Database) -> WordingState | None:
    """How far the form has come; None where it is not kept."""
    with database.reading(Reach.ADMIN) as session:
        kept = session.get(ImportedWording, FORM.id)
        return kept.state if kept else None


def test_every_state_has_words() -> None:
    assert set(wording.WORDING_STATES) == set(WordingState)


@pytest.mark.parametrize(
    ("language", "said"),
    [("da", "Intet skema er indlæst"), ("en", "No form has been read in")],
)
def test_without_a_form_our_own_wording_is_asked(
    client_of: ClientOf, language: str, said: str
) -> None:
    shown = client_of("Adam", language=language).get(PAGE)
    assert said in shown.text
    assert "www.ProQOL.org" not in shown.text


@on_both_databases
def test_a_form_is_read_in_looked_at_and_approved(client_of: ClientOf, database: Database) -> None:
    adam = client_of("Adam", language="en")
    assert upload(adam, csv_form()).location == SHOWN
    assert state_of(database) is WordingState.WAITING
    assert "Every trend begins anew" in adam.get(SHOWN).text
    assert adam.post(f"{SHOWN}/approve").location == PAGE
    assert state_of(database) is WordingState.APPROVED
    listed = adam.get(PAGE).text
    assert "The form is asked from the next round that opens." in listed
    assert "The official form, ProQOL 5, as it stands in form.csv." in listed
    assert "Adam Ravn" in listed
    adam.post(f"{SHOWN}/retire")
    assert state_of(database) is WordingState.RETIRED
    assert adam.get(PAGE).text.count("Our own wording, adapted from the ProQOL.") == 2


def test_each_sentence_stands_beside_its_scale_and_direction(client_of: ClientOf) -> None:
    adam = client_of("Adam", language="en")
    upload(adam, csv_form())
    shown = adam.get(SHOWN)
    assert all(str(escape(text)) in shown.html for text in sentences())
    rows = shown.html.partition("<tbody>")[2].split("<tr>")[1:]
    scales = [("Burnout" in row, "Secondary" in row, "satisfaction" in row) for row in rows]
    assert len(rows) == 30
    assert [sum(column) for column in zip(*scales, strict=True)] == [10, 10, 10]
    turned = [number for number, row in enumerate(rows, start=1) if "6 − answer" in row]
    assert turned == [1, 4, 15, 17, 29]
    assert FORM.sha256 in shown.text
    assert "Center for Victims of Torture" in shown.text


def test_a_form_can_be_refused(client_of: ClientOf, database: Database) -> None:
    adam = client_of("Adam", language="en")
    upload(adam, json_form(), "form.json")
    page = adam.get(PAGE).text
    waiting = wording_of(anchors=ANCHORS_DA)
    assert waiting.id in page
    adam.post(f"{PAGE}/{waiting.id}/refuse")
    assert "It was never asked" in adam.get(PAGE).text
    adam.post(f"{PAGE}/{waiting.id}/approve", status=409)


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    ("language", "content", "name", "locale", "said"),
    [
        ("en", csv_form(sentences()[:28]), "f.csv", "da", "28 items were found; 29 and 30 are mis"),
        ("da", csv_form(sentences()[:28]), "f.csv", "da", "28 spørgsmål; 29 og 30 mangler"),
        ("en", csv_form(), "form.csv", "en", "in the language &#39;da&#39;, not in &#39;en&#39;"),
        ("en", b"PK\x03\x04", "form.docx", "da", "Only .pdf, .csv and .json files"),
        ("en", b"%PDF-1.4 <script>", "form.pdf", "da", "The PDF is damaged"),
        ("en", b"", "", "da", "Choose a file."),
        ("en", csv_form(), "form.csv", "xx", "Not a valid choice"),
    ],
)
def test_what_is_no_form_is_said_beside_the_file_and_kept_nowhere(
    client_of: ClientOf,
    database: Database,
    language: str,
    content: bytes,
    name: str,
    locale: str,
    said: str,
) -> None:
    shown = upload(client_of("Adam", language=language), content, name, locale, 422)
    assert said in shown.html
    assert 'aria-invalid="true"' in shown.html
    assert state_of(database) is None


@pytest.mark.asvs("5.2.1")
def test_a_large_file_is_read_and_one_too_large_is_refused_early(client_of: ClientOf) -> None:
    adam = client_of("Adam", language="en")
    large = csv_form() + b"\r\n" * 50_000
    assert upload(adam, large).location == SHOWN
    kind = "multipart/form-data; boundary=x"
    shown = adam.get(PAGE, 413, method="POST", data=b"x" * 6_000_000, content_type=kind)
    assert "larger than this page takes" in shown.text


def test_other_pages_and_other_people_may_send_no_more_than_before(client_of: ClientOf) -> None:
    adam = client_of("Adam")
    much = {"x": "y" * 100_000}
    adam.post(f"{SHOWN}/approve", much, 413)
    upload(client_of("Eva"), b"x" * 100_000, status=413)


@pytest.mark.parametrize("path", ["", "/approve", "/refuse", "/retire"])
def test_a_form_that_is_not_there_is_not_found(client_of: ClientOf, path: str) -> None:
    adam = client_of("Adam")
    address = f"{PAGE}/proqol5-official-da-00000000{path}"
    assert adam.post(address, status=404) if path else adam.get(address, 404)


@pytest.mark.asvs("1.2.1")
def test_the_name_of_a_file_is_shown_as_it_is_and_runs_nothing(client_of: ClientOf) -> None:
    adam = client_of("Adam")
    upload(adam, csv_form(), "<script>alert(1)</script>.csv")
    for page in (adam.get(PAGE), adam.get(SHOWN)):
        assert "&lt;script&gt;alert(1)" in page.html
        assert "<script>alert" not in page.html


@pytest.mark.asvs("3.2.1", "5.4.1")
def test_an_empty_table_can_be_fetched_and_filled_in(client_of: ClientOf) -> None:
    adam = client_of("Adam")
    shown = adam.get(f"{PAGE}/example.csv")
    assert shown.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in shown.headers["Content-Disposition"]
    lines = shown.html.splitlines()
    filled = [f"{row}{text}" for row, text in zip(lines[1:31], sentences(), strict=True)]
    content = "\r\n".join([lines[0], *filled, *lines[31:]]).encode()
    assert upload(adam, content).location == SHOWN


def test_the_list_says_which_rounds_asked_with_a_form(
    client_of: ClientOf, database: Database, settings: Settings, clock: Clock
) -> None:
    adam = client_of("Adam", language="en")
    upload(adam, csv_form())
    assert "No round yet" in adam.get(SHOWN).text
    adam.post(f"{SHOWN}/approve")
    RoundRunner(database, settings.data, clock.now()).open()
    assert "Round 1, 2 February 2026" in adam.get(PAGE).text
    assert "round 1" in adam.get(SHOWN).text


def test_a_form_read_in_at_the_command_line_names_the_command(
    client_of: ClientOf, database: Database, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        import_wording(session, FORM, "form.pdf", now=clock.now(), by=BY)
    assert str(BY) in client_of("Adam").get(PAGE).text


def test_the_menu_marks_the_questionnaire_on_the_page_of_a_form(client_of: ClientOf) -> None:
    adam = client_of("Adam")
    upload(adam, csv_form())
    assert f'href="{PAGE}" aria-current="page"' in adam.get(PAGE).html
    assert f'href="{PAGE}" aria-current="true"' in adam.get(SHOWN).html
