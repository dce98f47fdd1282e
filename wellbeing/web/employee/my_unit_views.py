"""What my leader sees: the page of one's own unit as last published, the same for everybody."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, abort, render_template, url_for
from sqlalchemy.orm import Session

from wellbeing.actions.structure import find_home
from wellbeing.actions.units import find_parents
from wellbeing.domain.instrument import Scale
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.shared.services import reading, services, signed_in
from wellbeing.web.team_page.chart_response import asks_for_all_rounds, read_chart, send_chart
from wellbeing.web.team_page.document import check_can_make_document, pdf_link, send_document
from wellbeing.web.team_page.page import TeamPage, read_page


@blueprint.get("/my-unit")
def my_unit() -> Page:
    """The published figures of one's own unit, and what they led to."""
    page = _read_own_page()
    if page is None:
        return render_template("employee/no_unit.html")
    return render_template(
        "employee/my_unit.html",
        page=page,
        link_to=lambda _unit_id: "",
        conversation_url=url_for("shared.conversation"),
        chart_url=lambda scale, **args: url_for(".my_unit_chart", scale=scale, **args),
        pdf_url=pdf_link(url_for(".my_unit_pdf", **page.query)),
    )


@blueprint.get("/my-unit.pdf")
def my_unit_pdf() -> Response:
    """The same as a document to print or keep."""
    check_can_make_document()
    page = _read_own_page()
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    return send_document(page)


@blueprint.get("/my-unit/<any(BO, STS, CS):scale>.svg")
def my_unit_chart(scale: str) -> Response:
    """The trend of one scale of one's own unit as SVG."""
    with reading() as db:
        unit_id = _find_own_unit(db)
        if unit_id is None:
            abort(HTTPStatus.NOT_FOUND)
        shown = read_chart(db, unit_id, Scale(scale))
    return send_chart(shown)


def _read_own_page() -> TeamPage | None:
    zone, now = services().settings.zone, services().now()
    with reading() as db:
        unit_id = _find_own_unit(db)
        if unit_id is None:
            return None
        return read_page(
            db, unit_id, own_only=True, whole=asks_for_all_rounds(), zone=zone, now=now
        )


def _find_own_unit(db: Session) -> UUID | None:
    """The open unit that the person signed in belongs to today."""
    today = services().now().astimezone(services().settings.zone).date()
    home = find_home(db, signed_in().person_id, today=today)
    return home if home in find_parents(db) else None
