"""The documents that the law asks for: the same in both languages, true, and the organisation's."""

import re
from pathlib import Path

import pytest

from wellbeing.actions.law_documents import (
    LANGUAGES,
    load_cookies,
    make_documents,
    write_documents,
)
from wellbeing.app import AREAS, create_app
from wellbeing.domain.plain_markdown import as_html
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.resources import folder
from wellbeing.settings import Settings
from wellbeing.web.shared.this_device import KIOSK_COOKIE

ROOT = Path(__file__).parents[2]
FILLED = Settings(
    organisation="Østerby Kommune",
    controller_contact="Torvet 1, 9999 Østerby",
    dpo_contact="dpo@oesterby.example",
    legal_basis={"da": "Artikel 6 …", "en": "Article 6 …"},
    leaving_months=3,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documents_in_docs_are_what_the_command_writes(language: str) -> None:
    written = {
        path.name: path.read_text(encoding="utf-8")
        for path in (ROOT / "docs" / "law" / language).glob("*.md")
    }
    assert written == make_documents(Settings(), language)


def test_both_languages_have_the_same_documents_of_the_same_shape() -> None:
    danish, english = (make_documents(Settings(), language) for language in LANGUAGES)
    assert [name[:2] for name in danish] == [name[:2] for name in english]
    for one, other in zip(danish.values(), english.values(), strict=True):
        assert _shape(one) == _shape(other), one[:40]


def _shape(text: str) -> list[str]:
    """Headings, and lines that are of a list or table."""
    return [found[0] for line in text.splitlines() if (found := re.match(r"#+|\||\d+\.|-", line))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_settings_say_is_filled_in_and_the_rest_is_marked(language: str) -> None:
    texts = "\n".join(make_documents(FILLED, language).values())
    for said in ("Østerby Kommune", "Torvet 1", "dpo@oesterby.example", "6 …", "3 m"):
        assert said in texts
    assert "{" not in texts
    bare = "\n".join(make_documents(Settings(), language).values())
    marked = {"da": "[udfyldes: organisationens navn]", "en": "[to fill in: name of the"}
    assert marked[language] in bare
    assert marked[language] not in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_test_named_as_proof_exists(language: str) -> None:
    named = {
        test
        for text in make_documents(Settings(), language).values()
        for test in re.findall(r"`(tests/[^`]+)`", text)
    }
    assert len(named) > 10
    assert [test for test in named if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_document_promises_more_than_the_design(language: str) -> None:
    texts = " ".join(make_documents(Settings(), language).values()).lower()
    for word in ("zero knowledge", "100 %", "100% ", "fuldstændig anonym", "completely anonymous"):
        assert word not in texts
    promise = {
        "da": "mens en runde er åben, kunne den, der styrer den kørende server og dens nøgle",
        "en": "while a round is open, whoever controls the running server and its key could",
    }
    assert promise[language] in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_information_for_employees_is_that_of_the_page(language: str, tmp_path: Path) -> None:
    settings = FILLED.model_copy(
        update={"data": tmp_path, "database_url": f"sqlite:///{tmp_path / 'x.db'}"}
    )
    app = create_app(settings, areas=())
    with app.test_client() as client:
        client.set_cookie("locale", language)
        page = client.get("/privacy").get_data(as_text=True)
    app.extensions["wellbeing"].database.close()
    shown = " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'").split())
    document = next(t for n, t in make_documents(settings, language).items() if n[:2] == "03")
    said = re.findall(r"^\*\*(.+?)\.?\*\* (.+)$", document, flags=re.MULTILINE)
    assert len(said) > 10
    for term, words in said:
        assert f"{term.strip()} {words}" in shown, term


def test_every_cookie_that_the_program_sets_is_named() -> None:
    names = {str(kept["name"]) for kept in load_cookies()}
    source = "\n".join(p.read_text("utf-8") for p in (ROOT / "wellbeing").rglob("*.py"))
    assert len(re.findall(r"\.set_cookie\(", source)) == 2
    assert names == {"wellbeing", "locale", KIOSK_COOKIE, "localStorage"}
    assert AREAS


def test_every_period_is_said_in_every_language() -> None:
    for row in load_retention_table().rows:
        for texts in (row.what, row.how_long, row.why):
            assert set(texts) == set(LANGUAGES), row.key


def test_they_are_written_again_over_the_old_ones(tmp_path: Path) -> None:
    first = write_documents(FILLED, tmp_path)
    assert write_documents(FILLED, tmp_path) == first
    assert len(first) == 2 * len(list((folder("config") / "law" / "da").glob("*.md")))


def test_our_markdown_becomes_html_and_nothing_in_it_becomes_markup() -> None:
    text = "# A & b\n\n<script>\n\n- one\n- **two**\n\n| H | I |\n|---|---|\n| `x` | y |\n\n1. z\n"
    assert as_html(text) == (
        "<h1>A &amp; b</h1>\n<p>&lt;script&gt;</p>\n"
        "<ul><li>one</li><li><strong>two</strong></li></ul>\n"
        "<table><thead><tr><th>H</th><th>I</th></tr></thead>"
        "<tbody><tr><td><code>x</code></td><td>y</td></tr></tbody></table>\n"
        "<ol><li>z</li></ol>"
    )
