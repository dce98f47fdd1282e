"""Bounded HTTP to the provider: short waits, small answers, no redirects, nothing but HTTPS."""

import time
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException

from wellbeing.single_sign_on.faults import ProviderDown

_CONNECT_SECONDS, _READ_SECONDS, _WHOLE_SECONDS = 3, 5, 8
_MOST_BYTES = 512 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class BoundedAdapter(HTTPAdapter):
    """Reads each answer whole, within a size and a time, whatever the caller asked for."""

    def send(self, request: PreparedRequest, *_args: Any, **options: Any) -> Response:
        """The answer with its body read; ProviderDown when it is too large or too slow."""
        if not is_safe_address(request.url or ""):
            raise ProviderDown("The sign-in provider names an address that is not encrypted.")
        options |= {"timeout": (_CONNECT_SECONDS, _READ_SECONDS), "stream": True}
        deadline = time.monotonic() + _WHOLE_SECONDS
        response = super().send(request, **options)
        if response.is_redirect:
            response.close()
            raise ProviderDown("The sign-in provider sends us elsewhere.")
        response._content = _read(response, deadline)
        response._content_consumed = True  # type: ignore[attr-defined]
        return response


def bound(session: Session) -> None:
    """From now on this session keeps to the bounds, and sends no password of the machine's."""
    session.auth = lambda request: request  # else the file .netrc is looked into
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter())


def get_json(address: str, *, token: str = "") -> dict[str, Any]:
    """The JSON object at an address of the provider; ProviderDown when there is none."""
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with Session() as session:
        bound(session)
        try:
            response = session.get(address, headers=headers)
            response.raise_for_status()
            found = response.json()
        except (RequestException, ValueError, RecursionError):
            raise ProviderDown("The sign-in provider does not answer.") from None
    if not isinstance(found, dict):
        raise ProviderDown("The sign-in provider does not answer as it should.")
    return found


def is_safe_address(address: str) -> bool:
    """Whether an address is encrypted, or one of this very machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    on_this_machine = parts.scheme == "http" and host in _LOOPBACK
    return bool(host) and not parts.username and (parts.scheme == "https" or on_this_machine)


def _read(response: Response, deadline: float) -> bytes:
    body = b""
    for part in response.iter_content(16 * 1024):
        body += part
        if len(body) > _MOST_BYTES or time.monotonic() > deadline:
            response.close()
            raise ProviderDown("The sign-in provider answers too much or too slowly.")
    return body
