"""Did it help? What the published figures say about the support of one's own unit."""

from flask import render_template, url_for

from wellbeing.actions.effects import find_effects_of_unit
from wellbeing.actions.units import find_paths
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.my_unit_views import find_own_unit
from wellbeing.web.shared.services import reading, services
from wellbeing.web.support_pages.effect_cards import describe_effects
from wellbeing.web.team_page.page import UnitName


@blueprint.get("/my-unit/effects")
def my_unit_effects() -> Page:
    """Each offer that one's own unit had; nothing of the units below it."""
    with reading() as db:
        unit_id = find_own_unit(db)
        if unit_id is None:
            return render_template("employee/no_unit.html")
        paths = find_paths(db)
        found = find_effects_of_unit(db, unit_id, own_only=True, zone=services().settings.zone)
    return render_template(
        "employee/my_unit_effects.html",
        unit=UnitName.of(paths[unit_id]),
        cards=describe_effects(found, paths, page_of=unit_id),
        trend_of=lambda _unit: url_for(".my_unit"),
    )
