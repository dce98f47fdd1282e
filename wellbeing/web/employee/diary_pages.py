"""The pages of the diary, and the unlock by which an open one carries its key for some minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus

from flask import current_app, redirect, render_template, request, url_for
from flask_login import current_user

from wellbeing.actions import diary as actions
from wellbeing.actions.diary import Entry
from wellbeing.actions.diary_locks import PasskeyRequest, find_passkeys, find_requests
from wellbeing.actions.wordings import find_credited_wording
from wellbeing.crypto.diary_unlocks import (
    UNLOCKED_FOR,
    DiaryClosed,
    Holder,
    make_unlock,
    open_unlock,
)
from wellbeing.domain.diary_codes import MIN_CODE_LENGTH
from wellbeing.domain.instrument import NOT_SCORED, load_instrument, wording_locales
from wellbeing.pdf import can_render_pdf
from wellbeing.web.employee.blueprint import Page
from wellbeing.web.employee.diary_chart import draw_charts
from wellbeing.web.employee.diary_forms import (
    DeleteDiaryForm,
    NewCodeForm,
    OpenDiaryForm,
    PasskeyForm,
)
from wellbeing.web.employee.passkey_fields import as_text
from wellbeing.web.employee.result import Direction, ScaleResult, Scores, describe, reference_of
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import reading, services, signed_in

UNLOCK_FIELD = "unlock"


@dataclass(frozen=True, slots=True)
class OpenDiary:
    """A diary that its owner has opened: the private key, and the text that carries it on."""

    private_key: bytes
    unlock: str


def keep_open(private_key: bytes) -> OpenDiary:
    """Makes the unlock of a diary just opened; its minutes are not prolonged by acting."""
    return OpenDiary(private_key, make_unlock(private_key, _holder(), now=services().now()))


def needs_open_diary(view: Callable[[OpenDiary], Page]) -> Callable[[], Page]:
    """For acts from the open diary: gives the view its key, or asks for the code once more."""

    @wraps(view)
    def with_key() -> Page:
        unlock = request.form.get(UNLOCK_FIELD, "")
        try:
            private_key = open_unlock(unlock, _holder(), now=services().now())
            return view(OpenDiary(private_key, unlock))
        except DiaryClosed:
            return closed_again_page()

    return with_key


def start_page(form: NewCodeForm) -> Page:
    """What a diary is, and a form to begin one."""
    page = render_template("employee/diary_new.html", form=form, min_length=MIN_CODE_LENGTH)
    return page, _status(form.errors)


def locked_page(form: OpenDiaryForm, deletion: DeleteDiaryForm, *, passkey_fault: str = "") -> Page:
    """Asks for the code, or for a passkey where there are some."""
    status = _status(form.errors or deletion.errors or passkey_fault)
    return _render_locked(form, deletion, passkey_fault=passkey_fault), status


def closed_again_page() -> Page:
    """The code is asked for again; whatever was to be done has not been done."""
    with reading() as db:
        if not actions.has_diary(db, signed_in().person_id):
            return redirect(url_for("employee.diary"))
    forms = OpenDiaryForm(formdata=None), DeleteDiaryForm(formdata=None)
    return _render_locked(*forms, has_closed=True), HTTPStatus.CONFLICT


def open_page(
    opened: OpenDiary,
    *,
    code_form: NewCodeForm | None = None,
    passkey_form: PasskeyForm | None = None,
    said: str = "",
) -> Page:
    """Everything in the diary, for this one answer; `said` is what has just been done."""
    entries, person_id = read_entries(opened), signed_in().person_id
    with reading() as db:
        passkeys = find_passkeys(db, opened.private_key, person_id=person_id)
        known = find_requests(db, person_id)
        locale = current_texts().locale
        wording = find_credited_wording(db, locale if locale in wording_locales() else "en")
    code_form = code_form or NewCodeForm(formdata=None)
    passkey_form = passkey_form or PasskeyForm(formdata=None)
    described = describe_all(entries)
    instrument = load_instrument()
    page = render_template(
        "employee/diary_open.html",
        said=said,
        unlock=opened.unlock,
        entries=described,
        direction=_direction(described),
        charts=draw_charts(entries, instrument),
        deletion=DeleteDiaryForm(formdata=None),
        code_form=code_form,
        min_length=MIN_CODE_LENGTH,
        passkey_form=passkey_form,
        passkeys=passkeys,
        passkey_requests=_as_fields(known),
        minutes=int(UNLOCKED_FOR.total_seconds() // 60),
        can_render_pdf=can_render_pdf(),
        instrument=instrument,
        reference=reference_of(instrument),
        wording=wording,
    )
    return page, _status(code_form.errors or passkey_form.errors)


def read_entries(opened: OpenDiary) -> list[Entry]:
    """The entries of an open diary, newest first; DiaryClosed when it is another diary by now."""
    with reading() as db:
        return actions.read(
            db,
            opened.private_key,
            person_id=signed_in().person_id,
            keys=services().keys,
            now=services().now(),
        )


def _holder() -> Holder:
    app_key: bytes = current_app.config["SECRET_KEY"]
    return Holder(app_key, signed_in().person_id, str(current_user.get_id()))


def _render_locked(
    form: OpenDiaryForm,
    deletion: DeleteDiaryForm,
    *,
    passkey_fault: str = "",
    has_closed: bool = False,
) -> str:
    with reading() as db:
        known = find_requests(db, signed_in().person_id)
    return render_template(
        "employee/diary_locked.html",
        form=form,
        deletion=deletion,
        passkey_fault=passkey_fault,
        passkey_requests=_as_fields(known),
        has_closed=has_closed,
        minutes=int(UNLOCKED_FOR.total_seconds() // 60),
    )


def _as_fields(known: list[PasskeyRequest]) -> list[dict[str, str]]:
    return [{"id": as_text(each.credential_id), "salt": as_text(each.salt)} for each in known]


def describe_all(newest_first: list[Entry]) -> list[tuple[Entry, list[ScaleResult]]]:
    """Each entry in words, each scale beside the last time that it was scored."""
    instrument, described = load_instrument(), []
    before: Scores = (NOT_SCORED,) * 3
    for entry in reversed(newest_first):
        described.append((entry, describe(instrument, entry.scores, before)))
        cs, bo, sts = (now or earlier for now, earlier in zip(entry.scores, before, strict=True))
        before = (cs, bo, sts)
    return described[::-1]


def _direction(described: list[tuple[Entry, list[ScaleResult]]]) -> Direction | None:
    """Whether the newest entry says that something became heavier, or else lighter."""
    found = {result.direction for result in described[0][1]} if described else set()
    return next((each for each in Direction if each in found), None)


def _status(errors: object) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
