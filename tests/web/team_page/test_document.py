"""The page of a unit as a PDF: the same readers, the same words, and the same entry in the log."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import WHO_PLAYS, Cast
from tests.test_pdf import needs_pdf, read_streams
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.past import EITHER_LANGUAGE, UNITS, page_of
from wellbeing.actions.figures import find_rounds
from wellbeing.actions.reads import FIGURES
from wellbeing.domain.roles import Role
from wellbeing.pdf import render_pdf
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.team_page import document

READERS = {Role.LEADER, Role.SAFETY_REPRESENTATIVE, Role.HR}


def body(shown: Shown) -> bytes:
    """The document that was sent."""
    assert shown.headers["Content-Type"] == "application/pdf"
    sent: bytes = shown.response.get_data()
    assert sent.startswith(b"%PDF-1.")
    return sent


def words_of(document: bytes, folder: Path) -> str:
    """The words in a document; "" on a machine that cannot take them out."""
    if shutil.which("pdftotext") is None:
        return ""
    file = folder / "page.pdf"
    file.write_bytes(document)
    done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def reads(database: Database) -> Sequence[Any]:
    """The details of every read in the log."""
    with database.reading(Reach.EVERYTHING) as session:
        query = select(AuditEvent).where(AuditEvent.act.in_(FIGURES))
        return [
            (event.by, event.subject, event.details)
            for event in session.scalars(query.order_by(AuditEvent.number))
        ]


@needs_pdf
@EITHER_LANGUAGE
def test_it_has_the_verdicts_the_figures_and_the_suggestions_of_the_page(
    client_of: ClientOf, cast: Cast, language: str, tmp_path: Path
) -> None:
    lis = client_of("Lis", language=language)
    page = lis.get(page_of("team_a", cast))
    assert f'href="{page_of("team_a", cast)}.pdf"' in page.html
    sent = body(lis.get(f"{page_of('team_a', cast)}.pdf"))
    assert f"/Lang ({language})".encode() in read_streams(sent)
    words = words_of(sent, tmp_path)
    said = {
        "da": ("Der er flere tegn på udbrændthed end før.", "Tilbyd supervision", "Sådan er vi"),
        "en": ("Signs of burnout have risen.", "Offer supervision", "How this was worked out"),
    }
    for sentence in said[language]:
        assert sentence in page.text
        assert sentence in words or not words


@needs_pdf
def test_each_chart_is_drawn_as_lines_and_described_in_words(
    client_of: ClientOf, cast: Cast
) -> None:
    lis = client_of("Lis", language="en")
    inside = read_streams(body(lis.get(f"{page_of('team_a', cast)}.pdf")))
    assert len(re.findall(rb"/S\s*/Figure\b", inside)) == 3
    assert b"/Subtype /Image" not in inside
    described = re.findall(rb"/Alt\s*\((.*?)\)", inside)
    assert [text.split(b" over ")[0] for text in described] == [
        b"Burnout",
        b"Secondary traumatic stress",
        b"Compassion satisfaction",
    ]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in inside or b'pdfuaid:part="1"' in inside


@needs_pdf
def test_the_same_page_is_the_same_bytes(client_of: ClientOf, cast: Cast) -> None:
    path = f"{page_of('team_a', cast)}.pdf"
    first = body(client_of("Lis").get(path))
    render_pdf.cache_clear()
    assert body(client_of("Sara").get(path)) == first


@needs_pdf
@on_both_databases
def test_taking_it_is_written_down_as_reading_the_page_is(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    for name in ("Lis", "Sara", "Hanne"):
        client_of(name).get(page_of("team_a", cast))
    opened = reads(database)
    for name in ("Lis", "Sara", "Hanne"):
        client_of(name).get(f"{page_of('team_a', cast)}.pdf")
    assert len(opened) == 3
    assert reads(database)[3:] == opened


@needs_pdf
@pytest.mark.parametrize(("name", "unit"), [("Ole", "team_a"), ("Hugo", "team_a")])
def test_a_unit_out_of_reach_is_not_found_and_not_written_down(
    client_of: ClientOf, cast: Cast, database: Database, name: str, unit: str
) -> None:
    client_of(name).get(f"{page_of(unit, cast)}.pdf", 404)
    assert reads(database) == []


@needs_pdf
@pytest.mark.parametrize("role", sorted(set(Role) - READERS))
def test_nobody_but_its_readers_finds_it(client_of: ClientOf, cast: Cast, role: Role) -> None:
    client_of(WHO_PLAYS[role]).get(f"{page_of('team_a', cast)}.pdf", 404)


@needs_pdf
@EITHER_LANGUAGE
def test_the_people_of_a_unit_take_their_own_page_and_nothing_is_written_down(
    client_of: ClientOf, cast: Cast, database: Database, language: str, tmp_path: Path
) -> None:
    eva = client_of("Eva", language=language)
    assert 'href="/my-unit.pdf"' in eva.get("/my-unit").html
    sent = body(eva.get("/my-unit.pdf"))
    assert reads(database) == []
    theirs = body(client_of("Lis", language=language).get(f"{page_of('team_a', cast)}.pdf"))
    assert sent == theirs


@needs_pdf
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed.")
def test_whoever_works_outside_the_teams_finds_no_team_in_it(
    client_of: ClientOf, tmp_path: Path
) -> None:
    words = words_of(body(client_of("Hanne", language="en").get("/my-unit.pdf")), tmp_path)
    assert "Others in" in words
    assert "Anemonen" not in words
    assert "Bøgen" not in words


@needs_pdf
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_one_and_no_button_or_address_of_ours_is_in_it(
    client_of: ClientOf, cast: Cast, unit: str
) -> None:
    inside = read_streams(body(client_of("Hanne").get(f"{page_of(unit, cast)}.pdf")))
    addresses = re.findall(rb"/URI \((.*?)\)", inside)
    assert addresses
    assert all(address.startswith(b"https://") for address in addresses)


@needs_pdf
def test_somebody_without_a_unit_has_none(client_of: ClientOf) -> None:
    client_of("Susan").get("/my-unit.pdf", 404)


@needs_pdf
@pytest.mark.parametrize("rounds_past", [0])
def test_before_the_first_round_it_says_that_there_are_no_figures(
    client_of: ClientOf, cast: Cast, tmp_path: Path
) -> None:
    lis = client_of("Lis", language="en")
    shown = lis.get(f"{page_of('team_a', cast)}.pdf")
    assert 'filename="unit-anemonen.pdf"' in shown.headers["Content-Disposition"]
    words = words_of(body(shown), tmp_path)
    assert "There are no figures yet" in words or not words


@pytest.mark.asvs("3.2.1", "5.4.1", "5.4.2")
@needs_pdf
@pytest.mark.parametrize(
    ("name", "language", "starts"),
    [
        ("Bøgen", "da", "enhed-boegen-"),
        ("Bøgen", "en", "unit-boegen-"),
        ("Ærø & Ålborg: Café 7", "da", "enhed-aeroe-aalborg-cafe-7-"),
        ('../../etc/passwd"\r\nX-Evil: 1', "en", "unit-etc-passwd-x-evil-1-"),
        ("Ψυχή", "en", "unit-20"),
        ("x" * 120, "en", f"unit-{'x' * 60}-"),
    ],
)
def test_its_name_is_plain_letters(
    client_of: ClientOf,
    cast: Cast,
    database: Database,
    name: str,
    language: str,
    starts: str,
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_b"]).name = name
        latest = find_rounds(session)[-1].closed_on
    shown = client_of("Ole", language=language).get(f"{page_of('team_b', cast)}.pdf")
    named = re.fullmatch(
        r'attachment; filename="([a-z0-9.-]+)"', shown.headers["Content-Disposition"]
    )
    assert named
    assert named[1].startswith(starts)
    assert named[1].endswith(f"{latest.isoformat()}.pdf")


def test_where_no_pdf_can_be_made_there_is_no_link_no_address_and_no_entry(
    client_of: ClientOf, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "can_render_pdf", lambda: False)
    lis = client_of("Lis")
    lis.get(f"{page_of('team_a', cast)}.pdf", 404)
    lis.get("/my-unit.pdf", 404)
    assert reads(database) == []
    assert ".pdf" not in lis.get(page_of("team_a", cast)).html
    assert ".pdf" not in lis.get("/my-unit").html
