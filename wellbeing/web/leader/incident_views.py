"""Incidents as the leader and the safety representative of a unit see them, and what leaders do.

The safety representative follows the timeline and reads neither what was written nor by whom.
"""

from http import HTTPStatus
from uuid import UUID

from flask import abort, redirect, render_template, url_for
from sqlalchemy.orm import Session

from wellbeing.actions.incident_reads import (
    IncidentPrivate,
    IncidentShown,
    find_incident,
    find_incidents,
    find_private,
)
from wellbeing.actions.units import find_parents, find_paths, find_scope
from wellbeing.domain.incident_guidance import load_sources
from wellbeing.domain.reporting import units_below
from wellbeing.domain.roles import Role
from wellbeing.web.leader.pages import Page, blueprint
from wellbeing.web.leader.queries import find_reader_scope
from wellbeing.web.shared.services import reading, services, signed_in
from wellbeing.web.support_pages import incident_acts
from wellbeing.web.support_pages.incident_acts import Outcome, today
from wellbeing.web.support_pages.incident_forms import CorrectIncidentForm
from wellbeing.web.support_pages.incident_words import (
    describe_incident,
    describe_incidents,
)

_LEADER = frozenset({Role.LEADER})
_READS_DETAILS = frozenset({Role.LEADER, Role.HR})


@blueprint.get("/teams/<uuid:unit_id>/incidents")
def incidents(unit_id: UUID) -> Page:
    """What has happened in a unit and below it, and how far each timeline has come."""
    with reading() as db:
        scope = find_reader_scope(db, signed_in().person_id)
        if unit_id not in scope:
            abort(HTTPStatus.NOT_FOUND)
        found = find_incidents(db, scope & (units_below({unit_id}, find_parents(db)) | {unit_id}))
        path = find_paths(db)[unit_id]
    shown = describe_incidents(found, today=today(), zone=services().settings.zone)
    return render_template(
        "leader/incidents.html", unit_id=unit_id, unit=path, incidents=shown, today=today()
    )


@blueprint.get("/teams/incidents/<uuid:incident_id>")
def incident(incident_id: UUID) -> Page:
    """One incident: its timeline, and for its leader what was written."""
    return _incident_page(incident_id, Outcome())


@blueprint.post("/teams/incidents/<uuid:incident_id>/step")
def incident_step(incident_id: UUID) -> Page:
    """A step was taken, or is not wanted."""
    _check_leads(incident_id)
    outcome = incident_acts.take_step(incident_id)
    if outcome.form is not None:
        return _incident_page(incident_id, outcome)
    return redirect(url_for("leader.incident", incident_id=incident_id))


@blueprint.route("/teams/incidents/<uuid:incident_id>/correct", methods=["GET", "POST"])
def correct_incident(incident_id: UUID) -> Page:
    """Puts right what was registered."""
    found = _check_leads(incident_id)
    form = CorrectIncidentForm()
    if not form.is_submitted():
        incident_acts.fill_in(form, found)
    elif form.validate() and incident_acts.correct(found, form):
        return redirect(url_for("leader.incident", incident_id=incident_id))
    page = render_template("support_pages/incident_correct.html", form=form, incident=found)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.post("/teams/incidents/<uuid:incident_id>/close")
def close_incident(incident_id: UUID) -> Page:
    """Closes an incident, or takes back one registered by mistake."""
    _check_leads(incident_id)
    incident_acts.close(incident_id)
    return redirect(url_for("leader.incident", incident_id=incident_id))


def _incident_page(incident_id: UUID, outcome: Outcome) -> Page:
    person_id = signed_in().person_id
    with reading() as db:
        found = _get_incident(db, find_reader_scope(db, person_id), incident_id)
        reads_details = found.unit_id in find_scope(db, person_id, _READS_DETAILS)
        may_act = found.unit_id in find_scope(db, person_id, _LEADER)
        private = find_private(db, incident_id) if reads_details else IncidentPrivate("", "")
    page = render_template(
        "leader/incident.html",
        incident=describe_incident(found, today=today(), zone=services().settings.zone),
        private=private,
        reads_details=reads_details,
        may_act=may_act and found.closed_on is None,
        step_forms=incident_acts.step_forms(outcome, day=today()),
        faulty=outcome.form,
        unit_id=found.unit_id,
        sources=load_sources(),
        today=today(),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if outcome.form else HTTPStatus.OK


def _check_leads(incident_id: UUID) -> IncidentShown:
    """The incident; 404 unless whoever asks leads its unit."""
    with reading() as db:
        scope = find_scope(db, signed_in().person_id, _LEADER)
        return _get_incident(db, scope, incident_id)


def _get_incident(db: Session, scope: set[UUID], incident_id: UUID) -> IncidentShown:
    found = find_incident(db, incident_id)
    if found is None or found.unit_id not in scope:
        abort(HTTPStatus.NOT_FOUND)
    return found
