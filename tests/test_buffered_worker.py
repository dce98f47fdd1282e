"""Requests arrive before a thread is given to them, and slow clients keep nobody out."""

import socket
import time
from collections import Counter
from contextlib import ExitStack, suppress
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.faults.slow_clients import SlowClients
from tests.served import free_port, served
from wellbeing.buffered_worker import MOST_HELD_BYTES, SECONDS_TO_ARRIVE, Arrival
from wellbeing.commands.serve import LIMITS
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

_GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_ESTABLISHED = "01"  # proc(5), net/tcp
_POST = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
_CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "is_ready"),
    [
        ([_GET], True),
        ([_GET[:-1]], False),
        ([_GET[:-2], b"\r", b"\n"], True),
        ([_POST], False),
        ([_POST, b"abcd"], False),
        ([_POST, b"abcde"], True),
        ([_POST + b"abcde" + _GET], True),
        ([_POST.replace(b"Content-Length:", b"content-length:  ")], False),
        ([_CHUNKED, b"5\r\nabcde\r\n"], False),
        ([_CHUNKED, b"5\r\nabcde\r\n0\r\n\r\n"], True),
        ([_POST.replace(b"5", b"999999"), b"x" * MOST_HELD_BYTES], True),
        ([b"x" * MOST_HELD_BYTES], False),
        ([b""], False),
    ],
)
def test_a_request_is_ready_once_it_is_whole_or_too_large_to_hold(
    parts: list[bytes], is_ready: bool
) -> None:
    arrival = Arrival()
    for part in parts:
        arrival.add(part)
    assert arrival.is_ready is is_ready
    assert arrival.data == b"".join(parts)


def test_a_head_without_an_end_is_no_request() -> None:
    assert Arrival(b"x" * MOST_HELD_BYTES).is_no_request
    assert not Arrival(b"x" * (MOST_HELD_BYTES - 1)).is_no_request
    assert not Arrival(_POST + b"x" * MOST_HELD_BYTES).is_no_request


def test_what_comes_byte_by_byte_is_the_same_request() -> None:
    arrival = Arrival()
    for number, byte in enumerate(whole := _POST + b"abcde", start=1):
        arrival.add(bytes([byte]))
        assert arrival.is_ready is (number == len(whole))


def test_a_request_may_take_less_time_to_arrive_than_a_worker_may_be_silent() -> None:
    assert int(str(LIMITS["timeout"])) > SECONDS_TO_ARRIVE


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with everything that serving needs."""
    database = Database(f"sqlite:///{tmp_path / 'wellbeing.db'}", durable=False)
    make_field_keys(tmp_path / "keys")
    upgrade(database)
    database.close()
    return tmp_path


def test_connections_that_come_together_are_shared_by_the_workers(house: Path) -> None:
    port, shares = free_port(), list[list[int]]()
    with served(house, port, "--workers", "2"):
        for _ in range(8):
            with ExitStack() as stack:
                together = [
                    stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
                    for _ in range(12)
                ]
                for sock in together:
                    sock.sendall(_HEALTH)
                for sock in together:
                    assert sock.recv(65_536).startswith(b"HTTP/1.1 200")
                shares.append(_count_connections(port))
    assert all(len(share) == 2 and min(share) >= 2 for share in shares), shares


def _count_connections(port: int) -> list[int]:
    """How many connections to this port each process holds, of those that hold any."""
    rows = (row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:])
    held = {
        f"socket:[{row[9]}]"
        for row in rows
        if row[1].endswith(f":{port:04X}") and row[3] == _ESTABLISHED
    }
    counts = Counter[str]()
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(handle.readlink()) in held:
                counts[handle.parts[2]] += 1
    return list(counts.values())


def test_slow_clients_keep_nobody_out(house: Path) -> None:
    port = free_port()
    with served(house, port, "--threads", "2") as server:
        slow = SlowClients(port)
        slow.start()
        try:
            time.sleep(1)
            started = time.monotonic()
            for _ in range(3):
                assert server.visit("/privacy", CookieJar()).status == 200
            assert time.monotonic() - started < 10
        finally:
            slow.end()
        assert slow.made >= 40
        _two_requests_at_once(port)
        _a_large_body(port)


def _two_requests_at_once(port: int) -> None:
    """What has come of a second request is neither lost nor waited for in a thread."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(_HEALTH + _HEALTH[:20])
        first = sock.recv(65_536)
        assert first.startswith(b"HTTP/1.1 200")
        sock.sendall(_HEALTH[20:].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        rest = b""
        while more := sock.recv(65_536):
            rest += more
        assert (first + rest).count(b"HTTP/1.1 200") == 2


def _a_large_body(port: int) -> None:
    """More than is held: the rest is read where it is wanted, and here nobody wants as much."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        length = 5 * MOST_HELD_BYTES
        head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
        sock.sendall(head.encode())
        with suppress(OSError):
            sock.sendall(b"a" * length)
        assert sock.recv(65_536).startswith(b"HTTP/1.1 4")
