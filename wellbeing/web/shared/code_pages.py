"""One-time codes at the door: typed in, or in the address of a QR code.

Looking at the address uses nothing up: mail programs and cameras look ahead. Pressing the button
signs in, to the check-in of one round and to nothing else.
"""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from wellbeing.actions import codes as actions
from wellbeing.actions.sign_in import find_signed_in
from wellbeing.crypto.codes import LONGEST_TYPED, read_code, show_code
from wellbeing.domain.errors import Refused
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.code_limits import limit_codes, note_wrong_code
from wellbeing.web.shared.forms import CodeForm
from wellbeing.web.shared.guard import begin_session
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.kiosk import start_page
from wellbeing.web.shared.security_events import Way, note_failed, note_signed_in
from wellbeing.web.shared.services import services, writing
from wellbeing.web.shared.this_device import is_kiosk

Page = str | tuple[str, int] | Response


@blueprint.route("/code", methods=["GET", "POST"])
@limit_codes
def code() -> Page:
    """The code field; a code that does not fit is answered in one way, whatever is wrong."""
    form = CodeForm()
    if not form.validate_on_submit():
        if request.method == "GET" and is_kiosk():
            return redirect(url_for("shared.kiosk"))
        return _page(form)
    try:
        if request.form.get("go") == "stop":
            return _stop_reminders(form.code.data or "")
        return _open(form.code.data or "")
    except Refused as refusal:
        note_wrong_code()
        note_failed(Way.CODE)
        form.code.errors = [refusal.in_words_of(gettext)]
        return _page(form)


@blueprint.get("/code/<typed>")
def code_link(typed: str) -> Page:
    """Where a QR code or a text message leads: the same page with the code filled in."""
    return _page(CodeForm(formdata=None, code=show_code(read_code(typed[:LONGEST_TYPED]))))


def _open(typed: str) -> Page:
    now, (key, *older) = services().now(), services().app_keys
    life = actions.KIOSK_IDLE if is_kiosk() else actions.SESSION_LIFE
    with writing() as db:
        opened = actions.open_with_code(
            db, typed, app_key=key, older_keys=older, now=now, life=life
        )
        who = find_signed_in(db, opened.secret, now=now)
    assert who is not None
    begin_session(opened.secret, who)
    note_signed_in(who, Way.CODE, second_factor=False)
    return redirect(f"{request.script_root}/check-in/{opened.round_id}")


def _stop_reminders(typed: str) -> Page:
    key, *older = services().app_keys
    with writing() as db:
        actions.stop_reminders_by_code(
            db, typed, app_key=key, older_keys=older, now=services().now()
        )
    return render_template("shared/code_reminders.html")


def _page(form: CodeForm) -> Page:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    if is_kiosk():
        return start_page(form, is_refused=bool(form.errors)), status
    return render_template("shared/code.html", form=form), status
