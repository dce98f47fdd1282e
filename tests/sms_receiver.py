"""A gateway for text messages on this machine: it takes what Wellbeing posts and shows it.

    python -m tests.sms_receiver 8099

With WELLBEING_SMS_GATEWAY=http and WELLBEING_SMS_URL=http://127.0.0.1:8099/send every message is
printed. To put a provider behind it, replace `take` by a call of the provider's own interface.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

LONGEST_BODY = 10_000


@dataclass
class Receiver:
    """What came in, and how to answer: a status, a redirect, or no answer at all."""

    port: int = 0
    status: int = 202
    statuses_by_number: dict[str, int] = field(default_factory=dict)
    dies: bool = False
    received: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    taken: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://127.0.0.1:{self.port}/send"

    def take(self, message: dict[str, str]) -> int:
        """Takes a message, once however often it comes; the status to answer with."""
        self.received.append(message)
        status = self.statuses_by_number.get(message["to"], self.status)
        if status < 300 and message not in self.taken:
            self.taken.append(message)
        return status


def read_message(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a message, whether sent as JSON or as a form."""
    if content_type == "application/json":
        return {str(name): str(value) for name, value in json.loads(body).items()}
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _handler(receiver: Receiver, show: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", "0")), LONGEST_BODY)
            message = read_message(self.headers.get("Content-Type", ""), self.rfile.read(length))
            receiver.headers.append(dict(self.headers))
            status = receiver.take(message)
            show(f"{message['to']}: {message['text']}")
            if receiver.dies:
                self.close_connection = True
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: addresses and numbers belong in no log."""

    return Handler


@contextmanager
def running_receiver(
    port: int = 0, show: Callable[[str], None] = lambda _: None
) -> Iterator[Receiver]:
    """A receiver on a port of this machine while the block runs."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(receiver, show))
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    """Runs until interrupted."""

    def show(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    with running_receiver(int(sys.argv[1]) if len(sys.argv) > 1 else 8099, show) as receiver:
        show(f"Waiting for text messages at {receiver.url}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
