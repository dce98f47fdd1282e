"""Did it help? What the published figures say about the support that a unit had."""

from uuid import UUID

from flask import render_template, url_for

from wellbeing.actions.effects import find_effects_of_unit
from wellbeing.actions.units import find_paths
from wellbeing.web.leader.pages import blueprint, check_scope
from wellbeing.web.shared.services import reading, services
from wellbeing.web.support_pages.effect_cards import describe_effects
from wellbeing.web.team_page.page import UnitName


@blueprint.get("/teams/<uuid:unit_id>/effects")
def effects(unit_id: UUID) -> str:
    """Each offer held in the unit and below."""
    with reading() as db:
        scope, paths = check_scope(db, unit_id), find_paths(db)
        zone = services().settings.zone
        found = find_effects_of_unit(db, unit_id, own_only=False, zone=zone)
    return render_template(
        "leader/effects.html",
        unit_id=unit_id,
        unit=UnitName.of(paths[unit_id]),
        cards=describe_effects(found, paths, page_of=unit_id),
        trend_of=lambda unit: url_for(".unit", unit_id=unit) if unit in scope else "",
    )
