"""Stands before every request: who is this, and may they be here."""

from http import HTTPStatus

from flask import Flask, abort, g, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from wellbeing.actions.sign_in import SignedIn, find_signed_in
from wellbeing.domain.roles import Role
from wellbeing.store.reach import Reach
from wellbeing.web.shared.carried import CHECKIN, find_carried, page_that_keeps
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.policy import POLICY, PUBLIC, can_open
from wellbeing.web.shared.services import services


class SignedInUser(UserMixin):  # type: ignore[misc]
    """The person as Flask-Login knows them: by the secret of their sign-in, never by their id."""

    def __init__(self, secret: str, who: SignedIn) -> None:
        self.id = secret
        self.who = who


def install_guard(app: Flask) -> None:
    """Looks the sign-in up at every request, so that ending it works at once; denies by default."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(_check_text)
    app.before_request(_check_may_open)


def current_roles() -> frozenset[Role]:
    """The roles of whoever asks; empty for a stranger."""
    return current_user.who.roles if current_user.is_authenticated else frozenset()


def settle_who_asks() -> None:
    """For the page of a fault: where looking the sign-in up is what failed, a stranger asks."""
    if not hasattr(g, "_login_user"):
        g._login_user = AnonymousUserMixin()


def _load(secret: str) -> SignedInUser | None:
    with services().database.reading(Reach.SIGN_IN) as session:
        who = find_signed_in(session, secret, now=services().now())
    return SignedInUser(secret, who) if who else None


def _check_text() -> None:
    # No text has a NUL in it, and PostgreSQL stops at one with an error of its own.
    fields = (*request.args.items(multi=True), *request.form.items(multi=True))
    if "\0" in request.path or any("\0" in value for _, value in fields):
        abort(HTTPStatus.BAD_REQUEST)


def _check_may_open() -> Response | str | None:
    endpoint = request.endpoint
    # No endpoint: no such address, and Flask answers 404 or 405 itself.
    if endpoint is None or POLICY.get(endpoint) is PUBLIC or can_open(endpoint, current_roles()):
        return None
    if endpoint not in POLICY or current_user.is_authenticated:
        abort(HTTPStatus.NOT_FOUND)
    if carried := find_carried():
        return page_that_keeps(carried, why=gettext("Please sign in again"))
    can_come_back = request.method == "GET" or endpoint == CHECKIN
    wanted = request.full_path.rstrip("?") if can_come_back else None
    return redirect(url_for("shared.sign_in", next=wanted))
