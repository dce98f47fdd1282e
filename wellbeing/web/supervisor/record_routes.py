"""The record of one of the supervisor's own sessions."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from wellbeing.actions.session_head import SessionHead, get_head
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.session_record import write_record
from wellbeing.actions.themes import find_themes
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.shared.i18n import current_texts, gettext
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing
from wellbeing.web.supervisor.blueprint import Page, blueprint
from wellbeing.web.support_pages.record_form import RecordForm


@blueprint.route("/supervisor/sessions/<uuid:session_id>", methods=["GET", "POST"])
def record_session(session_id: UUID) -> Page:
    """What is written down of one's own session; anybody else's is not found."""
    with reading() as db:
        _check_own(db, session_id)
        head = get_head(db, session_id)
        form = RecordForm(head, find_themes(db))
    if not form.validate_on_submit():
        return _page(form, head)
    zone, now = services().settings.zone, services().now()
    try:
        with writing() as db:
            _check_own(db, session_id)
            write_record(db, session_id, form.values(), zone=zone, now=now, by=actor())
    except (BadInput, Refused) as fault:
        form.form_errors.append(fault.in_words_of(gettext))
        return _page(form, head)
    flash(gettext("Written down. Thank you."), "kind")
    return redirect(url_for("supervisor.sessions"))


def _check_own(db: Session, session_id: UUID) -> None:
    found = db.get(SupportSession, session_id)
    if found is None or found.supervisor_id != signed_in().person_id:
        raise Missing("That session does not exist.")


def _page(form: RecordForm, head: SessionHead) -> Page:
    page = render_template(
        "supervisor/record.html",
        form=form,
        head=head,
        form_words=form_label(head.form, current_texts()),
        can_write=head.starts_at <= services().now() and head.state is not SessionState.CANCELLED,
    )
    return page, 422 if form.errors else 200
