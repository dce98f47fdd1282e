"""What a device remembers: whether it is a shared screen, and its language. Neither is a secret."""

from datetime import timedelta

from flask import has_request_context, request, url_for
from werkzeug.wrappers import Response

from wellbeing.web.shared.services import services

KIOSK_COOKIE = "kiosk"
LANGUAGE_COOKIE = "locale"


def is_kiosk() -> bool:
    """Whether this is a shared screen, which keeps nothing of anybody."""
    return has_request_context() and recall(KIOSK_COOKIE) == "1"


def exit_address(usual: str) -> str:
    """Where “Leave quickly” leads: a shared screen stays with us."""
    return url_for("shared.kiosk") if is_kiosk() else usual


def recall(name: str) -> str | None:
    """What the device remembers under this name."""
    return request.cookies.get(_full_name(name))


def remember(response: Response, name: str, value: str, *, days: int) -> None:
    """Has the device remember it for so many days; no script and no other site can read it."""
    response.set_cookie(
        _full_name(name),
        value,
        max_age=timedelta(days=days),
        secure=services().settings.is_https,
        httponly=True,
        samesite="Lax",
    )


def forget(response: Response, name: str) -> None:
    """Has the device forget it."""
    response.delete_cookie(
        _full_name(name), secure=services().settings.is_https, httponly=True, samesite="Lax"
    )


def _full_name(name: str) -> str:
    # Browsers take a name with this beginning from this very host only, and encrypted.
    return f"__Host-{name}" if services().settings.is_https else name
