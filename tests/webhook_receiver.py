"""A real system on this machine that takes webhooks, and misbehaves as it is told."""

import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from typing import Any, cast

import wellbeing

VERIFIER = Path(wellbeing.__file__).parents[1] / "docs" / "verify_webhook.py"
Verify = Callable[[str, dict[str, str], bytes, float], bool]
OWN = ("127.0.0.0/8",)


class Mood(StrEnum):
    """How it answers."""

    TAKES = "takes"
    FAILS = "fails"
    REFUSES = "refuses"
    HANGS = "hangs"
    DRIPS = "drips"
    DIES = "dies"
    REDIRECTS = "redirects"


@dataclass
class Receiver:
    """What came in: headers in small letters, and the body."""

    port: int = 0
    mood: Mood = Mood.TAKES
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    leaves: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The ids of what came in."""
        return [headers["webhook-id"] for headers, _ in self.received]


def load_verifier() -> Verify:
    """The check that docs/verify_webhook.py gives other systems."""
    spec = importlib.util.spec_from_file_location("verify_webhook", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast(Verify, module.is_genuine)


@contextmanager
def running_receiver(context: SSLContext | None = None) -> Iterator[Receiver]:
    """Listens on a free port until the test is over."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.leaves.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 10_000))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append((headers, body))
            receiver.visits.append(self.path)
            _MOODS[receiver.mood](self, receiver)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    return Handler


def _answer(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()


def _hang(_handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    receiver.leaves.wait(20)


def _drip(handler: BaseHTTPRequestHandler, receiver: Receiver) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        if receiver.leaves.wait(0.05):
            return
        handler.wfile.write(f"X-{number}: x\r\n".encode())
        handler.wfile.flush()


def _die(handler: BaseHTTPRequestHandler, _receiver: Receiver) -> None:
    handler.close_connection = True
    handler.connection.close()


_MOODS: dict[Mood, Callable[[BaseHTTPRequestHandler, Receiver], None]] = {
    Mood.TAKES: lambda handler, _: _answer(handler, 204),
    Mood.FAILS: lambda handler, _: _answer(handler, 500),
    Mood.REFUSES: lambda handler, _: _answer(handler, 410),
    Mood.HANGS: _hang,
    Mood.DRIPS: _drip,
    Mood.DIES: _die,
    Mood.REDIRECTS: lambda handler, receiver: _answer(
        handler, 307, Location=f"http://127.0.0.1:{receiver.port}/elsewhere"
    ),
}
