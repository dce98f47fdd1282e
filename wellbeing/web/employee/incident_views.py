"""Something hard has happened: registering it, following what is offered, saying "me too"."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from wellbeing.actions import incidents as actions
from wellbeing.actions.incident_affected import (
    find_own_affected,
    say_affected,
    take_back_affected,
)
from wellbeing.actions.incident_reads import IncidentShown, find_incident, find_incidents
from wellbeing.actions.incidents import IncidentValues
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.domain.incident_guidance import load_sources
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.incident_queries import (
    find_concerned_units,
    find_units_to_register,
)
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing
from wellbeing.web.support_pages.incident_acts import today
from wellbeing.web.support_pages.incident_forms import IncidentForm
from wellbeing.web.support_pages.incident_words import describe_incidents

UNPROCESSABLE = 422


@blueprint.route("/incidents/new", methods=["GET", "POST"])
def register_incident() -> Page:
    """What happened, where and to how many; never to whom."""
    with reading() as db:
        units = find_units_to_register(db, signed_in().person_id, today=today())
    form = IncidentForm(units)
    if not form.is_submitted():
        form.form_id.data, form.happened_on.data = uuid4().hex, today()
        form.unit.data = request.args.get("unit", "")
        return _form_page(form, has_units=bool(units))
    if not form.validate():
        return _form_page(form, has_units=bool(units))
    values = form.values()
    with reading() as db:
        twin = None if form.is_another.data else _find_other(db, form, values)
    if twin is not None:
        return _form_page(form, has_units=True, twin=twin)
    try:
        _register(form, values)
    except BadInput as fault:
        form.form_errors.append(fault.in_words_of(gettext))
        return _form_page(form, has_units=True)
    flash(gettext("Thank you for saying so. Here is what happens now."), "kind")
    return redirect(url_for("employee.incidents"))


@blueprint.get("/incidents")
def incidents() -> Page:
    """What has happened in one's own units, and what is offered after it."""
    person_id = signed_in().person_id
    with reading() as db:
        units = find_concerned_units(db, person_id, today=today())
        found = find_incidents(db, units)
        own = find_own_affected(db, person_id)
    shown = describe_incidents(found, today=today(), zone=services().settings.zone)
    return render_template(
        "employee/incidents.html",
        incidents=[incident for incident in shown if not incident.is_withdrawn],
        own=own,
        contacts=load_contacts(),
        sources=load_sources(),
    )


@blueprint.post("/incidents/<uuid:incident_id>/affected")
def incident_affected(incident_id: UUID) -> Page:
    """Says "I was affected", or takes it back."""
    person_id = signed_in().person_id
    try:
        with writing() as db:
            _get_concerning(db, incident_id)
            if request.form.get("go") == "take_back":
                take_back_affected(db, incident_id, person_id=person_id)
                flash(gettext("Taken back. Nobody sees it any more."), "kind")
            else:
                say_affected(db, incident_id, person_id=person_id)
                flash(gettext("Thank you. Only HR can see it, and will ask you gently."), "kind")
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    return redirect(url_for("employee.incidents"))


def _register(form: IncidentForm, values: IncidentValues) -> None:
    person_id, now = signed_in().person_id, services().now()
    with writing() as db:
        made = actions.register_incident(
            db,
            values,
            form_id=UUID(form.form_id.data),
            person_id=person_id,
            named=bool(form.say_who.data),
            today=today(),
            now=now,
            by=actor(),
        )
        if form.affected_me.data:
            say_affected(db, made.id, person_id=person_id)


def _find_other(db: Session, form: IncidentForm, values: IncidentValues) -> IncidentShown | None:
    """One that a colleague has registered already; not this very form, sent again."""
    form_id, person_id = UUID(form.form_id.data), signed_in().person_id
    twin = actions.find_twin(db, values, form_id=form_id, person_id=person_id)
    return find_incident(db, twin.id) if twin is not None else None


def _form_page(form: IncidentForm, *, has_units: bool, twin: IncidentShown | None = None) -> Page:
    page = render_template(
        "employee/incident_new.html",
        form=form,
        has_units=has_units,
        twin=twin,
        contacts=load_contacts(),
    )
    return page, UNPROCESSABLE if form.errors or twin else 200


def _get_concerning(db: Session, incident_id: UUID) -> IncidentShown:
    """The incident; Missing unless it concerns a unit of whoever asks."""
    found = find_incident(db, incident_id)
    units = find_concerned_units(db, signed_in().person_id, today=today())
    if found is None or found.unit_id not in units or found.is_withdrawn:
        raise Missing("That incident does not exist.")
    return found
