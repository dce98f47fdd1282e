"""Talks and sessions for oneself: to book, to wait for, to step back from. Nobody asks why."""

from datetime import UTC, date, datetime
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from wellbeing.actions.bookings import step_back, take_place
from wellbeing.actions.own_talks import WantedTime, book_slot
from wellbeing.actions.session_letters import form_label
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.support import BookingState
from wellbeing.web.employee import session_queries as queries
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.shared.i18n import _, current_texts, gettext
from wellbeing.web.shared.services import reading, services, signed_in, writing

FIRST_YEAR, LAST_YEAR = 2000, 2200
BOOKED = _("The time is yours. You get a calendar invitation by mail.")
TAKEN = _("You have a place. You get a calendar invitation by mail.")
WAITING = _(
    "You are on the waiting list. When a place becomes free, it is yours, and you get a mail."
)
STEPPED_BACK = _(
    "You have stepped back, and nothing about it is kept. A mail takes it out of your calendar."
)


@blueprint.route("/support/sessions", methods=["GET", "POST"])
def sessions() -> Page:
    """Own sessions, open places and free times; what is pressed is done, or said why not."""
    fault = ""
    if request.method == "POST":
        try:
            flash(_act(request.form.get("do", "")), "kind")
        except (BadInput, Refused) as found:
            fault = found.in_words_of(gettext)
        else:
            return redirect(url_for("employee.sessions"))
    page = _page(fault)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK


def _act(do: str) -> str:
    """Does what was pressed; what to say about it."""
    person_id, now, zone = signed_in().person_id, services().now(), services().settings.zone
    if do == "take":
        session_id = _read_session()
        with writing() as db:
            state = take_place(db, person_id, session_id, zone=zone, now=now)
        return str(TAKEN if state is BookingState.BOOKED else WAITING)
    if do == "step-back":
        session_id = _read_session()
        with writing() as db:
            step_back(db, person_id, session_id, now=now)
        return str(STEPPED_BACK)
    wanted = _read_wanted()
    with writing() as db:
        book_slot(db, person_id, wanted, zone=zone, now=now)
    return str(BOOKED)


def _page(fault: str) -> str:
    person_id, now, zone = signed_in().person_id, services().now(), services().settings.zone
    today = now.astimezone(zone).date()
    texts, forms = current_texts(), load_support_rules().forms_for(Booker.PERSON)
    chosen = _read_form(forms)
    with reading() as db:
        free = None
        if chosen is not None:
            first_day = max(today, _read_day() or today)
            free = queries.find_free_days(
                db, chosen, person_id, first_day=first_day, zone=zone, now=now
            )
        return render_template(
            "employee/sessions.html",
            own=queries.find_own(db, person_id, now=now),
            open_sessions=queries.find_open(db, person_id, today=today, now=now),
            forms=forms,
            chosen=chosen,
            free=free,
            minutes={form: load_support_rules().forms[form].usual_minutes for form in forms},
            form_words={form: form_label(form, texts) for form in SupportForm},
            fault=fault,
            meets_by_video=request.form.get("meet") == "video",
            picked=request.form.get("slot", ""),
            BookingState=BookingState,
            now=now,
        )


def _read_form(forms: tuple[SupportForm, ...]) -> SupportForm | None:
    asked = request.values.get("form", "")
    return next((form for form in forms if form.value == asked), None)


def _read_day() -> date | None:
    try:
        return date.fromisoformat(request.values.get("from", ""))
    except ValueError:
        return None


def _read_session() -> UUID:
    try:
        return UUID(request.form.get("session", ""))
    except ValueError:
        raise BadInput("Choose one of the sessions.") from None


def _read_wanted() -> WantedTime:
    """The time chosen: whose it is, and when it begins."""
    supervisor, _slash, moment = request.form.get("slot", "").partition("/")
    try:
        form = SupportForm(request.form.get("form", ""))
        starts_at = datetime.fromisoformat(moment)
        supervisor_id = UUID(supervisor)
        # Far beyond any free time, a moment has no place on another zone's clock.
        if starts_at.tzinfo is None or not FIRST_YEAR < starts_at.year < LAST_YEAR:
            raise ValueError
    except ValueError:
        raise BadInput("Choose one of the free times.") from None
    by_video = request.form.get("meet") == "video"
    return WantedTime(form, supervisor_id, starts_at.astimezone(UTC), by_video=by_video)
