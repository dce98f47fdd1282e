"""A small team's own conversation: how to hold it, and the days on which it was held."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired

from wellbeing.actions.conversations import (
    find_conversations,
    log_conversation,
    take_back_conversation,
)
from wellbeing.actions.units import find_paths, find_scope
from wellbeing.domain.conversation import load_conversation
from wellbeing.domain.errors import BadInput
from wellbeing.web.leader.pages import blueprint
from wellbeing.web.shared.conversation import find_cards_url
from wellbeing.web.shared.i18n import _, current_texts, format_day, gettext
from wellbeing.web.shared.policy import UNIT_WRITERS
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing
from wellbeing.web.team_page.page import UnitName


class HeldOnForm(FlaskForm):  # type: ignore[misc]
    """The day of a conversation."""

    held_on = DateField(_("Held on"), [InputRequired()])


@blueprint.route("/teams/<uuid:unit_id>/conversation", methods=["GET", "POST"])
def conversation(unit_id: UUID) -> str | tuple[str, int] | Response:
    """The guide, and the day it was held."""
    form, today = HeldOnForm(), _today()
    if form.is_submitted() and form.validate():
        try:
            with writing() as db:
                _check_writes(db, unit_id)
                log_conversation(
                    db,
                    unit_id,
                    form.data["held_on"],
                    today=today,
                    now=services().now(),
                    by=actor(),
                )
        except BadInput as fault:
            form.held_on.errors = [fault.in_words_of(gettext)]
        else:
            flash(gettext("It is written down. Good that you took the time."), "kind")
            return redirect(url_for(".conversation", unit_id=unit_id))
    elif not form.is_submitted():
        form.held_on.data = today
    return _render(unit_id, form)


@blueprint.post("/teams/<uuid:unit_id>/conversation/take-back", endpoint="take_back_conversation")
def take_back(unit_id: UUID) -> Response:
    """Takes a day back that was written down by mistake."""
    form = HeldOnForm()
    with writing() as db:
        _check_writes(db, unit_id)
        if form.validate():
            day = form.data["held_on"]
            take_back_conversation(db, unit_id, day, now=services().now(), by=actor())
            flash(gettext("%(day)s is taken back.", day=format_day(day)), "kind")
    return redirect(url_for(".conversation", unit_id=unit_id))


def _render(unit_id: UUID, form: HeldOnForm) -> tuple[str, int]:
    with reading() as db:
        _check_writes(db, unit_id)
        unit, held = UnitName.of(find_paths(db)[unit_id]).name, find_conversations(db, unit_id)
    page = render_template(
        "leader/conversation.html",
        guide=load_conversation(current_texts().locale),
        pdf_url=find_cards_url(),
        unit_id=unit_id,
        unit=unit,
        held=held,
        form=form,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _check_writes(db: Session, unit_id: UUID) -> None:
    """404 unless whoever asks leads the unit, or one above it, or is its HR."""
    if unit_id not in find_scope(db, signed_in().person_id, UNIT_WRITERS):
        abort(HTTPStatus.NOT_FOUND)


def _today() -> date:
    return services().now().astimezone(services().settings.zone).date()
