"""The demo's own SMTP server: it takes every mail and keeps it in a folder."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox


@contextmanager
def mail_server(folder: Path) -> Iterator[int]:
    """A real SMTP server on a free port of this machine while the block runs; its port."""
    controller = Controller(Mailbox(folder), hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
