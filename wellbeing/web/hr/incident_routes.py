"""Incidents in HR's reach: what was written, who chose to say "me too", steps and the check-in."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from wellbeing.actions import off_cycle
from wellbeing.actions.incident_affected import find_affected_names
from wellbeing.actions.incident_reads import (
    IncidentShown,
    find_incident,
    find_incidents,
    find_private,
)
from wellbeing.domain.errors import Missing, Refused
from wellbeing.domain.incident_guidance import load_sources
from wellbeing.store.incidents import Incident
from wellbeing.store.org import RoundState, Unit
from wellbeing.web.hr.pages import Page, blueprint, scope_of, status_of
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing
from wellbeing.web.support_pages import incident_acts
from wellbeing.web.support_pages.incident_acts import Outcome, today
from wellbeing.web.support_pages.incident_forms import CorrectIncidentForm
from wellbeing.web.support_pages.incident_words import (
    describe_incident,
    describe_incidents,
    say_option,
)

_SCHEDULE = "hr.schedule_offer"


@blueprint.get("/hr/incidents")
def incidents() -> Page:
    """Every incident in reach, open ones first."""
    with reading() as db:
        found = find_incidents_in_reach(db)
    shown = describe_incidents(found, today=today(), zone=services().settings.zone)
    return render_template("hr/incidents.html", incidents=shown)


@blueprint.get("/hr/incidents/<uuid:incident_id>")
def incident(incident_id: UUID) -> Page:
    """One incident with what HR needs to see to it."""
    return _incident_page(incident_id, Outcome())


@blueprint.post("/hr/incidents/<uuid:incident_id>/step")
def incident_step(incident_id: UUID) -> Page:
    """A step was taken, or is not wanted."""
    _check_reach(incident_id)
    outcome = incident_acts.take_step(incident_id)
    if outcome.form is not None:
        return _incident_page(incident_id, outcome)
    return _back(incident_id)


@blueprint.route("/hr/incidents/<uuid:incident_id>/correct", methods=["GET", "POST"])
def correct_incident(incident_id: UUID) -> Page:
    """Puts right what was registered."""
    found = _check_reach(incident_id)
    form = CorrectIncidentForm()
    if not form.is_submitted():
        incident_acts.fill_in(form, found)
    elif form.validate() and incident_acts.correct(found, form):
        return _back(incident_id)
    return render_template(
        "support_pages/incident_correct.html", form=form, incident=found
    ), status_of(form)


@blueprint.post("/hr/incidents/<uuid:incident_id>/close")
def close_incident(incident_id: UUID) -> Page:
    """Closes an incident, or takes back one registered by mistake."""
    _check_reach(incident_id)
    incident_acts.close(incident_id)
    return _back(incident_id)


@blueprint.post("/hr/incidents/<uuid:incident_id>/check-in")
def plan_extra_round(incident_id: UUID) -> Page:
    """Confirms the extra check-in on the day that was shown, or cancels the one planned."""
    _check_reach(incident_id)
    now, zone = services().now(), services().settings.zone
    try:
        with writing() as db:
            if request.form.get("go") == "cancel":
                _cancel(db, incident_id)
                flash(gettext("The extra check-in is cancelled."), "kind")
            else:
                on = _read_day(request.form.get("on", ""))
                off_cycle.plan_off_cycle(db, incident_id, on=on, zone=zone, now=now, by=actor())
                flash(gettext("The extra check-in is planned. Only this unit is asked."), "kind")
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    return _back(incident_id)


def find_incidents_in_reach(db: Session) -> list[IncidentShown]:
    """The incidents of every unit that this person reaches as HR, closed units too if whole."""
    scope = scope_of(db)
    units = {unit_id for (unit_id,) in db.query(Unit.id) if unit_id in scope}
    return find_incidents(db, units)


def count_open(db: Session) -> int:
    """How many incidents in reach are open."""
    return sum(incident.closed_on is None for incident in find_incidents_in_reach(db))


def _incident_page(incident_id: UUID, outcome: Outcome) -> Page:
    now, zone = services().now(), services().settings.zone
    with reading() as db:
        found = _get_incident(db, incident_id)
        row = db.get_one(Incident, incident_id)
        option = off_cycle.find_option(db, row, zone=zone, now=now)
        private, affected = find_private(db, incident_id), find_affected_names(db, incident_id)
    can_schedule, extra = _SCHEDULE in current_app.view_functions, found.extra_round
    page = render_template(
        "hr/incident.html",
        incident=describe_incident(found, today=today(), zone=zone),
        private=private,
        affected=affected,
        may_act=found.closed_on is None,
        step_forms=incident_acts.step_forms(outcome, day=today()),
        faulty=outcome.form,
        schedule_url=(lambda offer_id: url_for(_SCHEDULE, offer_id=offer_id))
        if can_schedule
        else None,
        can_cancel_extra=extra is not None and extra.state is RoundState.PLANNED,
        option_words=say_option(option, zone),
        option_day=option.window.opens_at.astimezone(zone).date() if option.window else None,
        sources=load_sources(),
        today=today(),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if outcome.form else HTTPStatus.OK


def _cancel(db: Session, incident_id: UUID) -> None:
    round_id = db.get_one(Incident, incident_id).round_id
    if round_id is None:
        raise Refused("No extra check-in is planned here.")
    off_cycle.cancel_off_cycle(db, round_id, now=services().now(), by=actor())


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("The earliest day has changed meanwhile. Look at it again.") from None


def _check_reach(incident_id: UUID) -> IncidentShown:
    with reading() as db:
        return _get_incident(db, incident_id)


def _get_incident(db: Session, incident_id: UUID) -> IncidentShown:
    """The incident; Missing unless its unit is in reach."""
    found = find_incident(db, incident_id)
    if found is None or found.unit_id not in scope_of(db):
        raise Missing("That incident does not exist.")
    return found


def _back(incident_id: UUID) -> Page:
    return redirect(url_for("hr.incident", incident_id=incident_id))
