"""nginx before `wellbeing serve`: slow clients hold up nobody, and what it must keep in or out."""

import http.client
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pytest

from tests.operations.nginx import DEPLOY, NO_NGINX, Nginx, find_nginx, running, write_nginx
from tests.served import Server, free_port, served
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.crypto.secrets import get_or_make_app_key

pytestmark = pytest.mark.skipif(not find_nginx(), reason=NO_NGINX)
THREADS = 2
SLOW = 40
# A head without an end, and a body that never comes.
_BEGUN = (
    b"GET /privacy HTTP/1.1\r\nHost: trivsel.example.dk\r\nX-Slow: ",
    b"POST /sign-in HTTP/1.1\r\nHost: trivsel.example.dk\r\nContent-Length: 900\r\n\r\na=",
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str


def fetch(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes = b""
) -> Answer:
    """Asks once and closes."""
    head = {"Host": "trivsel.example.dk", "X-Forwarded-For": "203.0.113.9"}
    with closing(connection):
        connection.request(method, path, body or None, head)
        with connection.getresponse() as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())


@dataclass(frozen=True)
class Front:
    """The proxy and the server behind it."""

    nginx: Nginx
    server: Server

    def ask(self, path: str, *, method: str = "GET", body: bytes = b"") -> Answer:
        """What the proxy answers."""
        trusting = ssl._create_unverified_context()
        return fetch(
            http.client.HTTPSConnection("127.0.0.1", self.nginx.port, timeout=20, context=trusting),
            method,
            path,
            body,
        )

    def ask_plain(self, path: str) -> Answer:
        """The same, not encrypted."""
        plain = http.client.HTTPConnection("127.0.0.1", self.nginx.plain_port, timeout=20)
        return fetch(plain, "GET", path)


@contextmanager
def front(folder: Path, migrated_sqlite: Path) -> Iterator[Front]:
    """One worker with few threads, and the proxy before it."""
    data, proxy = folder / "data", folder / "proxy"
    data.mkdir()
    proxy.mkdir()
    proxy.chmod(0o755)
    make_field_keys(data / "keys")
    get_or_make_app_key(data / "keys")
    (data / "wellbeing.db").write_bytes(migrated_sqlite.read_bytes())
    port = free_port()
    nginx = write_nginx(proxy, DEPLOY / "nginx" / "wellbeing-upstream.conf", port)
    settings = {"base_url": "https://trivsel.example.dk", "proxies": 1}
    with (
        served(data, port, "--threads", str(THREADS), **settings) as server,
        running(nginx),
    ):
        yield Front(nginx, server)


@contextmanager
def slow_clients(port: int, *, tls: bool) -> Iterator[None]:
    """Clients who have begun to ask and never end."""
    with ExitStack() as stack:
        for number in range(SLOW):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            if tls:
                context = ssl._create_unverified_context()
                client = stack.enter_context(context.wrap_socket(client))
            client.sendall(_BEGUN[number % len(_BEGUN)])
        yield


def test_the_proxy_waits_for_the_slow_and_keeps_to_its_rules(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    with front(tmp_path, migrated_sqlite) as shown:
        with slow_clients(shown.nginx.port, tls=True):
            start = perf_counter()
            page = shown.ask("/privacy")
            assert page.status == 200
            assert perf_counter() - start < 5
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert page.headers.get("Content-Encoding") is None
        assert "nginx/" not in page.headers["Server"]
        sent = shown.ask("/sign-in", method="POST", body=b"x" * 70_000)
        assert sent.status == 413
        moved = shown.ask_plain("/privacy")
        assert (moved.status, moved.headers["Location"]) == (
            301,
            "https://trivsel.example.dk/privacy",
        )
        assert shown.ask_plain("/scim/v2/Users").status == 403
        assert shown.ask("/healthz").status == 200, "a check-in asks before it leaves a page"
        assert shown.ask("/readyz").status == 404
        assert shown.ask("/metrics").status == 404
        assert shown.ask("/link/ein-geheimnis").status == 410
        assert shown.ask("/accessibility?token=geheim").status == 200
        style = re.search(r'href="(/static/[^"]+css[^"]*)"', page.text)
        assert style
        assert shown.ask(style[1]).status == 200
    log = (tmp_path / "proxy" / "wellbeing.log").read_text()
    assert "/accessibility" in log
    assert "geheim" not in log
    assert not [path for path in ("/healthz", "/static/") if path in log]


def main(folder: str, migrated: str) -> None:
    """Measures a page while slow clients wait, without and with the proxy."""
    with front(Path(folder), Path(migrated)) as shown:
        port = int(shown.server.address.rpartition(":")[2])
        for name, where, tls in (("proxy", shown.nginx.port, True), ("none", port, False)):
            with slow_clients(where, tls=tls):
                start = perf_counter()
                try:
                    if tls:
                        shown.ask("/privacy")
                    else:
                        fetch(
                            http.client.HTTPConnection("127.0.0.1", port, timeout=30),
                            "GET",
                            "/privacy",
                        )
                    took = f"{perf_counter() - start:.2f} s"
                except TimeoutError:
                    took = "no answer in 30 s"
            sys.stdout.write(f"{name}: {SLOW} slow clients, {THREADS} threads: {took}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
