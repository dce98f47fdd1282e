"""A browser for tests: signed in as one of the cast, it checks every page it is shown."""

import re
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.page_checks import check_page_once

_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Shown:
    """An answer of the service."""

    response: TestResponse

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def headers(self) -> Any:
        """The headers, by name."""
        return self.response.headers

    @property
    def location(self) -> str:
        """Where a redirect leads, "" when it is none."""
        return self.response.headers.get("Location", "")

    @property
    def is_html(self) -> bool:
        """Whether this is a page."""
        return self.response.mimetype == "text/html"

    @cached_property
    def html(self) -> str:
        """The body as it was sent."""
        return self.response.get_data(as_text=True)

    @cached_property
    def text(self) -> str:
        """The words of the body without tags, spaces squeezed."""
        return " ".join(unescape(_TAG.sub(" ", self.html)).split())


class Browser:
    """Visits pages of an app; `get` and `post` insist on the status expected."""

    def __init__(self, app: Flask, *, base_url: str = "http://localhost") -> None:
        self.client = app.test_client()
        self.base_url = base_url
        self._token = ("", "")

    def get(self, path: str, status: int = 200, **options: Any) -> Shown:
        """Fetches a page; an HTML page has to pass the checks of the house."""
        return self._show(self.client.get(path, base_url=self.base_url, **options), status, path)

    def post(
        self, path: str, data: dict[str, Any] | None = None, status: int = 302, **options: Any
    ) -> Shown:
        """Sends a form as it would be sent from a page, with the token of a page fetched now."""
        fields = {"csrf_token": self.fetch_token(), **(data or {})}
        return self.post_as_is(path, fields, status, **options)

    def post_as_is(
        self, path: str, data: dict[str, Any] | None = None, status: int = 302, **options: Any
    ) -> Shown:
        """Sends exactly these fields: no token unless it is among them."""
        answer = self.client.post(path, data=data or {}, base_url=self.base_url, **options)
        return self._show(answer, status, path)

    def fetch_token(self) -> str:
        """A token out of a page that everybody can open; the same as long as the cookie is."""
        if not self._cookie() or self._token[0] != self._cookie():
            found = _TOKEN.search(self.get("/privacy").html)
            assert found, "no page gave a token"
            self._token = (self._cookie(), found[1])
        return self._token[1]

    def _cookie(self) -> str:
        name = self.client.application.config["SESSION_COOKIE_NAME"]
        cookie = self.client.get_cookie(name, domain=urlsplit(self.base_url).hostname or "")
        return cookie.value if cookie else ""

    def sign_in_with(self, secret: str) -> None:
        """Carries this secret of a sign-in from now on, as after the sign-in page."""
        with self.client.session_transaction(base_url=self.base_url) as cookie:
            cookie["_user_id"] = secret
            cookie["_fresh"] = True

    def _show(self, response: TestResponse, status: int, path: str) -> Shown:
        shown = Shown(response)
        response.get_data()
        response.close()
        assert shown.status == status, f"{path}: {shown.status}, not {status}: {shown.text[:400]}"
        if shown.is_html and not shown.location:
            assert check_page_once(shown.html) == [], path
        return shown
