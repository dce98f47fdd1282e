"""The supervision calendar: a week of sessions and free hours, the rooms, and series."""

from datetime import date, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from wellbeing.actions import places as place_actions
from wellbeing.actions.session_people import find_supervisors
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.store.supervision import Place
from wellbeing.web.hr import supervision_queries as queries
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, status_of
from wellbeing.web.hr.place_forms import PlaceForm
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing

FIRST_YEAR, LAST_YEAR = 2000, 2200


@blueprint.get("/hr/supervision")
def supervision() -> Page:
    """One week: who meets whom, where, and which hours are free."""
    now, zone = services().now(), services().settings.zone
    today = now.astimezone(zone).date()
    monday = queries.monday_of(_read_day(request.args.get("week", "")) or today)
    with reading() as db:
        scope = scope_of(db)
        return render_template(
            "hr/supervision.html",
            days=queries.find_week(db, scope, monday, zone=zone, now=now),
            series=queries.find_series(db, scope, now=now),
            has_supervisors=bool(find_supervisors(db)),
            form_words=form_words(),
            monday=monday,
            sunday=monday + timedelta(days=6),
            before=monday - queries.WEEK,
            after=monday + queries.WEEK,
            this_week=queries.monday_of(today),
            week_number=monday.isocalendar().week,
        )


@blueprint.route("/hr/supervision/places", methods=["GET", "POST"])
def places() -> Page:
    """The rooms, and a new one."""
    form = PlaceForm()
    if form.validate_on_submit():
        try:
            with writing() as db:
                place_actions.add_place(db, form.values(), now=services().now(), by=actor())
        except BadInput as fault:
            form.name.errors = [fault.in_words_of(gettext)]
        else:
            flash(gettext("The room is on the list."), "kind")
            return redirect(url_for("hr.places"))
    with reading() as db:
        found = place_actions.find_places(db, with_unused=True)
    return render_template("hr/places.html", form=form, places=found), status_of(form)


@blueprint.route("/hr/supervision/places/<uuid:place_id>", methods=["GET", "POST"])
def place(place_id: UUID) -> Page:
    """One room: its name, its seats, and whether it is in use."""
    with reading() as db:
        found = db.get(Place, place_id)
    if found is None:
        raise Missing("That room does not exist.")
    form = PlaceForm(obj=found)
    if form.validate_on_submit():
        try:
            with writing() as db:
                now, values = services().now(), form.values()
                place_actions.change_place(db, place_id, values, now=now, by=actor())
        except BadInput as fault:
            form.name.errors = [fault.in_words_of(gettext)]
        else:
            flash(gettext("Saved."), "kind")
            return redirect(url_for("hr.places"))
    return render_template("hr/place.html", form=form, found=found), status_of(form)


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
