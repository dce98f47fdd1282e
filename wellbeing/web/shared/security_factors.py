"""The second factor on one's own page: app, passkeys and recovery codes, set up and taken away."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from wellbeing.actions.authenticator import confirm_app, remove_app
from wellbeing.actions.second_factor import settle_after_removal
from wellbeing.actions.sign_in_passkeys import remove_passkey as remove_passkey_of
from wellbeing.actions.sign_in_passkeys import rename_passkey as rename_passkey_of
from wellbeing.actions.sign_in_recovery import count_recovery_codes, make_recovery_codes
from wellbeing.actions.sign_in_steps import find_factors
from wellbeing.domain.errors import Refused
from wellbeing.web.shared.attempts import count_attempt, forget_attempts
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.confirming import ask_again
from wellbeing.web.shared.forms import NewAppForm, NewPasskeyForm
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.own_factors import (
    in_groups,
    new_app_picture,
    new_app_secret,
    recovery_key,
)
from wellbeing.web.shared.passkeys import keep_new_passkey
from wellbeing.web.shared.security import security_page
from wellbeing.web.shared.services import services, signed_in, writing

Page = str | tuple[str, int] | Response


@blueprint.route("/me/security/app", methods=["GET", "POST"])
@ask_again
def new_app() -> Page:
    """An app that shows six digits: its QR code, and the first code it shows."""
    form, person_id, now = NewAppForm(), signed_in().person_id, services().now()
    if form.validate_on_submit():
        count_attempt(person_id)
        try:
            with writing() as db:
                confirm_app(db, person_id, form.code.data or "", now=now)
        except Refused as refusal:
            form.code.errors = [refusal.in_words_of(gettext)]
        else:
            forget_attempts(person_id)
            return _added()
    page = render_template(
        "shared/new_app.html", form=form, secret=in_groups(new_app_secret(person_id))
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.get("/me/security/app.svg")
@ask_again
def new_app_qr() -> Page:
    """The QR code of the app that is being set up."""
    return new_app_picture(signed_in().person_id)


@blueprint.post("/me/security/app/remove")
@ask_again
def remove_own_app() -> Page:
    """Takes the app away."""
    person_id = signed_in().person_id
    with writing() as db:
        remove_app(db, person_id, now=services().now())
        settle_after_removal(db, person_id, roles=services().settings.required_second_factor)
    flash(gettext("The authenticator app is removed."), "kind")
    return redirect(url_for("shared.security"))


@blueprint.post("/me/security/codes")
@ask_again
def renew_recovery_codes() -> Page:
    """Ten new recovery codes, shown once; those there were work no more."""
    person_id, now = signed_in().person_id, services().now()
    with writing() as db:
        if not find_factors(db, person_id).any:
            raise Refused("Recovery codes stand for a second factor. Set one up first.")
        codes = make_recovery_codes(db, person_id, key=recovery_key(), now=now)
    return _codes_page(codes)


@blueprint.post("/me/security/passkeys")
@ask_again
def add_own_passkey() -> Page:
    """One more passkey."""
    form = NewPasskeyForm()
    try:
        keep_new_passkey(signed_in().person_id, form.name.data or "")
    except Refused as refusal:
        form.name.errors = [refusal.in_words_of(gettext)]
        return security_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _added()


@blueprint.post("/me/security/passkeys/<uuid:passkey_id>/rename")
def rename_own_passkey(passkey_id: UUID) -> Page:
    """Another name for one of my passkeys; an empty one changes nothing."""
    name = request.form.get("new_name", "").strip()
    if name:
        with writing() as db:
            rename_passkey_of(db, signed_in().person_id, passkey_id, name)
    return redirect(url_for("shared.security"))


@blueprint.post("/me/security/passkeys/<uuid:passkey_id>/remove")
@ask_again
def remove_own_passkey(passkey_id: UUID) -> Page:
    """Takes one of my passkeys away."""
    person_id = signed_in().person_id
    with writing() as db:
        remove_passkey_of(db, person_id, passkey_id, now=services().now())
        settle_after_removal(db, person_id, roles=services().settings.required_second_factor)
    flash(gettext("The passkey is removed. Remove it on your device, too."), "kind")
    return redirect(url_for("shared.security"))


def _added() -> Page:
    """After a first second factor its recovery codes are shown; after a further one, the page."""
    person_id, now = signed_in().person_id, services().now()
    with writing() as db:
        codes: tuple[str, ...] = ()
        if count_recovery_codes(db, person_id) == 0:
            codes = make_recovery_codes(db, person_id, key=recovery_key(), now=now, is_first=True)
    if codes:
        return _codes_page(codes)
    flash(gettext("Saved. From now on you can sign in with it."), "kind")
    return redirect(url_for("shared.security"))


def _codes_page(codes: tuple[str, ...]) -> str:
    go_on = url_for("shared.security")
    return render_template("shared/recovery_codes.html", codes=codes, carried=None, go_on=go_on)
