"""A browser in front of the process that serves many organisations."""

import re
from typing import Any, cast

from click.testing import CliRunner
from werkzeug.test import Client, TestResponse

from tests.cast import PASSWORD, email_of
from tests.organisations.houses import Houses
from wellbeing.app import AREAS
from wellbeing.by_host import ByHost
from wellbeing.commands.serve_all import make_by_host

Web = ByHost
_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


class served:  # noqa: N801
    """As `wellbeing serve --all-organisations` makes them."""

    def __init__(self, houses: Houses, ready: int = 8, **more: str) -> None:
        self._around = CliRunner().isolation(env={**houses.environment, **more})
        self._ready = ready

    def __enter__(self) -> Web:
        self._around.__enter__()
        made: Any = make_by_host(AREAS, alone=True, ready=self._ready)
        self._by_host: ByHost = getattr(made, "app", made)  # behind a proxy it is inside
        return cast(ByHost, made)

    def __exit__(self, *_: object) -> None:
        self._by_host.close()
        self._around.__exit__(None, None, None)


def visit(web: Web, name: str, path: str, **more: Any) -> TestResponse:
    """One request without a cookie."""
    client = Client(web, use_cookies=False)
    return client.open(path, base_url=f"http://{name}.example", buffered=True, **more)


class Browser:
    """Somebody at one organisation's host."""

    def __init__(self, web: Web, name: str) -> None:
        self.base_url = f"http://{name}.example"
        self.client = Client(web)

    def open(self, path: str, **more: Any) -> TestResponse:
        return self.client.open(path, base_url=self.base_url, **more)

    def token(self, path: str = "/sign-in") -> str:
        found = _TOKEN.search(self.open(path).text)
        assert found
        return found[1]

    def sign_in(self, who: str = "Eva") -> "Browser":
        fields = {"csrf_token": self.token(), "email": email_of(who), "password": PASSWORD}
        answer = self.open("/sign-in", method="POST", data=fields)
        assert answer.status_code == 302, answer.text
        return self

    def cookies(self) -> str:
        """All it would send to its own host."""
        found = (self.client.get_cookie(n, domain=self.base_url[7:]) for n in ("wellbeing",))
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in found if cookie)


def is_signed_in(answer: TestResponse) -> bool:
    """Whether a private page was shown; else it leads to the sign-in."""
    if answer.status_code == 200:
        return True
    assert answer.status_code == 302
    assert "/sign-in" in answer.location
    return False
