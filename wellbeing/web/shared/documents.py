"""Sends a page as a PDF to keep or print."""

from pathlib import Path

from flask import current_app
from werkzeug.wrappers import Response

from wellbeing.pdf import render_pdf, render_private_pdf

STYLESHEET = "report.css"


def send_pdf(html: str, name: str) -> Response:
    """The page as a PDF of this name, for whoever asks alone; `name` is plain ASCII."""
    return _send(render_pdf(html, _stylesheet()), name)


def send_private_pdf(
    html: str, name: str, *, css: str = STYLESHEET, pictures: tuple[bytes, ...] = ()
) -> Response:
    """As `send_pdf`, of a page that nothing may remember."""
    return _send(render_private_pdf(html, _stylesheet(css), pictures), name)


def _stylesheet(name: str = STYLESHEET) -> Path:
    assert current_app.static_folder
    return Path(current_app.static_folder) / name


def _send(document: bytes, name: str) -> Response:
    response = Response(document, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
