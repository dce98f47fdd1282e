"""Sends a table as a file to keep: CSV for programs, a workbook for people."""

from collections.abc import Iterable, Sequence
from datetime import date

from werkzeug.wrappers import Response

from wellbeing.apv_workbook import Sheet, make_workbook
from wellbeing.csv_files import make_csv
from wellbeing.web.shared.services import services

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_csv_file(columns: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> Response:
    """The table as CSV; `name` is plain ASCII."""
    return _send(make_csv(columns, rows), CSV, name)


def send_workbook(sheets: Sequence[Sheet], *, title: str, name: str) -> Response:
    """The sheets as a workbook made today."""
    settings = services().settings
    today: date = services().now().astimezone(settings.zone).date()
    content = make_workbook(sheets, title=title, author=settings.organisation, made_on=today)
    return _send(content, XLSX, name)


def _send(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
