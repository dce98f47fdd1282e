"""PDFs are tagged, carry their fonts, fetch nothing, and are missed by nothing where absent."""

import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import wellbeing
from wellbeing.pdf import can_render_pdf, picture_address, render_pdf, render_private_pdf

CSS = Path(wellbeing.__file__).parent / "static" / "report.css"
PAGE = """<!doctype html><html lang="da"><head><meta charset="utf-8"><title>Prøve</title></head>
<body><h1>Anonymitetsrapport</h1><p>Løftet holder for kålormen.</p>
<table><caption>Grænser</caption><tr><th scope="col">Point</th></tr><tr><td>32</td></tr></table>
{more}</body></html>"""
PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
viewBox="0 0 9 9" width="9" height="9"><path d="M1 1L8 8" stroke="#123456"/>%s</svg>"""
needs_pdf = pytest.mark.skipif(not can_render_pdf(), reason="No PDF can be made on this machine.")


@pytest.fixture
def forgets() -> Iterator[None]:
    """Asks again whether PDFs can be made, before and after."""
    can_render_pdf.cache_clear()
    yield
    can_render_pdf.cache_clear()


def read_streams(document: bytes) -> bytes:
    """Everything in a PDF, unpacked where it is packed."""
    found = [document]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return b"\n".join(found)


@needs_pdf
def test_a_page_becomes_a_tagged_pdf_in_its_language() -> None:
    document = render_pdf(PAGE.format(more=""), CSS)
    assert document.startswith(b"%PDF-1.")
    inside = read_streams(document)
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", inside)
    assert b"/StructTreeRoot" in inside
    assert re.search(rb"/S\s*/H1\b", inside)
    assert re.search(rb"/S\s*/TH\b", inside)
    assert b"/Lang (da)" in inside
    assert b"<pdfuaid:part>1</pdfuaid:part>" in inside or b'pdfuaid:part="1"' in inside


@pytest.mark.asvs("14.2.2")
@needs_pdf
def test_of_a_private_page_nothing_is_kept() -> None:
    render_pdf.cache_clear()
    assert render_private_pdf(PAGE.format(more="<p>33</p>"), CSS).startswith(b"%PDF-1.")
    assert render_pdf.cache_info().currsize == 0


@needs_pdf
def test_every_font_is_inside() -> None:
    inside = read_streams(render_pdf(PAGE.format(more="<code>kode</code>"), CSS))
    described = re.findall(rb"/Type\s*/FontDescriptor.*?>>", inside, re.DOTALL)
    assert described
    assert all(b"/FontFile" in font for font in described)


@needs_pdf
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed.")
def test_the_words_can_be_taken_out_again(tmp_path: Path) -> None:
    file = tmp_path / "page.pdf"
    file.write_bytes(render_pdf(PAGE.format(more=""), CSS))
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    assert "Løftet holder for kålormen." in done.stdout.decode()


@pytest.mark.asvs("1.3.6")
@needs_pdf
@pytest.mark.parametrize(
    "more",
    [
        '<img src="{address}" alt="x">',
        '<link rel="stylesheet" href="{address}">',
        '<style>@import url("{address}");</style>',
        "<style>body {{ background: url('{address}') }}</style>",
        '<object data="{address}">x</object>',
        '<svg><image href="{address}" width="9" height="9"/></svg>',
    ],
)
def test_nothing_is_fetched_neither_from_afar_nor_from_the_disk(
    tmp_path: Path, more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>kålorm</text></svg>')
    opened: list[object] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *asked: opened.append(asked))
    for address in (secret.as_uri(), "http://127.0.0.1:9/x.png", "https://example.com/x.css"):
        assert render_pdf(PAGE.format(more=more.format(address=address)), CSS)
    assert opened == []


@needs_pdf
def test_the_same_page_gives_the_same_bytes() -> None:
    page = PAGE.format(more="<p>again</p>")
    first = render_pdf(page, CSS)
    render_pdf.cache_clear()
    assert render_pdf(page, CSS) == first


@needs_pdf
def test_a_picture_of_ours_is_drawn_as_lines_and_has_its_words() -> None:
    more = f'<img src="{picture_address(0)}" alt="En streg på skrå">'
    inside = read_streams(render_pdf(PAGE.format(more=more), CSS, (PICTURE % b"",)))
    assert b"/Subtype /Image" not in inside
    assert re.search(rb"0\.07\d* 0\.20\d* 0\.33\d* RG", inside)
    assert re.search(rb"/S\s*/Figure\b", inside)
    assert "En streg på skrå".encode("utf-16-be").hex().encode() in inside.lower() or (
        b"En streg" in inside
    )


@needs_pdf
@pytest.mark.parametrize(
    "address", ["picture:1", "picture:00", "picture:-1", "PICTURE:0", "data:image/svg+xml,<svg/>"]
)
def test_a_picture_that_was_not_handed_over_is_not_shown(address: str) -> None:
    page = PAGE.format(more=f'<img src="{address}" alt="Noget andet">')
    inside = read_streams(render_pdf(page, CSS, (PICTURE % b"",)))
    assert not re.search(rb"0\.07\d* 0\.20\d* 0\.33\d* RG", inside)


@needs_pdf
@pytest.mark.parametrize("name", ["href", "xlink:href"])
def test_a_picture_fetches_nothing_either(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_bytes(PICTURE % b"")
    opened: list[object] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *asked: opened.append(asked))
    page = PAGE.format(more=f'<img src="{picture_address(0)}" alt="x">')
    for address in (secret.as_uri(), "http://127.0.0.1:9/x.png"):
        image = f'<image {name}="{address}" width="9" height="9"/>'.encode()
        assert render_pdf(page, CSS, (PICTURE % image,))
    assert opened == []


@needs_pdf
def test_another_picture_makes_another_document() -> None:
    page = PAGE.format(more=f'<img src="{picture_address(0)}" alt="x">')
    one, other = (
        render_pdf(page, CSS, (PICTURE % b"<path d='%s'/>" % line,))
        for line in (b"M1 2", b"M2 1L5 5z")
    )
    assert one != other


@pytest.mark.parametrize("fault", [ImportError, OSError])
def test_without_the_library_or_pango_no_pdf_can_be_made(
    monkeypatch: pytest.MonkeyPatch, forgets: None, fault: type[Exception]
) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> None:
            if name.partition(".")[0] == "weasyprint":
                raise fault(name)

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert not can_render_pdf()


def test_the_module_knows_no_tables_and_no_web() -> None:
    source = Path(sys.modules[render_pdf.__module__].__file__ or "").read_text(encoding="utf-8")
    assert not re.search(r"import (sqlalchemy|flask)|from (sqlalchemy|flask|wellbeing)", source)
