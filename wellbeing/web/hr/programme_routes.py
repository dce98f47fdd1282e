"""Programmes and rounds: made by HR of the whole organisation, because they ask everyone."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from wellbeing.actions import programmes
from wellbeing.domain.burden import load_burden_budget
from wellbeing.domain.cycles import Window
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.web.hr import queries
from wellbeing.web.hr.forms import ProgrammeForm, next_monday
from wellbeing.web.hr.occupation_form import (
    OccupationForm,
    fill_in_occupation,
    occupation_fields,
    occupation_in,
    with_occupation,
)
from wellbeing.web.hr.pages import Page, blueprint, scope_of, status_of
from wellbeing.web.hr.scope import check_whole
from wellbeing.web.shared.i18n import format_moment, gettext
from wellbeing.web.shared.services import actor, reading, services, writing

PREVIEWED_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Preview:
    """When a programme would ask, and the minutes a quarter that all programmes then ask."""

    windows: list[Window]
    minutes: int


@blueprint.get("/hr/rounds")
def rounds() -> Page:
    """Rounds under way and to come, the latest published ones, and the programmes behind them."""
    with reading() as db:
        scope = scope_of(db)
        return render_template(
            "hr/rounds.html",
            rounds=queries.find_rounds(db, scope, now=services().now()),
            programmes=queries.find_programmes(db),
            is_whole=scope.is_whole,
            minutes_a_quarter=programmes.find_burden(db),
            budget=load_burden_budget().most_minutes_a_quarter,
        )


@blueprint.route("/hr/programmes/new", methods=["GET", "POST"])
def new_programme() -> Page:
    """A new programme, with its first dates shown before anything is created."""
    now, zone = services().now(), services().settings.zone
    with reading() as db:
        check_whole(scope_of(db))
    form = with_occupation(ProgrammeForm)()
    if not form.is_submitted():
        form.first_day.data = next_monday(now.astimezone(zone).date())
    if not form.validate_on_submit():
        return _programme_page(form)
    try:
        if "preview" in request.form:
            with reading() as db:
                return _programme_page(form, _preview(db, form))
        with writing() as db:
            made = programmes.create_programme(db, form.values(), zone=zone, now=now, by=actor())
            opens_at = queries.get_first_opening(db, made.id)
    except (BadInput, Refused) as fault:
        form.form_errors.append(fault.in_words_of(gettext))
        return _programme_page(form)
    flash(
        gettext(
            "The programme is ready. Its first round opens on %(moment)s.",
            moment=format_moment(opens_at, zone, weekday=True),
        ),
        "kind",
    )
    return redirect(url_for("hr.rounds"))


@blueprint.route("/hr/programmes/<uuid:programme_id>/occupation", methods=["GET", "POST"])
def occupation(programme_id: UUID) -> Page:
    """What staff are called in the official form, from the next round on."""
    with reading() as db:
        check_whole(scope_of(db))
        programme = programmes.get_programme(db, programme_id)
    form = with_occupation(OccupationForm)()
    if not form.is_submitted():
        fill_in_occupation(form, programme.occupation or {})
    if form.validate_on_submit():
        with writing() as db:
            words, now = occupation_in(form), services().now()
            programmes.set_occupation(db, programme_id, words, now=now, by=actor())
        flash(gettext("The words are saved. They are used from the next round that opens."), "kind")
        return redirect(url_for("hr.rounds"))
    page = render_template(
        "hr/occupation.html", form=form, fields=occupation_fields(form), programme=programme
    )
    return page, status_of(form)


@blueprint.post("/hr/rounds/<uuid:round_id>/open")
def open_round(round_id: UUID) -> Page:
    """Opens a planned round sooner; again is safe."""
    try:
        with writing() as db:
            check_whole(scope_of(db))
            programmes.open_now(db, round_id, now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("The round opens within a minute, and everyone is invited."), "kind")
    return redirect(url_for("hr.rounds"))


def _programme_page(form: ProgrammeForm, preview: Preview | None = None) -> Page:
    page = render_template(
        "hr/new_programme.html",
        form=form,
        occupations=occupation_fields(form),
        preview=preview,
        budget=load_burden_budget().most_minutes_a_quarter,
    )
    return page, status_of(form)


def _preview(db: Session, form: ProgrammeForm) -> Preview:
    now, zone, values = services().now(), services().settings.zone, form.values()
    windows = programmes.find_first_windows(db, values, zone=zone, now=now, count=PREVIEWED_ROUNDS)
    return Preview(windows, programmes.find_burden(db, values))
