"""The anonymity report of every published round, for everybody who is signed in."""

from http import HTTPStatus
from uuid import UUID

from flask import abort, render_template

from wellbeing.actions.anonymity import make_report
from wellbeing.actions.figures import find_rounds
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.pdf import can_render_pdf
from wellbeing.web.employee import anonymity_words as words
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.shared.documents import send_pdf
from wellbeing.web.shared.services import reading, services


@blueprint.get("/anonymity")
def anonymity() -> Page:
    """What the reports are, and one for each published round, newest first."""
    with reading() as db:
        rounds = find_rounds(db)[::-1]
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
