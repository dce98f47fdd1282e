"""The log of acts, for administrators and the data-protection officer, and how far it is proved."""

from flask import render_template, request, url_for

from wellbeing.web.admin import wording
from wellbeing.web.admin.blueprint import blueprint
from wellbeing.web.admin.forms import LogFilterForm
from wellbeing.web.admin.log_queries import LogFilter, find_people_named, find_proof
from wellbeing.web.admin.queries import find_events
from wellbeing.web.shared.services import reading, services


@blueprint.get("/audit")
def audit() -> str:
    """What was done by whom, and on the first page of all of it whether the log is whole."""
    form, now = LogFilterForm(request.args), services().now()
    form.validate()
    typed = form.values()
    wanted = request.args.get("page", 1, type=int)
    with reading() as db:
        chosen = LogFilter(
            act=typed.get("act", ""),
            people=find_people_named(db, typed.get("who", "")),
            first=form.first.data if "from" in typed else None,
            last=form.last.data if "until" in typed else None,
        )
        page = find_events(db, wanted, *chosen.conditions(services().settings.zone))
        proof = find_proof(db, now=now) if page.number == 1 and not typed else None
    return render_template(
        "admin/audit.html",
        form=form,
        is_chosen=bool(typed),
        page=page,
        proof=proof,
        acts=wording.ACTS,
        subjects=wording.SUBJECTS,
        address=lambda number: url_for("admin.audit", **typed, page=number),
    )
