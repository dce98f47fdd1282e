"""Whether the service is well: the same checks as `wellbeing doctor`, in words."""

from flask import render_template

from wellbeing.actions.health.checks import examine, worst
from wellbeing.actions.health.findings import Patient, State
from wellbeing.store.reach import Reach
from wellbeing.web.admin.blueprint import blueprint
from wellbeing.web.admin.status_words import CHECKS, OVERALL, STATES
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import services


@blueprint.get("/status")
def status() -> str:
    """Every check, just carried out."""
    known = services()
    patient = Patient(known.settings, known.database, known.now(), Reach.ADMIN)
    found = list(examine(patient))
    overall = worst([finding for _, finding in found])
    title, words = OVERALL[overall]
    return render_template(
        "admin/status.html",
        rows=[
            (CHECKS[name], STATES[finding.state], finding.in_words_of(gettext))
            for name, finding in found
        ],
        kind="kind" if overall is State.OK else "warning",
        title=title,
        words=words,
        at=patient.now,
    )
