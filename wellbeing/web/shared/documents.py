"""Sends a page as a PDF to keep or print."""

from pathlib import Path

from flask import current_app
from werkzeug.wrappers import Response

from wellbeing.pdf import render_pdf

STYLESHEET = "report.css"


def send_pdf(html: str, name: str) -> Response:
    """The page as a PDF of this name, for whoever asks alone; `name` is plain ASCII."""
    assert current_app.static_folder
    document = render_pdf(html, Path(current_app.static_folder) / STYLESHEET)
    response = Response(document, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
