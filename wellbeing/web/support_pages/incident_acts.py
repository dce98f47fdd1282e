"""What leaders and HR do about an incident: the same acts, each in its own area's reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, request
from sqlalchemy.orm import Session

from wellbeing.actions import incident_steps, incidents
from wellbeing.actions.incident_reads import IncidentShown, find_private
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.incident_timeline import STEPS
from wellbeing.domain.support_forms import SupportForm
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing
from wellbeing.web.support_pages.incident_forms import CorrectIncidentForm, StepForm


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act; the form and its step where something has to be looked at again."""

    step: SupportForm | None = None
    form: StepForm | None = None


def today() -> date:
    """The day on the organisation's clock."""
    return services().now().astimezone(services().settings.zone).date()


def step_forms(outcome: Outcome, *, day: date) -> Mapping[SupportForm, StepForm]:
    """A form for each step, with what was typed in the one that has to be looked at again."""
    forms = {}
    for step in STEPS:
        if outcome.form is not None and outcome.step is step:
            forms[step] = outcome.form
        else:
            forms[step] = StepForm(formdata=None, prefix=f"{step.value}-", held_on=day)
    return forms


def take_step(incident_id: UUID) -> Outcome:
    """Does what was asked of one step; the caller has checked who asks."""
    step = _asked_step()
    form = StepForm(prefix=f"{step.value}-")
    if not form.validate():
        return Outcome(step, form)
    wish = request.form.get("go", "")
    try:
        with writing() as db:
            said = _take(db, incident_id, step, form, wish)
    except BadInput as fault:
        control = form.reason if wish == "close" else form.held_on
        control.errors = [fault.in_words_of(gettext)]
        return Outcome(step, form)
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
        return Outcome()
    flash(said, "kind")
    return Outcome()


def correct(incident: IncidentShown, form: CorrectIncidentForm) -> bool:
    """Whether what was typed is stored; else the form says what has to be looked at again."""
    try:
        with writing() as db:
            incidents.correct_incident(
                db,
                incident.id,
                form.values_for(incident.unit_id),
                today=today(),
                now=services().now(),
                by=actor(),
            )
    except (BadInput, Refused) as fault:
        form.form_errors.append(fault.in_words_of(gettext))
        return False
    flash(gettext("Put right. Thank you."), "kind")
    return True


def fill_in(form: CorrectIncidentForm, incident: IncidentShown) -> None:
    """Shows in the form what is stored now."""
    with reading() as db:
        details = find_private(db, incident.id).details
    form.kind.data, form.happened_on.data = incident.kind.value, incident.happened_on
    form.affected_count.data, form.details.data = incident.affected_count, details


def close(incident_id: UUID) -> None:
    """Closes the incident, or takes back one that was registered by mistake."""
    is_mistake = request.form.get("go") == "mistake"
    act = incident_steps.withdraw_incident if is_mistake else incidents.close_incident
    try:
        with writing() as db:
            act(db, incident_id, today=today(), now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("The incident is closed."), "kind")


def _asked_step() -> SupportForm:
    known = {step.value: step for step in STEPS}
    step = known.get(request.form.get("step", ""))
    if step is None:
        abort(HTTPStatus.BAD_REQUEST)
    return step


def _take(db: Session, incident_id: UUID, step: SupportForm, form: StepForm, wish: str) -> str:
    now, by = services().now(), actor()
    if wish == "reopen":
        incident_steps.reopen_step(db, incident_id, step, now=now, by=by)
        return str(gettext("The step waits again."))
    if wish == "close":
        if form.closing_reason is None:
            raise BadInput("Choose why it was not given.")
        incident_steps.mark_not_taken(db, incident_id, step, form.closing_reason, now=now, by=by)
        return str(gettext("Written down. Thank you."))
    if form.day is None:
        raise BadInput("Choose a day from when it happened until today.")
    incident_steps.mark_held(db, incident_id, step, form.day, today=today(), now=now, by=by)
    return str(gettext("Written down. Thank you."))
