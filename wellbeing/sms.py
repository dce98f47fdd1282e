"""Hands short messages to a gateway: a file, or a provider's HTTP address. Knows no tables.

Another kind of gateway is a class with `send` and a name in `find_gateway`; docs/text-messages.md
says how a provider is put behind the HTTP one.
"""

import json
import os
import ssl
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlencode, urlsplit

from wellbeing.settings import Settings, SmsFormat, SmsGateway

FILE = "sms.jsonl"
_TIMEOUT_SECONDS = 10
# They say that the address or the token is wrong, or that we send too fast: nothing about the
# message, which is worth another try.
_NOT_ABOUT_THE_MESSAGE = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 426, 429})


@dataclass(frozen=True, slots=True)
class Sms:
    """A message to one telephone; `id` stays the same however often it is handed over."""

    id: str
    to: str
    text: str


class SmsRefused(Exception):
    """The gateway does not take this message: never (`is_final`), or not now."""

    def __init__(self, *, is_final: bool) -> None:
        super().__init__("The gateway refused a message.")
        self.is_final = is_final


class SmsHandoverUnclear(Exception):
    """The connection broke while the gateway had the message: it may have taken it or not."""


class GatewayDown(OSError):
    """The gateway cannot be reached, or does not take us for who we are."""


class Gateway(Protocol):
    """Takes messages."""

    def send(self, sms: Sms) -> None:
        """Hands one over; raises SmsRefused, SmsHandoverUnclear or GatewayDown."""


def find_gateway(settings: Settings) -> Gateway | None:
    """The gateway of these settings; None where no messages are sent."""
    if settings.sms_gateway == SmsGateway.FILE:
        return FileGateway(settings.data / FILE)
    if settings.sms_gateway == SmsGateway.HTTP:
        return HttpGateway(settings)
    return None


class FileGateway:
    """Appends each message as a line of JSON to a file that only its owner reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, sms: Sms) -> None:
        """Writes the line whole, however many processes write."""
        line = json.dumps(asdict(sms), ensure_ascii=False) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)


class HttpGateway:
    """Posts each message to one address; any 2xx means taken, and no redirect is followed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address = urlsplit(settings.sms_url)

    def send(self, sms: Sms) -> None:
        """As Gateway says; the number and the text are in the request and nowhere else."""
        connection = _connect(self._address)
        try:
            try:
                connection.connect()
            except OSError as fault:
                raise GatewayDown("The SMS gateway does not answer.") from fault
            status = self._post(connection, sms)
        finally:
            connection.close()
        if 200 <= status < 300:
            return
        if 300 <= status < 400 or status in {401, 403, 404, 405, 407}:
            raise GatewayDown(f"The SMS gateway answers {status}.")
        raise SmsRefused(is_final=400 <= status < 500 and status not in _NOT_ABOUT_THE_MESSAGE)

    def _post(self, connection: HTTPConnection, sms: Sms) -> int:
        path = self._address.path or "/"
        query = f"?{self._address.query}" if self._address.query else ""
        try:
            connection.request("POST", path + query, *self._write(sms))
            answer = connection.getresponse()
        except (OSError, HTTPException) as fault:
            raise SmsHandoverUnclear from fault
        return answer.status

    def _write(self, sms: Sms) -> tuple[bytes, dict[str, str]]:
        """The body and headers of a request."""
        fields = {"to": sms.to, "from": self._settings.sms_sender, "text": sms.text, "id": sms.id}
        headers = {"Idempotency-Key": sms.id, "Accept": "application/json"}
        if self._settings.sms_token:
            headers["Authorization"] = f"Bearer {self._settings.sms_token}"
        if self._settings.sms_format == SmsFormat.FORM:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return urlencode(fields).encode(), headers
        headers["Content-Type"] = "application/json"
        return json.dumps(fields, ensure_ascii=False).encode(), headers


def _connect(address: SplitResult) -> HTTPConnection:
    host, port = address.hostname or "", address.port
    if address.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=context)
    return HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
