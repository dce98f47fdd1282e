"""The diary as a file to keep or take along, made for this one answer and kept nowhere."""

from datetime import date
from http import HTTPStatus

from flask import abort, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from wellbeing.actions.diary import Entry
from wellbeing.actions.wordings import get_wording
from wellbeing.domain.diary_export import ExportEntry, diary_as_csv, diary_as_json
from wellbeing.domain.errors import WellbeingError
from wellbeing.domain.instrument import Wording, load_instrument
from wellbeing.pdf import can_render_pdf
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.diary_pages import (
    OpenDiary,
    describe_all,
    needs_open_diary,
    read_entries,
)
from wellbeing.web.employee.result import reference_of
from wellbeing.web.shared.documents import send_private_pdf
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import reading, services

# Where a comma is the decimal sign, spreadsheets expect semicolons between cells.
_SEMICOLON_LOCALES = frozenset({"da"})


@blueprint.post("/diary/export")
@needs_open_diary
def export_diary(opened: OpenDiary) -> Page:
    """Dates, scores, bands and answers; the button pressed says in which form."""
    wanted, today = request.form.get("as", ""), _local_day()
    entries, name = _find_entries(opened), f"diary-{today.isoformat()}.{wanted}"
    if wanted not in ("json", "csv", "pdf") or (wanted == "pdf" and not can_render_pdf()):
        abort(HTTPStatus.NOT_FOUND)
    if wanted == "pdf":
        return send_private_pdf(_document(opened, today), name)
    if wanted == "json":
        text = diary_as_json(entries, load_instrument(), made_on=today)
        return _send(text, name, "application/json")
    delimiter = ";" if current_texts().locale in _SEMICOLON_LOCALES else ","
    return _send(diary_as_csv(entries, load_instrument(), delimiter=delimiter), name, "text/csv")


def _find_entries(opened: OpenDiary) -> list[ExportEntry]:
    zone, found = services().settings.zone, read_entries(opened)
    with reading() as db:
        return [
            ExportEntry(
                at=entry.at.astimezone(zone),
                scores=entry.scores,
                answers=entry.answers,
                language=entry.asked_in[1] if entry.asked_in else None,
                wording=_find_wording(db, entry),
            )
            for entry in found
        ]


def _find_wording(db: Session, entry: Entry) -> Wording | None:
    """The sentences that were answered; None where they are not known any more."""
    if entry.asked_in is None:
        return None
    round_id, locale = entry.asked_in
    try:
        return get_wording(db, round_id, (locale,))
    except WellbeingError:
        return None


def _document(opened: OpenDiary, today: date) -> str:
    instrument = load_instrument()
    described = [results for _, results in describe_all(read_entries(opened))]
    return render_template(
        "employee/diary_pdf.html",
        entries=list(zip(_find_entries(opened), described, strict=True)),
        instrument=instrument,
        reference=reference_of(instrument),
        today=today,
    )


def _send(text: str, name: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _local_day() -> date:
    return services().now().astimezone(services().settings.zone).date()
