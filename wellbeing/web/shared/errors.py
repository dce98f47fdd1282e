"""Error pages that say what happened and what to do, in the reader's language."""

from http import HTTPStatus

from flask import Flask, current_app, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from wellbeing.domain.errors import Missing, Refused, UnfitKeys, WellbeingError
from wellbeing.web.shared.carried import find_carried, page_that_keeps
from wellbeing.web.shared.guard import settle_who_asks
from wellbeing.web.shared.i18n import _, gettext

_WORDS = {
    HTTPStatus.BAD_REQUEST: (
        _("That could not be understood"),
        _("Something was missing from what your browser sent."),
        _("Go back, load the page again and try once more."),
    ),
    HTTPStatus.NOT_FOUND: (
        _("There is nothing here"),
        _("The page does not exist, or it is not for you."),
        _("Go to the front page and find your way from there."),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        _("That does not work here"),
        _("This page cannot be used in that way."),
        _("Go to the front page and find your way from there."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        _("That is too much at once"),
        _("What your browser sent is larger than this page takes."),
        _("Go back and send less."),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        _("Let us take a short break"),
        _("There have been many attempts in a short time."),
        _("Wait an hour and try again."),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        _("Something went wrong on our side"),
        _("Nothing was lost that had been confirmed to you."),
        _("Try again in a moment. If it goes on, tell your administrator when it happened."),
    ),
}


def install_error_pages(app: Flask) -> None:
    """One page for every fault; a fault of ours is said in one sentence of its own."""
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(WellbeingError, _our_error)


def _page(status: int, words: tuple[object, object, object]) -> tuple[str, int]:
    title, message, what_to_do = words
    page = render_template("shared/error.html", title=title, message=message, what_to_do=what_to_do)
    return page, status


def _http_error(error: HTTPException) -> tuple[str, int]:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.FORBIDDEN:
        status = HTTPStatus.NOT_FOUND
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        settle_who_asks()
    if status == HTTPStatus.TOO_MANY_REQUESTS and (carried := find_carried()):
        return page_that_keeps(carried, why=_("Wait an hour and try again.")), status
    known = HTTPStatus(status) if status in _WORDS else HTTPStatus.BAD_REQUEST
    return _page(status, _WORDS[known])


def _expired_form(_error: CSRFError) -> tuple[str, int]:
    if carried := find_carried():
        if request.form.get("go") == "signed-in" and current_user.is_authenticated:
            # In another window, which made the token of this one old.
            return page_that_keeps(carried, why=_("You are signed in again")), HTTPStatus.OK
        page = page_that_keeps(carried, why=_("The page had been open for too long"))
        return page, HTTPStatus.BAD_REQUEST
    words = (
        _("The page had been open for too long"),
        _("Nothing was sent."),
        _("Go back, load the page again and send it once more."),
    )
    return _page(HTTPStatus.BAD_REQUEST, words)


def _our_error(error: WellbeingError) -> tuple[str, int]:
    if isinstance(error, UnfitKeys):
        # Which key file is wrong is for whoever runs the service, not for whoever reads a page.
        current_app.logger.error("%s", error)
        return _http_error(InternalServerError())
    if isinstance(error, Missing):
        return _page(HTTPStatus.NOT_FOUND, _WORDS[HTTPStatus.NOT_FOUND])
    status = HTTPStatus.CONFLICT if isinstance(error, Refused) else HTTPStatus.BAD_REQUEST
    words = (
        _("That cannot be done now"),
        error.in_words_of(gettext),
        _("Go to the front page and find your way from there."),
    )
    return _page(status, words)
