"""A real SMTP server on this machine that records what it takes and can be told to misbehave."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class AfterData(Enum):
    """What the server does once it has a whole message; LOSE: it dies and does not keep it."""

    ANSWER = "answer"
    HANG = "hang"
    DIE = "die"
    LOSE = "lose"


@dataclass(frozen=True)
class ReceivedMail:
    """A message as it came in: the envelope's receivers and the bytes of the message."""

    receivers: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, read back."""
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def to(self) -> str:
        """The only receiver."""
        (receiver,) = self.receivers
        return receiver

    def body(self, kind: str) -> str:
        """The text ("plain") or the HTML ("html")."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())

    def raw_header(self, name: str) -> str:
        """A header exactly as it travelled."""
        head = self.raw.partition(b"\r\n\r\n")[0].decode()
        found = [line for line in head.split("\r\n") if line.startswith(f"{name}: ")]
        assert len(found) == 1, head
        return found[0].removeprefix(f"{name}: ")


class MailServer:
    """`refusals` maps an address to the answer its RCPT gets, such as "550 No such user"."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.port = 0
        self.received: list[ReceivedMail] = []
        self.refusals: dict[str, str] = {}
        self.sender_refusal: str | None = None
        self.data_refusal: str | None = None
        self.after_data = AfterData.ANSWER
        self._controller: _Controller | None = None

    @property
    def receivers(self) -> list[str]:
        """Whom mail arrived for, sorted; twice where it came twice."""
        return sorted(mail.to for mail in self.received)

    def mail_to(self, address: str) -> ReceivedMail:
        """The only mail that arrived for this address."""
        (found,) = (mail for mail in self.received if mail.to == address)
        return found

    def start(self) -> None:
        """Listens; after a stop again on the same port."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._controller = _Controller(self, listener, self._tls)
        self._controller.start()

    def stop(self) -> None:
        """Answers no more; again is fine."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_MAIL(  # noqa: N802 - named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Takes or refuses the sender."""
        if self.sender_refusal:
            return self.sender_refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Takes or refuses a receiver."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keeps the message, and then does as `after_data` says."""
        if self.data_refusal:
            return self.data_refusal
        if self.after_data is not AfterData.LOSE:
            self.received.append(ReceivedMail(tuple(envelope.rcpt_tos), envelope.original_content))
        if self.after_data is AfterData.HANG:
            await asyncio.sleep(60)
        if self.after_data in (AfterData.DIE, AfterData.LOSE):
            server.transport.abort()
        return "250 OK"


class _Controller(Controller):
    def __init__(
        self, handler: MailServer, listener: socket.socket, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(
            handler, hostname="127.0.0.1", port=handler.port, tls_context=tls, enable_SMTPUTF8=True
        )
        self._listener = listener

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


@contextmanager
def running_mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A server that listens until the end."""
    server = MailServer(tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server of its own shows, and the file of the certificate that nobody else trusts."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    request = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mail"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
    )
    subprocess.run(request.split(), capture_output=True, check=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls, certificate
