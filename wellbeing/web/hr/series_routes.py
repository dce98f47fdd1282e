"""Series of sessions: planned with a look at their days first, and cancelled from here on."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from wellbeing.actions import series as actions
from wellbeing.actions.places import find_places
from wellbeing.actions.session_letters import unit_label
from wellbeing.actions.session_list import find_sessions
from wellbeing.actions.session_people import find_supervisors
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.hr.forms import next_monday
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, status_of
from wellbeing.web.hr.scope import check_series
from wellbeing.web.hr.session_forms import SeriesForm, in_a_year
from wellbeing.web.shared.i18n import _, gettext, ngettext
from wellbeing.web.shared.services import actor, reading, services, writing

DAY_WORDS = {
    actions.DayState.FREE: _("can be used"),
    actions.DayState.TAKEN: _("the supervisor or the room is taken: this day is left out"),
    actions.DayState.AWAY: _("the supervisor is away: this day is left out"),
    actions.DayState.NO_SUCH_TIME: _("the clocks change over that time: this day is left out"),
}


@blueprint.route("/hr/supervision/series/new", methods=["GET", "POST"])
def new_series() -> Page:
    """A series for a unit; its days can be seen before anything is made."""
    now, zone = services().now(), services().settings.zone
    today = now.astimezone(zone).date()
    with reading() as db:
        scope = scope_of(db)
        units = {unit: path for unit, path in find_paths(db).items() if unit in scope}
        supervisors, places = find_supervisors(db), find_places(db)
    form = SeriesForm(units, supervisors, places, load_support_rules().forms_for(Booker.UNIT))
    planned = None
    if not form.is_submitted():
        form.first_day.data, form.until_day.data = next_monday(today), in_a_year(today)
    elif form.validate():
        try:
            if "preview" not in request.form:
                return _make(form)
            with reading() as db:
                planned = actions.plan_series(db, form.values(), zone=zone, now=now)
        except (BadInput, Refused) as fault:
            form.form_errors.append(fault.in_words_of(gettext))
    page = render_template(
        "hr/new_series.html",
        form=form,
        planned=planned,
        day_words=DAY_WORDS,
        has_supervisors=bool(supervisors),
    )
    return page, status_of(form)


@blueprint.get("/hr/supervision/series/<uuid:series_id>")
def series(series_id: UUID) -> Page:
    """A series with every session of it."""
    now = services().now()
    with reading() as db:
        found = check_series(db, scope_of(db), series_id)
        sessions = find_sessions(db, SupportSession.series_id == series_id)
        unit = unit_label(db, found.unit_id)
    ahead = [s for s in sessions if s.state is SessionState.SCHEDULED and s.starts_at > now]
    return render_template(
        "hr/series.html",
        series=found,
        unit=unit,
        sessions=sessions,
        ahead=len(ahead),
        form_words=form_words(),
        SessionState=SessionState,
    )


@blueprint.post("/hr/supervision/series/<uuid:series_id>/cancel")
def cancel_series(series_id: UUID) -> Page:
    """Cancels what is still to come of a series."""
    with writing() as db:
        check_series(db, scope_of(db), series_id)
        gone = actions.cancel_rest(db, series_id, now=services().now(), by=actor())
    flash(
        ngettext(
            "%(num)s session is cancelled, and everyone invited is told.",
            "%(num)s sessions are cancelled, and everyone invited is told.",
            gone,
        ),
        "kind",
    )
    return redirect(url_for("hr.series", series_id=series_id))


def _make(form: SeriesForm) -> Page:
    now, zone = services().now(), services().settings.zone
    with writing() as db:
        unit_id = UUID(form.unit.data)
        series_id = actions.make_series(db, unit_id, form.values(), zone=zone, now=now, by=actor())
    flash(gettext("The series is scheduled. Each invitation goes out some weeks before."), "kind")
    return redirect(url_for("hr.series", series_id=series_id))
