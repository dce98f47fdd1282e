"""HR's share of a round's key, and which programmes ask for two keys."""

from uuid import UUID

from flask import flash, redirect, request, url_for

from wellbeing.actions.programmes import set_two_keys as set_in_programme
from wellbeing.domain.duties import Duty
from wellbeing.web.hr import queries
from wellbeing.web.hr.pages import Page, blueprint, scope_of
from wellbeing.web.hr.scope import check_whole
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.rate_limits import FAILURES_PER_ACCOUNT, limiter, was_refused
from wellbeing.web.shared.services import actor, reading, services, writing
from wellbeing.web.support_pages.key_desk import key_page, whose_key


@blueprint.route("/hr/keys", methods=["GET", "POST"])
@limiter.limit(FAILURES_PER_ACCOUNT, key_func=whose_key, methods=["POST"], deduct_when=was_refused)
def keys() -> Page:
    """One's key, the rounds that wait for it, and the programmes."""
    with reading() as db:
        check_whole(scope_of(db))
        programmes = queries.find_programmes(db)
    return key_page(Duty.HR, "hr/keys.html", programmes=programmes)


@blueprint.post("/hr/programmes/<uuid:programme_id>/two-keys")
def set_two_keys(programme_id: UUID) -> Page:
    """Two keys or one, from the next round that opens."""
    wanted = bool(request.form.get("wanted"))
    with writing() as db:
        check_whole(scope_of(db))
        set_in_programme(db, programme_id, wanted=wanted, now=services().now(), by=actor())
    flash(gettext("Saved. It holds from the next round that opens."), "kind")
    return redirect(url_for("hr.keys"))
