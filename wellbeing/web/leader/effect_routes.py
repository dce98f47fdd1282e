"""Did it help? What the published figures say about the support that a unit had."""

from uuid import UUID

from flask import render_template, url_for

from wellbeing.actions.effects import find_effects_of_unit
from wellbeing.actions.figures import find_rounds
from wellbeing.actions.reads import record_read
from wellbeing.actions.units import find_paths
from wellbeing.web.leader.pages import blueprint, check_scope
from wellbeing.web.leader.queries import find_reading_roles
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing
from wellbeing.web.support_pages.effect_cards import describe_effects
from wellbeing.web.team_page.page import UnitName


@blueprint.get("/teams/<uuid:unit_id>/effects")
def effects(unit_id: UUID) -> str:
    """Each offer held in the unit and below; shown only once it is written down who opened it."""
    settings, now, who = services().settings, services().now(), signed_in()
    with reading() as db:
        scope = check_scope(db, unit_id)
        roles = find_reading_roles(db, who.person_id, unit_id, who.roles)
        paths, rounds = find_paths(db), find_rounds(db)
        found = find_effects_of_unit(db, unit_id, own_only=False, zone=settings.zone)
    latest = rounds[-1].round_id if rounds else None
    with writing() as db:
        record_read(db, unit_id, roles=roles, round_id=latest, now=now, by=actor())
    return render_template(
        "leader/effects.html",
        unit_id=unit_id,
        unit=UnitName.of(paths[unit_id]),
        cards=describe_effects(found, paths, page_of=unit_id),
        trend_of=lambda unit: url_for(".unit", unit_id=unit) if unit in scope else "",
    )
