"""Units: which are counted together, what changed since the last round, and who must approve."""

from collections.abc import Iterable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from wellbeing.actions import structure as actions
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.roles import Role
from wellbeing.web.hr import structure_queries as queries
from wellbeing.web.hr.pages import Page, blueprint, scope_of
from wellbeing.web.hr.scope import Scope, check_whole
from wellbeing.web.hr.structure_proposals import find_small_teams
from wellbeing.web.hr.structure_words import say_change
from wellbeing.web.shared.i18n import gettext, ngettext
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing

APPROVES_EVERYWHERE = frozenset({Role.SAFETY_REPRESENTATIVE, Role.DPO})


@blueprint.get("/hr/units")
def structure() -> Page:
    """The tree of units, what changed in it, and small teams that could be counted together."""
    now = services().now()
    today = now.astimezone(services().settings.zone).date()
    with reading() as db:
        scope = scope_of(db)
        shapes = _can_shape(scope)
        return render_template(
            "hr/structure.html",
            units=queries.find_units(db, scope, today=today),
            changes=[say_change(change) for change in queries.find_changed(db)],
            waiting=queries.find_waiting(db, by=actor(), now=now),
            has_opened=queries.has_opened(db),
            seen=actions.find_digest(db),
            small_teams=find_small_teams(db, today=today) if shapes else [],
            is_hr=Role.HR in signed_in().roles,
            shapes=shapes,
            approves=shapes or _approves_everywhere(),
        )


@blueprint.post("/hr/units/groups")
def form_group() -> Page:
    """Counts teams together from the next round."""
    try:
        with writing() as db:
            check_whole(scope_of(db))
            teams = _read_ids(request.form.getlist("team"))
            actions.form_group(db, teams, now=services().now(), by=actor())
    except BadInput as fault:
        flash(fault.in_words_of(gettext), "warning")
    else:
        flash(gettext("Noted. They are counted together from the next round on."), "kind")
    return redirect(url_for("hr.structure"))


@blueprint.post("/hr/units/groups/<uuid:group_id>/dissolve")
def dissolve_group(group_id: UUID) -> Page:
    """Counts the teams of a group apart from the next round."""
    with writing() as db:
        check_whole(scope_of(db))
        queries.check_group(db, group_id)
        actions.dissolve_group(db, group_id, now=services().now(), by=actor())
    flash(gettext("Noted. They are counted apart from the next round on."), "kind")
    return redirect(url_for("hr.structure"))


@blueprint.post("/hr/units/approve")
def approve_structure() -> Page:
    """Approves the changes that were on the page, as a second person."""
    try:
        with writing() as db:
            if not _approves_everywhere():
                check_whole(scope_of(db))
            if not queries.is_seen(db, request.form.get("seen", "")):
                raise Refused("The units have changed since you opened this page. Look once more.")
            told = actions.approve(db, now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
        return redirect(url_for("hr.structure"))
    if told:
        words = ngettext(
            "Approved. %(num)s person is told by mail.",
            "Approved. %(num)s people are told by mail.",
            told,
        )
    else:
        words = gettext("Approved. Nothing more needs to be done.")
    flash(words, "kind")
    return redirect(url_for("hr.structure"))


def _can_shape(scope: Scope) -> bool:
    return Role.HR in signed_in().roles and scope.is_whole


def _approves_everywhere() -> bool:
    return not APPROVES_EVERYWHERE.isdisjoint(signed_in().roles)


def _read_ids(texts: Iterable[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise BadInput("Choose at least two teams.") from None
