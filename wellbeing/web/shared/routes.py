"""Pages for everyone: signing in and out, mailed links, language, privacy, stopping reminders."""

from http import HTTPStatus

from flask import abort, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from wellbeing import sms
from wellbeing.actions import sign_in as actions
from wellbeing.actions.reminders import stop_reminders as stop
from wellbeing.domain.errors import Refused, WellbeingError
from wellbeing.web.shared import (
    accessibility,
    code_pages,
    conversation,
    kiosk,
    leaving,
    machine_pages,
    provider_pages,
    security,
    security_factors,
    what_if,
)
from wellbeing.web.shared.addresses import local_address
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.carried import find_carried, going_on_page, page_that_keeps, sign_in_page
from wellbeing.web.shared.data_notice import current_notice, current_retention
from wellbeing.web.shared.demo_mail import newest_mail, newest_sms
from wellbeing.web.shared.forms import ForgotPasswordForm, SetPasswordForm, SignInForm
from wellbeing.web.shared.guard import round_of_code
from wellbeing.web.shared.half_sign_in import go_on_with, sign_in_rules, this_device
from wellbeing.web.shared.i18n import available_locales, gettext
from wellbeing.web.shared.leaving import end_sign_in, with_device_cleared
from wellbeing.web.shared.provider_door import has_own_ways_in
from wellbeing.web.shared.provider_leaving import leaving_page
from wellbeing.web.shared.rate_limits import (
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ADDRESS,
    LINKS_PER_ACCOUNT,
    LINKS_PER_ADDRESS,
    forget_failures,
    limiter,
    posted_account,
    was_refused,
)
from wellbeing.web.shared.second_factor import second_step
from wellbeing.web.shared.security_events import Way, note_failed_for
from wellbeing.web.shared.services import reading, services, writing
from wellbeing.web.shared.this_device import LANGUAGE_COOKIE, is_kiosk, remember

__all__ = [
    "accessibility",
    "blueprint",
    "code_pages",
    "conversation",
    "kiosk",
    "leaving",
    "machine_pages",
    "provider_pages",
    "security",
    "security_factors",
    "what_if",
]
Page = str | tuple[str, int] | Response


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(FAILURES_PER_ADDRESS, methods=["POST"], deduct_when=was_refused)
@limiter.limit(
    FAILURES_PER_ACCOUNT, key_func=posted_account, methods=["POST"], deduct_when=was_refused
)
def sign_in() -> Page:
    """The sign-in page."""
    form, carried = SignInForm(), find_carried()
    if carried and request.form.get("go") == "signed-in":
        return page_that_keeps(carried, why=gettext("You are not signed in yet"))
    if not (has_own_ways_in() and form.validate_on_submit()):
        return sign_in_page(form, carried)
    email, password = form.email.data or "", form.password.data or ""
    now = services().now()
    try:
        with writing() as db:
            begun = actions.sign_in(
                db, email, password, rules=sign_in_rules(), now=now, device=this_device()
            )
    except Refused as refusal:
        note_failed_for(email, Way.PASSWORD)
        form.password.errors = [refusal.in_words_of(gettext)]
        return sign_in_page(form, carried), HTTPStatus.UNPROCESSABLE_ENTITY
    who = go_on_with(begun, Way.PASSWORD)
    if who is None:
        return second_step(carried)
    if carried:
        return going_on_page(carried, who.person_id, why=gettext("You are signed in again"))
    return redirect(local_address(request.args.get("next")))


@blueprint.post("/sign-out")
def sign_out() -> Page:
    """Ends this browser's sign-in at once."""
    came_by_code = round_of_code() is not None
    if page := leaving_page():
        return with_device_cleared(page)
    end_sign_in()
    door = "shared.kiosk" if is_kiosk() else "shared.code" if came_by_code else "shared.sign_in"
    return with_device_cleared(redirect(url_for(door)))


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@limiter.limit(LINKS_PER_ADDRESS, methods=["POST"])
@limiter.limit(LINKS_PER_ACCOUNT, key_func=posted_account, methods=["POST"])
def forgot_password() -> Page:
    """Asks for a link; the answer is the same whether the address is known or not."""
    form = ForgotPasswordForm()
    if not has_own_ways_in():
        return redirect(url_for("shared.sign_in"))
    if not form.validate_on_submit():
        return render_template("shared/forgot_password.html", form=form)
    with writing() as db:
        actions.ask_for_link(db, form.email.data or "", now=services().now())
    return render_template("shared/link_sent.html")


@blueprint.route("/link/<secret>", methods=["GET", "POST"])
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=lambda r: r.status_code == HTTPStatus.GONE)
def set_password(secret: str) -> Page:
    """Where a mailed link leads: choosing a password, once."""
    form, now = SetPasswordForm(), services().now()
    if not has_own_ways_in():
        return redirect(url_for("shared.sign_in"))
    with reading() as db:
        link = actions.find_link(db, secret, now=now)
    if link is None:
        return render_template("shared/link_unusable.html"), HTTPStatus.GONE
    if not form.validate_on_submit():
        return _set_password_page(form, link.purpose.value)
    try:
        with writing() as db:
            password = form.password.data or ""
            words = (services().settings.organisation,)
            person_id = actions.set_password(db, secret, password, now=now, words=words)
            email = actions.find_email(db, person_id)
    except WellbeingError as fault:
        form.password.errors = [fault.in_words_of(gettext)]
        return _set_password_page(form, link.purpose.value), HTTPStatus.UNPROCESSABLE_ENTITY
    session.clear()
    forget_failures(email or "")
    return redirect(url_for("shared.sign_in", chosen=1))


@blueprint.post("/language")
def set_language() -> Page:
    """Changes the language of the pages, and of the person's mails when signed in."""
    locale = request.form.get("locale", "")
    if locale not in available_locales():
        abort(HTTPStatus.BAD_REQUEST)
    # Whoever comes with a code changes these pages, and nothing that is kept about the person.
    if current_user.is_authenticated and round_of_code() is None:
        with writing() as db:
            actions.set_language(db, current_user.who.person_id, locale)
    response = redirect(local_address(request.form.get("next")))
    remember(response, LANGUAGE_COOKIE, locale, days=365)
    return response


@blueprint.get("/privacy")
def privacy() -> Page:
    """What is stored, who sees what, and what is not promised."""
    return render_template(
        "shared/privacy.html", data_notice=current_notice(), retention=current_retention()
    )


@blueprint.route("/reminders/stop/<token>", methods=["GET", "POST"])
def stop_reminders(token: str) -> Page:
    """Stops reminders without signing in; a POST from a mail program does it in one click."""
    stopped = False
    if request.method == "POST":
        with writing() as db:
            stop(db, token, folder=services().settings.key_folder)
        stopped = True
    return render_template("shared/stop_reminders.html", stopped=stopped)


@blueprint.get("/demo/outbox")
def outbox() -> Page:
    """The mail that was sent; exists in the demo only."""
    settings = services().settings
    if not settings.demo:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "shared/outbox.html",
        messages=newest_mail(settings.data / "mail"),
        text_messages=newest_sms(settings.data / sms.FILE),
    )


def _set_password_page(form: SetPasswordForm, purpose: str) -> str:
    return render_template("shared/set_password.html", form=form, purpose=purpose)
