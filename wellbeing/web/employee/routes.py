"""The employee's own pages: front page and data here, the rest in modules beside it."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for

from wellbeing.actions.reminders import set_reminders
from wellbeing.actions.sign_in import set_language
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.web.employee import (
    anonymity_views,
    calendar_views,
    checkin_views,
    data_views,
    diary_exports,
    diary_lock_views,
    diary_views,
    effect_views,
    flag_rules_views,
    incident_views,
    log_views,
    my_unit_views,
    session_views,
    support_views,
)
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.data_words import ROLE_NAMES
from wellbeing.web.employee.forms import MeForm
from wellbeing.web.employee.queries import Me, find_home, get_me
from wellbeing.web.shared.navigation import own_tasks
from wellbeing.web.shared.services import reading, services, signed_in, writing

__all__ = [
    "anonymity_views",
    "blueprint",
    "calendar_views",
    "checkin_views",
    "data_views",
    "diary_exports",
    "diary_lock_views",
    "diary_views",
    "effect_views",
    "flag_rules_views",
    "incident_views",
    "log_views",
    "my_unit_views",
    "session_views",
    "support_views",
]


@blueprint.get("/")
def home() -> Page:
    """What there is to do now; never a score."""
    now, zone = services().now(), services().settings.zone
    with reading() as db:
        found = find_home(db, signed_in().person_id, now=now, zone=zone)
    return render_template(
        "employee/home.html", home=found, contacts=load_contacts(), tasks=own_tasks()
    )


@blueprint.route("/me", methods=["GET", "POST"])
def me() -> Page:
    """What is stored about the person, and their choice of language and reminders."""
    found = _get_me()
    person = found.person
    form = MeForm(language=person.language, reminders=not person.reminders_stopped)
    if form.validate_on_submit():
        with writing() as db:
            set_language(db, person.id, form.language.data)
            set_reminders(db, person.id, wanted=form.reminders.data)
        return redirect(url_for("employee.me", saved=1))
    page = render_template(
        "employee/me.html",
        me=found,
        form=form,
        role_names=ROLE_NAMES,
        saved="saved" in request.args and not form.errors,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _get_me() -> Me:
    now = services().now()
    today = now.astimezone(services().settings.zone).date()
    with reading() as db:
        return get_me(db, signed_in().person_id, today=today, now=now)
