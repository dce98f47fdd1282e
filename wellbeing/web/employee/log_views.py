"""Who looked at what concerns me: the lines of the log of acts that are about whoever asks."""

from flask import render_template, request, url_for

from wellbeing.actions.own_log import find_own_log
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.log_words import say_what, say_who
from wellbeing.web.shared.i18n import format_day
from wellbeing.web.shared.pages import PER_PAGE, last_page
from wellbeing.web.shared.services import reading, services, signed_in


@blueprint.get("/me/log")
def log() -> Page:
    """By day, newest first; for everybody, about themselves only."""
    settings = services().settings
    wanted = request.args.get("page", 1, type=int)
    with reading() as db:
        found = find_own_log(
            db, signed_in().person_id, zone=settings.zone, page=wanted, per_page=PER_PAGE
        )
    return render_template(
        "employee/log.html",
        rows=[(format_day(line.day), say_who(line), say_what(line)) for line in found.lines],
        number=found.number,
        last=last_page(found.total),
        address=lambda page: url_for(".log", page=page),
        years=settings.audit_years,
    )
