"""A shared screen: it asks for a code, and forgets each person after a minute without a touch.

A cookie marks the device. Everything is cleared by asking for the start page, which anybody may do;
the sign-in ends by itself, too, where the screen has no scripts or no connection.
"""

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from wellbeing.texts import available_locales, translations_for
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.forms import CodeForm
from wellbeing.web.shared.leaving import end_sign_in, with_device_cleared
from wellbeing.web.shared.services import services
from wellbeing.web.shared.this_device import (
    KIOSK_COOKIE,
    LANGUAGE_COOKIE,
    forget,
    is_kiosk,
    remember,
)

_COOKIE_DAYS = 400  # the most that browsers allow; every person's start renews it


@dataclass(frozen=True, slots=True)
class Welcome:
    """The start page in one language; the reader's is not known yet."""

    locale: str
    title: str
    label: str
    about: str
    button: str
    fault: str


@blueprint.route("/kiosk", methods=["GET", "POST"])
def kiosk() -> Response | str:
    """The start page of a shared screen, which ends whatever was going on; marks the device."""
    if request.method == "POST":
        return _mark(is_on=request.form.get("go") == "start")
    if not is_kiosk() or "stop" in request.args:
        return render_template("shared/kiosk_device.html", is_on=is_kiosk())
    end_sign_in()
    g.pop("csrf_token", None)
    response = Response(start_page(CodeForm(formdata=None)), mimetype="text/html")
    remember(response, KIOSK_COOKIE, "1", days=_COOKIE_DAYS)
    forget(response, LANGUAGE_COOKIE)
    return with_device_cleared(response)


def start_page(form: CodeForm, *, is_refused: bool = False) -> str:
    """The code field, in every language at once."""
    return render_template(
        "shared/kiosk.html", form=form, welcomes=_say_welcome(), is_refused=is_refused
    )


def _mark(*, is_on: bool) -> Response:
    end_sign_in()
    response = redirect(url_for("shared.kiosk" if is_on else "shared.code"))
    if is_on:
        remember(response, KIOSK_COOKIE, "1", days=_COOKIE_DAYS)
    else:
        forget(response, KIOSK_COOKIE)
    return response


def _say_welcome() -> list[Welcome]:
    first = services().settings.default_language
    locales = sorted(available_locales(), key=lambda locale: (locale != first, locale))
    return [_welcome_in(locale) for locale in locales]


def _welcome_in(locale: str) -> Welcome:
    texts = translations_for(locale)
    return Welcome(
        locale=locale,
        title=texts.gettext("Welcome to your check-in"),
        label=texts.gettext("Your code"),
        about=texts.gettext(
            "It is in your letter or on your card. This screen clears itself when you are done, and"
            " after a minute without a touch."
        ),
        button=texts.gettext("Begin"),
        fault=texts.gettext("That code does not open a check-in."),
    )
