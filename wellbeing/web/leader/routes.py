"""What leaders, safety representatives and HR read: figures of units, trends, suggestions."""

from uuid import UUID

from flask import Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from wellbeing.actions.figures import find_rounds, find_series
from wellbeing.actions.units import find_paths
from wellbeing.domain.instrument import Scale
from wellbeing.web.leader import (
    apv_routes,
    conversation_routes,
    effect_routes,
    file_routes,
    incident_views,
    key_routes,
    ledger_routes,
    queries,
    unit_list,
)
from wellbeing.web.leader.pages import blueprint, check_scope
from wellbeing.web.shared.services import reading, services, signed_in
from wellbeing.web.support_pages.incident_links import find_address
from wellbeing.web.team_page.chart_response import asks_for_all_rounds, read_chart, send_chart
from wellbeing.web.team_page.document import check_can_make_document, pdf_link, send_document
from wellbeing.web.team_page.flag_cards import FlagCard, describe_flag
from wellbeing.web.team_page.flag_queries import FlagShown, find_flags
from wellbeing.web.team_page.page import TeamPage, read_page, scale_names
from wellbeing.web.team_page.queries import find_awaited_round

__all__ = [
    "apv_routes",
    "blueprint",
    "conversation_routes",
    "effect_routes",
    "file_routes",
    "incident_views",
    "key_routes",
    "ledger_routes",
]


@blueprint.get("/teams")
def units() -> str | AnyResponse:
    """The units in scope; with one only, its own page."""
    with reading() as db:
        scope = queries.find_reader_scope(db, signed_in().person_id)
        if len(scope) == 1:
            return redirect(url_for("leader.unit", unit_id=next(iter(scope))))
        rounds = [shown for shown in find_rounds(db) if not shown.is_extra]
        rows = unit_list.list_units(
            {unit: path for unit, path in find_paths(db).items() if unit in scope},
            find_series(db, scope, of_everyone_only=True),
            queries.find_counted_in(db, rounds[-1].round_id) if rounds else {},
            find_flags(db, scope),
            today=services().now().astimezone(services().settings.zone).date(),
        )
        return render_template(
            "leader/units.html",
            rows=rows,
            flagged=unit_list.list_flagged(rows),
            latest=rounds[-1] if rounds else None,
            awaited=find_awaited_round(db),
            scales=scale_names(),
            say=_say,
        )


@blueprint.get("/teams/<uuid:unit_id>")
def unit(unit_id: UUID) -> str:
    """Everything published of one unit."""
    page, others = _read(unit_id)
    return render_template(
        "leader/unit.html",
        page=page,
        unit_id=unit_id,
        has_others=bool(others),
        register_url=find_address("employee.register_incident", unit=unit_id),
        link_to=lambda other: url_for(".unit", unit_id=other) if other in others else "",
        conversation_url=url_for(".conversation", unit_id=unit_id),
        chart_url=lambda scale, **args: url_for(".chart", unit_id=unit_id, scale=scale, **args),
        pdf_url=pdf_link(url_for(".unit_pdf", unit_id=unit_id, **page.query)),
    )


@blueprint.get("/teams/<uuid:unit_id>.pdf")
def unit_pdf(unit_id: UUID) -> Response:
    """The same as a document."""
    check_can_make_document()
    page, _ = _read(unit_id)
    return send_document(page)


@blueprint.get("/teams/<uuid:unit_id>/<any(BO, STS, CS):scale>.svg")
def chart(unit_id: UUID, scale: str) -> Response:
    """The trend of one scale as SVG."""
    with reading() as db:
        check_scope(db, unit_id)
        shown = read_chart(db, unit_id, Scale(scale))
    return send_chart(shown)


def _read(unit_id: UUID) -> tuple[TeamPage, set[UUID]]:
    """The page of a unit, and the other units that whoever asks reads."""
    settings, now = services().settings, services().now()
    with reading() as db:
        scope = check_scope(db, unit_id)
        page = read_page(
            db, unit_id, own_only=False, whole=asks_for_all_rounds(), zone=settings.zone, now=now
        )
    return page, scope - {unit_id}


def _say(flag: FlagShown) -> FlagCard:
    return describe_flag(flag, zone=services().settings.zone, now=services().now())
