"""Support from suggestion to session: why, when, where, and how it went."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for

from wellbeing.actions import support
from wellbeing.actions.scheduling import cancel_session as cancel
from wellbeing.actions.session_list import SessionShown, find_sessions
from wellbeing.actions.session_people import count_taken_elsewhere
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.hr import queries
from wellbeing.web.hr.flag_page import show_flag
from wellbeing.web.hr.forms import CloseFlagForm
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, today
from wellbeing.web.hr.scope import check_session, get_flag
from wellbeing.web.shared.i18n import gettext, ngettext
from wellbeing.web.shared.services import actor, reading, services, writing


@blueprint.get("/hr/flags/<uuid:flag_id>")
def flag(flag_id: UUID) -> Page:
    """Why support is suggested, what may help, and what to do about it."""
    return show_flag(flag_id)


@blueprint.post("/hr/flags/<uuid:flag_id>/close")
def close_flag(flag_id: UUID) -> Page:
    """Closes a suggestion with a reason."""
    form = CloseFlagForm()
    if not form.validate():
        return show_flag(flag_id, closing=form)
    try:
        with writing() as db:
            get_flag(db, scope_of(db), flag_id)
            support.close_flag(db, flag_id, form.data["reason"], now=services().now(), by=actor())
    except BadInput as fault:
        form.reason.errors = [fault.in_words_of(gettext)]
        return show_flag(flag_id, closing=form)
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
        return redirect(url_for("hr.flag", flag_id=flag_id))
    flash(gettext("The suggestion is closed. Your reason is kept with it."), "kind")
    return redirect(url_for("hr.home"))


@blueprint.get("/hr/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Page:
    """One session: when, where, by whom, how many are invited, and how it went."""
    now = services().now()
    with reading() as db:
        check_session(db, scope_of(db), session_id, today=today())
        shown = find_sessions(db, SupportSession.id == session_id, with_private=True)[0]
        without_email = queries.count_without_email(db, session_id)
        taken_elsewhere = count_taken_elsewhere(db, session_id)
    return render_template(
        "hr/session.html",
        shown=shown,
        state=_say_state(shown, is_over=shown.ends_at <= now),
        form_words=form_words(),
        without_email=without_email,
        taken_elsewhere=taken_elsewhere,
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
            cancel(db, session_id, now=services().now(), by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("The session is cancelled, and everyone invited is told."), "kind")
    return redirect(url_for("hr.session", session_id=session_id))


def _say_state(shown: SessionShown, *, is_over: bool) -> str:
    if shown.state is SessionState.CANCELLED:
        return str(gettext("Cancelled"))
    if shown.state is SessionState.HELD:
        came = shown.attended or 0
        return str(ngettext("Held; %(num)s person came", "Held; %(num)s people came", came))
    return str(gettext("Not written down yet") if is_over else gettext("Scheduled"))
