"""The anonymity report of every published round, for everybody who is signed in."""

from http import HTTPStatus
from uuid import UUID

from flask import abort, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.anonymity import make_report
from wellbeing.actions.figures import RoundShown, find_rounds
from wellbeing.actions.units import find_scope
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import Missing
from wellbeing.domain.roles import WORKPLACE_READERS, Role
from wellbeing.pdf import can_render_pdf
from wellbeing.store.org import RoundUnit
from wellbeing.web.employee import anonymity_words as words
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.incident_queries import find_homes
from wellbeing.web.shared.documents import send_pdf
from wellbeing.web.shared.services import reading, services, signed_in


@blueprint.get("/anonymity")
def anonymity() -> Page:
    """What the reports are, and one for each published round, newest first."""
    with reading() as db:
        rounds = [shown for shown in find_rounds(db) if _concerns(db, shown)][::-1]
    return render_template("employee/anonymity.html", rounds=rounds)


@blueprint.get("/anonymity/<uuid:round_id>")
def anonymity_report(round_id: UUID) -> Page:
    """What was stored, shown and withheld, and what nobody can work out from it."""
    return _render("employee/anonymity_report.html", round_id, can_render_pdf=can_render_pdf())


@blueprint.get("/anonymity/<uuid:round_id>.pdf")
def anonymity_pdf(round_id: UUID) -> Page:
    """The same as a document to print or hand on."""
    if not can_render_pdf():
        abort(HTTPStatus.NOT_FOUND)
    today = services().now().astimezone(services().settings.zone).date()
    page = _render("employee/anonymity_pdf.html", round_id, today=today)
    return send_pdf(page, f"anonymity-{round_id}.pdf")


def _render(template: str, round_id: UUID, **more: object) -> str:
    rules = load_rules()
    with reading() as db:
        shown = next((r for r in find_rounds(db) if r.round_id == round_id), None)
        if shown is None or not _concerns(db, shown):
            raise Missing("There is no report of that round.")
        report = make_report(db, round_id, rules)
    return render_template(
        template,
        report=report,
        size=words.say_size(report.smallest, rules) if report.smallest else "",
        withheld=words.list_withheld(report),
        reads=words.list_reads(report),
        known=words.say_known,
        event_words=words.EVENT_WORDS,
        **more,
    )


def _concerns(db: Session, shown: RoundShown) -> bool:
    """Whether a report is for whoever asks: of an extra round, for those it asked and its readers.

    Everybody else would learn from it that something had happened elsewhere.
    """
    if not shown.is_extra or Role.DPO in signed_in().roles:
        return True
    zone = services().settings.zone
    person_id, today = signed_in().person_id, services().now().astimezone(zone).date()
    units = set(db.scalars(select(RoundUnit.unit_id).where(RoundUnit.round_id == shown.round_id)))
    own = find_homes(db, person_id, today=today) | find_scope(db, person_id, WORKPLACE_READERS)
    return bool(units & own)
