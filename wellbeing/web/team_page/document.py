"""A team page as a document to print or hand on: the same words, tables and charts."""

import re
import unicodedata
from http import HTTPStatus
from pathlib import Path

from flask import Response, abort, current_app, render_template

from wellbeing.pdf import can_render_pdf, picture_address, render_pdf
from wellbeing.web.shared.i18n import pgettext
from wellbeing.web.shared.services import services
from wellbeing.web.team_page.page import TeamPage

STYLESHEET = "report.css"
MOST_LETTERS = 60
# What Danish letters are written as where there is ASCII only.
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})


def check_can_make_document() -> None:
    """404 where no PDF can be made on this machine."""
    if not can_render_pdf():
        abort(HTTPStatus.NOT_FOUND)


def send_document(page: TeamPage) -> Response:
    """The page as a tagged PDF with its charts as vectors, on light paper."""
    # Loaded by the processes that draw: it brings a drawing library with it.
    from wellbeing.web.team_page.charts import draw_trend

    pictures = tuple(draw_trend(section.chart) for section in page.sections)
    addresses = {
        section.scale: picture_address(place) for place, section in enumerate(page.sections)
    }
    settings, now = services().settings, services().now()
    html = render_template(
        "team_page/document.html",
        page=page,
        pdf_url="",
        conversation_url="",
        link_to=lambda _unit_id: "",
        chart_url=lambda scale, **_: addresses[scale],
        today=now.astimezone(settings.zone).date(),
    )
    assert current_app.static_folder
    document = render_pdf(html, Path(current_app.static_folder) / STYLESHEET, pictures)
    response = Response(document, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name_document(page)}"'
    return response


def name_document(page: TeamPage) -> str:
    """A file name in plain ASCII: the unit, and when the latest round closed."""
    day = page.rounds[-1].closed_on.isoformat() if page.rounds else ""
    kind = pgettext("file name", "unit")
    return "-".join(part for part in (kind, _plain(page.unit.name), day) if part) + ".pdf"


def pdf_link(address: str) -> str:
    """The address of a page's document; "" where none can be made."""
    return address if can_render_pdf() else ""


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", letters.encode("ascii", "ignore").decode())
    return "-".join(words)[:MOST_LETTERS].strip("-")
