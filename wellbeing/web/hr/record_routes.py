"""The record of a session in reach, written down or put right by HR."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for

from wellbeing.actions.session_head import SessionHead, get_head
from wellbeing.actions.session_record import write_record
from wellbeing.actions.themes import add_first_themes, find_themes
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.store.support import SessionState
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, status_of, today
from wellbeing.web.hr.scope import check_session
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, services, writing
from wellbeing.web.support_pages.record_form import RecordForm


@blueprint.route("/hr/sessions/<uuid:session_id>/record", methods=["GET", "POST"])
def record_session(session_id: UUID) -> Page:
    """What is written down of a session; writing it says that the session was held."""
    with writing() as db:
        check_session(db, scope_of(db), session_id, today=today())
        add_first_themes(db)
        head = get_head(db, session_id)
        form = RecordForm(head, find_themes(db))
    if not form.validate_on_submit():
        return _page(form, head)
    zone, now = services().settings.zone, services().now()
    try:
        with writing() as db:
            check_session(db, scope_of(db), session_id, today=today())
            write_record(db, session_id, form.values(), zone=zone, now=now, by=actor())
    except (BadInput, Refused) as fault:
        form.form_errors.append(fault.in_words_of(gettext))
        return _page(form, head)
    flash(gettext("Written down. Thank you."), "kind")
    return redirect(_address_after(head))


def _address_after(head: SessionHead) -> str:
    if head.unit_id is None:
        return url_for("hr.requests")
    return url_for("hr.session", session_id=head.id)


def _page(form: RecordForm, head: SessionHead) -> Page:
    page = render_template(
        "hr/record.html",
        form=form,
        head=head,
        form_words=form_words(),
        can_write=head.starts_at <= services().now() and head.state is not SessionState.CANCELLED,
    )
    return page, status_of(form)
