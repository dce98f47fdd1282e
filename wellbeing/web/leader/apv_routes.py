"""The APV pack of a unit: choose a period, see what is in it, take it as PDF or workbook."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired

from wellbeing.actions.apv import MOST_YEARS, Period, check_period, find_pack, find_usual_period
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import BadInput
from wellbeing.pdf import can_render_pdf
from wellbeing.web.leader.apv_document import ApvDocument, as_sheets, describe_pack
from wellbeing.web.leader.apv_words import ABOUT, LAW, LAW_LINK
from wellbeing.web.leader.pages import blueprint, check_scope
from wellbeing.web.shared.documents import send_pdf
from wellbeing.web.shared.files import send_workbook
from wellbeing.web.shared.i18n import _, gettext
from wellbeing.web.shared.services import reading, services
from wellbeing.web.team_page.page import UnitName

# About ten seconds of work.
MOST_ROWS_IN_PDF = 800


class PeriodForm(FlaskForm):  # type: ignore[misc]
    """The first and the last day, as the address has them; it changes nothing, so has no token."""

    first = DateField(_("From"), [InputRequired()], name="from")
    last = DateField(_("Until and including"), [InputRequired()], name="until")

    class Meta:
        """Read only."""

        csrf = False

    @property
    def period(self) -> Period:
        """After it validated."""
        given: dict[str, Any] = self.data
        return Period(given["first"], given["last"])

    def refuse(self, fault: BadInput) -> None:
        """Shows what is wrong with the period."""
        self.last.errors = [fault.in_words_of(gettext)]


@dataclass(frozen=True, slots=True)
class _Opened:
    """What was asked for; `document` is None where the form says what is wrong."""

    form: PeriodForm
    unit: UnitName
    document: ApvDocument | None


@blueprint.get("/teams/<uuid:unit_id>/apv")
def apv(unit_id: UUID) -> tuple[str, int]:
    """The choice of a period, and what the pack of that period holds."""
    return _show(unit_id, _open(unit_id))


@blueprint.get("/teams/<uuid:unit_id>/apv.pdf")
def apv_pdf(unit_id: UUID) -> Response | tuple[str, int]:
    """The pack to print; the page with its faults where the period cannot be."""
    if not can_render_pdf():
        abort(HTTPStatus.NOT_FOUND)
    opened = _open(unit_id)
    document = opened.document
    if document is not None and document.rows > MOST_ROWS_IN_PDF:
        opened.form.refuse(
            BadInput(
                "That is more than {most} lines, too many to print. Choose a shorter period, or "
                "take the workbook.",
                most=MOST_ROWS_IN_PDF,
            )
        )
    if document is None or opened.form.errors:
        return _show(unit_id, opened)
    page = render_template(
        "support_pages/apv_pdf.html", document=document, about=ABOUT, today=_today()
    )
    return send_pdf(page, _file_name(document, "pdf"))


@blueprint.get("/teams/<uuid:unit_id>/apv.xlsx")
def apv_workbook(unit_id: UUID) -> Response | tuple[str, int]:
    """The pack as a workbook; the page with its faults where the period cannot be."""
    opened = _open(unit_id)
    document = opened.document
    if document is None:
        return _show(unit_id, opened)
    title = gettext("APV pack: %(unit)s", unit=document.unit.name)
    sheets = as_sheets(document, _about(document))
    return send_workbook(sheets, title=title, name=_file_name(document, "xlsx"))


def _open(unit_id: UUID) -> _Opened:
    """The pack; 404 for strangers."""
    settings, form, document = services().settings, _make_form(), None
    with reading() as db:
        check_scope(db, unit_id)
        paths = find_paths(db)
        if form.validate():
            try:
                check_period(form.period, today=_today())
                pack = find_pack(db, unit_id, form.period, zone=settings.zone, today=_today())
                document = describe_pack(pack, paths, settings.zone)
            except BadInput as fault:
                form.refuse(fault)
    return _Opened(form, UnitName.of(paths[unit_id]), document)


def _make_form() -> PeriodForm:
    if request.args.keys() & {"from", "until"}:
        return PeriodForm(formdata=request.args)
    usual = find_usual_period(_today())
    typed = {"from": usual.first.isoformat(), "until": usual.last.isoformat()}
    return PeriodForm(formdata=MultiDict(typed))


def _show(unit_id: UUID, opened: _Opened) -> tuple[str, int]:
    document = None if opened.form.errors else opened.document
    days: dict[str, Any] = {} if document is None else _days(document)
    can_print = can_render_pdf() and document is not None and document.rows <= MOST_ROWS_IN_PDF
    page = render_template(
        "leader/apv.html",
        unit_id=unit_id,
        unit=opened.unit,
        form=opened.form,
        document=document,
        most_years=MOST_YEARS,
        law=LAW,
        law_link=LAW_LINK,
        pdf_url=url_for(".apv_pdf", unit_id=unit_id, **days) if can_print else "",
        workbook_url=url_for(".apv_workbook", unit_id=unit_id, **days),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if opened.form.errors else HTTPStatus.OK


def _days(document: ApvDocument) -> dict[str, str]:
    period = document.period
    return {"from": period.first.isoformat(), "until": period.last.isoformat()}


def _file_name(document: ApvDocument, ending: str) -> str:
    return f"apv-{document.period.first}-{document.period.last}.{ending}"


def _about(document: ApvDocument) -> list[tuple[str, str | date]]:
    """The first sheet: what this is, and what it is not."""
    rows: list[tuple[str, str | date]] = [
        (gettext("Organisation"), services().settings.organisation),
        (gettext("Unit"), document.unit.name),
        (gettext("From"), document.period.first),
        (gettext("Until and including"), document.period.last),
        (gettext("Made on"), _today()),
    ]
    if document.counted_in:
        rows.append((gettext("Figures of"), document.counted_in))
    return [*rows, *((str(heading), str(text)) for heading, text in ABOUT)]


def _today() -> date:
    return services().now().astimezone(services().settings.zone).date()
