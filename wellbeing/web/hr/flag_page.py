"""The page of one suggestion: why, what may help, and what to do about it."""

from uuid import UUID

from flask import render_template

from wellbeing.actions.session_letters import unit_label
from wellbeing.actions.snoozing import find_last_day_to_reopen, is_snoozed
from wellbeing.store.published import FlagState
from wellbeing.web.hr import queries
from wellbeing.web.hr.forms import CloseFlagForm
from wellbeing.web.hr.pages import Page, scope_of, status_of, today
from wellbeing.web.hr.scope import get_flag
from wellbeing.web.hr.snooze_form import SnoozeForm
from wellbeing.web.hr.words import say_flag
from wellbeing.web.shared.services import reading, services


def show_flag(
    flag_id: UUID, *, closing: CloseFlagForm | None = None, snoozing: SnoozeForm | None = None
) -> Page:
    """The page of a suggestion in reach, with whichever form was sent filled in as it was."""
    on_day, sent = today(), closing or snoozing
    with reading() as db:
        found = get_flag(db, scope_of(db), flag_id)
        last_day = find_last_day_to_reopen(db, found, zone=services().settings.zone)
        page = render_template(
            "hr/flag.html",
            flag=found,
            is_raised=found.state is FlagState.RAISED,
            is_snoozed=is_snoozed(found, on_day),
            reopen_until=last_day if last_day and on_day <= last_day else None,
            words=say_flag(found.kind, found.figures),
            unit=unit_label(db, found.unit_id),
            session_id=queries.find_session_id(db, flag_id),
            form=closing or CloseFlagForm(formdata=None),
            snooze_form=snoozing or SnoozeForm(on_day, formdata=None),
            sent=sent,
        )
    return (page, status_of(sent)) if sent else page
