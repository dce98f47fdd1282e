"""Putting a suggestion off, waking it, and taking a closing back."""

from uuid import UUID

from flask import flash, redirect, url_for

from wellbeing.actions import snoozing
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.web.hr.flag_page import show_flag
from wellbeing.web.hr.pages import Page, blueprint, scope_of, today
from wellbeing.web.hr.scope import get_flag
from wellbeing.web.hr.snooze_form import SnoozeForm
from wellbeing.web.shared.i18n import format_day, gettext
from wellbeing.web.shared.services import actor, services, writing


@blueprint.post("/hr/flags/<uuid:flag_id>/snooze")
def snooze_flag(flag_id: UUID) -> Page:
    """Puts a suggestion off until a day, with a reason."""
    form = SnoozeForm(today())
    if not form.validate():
        return show_flag(flag_id, snoozing=form)
    now, zone, until = services().now(), services().settings.zone, form.until()
    try:
        with writing() as db:
            get_flag(db, scope_of(db), flag_id)
            reason = form.because.data or ""
            snoozing.snooze_flag(db, flag_id, until, reason, zone=zone, now=now, by=actor())
    except BadInput as fault:
        form.because.errors = [fault.in_words_of(gettext)]
        return show_flag(flag_id, snoozing=form)
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
        return _to_flag(flag_id)
    words = gettext("Snoozed. It comes back by itself on %(day)s.", day=format_day(until))
    flash(words, "kind")
    return redirect(url_for("hr.home"))


@blueprint.post("/hr/flags/<uuid:flag_id>/wake")
def wake_flag(flag_id: UUID) -> Page:
    """Takes a suggestion up again that was put off."""
    now, zone = services().now(), services().settings.zone
    with writing() as db:
        get_flag(db, scope_of(db), flag_id)
        snoozing.wake_flag(db, flag_id, zone=zone, now=now, by=actor())
    flash(gettext("The suggestion is back among those that come first."), "kind")
    return _to_flag(flag_id)


@blueprint.post("/hr/flags/<uuid:flag_id>/reopen")
def reopen_flag(flag_id: UUID) -> Page:
    """Takes a closing back."""
    now, zone = services().now(), services().settings.zone
    try:
        with writing() as db:
            get_flag(db, scope_of(db), flag_id)
            snoozing.reopen_flag(db, flag_id, zone=zone, now=now, by=actor())
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("The suggestion is open again."), "kind")
    return _to_flag(flag_id)


def _to_flag(flag_id: UUID) -> Page:
    return redirect(url_for("hr.flag", flag_id=flag_id))
