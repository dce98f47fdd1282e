"""Posts signed messages to addresses that other systems gave. Knows no tables.

Signed as the convention Standard Webhooks has it (https://www.standardwebhooks.com). An address is
looked up once and connected to as it was found, so that a name cannot point elsewhere between the
check and the call. No redirect is followed, and no answer is read beyond its status.
"""

import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from hmac import digest
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from secrets import token_bytes
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from wellbeing.domain.errors import BadInput

SECRET_MARK = "whsec_"  # nosec B105  # a name, no secret
_SECRET_BYTES = 32
CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 10.0
_NAT64 = ip_network("64:ff9b::/96")
Resolve = Callable[[str, int], Sequence[str]]


class NotTaken(OSError):
    """The message was not taken; the other system may have it all the same."""


class Forbidden(NotTaken):
    """The address leads to where no message may go."""


def make_secret() -> str:
    """A new secret, as the convention writes it."""
    return SECRET_MARK + b64encode(token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header webhook-signature."""
    key = b64decode(secret.removeprefix(SECRET_MARK))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(digest(key, signed, sha256)).decode()


def check_address(url: str, own_networks: Sequence[str]) -> None:
    """BadInput unless messages may go there, as far as that can be told without asking anybody."""
    try:
        parts = urlsplit(url)
        port = parts.port
        is_ascii = url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        raise BadInput("This is no address.") from None
    if not parts.hostname or not is_ascii or port == 0 or parts.username or parts.fragment:
        raise BadInput("Give a whole address without a password: https://…")
    address = _as_address(parts.hostname)
    is_own = address is not None and _is_own(address, own_networks)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_own and address.is_loopback):  # type: ignore[union-attr]
        raise BadInput("The address must begin with https://.")
    if address is not None and not is_own and not is_public(address):
        raise BadInput("This address is inside a network that messages may not go to.")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet; one that wraps another is what it wraps."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(
    url: str,
    secret: str,
    message_id: str,
    body: bytes,
    *,
    timestamp: int,
    own_networks: Sequence[str] = (),
    resolve: Resolve = resolve,
    context: ssl.SSLContext | None = None,
    seconds: float = WHOLE_SECONDS,
) -> None:
    """Hands a message over within so many seconds; NotTaken unless it was answered with a 2xx."""
    try:
        check_address(url, own_networks)
        parts = urlsplit(url)
        target = _find_target(parts, own_networks, resolve)
    except BadInput as fault:
        raise Forbidden(str(fault)) from None
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "wellbeing",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }
    connection = _Pinned(parts, target, context)
    watch = Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError) as fault:
        raise NotTaken(f"The address did not answer: {type(fault).__name__}.") from None
    finally:
        watch.cancel()
        connection.close()
    if connection.is_cut:  # what came until then looks like a whole answer
        raise NotTaken("The address took too long.")
    if not 200 <= status < 300:
        raise NotTaken(f"The address answered {status}.")


class _Pinned(HTTPConnection):
    """A connection to an address that was checked, under the name that was asked for."""

    def __init__(
        self, parts: SplitResult, target: tuple[str, int], context: ssl.SSLContext | None
    ) -> None:
        super().__init__(parts.hostname or "", target[1], timeout=CONNECT_SECONDS)
        self._target, self.is_cut = target, False
        self._context = None
        if parts.scheme == "https":
            self._context = context or ssl.create_default_context()
            self.default_port = 443  # what is left out of the header Host

    def connect(self) -> None:
        """To the very address; the certificate has to be that of the name."""
        self.sock = socket.create_connection(self._target, self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        if self.is_cut:
            raise TimeoutError

    def cut(self) -> None:
        """Ends it, whatever it waits for."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _find_target(
    parts: SplitResult, own_networks: Sequence[str], resolve: Resolve
) -> tuple[str, int]:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = resolve(parts.hostname or "", port)
    except (OSError, UnicodeError):
        raise NotTaken("The name of the address is not known.") from None
    addresses = [ip_address(one.partition("%")[0]) for one in found]
    if not addresses:
        raise NotTaken("The name of the address is not known.")
    if not all(_is_own(one, own_networks) or is_public(one) for one in addresses):
        raise Forbidden("The name leads into a network that messages may not go to.")
    return str(addresses[0]), port


def _as_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_own(address: IPv4Address | IPv6Address, own_networks: Sequence[str]) -> bool:
    return any(address in ip_network(network) for network in own_networks)
