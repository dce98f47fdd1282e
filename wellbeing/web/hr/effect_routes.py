"""Which forms of support helped, over the whole organisation."""

from flask import render_template

from wellbeing.actions.effects import find_effects_of_forms
from wellbeing.web.hr.pages import Page, blueprint, scope_of
from wellbeing.web.hr.scope import check_whole
from wellbeing.web.shared.services import reading, services
from wellbeing.web.support_pages.effect_cards import describe_forms


@blueprint.get("/hr/effects")
def effects() -> Page:
    """Each form of support in all units that had it; only for HR of the whole organisation.

    HR of a part reads the figures of some of these units, and could tell those of the others.
    """
    with reading() as db:
        check_whole(scope_of(db))
        found = find_effects_of_forms(db, zone=services().settings.zone)
    return render_template("hr/effects.html", cards=describe_forms(found))
