"""Supervisors as HR sees them: what each of them offers, and when."""

from uuid import UUID

from flask import render_template

from wellbeing.actions.free_times import find_profiles
from wellbeing.actions.session_people import find_supervisors
from wellbeing.domain.errors import Missing
from wellbeing.web.hr.pages import Page, blueprint, form_words
from wellbeing.web.shared.services import reading
from wellbeing.web.support_pages.supervisor_desk import desk_page


@blueprint.get("/hr/supervision/supervisors")
def supervisors() -> Page:
    """Everybody who can lead sessions."""
    with reading() as db:
        names = find_supervisors(db)
        profiles = find_profiles(db, names)
    return render_template(
        "hr/supervisors.html", names=names, profiles=profiles, form_words=form_words()
    )


@blueprint.route("/hr/supervision/supervisors/<uuid:supervisor_id>", methods=["GET", "POST"])
def supervisor(supervisor_id: UUID) -> Page:
    """What one supervisor offers, their weekly hours, and days that are different."""
    with reading() as db:
        names = find_supervisors(db)
    if supervisor_id not in names:
        raise Missing("There is no such supervisor.")
    return desk_page(
        supervisor_id, "hr/supervisor.html", may_set_external=True, name=names[supervisor_id]
    )
