"""People's own requests in reach: who asks, for what, how to reach them; never a score."""

from dataclasses import dataclass
from uuid import UUID

from flask import current_app, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from wellbeing.actions import requests as acts
from wellbeing.actions.ledger_list import find_ledger
from wellbeing.actions.requests import RequestShown, find_requests
from wellbeing.domain.errors import Refused
from wellbeing.domain.support_forms import SupportForm
from wellbeing.web.hr.ledger_forms import ArrangeForm
from wellbeing.web.hr.ledger_routes import schedule_url
from wellbeing.web.hr.pages import Page, blueprint, scope_of, today
from wellbeing.web.hr.scope import Scope, check_request
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing
from wellbeing.web.support_pages.request_words import WISHES


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of the ledger are overdue, and how many requests nobody has arranged."""

    overdue: int
    waiting: int


@blueprint.get("/hr/requests")
def requests() -> Page:
    """Everybody in reach who has asked for support and still waits for it."""
    with reading() as db:
        shown = find_in_scope(find_requests(db, today=today()), scope_of(db))
    return render_template(
        "hr/requests.html",
        waiting=[(found, ArrangeForm(found.wish)) for found in shown if found.offer_id is None],
        arranged=[found for found in shown if found.offer_id is not None],
        wishes=WISHES,
        now=services().now(),
        can_schedule="hr.schedule_offer" in current_app.view_functions,
    )


@blueprint.post("/hr/requests/<uuid:request_id>/arrange")
def arrange_request(request_id: UUID) -> Page:
    """Makes the offer that answers a request, and goes on to find a time for it."""
    form = ArrangeForm()
    with writing() as db:
        check_request(db, scope_of(db), request_id, today=today())
        if not form.validate():
            flash(gettext("Choose a form of support."), "warning")
            return redirect(url_for("hr.requests"))
        try:
            offer = acts.arrange(
                db,
                request_id,
                SupportForm(form.form.data),
                today=today(),
                now=services().now(),
                by=actor(),
            )
        except Refused as refusal:
            flash(refusal.in_words_of(gettext), "warning")
            return redirect(url_for("hr.requests"))
        address = schedule_url(offer)
    return redirect(address or url_for("hr.requests"))


@blueprint.post("/hr/requests/<uuid:request_id>/finish")
def finish_request(request_id: UUID) -> Page:
    """Marks a request as seen to."""
    try:
        with writing() as db:
            check_request(db, scope_of(db), request_id, today=today())
            acts.finish(db, request_id, today=today(), now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("Seen to. The request is deleted in a month."), "kind")
    return redirect(url_for("hr.requests"))


def find_in_scope(shown: list[RequestShown], scope: Scope) -> list[RequestShown]:
    """Those of somebody in reach; whoever belongs to no unit is HR's of the whole."""
    return [r for r in shown if scope.is_whole or any(unit in scope for unit in r.unit_ids)]


def count_waiting(db: Session, scope: Scope) -> Waiting:
    """What HR's front page says is waiting in the ledger and among the requests."""
    zone, now = services().settings.zone, services().now()
    units = None if scope.is_whole else scope.units
    rows = find_ledger(db, units, zone=zone, now=now)
    asked = find_in_scope(find_requests(db, today=today()), scope)
    return Waiting(
        overdue=sum(row.overdue is not None for row in rows),
        waiting=sum(shown.offer_id is None for shown in asked),
    )
