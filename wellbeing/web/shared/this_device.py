"""Whether the device that asks is a shared screen: a cookie says so, which is no secret."""

from flask import has_request_context, request, url_for

KIOSK_COOKIE = "kiosk"


def is_kiosk() -> bool:
    """Whether this is a shared screen, which keeps nothing of anybody."""
    return has_request_context() and request.cookies.get(KIOSK_COOKIE) == "1"


def exit_address(usual: str) -> str:
    """Where “Leave quickly” leads: a shared screen stays with us."""
    return url_for("shared.kiosk") if is_kiosk() else usual
