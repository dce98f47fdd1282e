"""Support from suggestion to session: why, when, where, and how it went."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for

from wellbeing.actions import support
from wellbeing.actions.session_letters import unit_label
from wellbeing.actions.session_list import SessionShown, find_sessions
from wellbeing.actions.session_people import find_supervisors
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.flag_rules import FlagKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.hr import queries
from wellbeing.web.hr.forms import CloseFlagForm, SessionForm
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, status_of, today
from wellbeing.web.hr.scope import check_session, get_flag
from wellbeing.web.hr.words import SUGGESTED_FORM, say_flag
from wellbeing.web.shared.i18n import gettext, ngettext
from wellbeing.web.shared.services import actor, reading, services, writing


@blueprint.get("/hr/flags/<uuid:flag_id>")
def flag(flag_id: UUID) -> Page:
    """Why support is suggested, what may help, and what to do about it."""
    return _flag_page(flag_id, CloseFlagForm())


@blueprint.post("/hr/flags/<uuid:flag_id>/close")
def close_flag(flag_id: UUID) -> Page:
    """Closes a suggestion with a reason."""
    form = CloseFlagForm()
    if not form.validate():
        return _flag_page(flag_id, form)
    try:
        with writing() as db:
            get_flag(db, scope_of(db), flag_id)
            support.close_flag(db, flag_id, form.data["reason"], now=services().now(), by=actor())
    except BadInput as fault:
        form.reason.errors = [fault.in_words_of(gettext)]
        return _flag_page(flag_id, form)
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
        return redirect(url_for("hr.flag", flag_id=flag_id))
    flash(gettext("The suggestion is closed. Your reason is kept with it."), "kind")
    return redirect(url_for("hr.home"))


@blueprint.route("/hr/flags/<uuid:flag_id>/schedule", methods=["GET", "POST"])
def schedule(flag_id: UUID) -> Page:
    """A session in answer to a suggestion."""
    with reading() as db:
        found = get_flag(db, scope_of(db), flag_id)
        already = queries.find_session_id(db, flag_id)
        supervisors, unit = find_supervisors(db), unit_label(db, found.unit_id)
    form = SessionForm(supervisors)
    if not form.is_submitted():
        if already or found.state is not FlagState.RAISED:
            return redirect(_address_of(already, flag_id))
        form.form.data = _suggested_form(found).value
    elif form.validate():
        try:
            return _schedule(flag_id, form)
        except (BadInput, Refused) as fault:
            form.start.errors = [fault.in_words_of(gettext)]
    page = render_template(
        "hr/schedule.html",
        form=form,
        unit=unit,
        words=say_flag(found.kind, found.figures),
        flag_id=flag_id,
        has_supervisors=bool(supervisors),
    )
    return page, status_of(form)


@blueprint.get("/hr/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Page:
    """One session: when, where, by whom, how many are invited, and how it went."""
    now = services().now()
    with reading() as db:
        check_session(db, scope_of(db), session_id, today=today())
        found = find_sessions(db, SupportSession.id == session_id)
        without_email = queries.count_without_email(db, session_id)
    if not found:
        raise Missing("That session does not exist.")
    shown = found[0]
    return render_template(
        "hr/session.html",
        shown=shown,
        state=_say_state(shown, is_over=shown.ends_at <= now),
        form_words=form_words(),
        without_email=without_email,
        has_begun=shown.starts_at <= now,
        is_over=shown.ends_at <= now,
        SessionState=SessionState,
    )


@blueprint.post("/hr/sessions/<uuid:session_id>/cancel")
def cancel_session(session_id: UUID) -> Page:
    """Takes a session back and tells everyone invited."""
    try:
        with writing() as db:
            check_session(db, scope_of(db), session_id, today=today())
            support.cancel_session(db, session_id, now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("The session is cancelled, and everyone invited is told."), "kind")
    return redirect(url_for("hr.session", session_id=session_id))


def _flag_page(flag_id: UUID, form: CloseFlagForm) -> Page:
    with reading() as db:
        found = get_flag(db, scope_of(db), flag_id)
        page = render_template(
            "hr/flag.html",
            flag=found,
            is_raised=found.state is FlagState.RAISED,
            words=say_flag(found.kind, found.figures),
            unit=unit_label(db, found.unit_id),
            session_id=queries.find_session_id(db, flag_id),
            form=form,
        )
    return page, status_of(form)


def _suggested_form(found: Flag) -> SupportForm:
    known = FlagKind(found.kind) if found.kind in set(FlagKind) else FlagKind.OFFER_SUPERVISION
    return SUGGESTED_FORM[known]


def _address_of(session_id: UUID | None, flag_id: UUID) -> str:
    if session_id:
        return url_for("hr.session", session_id=session_id)
    return url_for("hr.flag", flag_id=flag_id)


def _schedule(flag_id: UUID, form: SessionForm) -> Page:
    now, zone, values = services().now(), services().settings.zone, form.values()
    with writing() as db:
        get_flag(db, scope_of(db), flag_id)
        made = support.schedule_from_flag(db, flag_id, values, zone=zone, now=now, by=actor())
        session_id, is_as_asked = made.id, _is_as_asked(made, values)
    if is_as_asked:
        flash(gettext("The session is scheduled, and the invitations are on their way."), "kind")
    else:
        flash(gettext("Support had already been scheduled here. This is the session."), "info")
    return redirect(url_for("hr.session", session_id=session_id))


def _is_as_asked(made: SupportSession, values: support.SessionValues) -> bool:
    local = made.starts_at.astimezone(services().settings.zone)
    asked = (values.supervisor_id, values.day, values.start)
    return (made.supervisor_id, local.date(), local.time()) == asked


def _say_state(shown: SessionShown, *, is_over: bool) -> str:
    if shown.state is SessionState.CANCELLED:
        return str(gettext("Cancelled"))
    if shown.state is SessionState.HELD:
        came = shown.attended or 0
        return str(ngettext("Held; %(num)s person came", "Held; %(num)s people came", came))
    return str(gettext("Not written down yet") if is_over else gettext("Scheduled"))
