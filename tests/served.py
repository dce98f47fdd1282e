"""`wellbeing serve` in a process of its own, and a person in front of it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener
from uuid import UUID

_TOKEN = re.compile(r'name="(csrf_token|form_id)"[^>]* value="([^"]+)"')
_RECEIPT = re.compile(r'<code class="code receipt">([0-9a-f ]+)</code>')
_SECONDS_TO_START = 60


@dataclass
class Server:
    """A running server: where it answers, and what it has said so far."""

    address: str
    log: Path

    def read_log(self) -> str:
        """Everything on its standard output and error until now."""
        return self.log.read_text(encoding="utf-8")

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


@contextmanager
def served(data: Path, port: int) -> Iterator[Server]:
    """The server on an SQLite database in `data`, stopped afterwards."""
    server = Server(f"http://127.0.0.1:{port}", data / "server.log")
    command = [sys.executable, "-c", "from wellbeing.cli import main; main()", "serve"]
    environment = {**os.environ, "WELLBEING_DATA": str(data), "WELLBEING_BASE_URL": server.address}
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--bind", f"127.0.0.1:{port}"],
            stdout=log,
            stderr=log,
            env=environment,
        )
        try:
            _wait_until_it_answers(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    opener = build_opener(ProxyHandler({}))
    for _ in range(_SECONDS_TO_START * 5):
        assert process.poll() is None, server.read_log()
        try:
            with opener.open(f"{server.address}/healthz", timeout=5):
                return
        except URLError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start: {server.read_log()}")
