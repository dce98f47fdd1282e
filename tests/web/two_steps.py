"""Signing in in two steps, as tests of pages do it: a password, and the code of an app."""

import re
from dataclasses import dataclass

from pyotp import TOTP

from tests.cast import PASSWORD, email_of
from tests.web.browser import Browser, Shown
from tests.web.conftest import Clock

SECOND, SET_UP, SECURITY, CONFIRM = (
    "/sign-in/second",
    "/sign-in/set-up",
    "/me/security",
    "/me/security/confirm",
)
_SECRET = re.compile(r'<code class="code">([A-Z2-7 ]+)</code>')
_CODE = re.compile(r"<code>([2-9A-Z]{4}(?:-[2-9A-Z]{4}){2})</code>")


@dataclass
class TwoSteps:
    """Somebody with a browser and an app."""

    browser: Browser
    name: str
    clock: Clock
    secret: str = ""
    recovery: tuple[str, ...] = ()

    def password(self, browser: Browser | None = None) -> str:
        """The first step; where it leads."""
        used = browser or self.browser
        return used.post("/sign-in", {"email": email_of(self.name), "password": PASSWORD}).location

    def set_up(self, path: str = SET_UP) -> Shown:
        """Reads the secret off the page, and writes what the app shows."""
        found = _SECRET.search(self.browser.get(path).html)
        assert found
        self.secret = found[1].replace(" ", "")
        shown = self.browser.post(path, {"code": self.code()}, 200)
        self.recovery = tuple(_CODE.findall(shown.html))
        return shown

    def code(self) -> str:
        """What the app shows now."""
        return TOTP(self.secret).at(self.clock.now())

    def second(self, status: int = 302, browser: Browser | None = None, **fields: str) -> Shown:
        """The second step."""
        return (browser or self.browser).post(SECOND, fields or {"code": self.code()}, status)

    def is_in(self, browser: Browser | None = None) -> bool:
        """Whether this browser is signed in, as pages show it."""
        answer = (browser or self.browser).client.get("/me")
        return answer.status_code == 200
