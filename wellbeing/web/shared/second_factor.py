"""The second step of signing in: a code or a passkey, or setting one up where it is needed.

Whoever is half signed in opens these pages and no others; without that they say what to do.
"""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from wellbeing.actions.authenticator import confirm_app
from wellbeing.actions.sign_in_recovery import make_recovery_codes
from wellbeing.actions.sign_in_steps import HalfSignIn
from wellbeing.domain.errors import Refused
from wellbeing.web.shared.addresses import local_address
from wellbeing.web.shared.attempts import count_attempt, forget_attempts
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.carried import Carried, find_carried, going_on_page, page_that_keeps
from wellbeing.web.shared.forms import NewAppForm, NewPasskeyForm, SecondFactorForm
from wellbeing.web.shared.half_sign_in import find_half, finish_half
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.own_factors import (
    in_groups,
    is_second_factor,
    new_app_picture,
    new_app_secret,
    recovery_key,
)
from wellbeing.web.shared.passkeys import is_own_passkey, keep_new_passkey
from wellbeing.web.shared.security_events import Way, note_failed
from wellbeing.web.shared.services import services, writing

Page = str | tuple[str, int] | Response


@blueprint.route("/sign-in/second", methods=["GET", "POST"])
def second_factor() -> Page:
    """Asks for the second factor."""
    half, form, carried = find_half(), SecondFactorForm(), find_carried()
    if half is None or not half.factors.any:
        return _too_late()
    if not form.validate_on_submit():
        return _second_page(half, form, carried)
    if not _is_shown(half, form):
        note_failed(Way.SECOND_FACTOR, person_id=half.person_id)
        return _second_page(half, form, carried), HTTPStatus.UNPROCESSABLE_ENTITY
    who = finish_half()
    if carried:
        return going_on_page(carried, who.person_id, why=gettext("You are signed in again"))
    return redirect(local_address(request.args.get("next")))


@blueprint.route("/sign-in/set-up", methods=["GET", "POST"])
def set_up_factor() -> Page:
    """Where a role needs a second factor and there is none: an app is set up, or a passkey."""
    half, form = find_half(), NewAppForm()
    if half is None or half.factors.any:
        return _too_late()
    if not form.validate_on_submit():
        return _set_up_page(half, form)
    count_attempt(half.person_id)
    now = services().now()
    try:
        with writing() as db:
            confirm_app(db, half.person_id, form.code.data or "", now=now)
    except Refused as refusal:
        form.code.errors = [refusal.in_words_of(gettext)]
        return _set_up_page(half, form), HTTPStatus.UNPROCESSABLE_ENTITY
    forget_attempts(half.person_id)
    return _finish_with_codes(half)


@blueprint.get("/sign-in/set-up.svg")
def set_up_picture() -> Page:
    """The QR code of the app that is being set up."""
    half = find_half()
    return _too_late() if half is None or half.factors.any else new_app_picture(half.person_id)


@blueprint.post("/sign-in/set-up/passkey")
def set_up_passkey() -> Page:
    """A first passkey instead of an app."""
    half, form = find_half(), NewPasskeyForm()
    if half is None or half.factors.any:
        return _too_late()
    try:
        keep_new_passkey(half.person_id, form.name.data or "")
    except Refused as refusal:
        form.name.errors = [refusal.in_words_of(gettext)]
        return _set_up_page(half, NewAppForm(formdata=None), form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _finish_with_codes(half)


def second_step(carried: Carried | None, *, wanted: str | None = None) -> Page:
    """Where somebody goes on whose password fitted, with what has to get through it."""
    half = find_half()
    if half is None:
        return _too_late()
    if carried is None:
        page = "shared.second_factor" if half.factors.any else "shared.set_up_factor"
        return redirect(url_for(page, next=wanted or request.args.get("next")))
    if half.factors.any:
        return _second_page(half, SecondFactorForm(formdata=None), carried)
    return _set_up_page(half, NewAppForm(formdata=None))


def _is_shown(half: HalfSignIn, form: SecondFactorForm) -> bool:
    if not form.answer.data:
        return is_second_factor(half.person_id, form)
    if is_own_passkey(half.person_id):
        return True
    form.answer.errors = [gettext("That passkey did not fit.")]
    return False


def _finish_with_codes(half: HalfSignIn) -> Page:
    who = finish_half()
    with writing() as db:
        codes = make_recovery_codes(
            db, half.person_id, key=recovery_key(), now=services().now(), is_first=True
        )
    carried = find_carried()
    kept = carried if carried and carried.belongs_to(who.person_id) else None
    return render_template(
        "shared/recovery_codes.html",
        codes=codes,
        carried=kept,
        go_on=local_address(request.args.get("next")),
    )


def _second_page(half: HalfSignIn, form: SecondFactorForm, carried: Carried | None) -> str:
    return render_template("shared/second_factor.html", form=form, half=half, carried=carried)


def _set_up_page(
    half: HalfSignIn, form: NewAppForm, passkey_form: NewPasskeyForm | None = None
) -> str:
    return render_template(
        "shared/set_up_factor.html",
        form=form,
        passkey_form=passkey_form or NewPasskeyForm(formdata=None),
        secret=in_groups(new_app_secret(half.person_id)),
        carried=find_carried(),
    )


def _too_late() -> Page:
    if carried := find_carried():
        return page_that_keeps(carried, why=gettext("Please sign in again")), HTTPStatus.GONE
    return render_template("shared/too_late.html"), HTTPStatus.GONE
