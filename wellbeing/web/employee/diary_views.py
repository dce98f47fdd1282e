"""The diary: begun, opened and deleted by its owner alone; what is in it is never stored open."""

from uuid import UUID

from flask import redirect, render_template, request, url_for

from wellbeing.actions import diary as actions
from wellbeing.actions.diary_locks import unlock_with_passkey
from wellbeing.domain.errors import BadInput, WellbeingError
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.diary_forms import DeleteDiaryForm, NewCodeForm, OpenDiaryForm
from wellbeing.web.employee.diary_pages import (
    UNLOCK_FIELD,
    OpenDiary,
    keep_open,
    locked_page,
    needs_open_diary,
    open_page,
    start_page,
)
from wellbeing.web.employee.limits import limit_guesses
from wellbeing.web.employee.passkey_fields import read_bytes
from wellbeing.web.shared.i18n import format_day, gettext
from wellbeing.web.shared.services import reading, services, signed_in, writing


@blueprint.route("/diary", methods=["GET", "POST"])
@limit_guesses
def diary() -> Page:
    """Without a diary: what one is. With one: a code or a passkey opens it, for this answer."""
    if not _has_diary():
        return start_page(NewCodeForm(formdata=None))
    if UNLOCK_FIELD in request.form:
        return _show_again()
    if "credential" in request.form:
        return _open_with_passkey()
    form = OpenDiaryForm()
    if not form.validate_on_submit():
        return locked_page(form, DeleteDiaryForm(formdata=None))
    try:
        with reading() as db:
            key = actions.unlock(db, form.code.data or "", person_id=signed_in().person_id)
    except BadInput as fault:
        form.code.errors = [fault.in_words_of(gettext)]
        return locked_page(form, DeleteDiaryForm(formdata=None))
    return open_page(keep_open(key))


@blueprint.post("/diary/start")
def start_diary() -> Page:
    """Begins a diary and shows its recovery code, this once."""
    form = NewCodeForm()
    if not form.validate_on_submit():
        return start_page(form)
    try:
        with writing() as db:
            recovery_code = actions.start(
                db,
                form.code.data or "",
                person_id=signed_in().person_id,
                organisation=services().settings.organisation,
            )
    except WellbeingError as fault:
        form.code.errors = [fault.in_words_of(gettext)]
        return start_page(form)
    return render_template("employee/diary_started.html", recovery_code=recovery_code)


@blueprint.post("/diary/delete")
def delete_diary() -> Page:
    """Deletes the diary for good once the box is ticked; asks no code, as it may be lost."""
    form = DeleteDiaryForm()
    if not _has_diary():
        return redirect(url_for("employee.diary"))
    if not form.validate_on_submit():
        return locked_page(OpenDiaryForm(formdata=None), form)
    with writing() as db:
        actions.delete_all(db, person_id=signed_in().person_id)
    return render_template("employee/diary_deleted.html")


@blueprint.post("/diary/entries/delete")
@needs_open_diary
def delete_diary_entry(opened: OpenDiary) -> Page:
    """Deletes one entry for good; again, or of nothing, changes nothing."""
    try:
        entry_id = UUID(hex=request.form.get("entry", ""))
    except ValueError:
        return open_page(opened)
    with writing() as db:
        at = actions.delete_entry(db, opened.private_key, entry_id, person_id=signed_in().person_id)
    if at is None:
        return open_page(opened, said=gettext("That entry is not in the diary any more."))
    day = format_day(at.astimezone(services().settings.zone).date())
    return open_page(opened, said=gettext("The entry of %(day)s is deleted.", day=day))


@needs_open_diary
def _show_again(opened: OpenDiary) -> Page:
    return open_page(opened)


def _open_with_passkey() -> Page:
    credential, secret = (
        read_bytes(request.form.get(name, "")) for name in ("credential", "secret")
    )
    try:
        with reading() as db:
            key = unlock_with_passkey(db, credential, secret, person_id=signed_in().person_id)
    except BadInput as fault:
        said = fault.in_words_of(gettext)
        forms = OpenDiaryForm(formdata=None), DeleteDiaryForm(formdata=None)
        return locked_page(*forms, passkey_fault=said)
    return open_page(keep_open(key))


def _has_diary() -> bool:
    with reading() as db:
        return actions.has_diary(db, signed_in().person_id)
