"""The cookies of a sign-in through the provider, sealed: one for each that has begun, so that two
windows do not disturb each other, and one that names the session when it is to end there.
"""

import hmac
from datetime import timedelta
from hashlib import sha256

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from wellbeing.crypto.browser_secrets import open_from_browser, seal_for_browser
from wellbeing.single_sign_on.signing_in import Begun
from wellbeing.web.shared.services import services

BEGUN_LIFE = timedelta(minutes=10)
_LEAVING_LIFE = timedelta(minutes=10)
_LONGEST = 3800  # browsers keep 4096 bytes of a cookie, its name included


def keep_begun(response: Response, begun: Begun, wanted: str) -> None:
    """Ties a sign-in that has begun to this browser."""
    _keep(response, _name_of(begun.state), {**begun.to_dict(), "next": wanted}, BEGUN_LIFE)


def find_begun(state: str) -> tuple[Begun, str] | None:
    """The sign-in of this state that this browser began, and where it leads."""
    kept = _find(_name_of(state))
    if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
        return None
    wanted = kept.pop("next")
    return Begun(**kept), wanted


def forget_begun(response: Response, state: str) -> None:
    """A sign-in is ended once."""
    _forget(response, _name_of(state))


def keep_hint(response: Response, id_token: str) -> None:
    """The token that lets the provider end this session without asking; not if it is too long."""
    life = timedelta(hours=services().settings.session_hours)
    _keep(response, "hint", {"id_token": id_token}, life)


def find_hint() -> str:
    """The token kept at sign-in, or ""."""
    return (_find("hint") or {}).get("id_token", "")


def keep_leaving(response: Response, state: str) -> None:
    """This browser was signed out here, and is on its way to be signed out there."""
    _keep(response, "leaving", {"state": state}, _LEAVING_LIFE)


def find_leaving() -> str:
    """The state this browser is on its way with, or ""."""
    return (_find("leaving") or {}).get("state", "")


def forget_hint(response: Response) -> None:
    """The token has done its duty."""
    _forget(response, "hint")


def forget_leaving(response: Response) -> None:
    """The way out is behind us."""
    _forget(response, "leaving")


def _keep(response: Response, name: str, values: dict[str, str], life: timedelta) -> None:
    until = services().now() + life
    sealed = seal_for_browser(values, current_app.config["SECRET_KEY"], use=name, until=until)
    if len(sealed) > _LONGEST:
        return
    response.set_cookie(
        _cookie(name),
        sealed,
        max_age=life,
        path=_path(),
        secure=services().settings.is_https,
        httponly=True,
        samesite="Lax",
    )


def _find(name: str) -> dict[str, str] | None:
    sealed = request.cookies.get(_cookie(name), "")
    key = current_app.config["SECRET_KEY"]
    return open_from_browser(sealed, key, use=name, now=services().now()) if sealed else None


def _forget(response: Response, name: str) -> None:
    response.delete_cookie(
        _cookie(name),
        path=_path(),
        secure=services().settings.is_https,
        httponly=True,
        samesite="Lax",
    )


def _name_of(state: str) -> str:
    return f"begun-{sha256(state.encode()).hexdigest()[:16]}"


def _cookie(name: str) -> str:
    prefix = "__Secure-" if services().settings.is_https else ""
    return f"{prefix}wellbeing-{name}"


def _path() -> str:
    return url_for("shared.provider")
