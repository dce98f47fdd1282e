"""Signing out at the provider, too: a page of ours, then the provider, then the sign-in page.

The page is needed because a form of ours may lead to no other host, not even by a redirect.
"""

import hmac
import secrets
from typing import cast
from urllib.parse import urlencode

from flask import current_app, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from wellbeing.actions.single_sign_on import came_from_provider
from wellbeing.single_sign_on.faults import ProviderDown
from wellbeing.web.shared import provider_cookies as cookies
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.leaving import end_sign_in
from wellbeing.web.shared.provider_door import find_door, find_provider
from wellbeing.web.shared.services import reading, services


def leaving_page() -> Response | None:
    """Signs out here and shows the way to the provider; None where the sign-in came from none."""
    door = find_door()
    if door is None or not _came_from_provider():
        return None
    end_sign_in()
    g.pop("csrf_token", None)
    page = render_template("shared/provider_leaving.html", door=door)
    response = cast(Response, current_app.make_response(page))
    cookies.keep_leaving(response, secrets.token_urlsafe(32))
    return response


@blueprint.get("/sign-in/provider/leave")
def provider_leave() -> Response:
    """On to the provider, for a browser that was just signed out here."""
    state, hint = cookies.find_leaving(), cookies.find_hint()
    address = _find_way_out() if state else ""
    if not address:
        return redirect(url_for("shared.sign_in", left="here" if state else None))
    settings = services().settings
    said = {
        "client_id": settings.oidc_client_id,
        "post_logout_redirect_uri": settings.base_url.rstrip("/") + url_for("shared.provider_left"),
        "state": state,
        "ui_locales": current_texts().locale,
        **({"id_token_hint": hint} if hint else {}),
    }
    response = redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(said)}")
    cookies.forget_hint(response)
    return response


@blueprint.get("/sign-in/provider/left")
def provider_left() -> Response:
    """Back from the provider: says that the session there is over, if this browser ended it."""
    known, state = cookies.find_leaving(), request.args.get("state", "")
    is_ours = bool(known) and hmac.compare_digest(known.encode(), state.encode())
    response = redirect(url_for("shared.sign_in", left="both" if is_ours else None))
    cookies.forget_leaving(response)
    return response


def _came_from_provider() -> bool:
    with reading() as db:
        return came_from_provider(db, current_user.id)


def _find_way_out() -> str:
    provider = find_provider()
    try:
        return provider.metadata().end_session_endpoint if provider else ""
    except ProviderDown:
        return ""
