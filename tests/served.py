"""`wellbeing serve` in a process of its own, and a person in front of it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener
from uuid import UUID

_TOKEN = re.compile(r'name="(csrf_token|form_id)"[^>]* value="([^"]+)"')
_RECEIPT = re.compile(r'<code class="code receipt">([0-9a-f ]+)</code>')
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Visit:
    """What a browser was shown, and where that was after all redirects."""

    status: int
    url: str
    html: str


@dataclass
class Server:
    """A running server: where it answers, and what it has said so far."""

    address: str
    log: Path

    def read_log(self) -> str:
        """Everything on its standard output and error until now."""
        return self.log.read_text(encoding="utf-8")

    def visit(self, path: str, cookies: CookieJar, fields: dict[str, str] | None = None) -> Visit:
        """What a browser with these cookies is answered; forms carry the token of their page."""
        opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(cookies))
        if fields is not None:
            token = dict(_TOKEN.findall(self.visit("/privacy", cookies).html))
            fields = {**token, **fields}
        data = urlencode(fields).encode() if fields is not None else None
        try:
            with opener.open(f"{self.address}{path}", data, timeout=30) as answer:
                return Visit(answer.status, answer.url, answer.read().decode())
        except HTTPError as fault:
            return Visit(fault.code, fault.url, fault.read().decode())

    def answer(self, email: str, password: str, round_id: UUID, values: tuple[int, ...]) -> str:
        """Signs in and answers a whole check-in; the receipt."""
        opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

        def fetch(path: str, fields: dict[str, str] | None = None) -> str:
            data = urlencode(fields).encode() if fields else None
            with opener.open(f"{self.address}{path}", data, timeout=30) as answer:
                return str(answer.read().decode())

        sign_in = dict(_TOKEN.findall(fetch("/sign-in")))
        fetch("/sign-in", {**sign_in, "email": email, "password": password})
        start = dict(_TOKEN.findall(fetch(f"/check-in/{round_id}")))
        sheet = {f"item{n}": str(value) for n, value in enumerate(values, start=1)}
        result = fetch(f"/check-in/{round_id}", {**start, **sheet, "step": "3", "go": "send"})
        found = _RECEIPT.search(result)
        assert found, "no receipt was shown"
        return found[1].replace(" ", "")


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(data: Path, port: int, *options: str, **settings: object) -> Iterator[Server]:
    """The server on an SQLite database in `data`, or with other settings; stopped afterwards."""
    server = Server(f"http://127.0.0.1:{port}", data / f"server-{port}.log")
    command = [sys.executable, "-c", "from wellbeing.cli import main; main()", "serve"]
    given = {"DATA": data, "BASE_URL": server.address}
    given |= {name.upper(): value for name, value in settings.items()}
    environment = {**os.environ, **{f"WELLBEING_{n}": str(v) for n, v in given.items()}}
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--bind", f"127.0.0.1:{port}", *options],
            stdout=log,
            stderr=log,
            env=environment,
        )
        try:
            wait_until_it_answers(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def wait_until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Returns once it does; AssertionError with its log when it ends or a minute has passed."""
    opener = build_opener(ProxyHandler({}))
    for _ in range(_SECONDS_TO_START * 5):
        assert process.poll() is None, server.read_log()
        try:
            with opener.open(f"{server.address}/healthz", timeout=5):
                return
        except URLError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start: {server.read_log()}")
