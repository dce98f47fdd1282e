"""A person's own request for support; whether a session was useful; what their unit is offered."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from wellbeing.actions import requests as acts
from wellbeing.actions.feedback import get_asked, give_feedback, is_asking
from wellbeing.actions.ledger_list import find_ledger, find_ledger_units
from wellbeing.actions.structure import find_home
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.domain.usefulness import FEWEST_ANSWERS, VALUES
from wellbeing.store.incidents import RequestWish
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.shared.i18n import _, gettext
from wellbeing.web.shared.services import reading, services, signed_in, writing
from wellbeing.web.support_pages.ledger_cards import describe_ledger
from wellbeing.web.support_pages.ledger_words import USEFUL
from wellbeing.web.support_pages.request_words import WISHES


class RequestForm(FlaskForm):  # type: ignore[misc]
    """What a person asks for, and how to reach them."""

    wish = RadioField(
        _("What do you wish for?"),
        [InputRequired(message=_("Choose one of them."))],
        choices=[SelectChoice(wish.value, WISHES[wish]) for wish in RequestWish],
    )
    contact = TextAreaField(
        _("How and when can HR reach you?"), [Optional(), Length(max=acts.MAX_CONTACT_LENGTH)]
    )


class UsefulForm(FlaskForm):  # type: ignore[misc]
    """How useful a session was."""

    useful = RadioField(
        _("How useful was it for your work?"),
        [InputRequired(message=_("Choose one of the five answers."))],
        choices=[SelectChoice(str(value), USEFUL[value]) for value in VALUES],
    )


@blueprint.route("/support", methods=["GET", "POST"])
def support() -> Page:
    """Ask for a talk, change what was asked, or see how far it has come."""
    person_id, zone, now = signed_in().person_id, services().settings.zone, services().now()
    today = now.astimezone(zone).date()
    with reading() as db:
        own = acts.find_own(db, person_id)
        seen_by = acts.find_who_sees(db, person_id, today=today)
    form = RequestForm()
    if not form.is_submitted() and own is not None:
        form.wish.data, form.contact.data = own.wish.value, own.contact
    if form.validate_on_submit():
        wish, contact = RequestWish(form.wish.data), form.contact.data or ""
        try:
            with writing() as db:
                acts.ask(db, person_id, wish, contact, zone=zone, now=now)
        except BadInput as fault:
            form.contact.errors = [fault.in_words_of(gettext)]
        else:
            flash(_say_asked(is_new=own is None), "kind")
            return redirect(url_for("employee.support"))
    page = render_template(
        "employee/support.html",
        form=form,
        own=own,
        wishes=WISHES,
        seen_by=seen_by,
        contacts=load_contacts(),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.post("/support/take-back")
def take_back_request() -> Page:
    """Takes the request back; nothing is left of it."""
    with writing() as db:
        acts.take_back(db, signed_in().person_id, now=services().now())
    flash(gettext("Your request is taken back, and nothing is left of it."), "kind")
    return redirect(url_for("employee.support"))


@blueprint.get("/my-unit/support")
def my_unit_support() -> Page:
    """What support one's own unit is offered, the same as its leader sees."""
    zone, now = services().settings.zone, services().now()
    with reading() as db:
        unit_id = find_home(db, signed_in().person_id, today=now.astimezone(zone).date())
        paths = find_paths(db)
        if unit_id is None or unit_id not in paths:
            return render_template("employee/no_unit.html")
        rows = find_ledger(db, find_ledger_units(db, unit_id), zone=zone, now=now)
    return render_template(
        "employee/my_unit_support.html", ledger=describe_ledger(rows), path=paths[unit_id]
    )


@blueprint.route("/support/sessions/<uuid:session_id>/useful", methods=["GET", "POST"])
def session_useful(session_id: UUID) -> Page:
    """One question to whoever was invited to a session, answered once."""
    person_id, zone = signed_in().person_id, services().settings.zone
    today = services().now().astimezone(zone).date()
    with reading() as db:
        about, is_given = get_asked(db, session_id, person_id)
    form, is_open = UsefulForm(), is_asking(about, today=today)
    if is_open and not is_given and form.validate_on_submit():
        try:
            with writing() as db:
                give_feedback(db, session_id, person_id, int(form.useful.data), today=today)
        except (BadInput, Refused) as fault:
            form.useful.errors = [fault.in_words_of(gettext)]
        else:
            return redirect(url_for("employee.session_useful", session_id=session_id))
    page = render_template(
        "employee/session_useful.html",
        form=form,
        about=about,
        is_given=is_given,
        is_open=is_open,
        fewest=FEWEST_ANSWERS,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _say_asked(*, is_new: bool) -> str:
    if is_new:
        return str(gettext("Your request is with HR. Somebody will get in touch with you."))
    return str(gettext("Your request is changed."))
