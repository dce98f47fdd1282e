"""Stands before every request: who is this, and may they be here."""

from http import HTTPStatus
from uuid import UUID

from flask import Flask, abort, g, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user
from werkzeug.wrappers import Response

from wellbeing.actions.codes import KIOSK_IDLE, keep_open
from wellbeing.actions.sign_in import SignedIn, find_signed_in, sign_out
from wellbeing.domain.roles import Role
from wellbeing.store.reach import Reach
from wellbeing.web.shared.activity import note_activity, was_idle
from wellbeing.web.shared.carried import CHECKIN, find_carried, page_that_keeps
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.policy import POLICY, PUBLIC, can_open, opens_by_code
from wellbeing.web.shared.services import services
from wellbeing.web.shared.this_device import is_kiosk


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


def round_of_code() -> UUID | None:
    """The round whose one-time code this browser came in with; None for everybody else."""
    return current_user.who.round_id if current_user.is_authenticated else None


def begin_session(secret: str, who: SignedIn) -> None:
    """This browser is signed in from now on, and was nobody before."""
    forget_browser()
    note_activity(services().now())
    login_user(SignedInUser(secret, who))


def forget_browser() -> None:
    """Whoever this browser was signed in as is signed out, and its cookie begins anew."""
    if current_user.is_authenticated:
        _end(current_user.id)
    session.clear()
    # A token made earlier in this request belongs to the session just ended: a page shown now, and
    # not after a redirect, needs a new one.
    g.pop("csrf_token", None)


def settle_who_asks() -> None:
    """For the page of a fault: where looking the sign-in up is what failed, a stranger asks."""
    if not hasattr(g, "_login_user"):
        g._login_user = AnonymousUserMixin()


def _load(secret: str) -> SignedInUser | None:
    now = services().now()
    with services().database.reading(Reach.SIGN_IN) as db:
        who = find_signed_in(db, secret, now=now)
    if who is None:
        return None
    if who.round_id is None:  # a sign-in by code is short anyway
        if was_idle(now):
            _end(secret)
            return None
        note_activity(now)
    return SignedInUser(secret, who)


def _end(secret: str) -> None:
    with services().database.writing(Reach.SIGN_IN) as db:
        sign_out(db, secret)


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
    if round_id := round_of_code():
        return _check_opened_by_code(endpoint, round_id)
    if endpoint not in POLICY or current_user.is_authenticated:
        abort(HTTPStatus.NOT_FOUND)
    if is_kiosk():
        return redirect(url_for("shared.kiosk"))
    if carried := find_carried():
        return page_that_keeps(carried, why=gettext("Please sign in again"))
    can_come_back = request.method == "GET" or endpoint == CHECKIN
    wanted = request.full_path.rstrip("?") if can_come_back else None
    return redirect(url_for("shared.sign_in", next=wanted))


def _check_opened_by_code(endpoint: str, round_id: UUID) -> Response | None:
    if endpoint == "employee.home":
        return redirect(f"{request.script_root}/check-in/{round_id}")
    if not opens_by_code(endpoint, (request.view_args or {}).get("round_id"), round_id):
        abort(HTTPStatus.NOT_FOUND)
    if is_kiosk():
        with services().database.writing(Reach.SIGN_IN) as db:
            keep_open(db, current_user.id, idle=KIOSK_IDLE, now=services().now())
    return None
