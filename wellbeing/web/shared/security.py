"""Sign-in and security: where somebody is signed in, and with what; their own page only."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from wellbeing.actions.own_sign_ins import end_sign_in, end_sign_ins, find_sign_ins
from wellbeing.actions.passwords import change_password as change
from wellbeing.actions.passwords import has_password, is_own_password
from wellbeing.actions.sign_in_passkeys import MAX_PASSKEYS, find_passkeys
from wellbeing.actions.sign_in_recovery import count_recovery_codes
from wellbeing.actions.sign_in_steps import Factors, find_factors
from wellbeing.domain.errors import WellbeingError
from wellbeing.web.shared.attempts import count_attempt, forget_attempts
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.confirming import CONFIRMED_FOR, ask_again, is_confirmed, note_confirmed
from wellbeing.web.shared.forms import ChangePasswordForm, ConfirmForm, NewPasskeyForm
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.leaving import with_device_cleared
from wellbeing.web.shared.own_factors import is_second_factor
from wellbeing.web.shared.passkeys import is_own_passkey
from wellbeing.web.shared.provider_door import has_own_ways_in
from wellbeing.web.shared.security_events import Way, note_failed, note_signed_in
from wellbeing.web.shared.services import reading, services, signed_in, writing

Page = str | tuple[str, int] | Response


@blueprint.get("/me/security")
def security() -> Page:
    """Where I am signed in, and what I sign in with."""
    return security_page(NewPasskeyForm(formdata=None))


def security_page(passkey_form: NewPasskeyForm) -> str:
    """The page, with what was wrong about a new passkey."""
    who, now = signed_in(), services().now()
    with reading() as db:
        return render_template(
            "shared/security.html",
            sign_ins=find_sign_ins(db, who.person_id, now=now),
            this_one=who.sign_in_id,
            factors=find_factors(db, who.person_id),
            has_password=has_own_ways_in() and has_password(db, who.person_id),
            passkeys=find_passkeys(db, who.person_id),
            codes_left=count_recovery_codes(db, who.person_id),
            can_have_passkeys=bool(services().settings.passkey_domain),
            most_passkeys=MAX_PASSKEYS,
            is_confirmed=is_confirmed(),
            passkey_form=passkey_form,
        )


@blueprint.post("/me/security/sign-ins/<uuid:sign_in_id>/end")
def end_one_sign_in(sign_in_id: UUID) -> Page:
    """Signs one of my browsers out at once; this one, if it is that."""
    who = signed_in()
    if sign_in_id != who.sign_in_id and not is_confirmed():
        return redirect(url_for("shared.confirm"))
    with writing() as db:
        end_sign_in(db, who.person_id, sign_in_id, now=services().now())
    if sign_in_id == who.sign_in_id:
        return _signed_out()
    flash(gettext("That browser is signed out."), "kind")
    return redirect(url_for("shared.security"))


@blueprint.post("/me/security/sign-ins/end-others")
@ask_again
def end_other_sign_ins() -> Page:
    """Signs all my other browsers out at once."""
    who = signed_in()
    with writing() as db:
        end_sign_ins(db, who.person_id, but=who.sign_in_id, now=services().now())
    flash(gettext("You are now signed in here only."), "kind")
    return redirect(url_for("shared.security"))


@blueprint.post("/me/security/sign-ins/end-all")
@ask_again
def end_all_sign_ins() -> Page:
    """Signs all my browsers out at once, this one too."""
    with writing() as db:
        end_sign_ins(db, signed_in().person_id, now=services().now())
    return _signed_out()


@blueprint.route("/me/security/confirm", methods=["GET", "POST"])
def confirm() -> Page:
    """Asks once more who is there: the second factor, or the password of who has none."""
    form, who = ConfirmForm(), signed_in()
    with reading() as db:
        factors = find_factors(db, who.person_id)
        knows_password = has_password(db, who.person_id)
    if form.validate_on_submit():
        if _is_it_me(form, factors):
            note_confirmed()
            note_signed_in(who, Way.AGAIN, second_factor=factors.any)
            return redirect(url_for("shared.security"))
        note_failed(Way.AGAIN, person_id=who.person_id)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template(
        "shared/confirm.html",
        form=form,
        factors=factors,
        has_password=knows_password,
        minutes=int(CONFIRMED_FOR.total_seconds()) // 60,
    )
    return page, status


@blueprint.route("/me/security/password", methods=["GET", "POST"])
def change_password() -> Page:
    """A new password in the place of the present one; all other browsers are signed out."""
    form, who, now = ChangePasswordForm(), signed_in(), services().now()
    if not has_own_ways_in():
        return redirect(url_for("shared.security"))
    with reading() as db:
        if find_factors(db, who.person_id).any and not is_confirmed():
            return redirect(url_for("shared.confirm"))
    if not form.validate_on_submit():
        return render_template("shared/change_password.html", form=form)
    count_attempt(who.person_id)
    words, present = (services().settings.organisation,), form.present.data or ""
    try:
        with writing() as db:
            if not is_own_password(db, who.person_id, present):
                form.present.errors = [gettext("That is not your present password.")]
            else:
                new = form.password.data or ""
                change(db, who.person_id, present, new, now=now, words=words)
                end_sign_ins(db, who.person_id, but=who.sign_in_id, now=now)
    except WellbeingError as fault:
        form.password.errors = [fault.in_words_of(gettext)]
    if form.errors:
        if form.present.errors:
            note_failed(Way.AGAIN, person_id=who.person_id)
        page = render_template("shared/change_password.html", form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    forget_attempts(who.person_id)
    note_confirmed()
    flash(gettext("Your new password is saved. Other browsers are signed out."), "kind")
    return redirect(url_for("shared.security"))


def _is_it_me(form: ConfirmForm, factors: Factors) -> bool:
    person_id = signed_in().person_id
    if factors.any and not form.answer.data:
        return is_second_factor(person_id, form)
    if factors.any:
        if is_own_passkey(person_id):
            return True
        form.answer.errors = [gettext("That passkey did not fit.")]
        return False
    count_attempt(person_id)
    with reading() as db:
        fits = is_own_password(db, person_id, form.password.data or "")
    if fits:
        forget_attempts(person_id)
    else:
        form.password.errors = [gettext("That is not your present password.")]
    return fits


def _signed_out() -> Page:
    session.clear()
    return with_device_cleared(redirect(url_for("shared.sign_in")))
