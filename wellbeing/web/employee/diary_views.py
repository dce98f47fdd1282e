"""The diary: begun, opened and deleted by its owner alone; what is in it is never stored open."""

from http import HTTPStatus
from itertools import zip_longest

from flask import redirect, render_template, url_for

from wellbeing.actions import diary as actions
from wellbeing.actions.diary import Entry
from wellbeing.crypto.diaries import MIN_CODE_LENGTH
from wellbeing.domain.errors import BadInput, WellbeingError
from wellbeing.domain.instrument import load_instrument, load_wording, wording_locales
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.forms import DeleteDiaryForm, OpenDiaryForm, StartDiaryForm
from wellbeing.web.employee.limits import limit_guesses
from wellbeing.web.employee.result import ScaleResult, describe, reference_of
from wellbeing.web.shared.i18n import current_texts, gettext
from wellbeing.web.shared.services import reading, services, signed_in, writing


@blueprint.route("/diary", methods=["GET", "POST"])
@limit_guesses
def diary() -> Page:
    """Without a diary: what one is. With one: a code opens it, for this one answer."""
    if not _has_diary():
        return _start_page(StartDiaryForm(formdata=None))
    form = OpenDiaryForm()
    if not form.validate_on_submit():
        return _locked_page(form, DeleteDiaryForm(formdata=None))
    try:
        with reading() as db:
            entries = actions.read(
                db,
                form.code.data or "",
                person_id=signed_in().person_id,
                keys=services().keys,
                now=services().now(),
            )
    except BadInput as fault:
        form.code.errors = [fault.in_words_of(gettext)]
        return _locked_page(form, DeleteDiaryForm(formdata=None))
    return _open_page(entries)


@blueprint.post("/diary/start")
def start_diary() -> Page:
    """Begins a diary and shows its recovery code, this once."""
    form = StartDiaryForm()
    if not form.validate_on_submit():
        return _start_page(form)
    try:
        with writing() as db:
            recovery_code = actions.start(db, form.code.data or "", person_id=signed_in().person_id)
    except WellbeingError as fault:
        form.code.errors = [fault.in_words_of(gettext)]
        return _start_page(form)
    return render_template("employee/diary_started.html", recovery_code=recovery_code)


@blueprint.post("/diary/delete")
def delete_diary() -> Page:
    """Deletes the diary for good once the box is ticked; asks no code, as it may be lost."""
    form = DeleteDiaryForm()
    if not _has_diary():
        return redirect(url_for("employee.diary"))
    if not form.validate_on_submit():
        return _locked_page(OpenDiaryForm(formdata=None), form)
    with writing() as db:
        actions.delete_all(db, person_id=signed_in().person_id)
    return render_template("employee/diary_deleted.html")


def _has_diary() -> bool:
    with reading() as db:
        return actions.has_diary(db, signed_in().person_id)


def _start_page(form: StartDiaryForm) -> Page:
    page = render_template("employee/diary_new.html", form=form, min_length=MIN_CODE_LENGTH)
    return page, _status(form.errors)


def _locked_page(form: OpenDiaryForm, deletion: DeleteDiaryForm) -> Page:
    page = render_template("employee/diary_locked.html", form=form, deletion=deletion)
    return page, _status(form.errors or deletion.errors)


def _open_page(entries: list[Entry]) -> Page:
    instrument = load_instrument()
    locale = current_texts().locale
    wording = load_wording(locale if locale in wording_locales() else "en")
    return render_template(
        "employee/diary_open.html",
        entries=_with_changes(entries),
        deletion=DeleteDiaryForm(formdata=None),
        instrument=instrument,
        reference=reference_of(instrument),
        wording=wording,
    )


def _with_changes(newest_first: list[Entry]) -> list[tuple[Entry, list[ScaleResult]]]:
    instrument = load_instrument()
    before = [entry.scores for entry in newest_first[1:]]
    return [
        (entry, describe(instrument, entry.scores, earlier))
        for entry, earlier in zip_longest(newest_first, before)
    ]


def _status(errors: object) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
