"""Clients that send headers or bodies a byte at a time, or never read, while people answer.

The server stands alone here, without the proxy that docs/operations.md puts before it.
"""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from tests.faults.clients import Crowd
from tests.faults.kit import Finding, Kit
from tests.faults.web_kills import publish_and_compare
from tests.faults.worlds import Plan, World, open_now

NAME = "slow clients: headers and bodies byte by byte, and readers that never read"
SEES = "Pages are a little slower. Without a proxy, too, a slow client is cut off after its time."
KINDS = ("headers", "body", "reader", "silent")
_EACH = 12
_PEOPLE_A_SECOND = 3
_BYTE_EVERY_SECONDS = 0.5


@dataclass
class SlowClients:
    """Connections that take a server's time; those that are cut off come again."""

    port: int
    cut_off: int = 0
    made: int = 0
    _stop: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        """All of them, each in a thread."""
        for kind in KINDS * _EACH:
            thread = Thread(target=self._bother, args=(kind,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """None is left."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _bother(self, kind: str) -> None:
        while not self._stop.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as sock:
                self.made += 1
                sock.settimeout(_BYTE_EVERY_SECONDS)
                self._be_slow(sock, kind)
                self.cut_off += not self._stop.is_set()
            self._stop.wait(0.1)

    def _be_slow(self, sock: socket.socket, kind: str) -> None:
        head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if kind == "headers":
            self._drip(sock, b"GET / HTTP/1.1\r\n" + b"X-Slow: yes\r\n" * 1000)
        elif kind == "body":
            kind_of = b"Content-Type: application/x-www-form-urlencoded\r\n"
            sock.sendall(head + kind_of + b"Content-Length: 60000\r\n\r\n")
            self._drip(sock, b"a" * 60_000)
        elif kind == "reader":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            self._drip(
                sock, b"GET /privacy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 200, at_once=9000
            )
        else:
            self._drip(sock, b"")

    def _drip(self, sock: socket.socket, data: bytes, at_once: int = 1) -> None:
        while not self._stop.wait(_BYTE_EVERY_SECONDS):
            if data:
                sent = sock.send(data[:at_once])
                data = data[sent:]
            elif _is_closed(sock):
                return


def _is_closed(sock: socket.socket) -> bool:
    """Without reading anything: what was sent stays unread."""
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def run(kit: Kit) -> list[Finding]:
    """Slow clients in waves while people answer."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    plan = Plan(crowd=int(_PEOPLE_A_SECOND * kit.seconds))
    with kit.worlds.open(kind, plan) as world:
        round_id = open_now(world)
        server = world.processes.serve(world.port)
        slow = SlowClients(world.port)
        slow.start()
        started = time.monotonic()
        answered = _answer_meanwhile(world, round_id, kit.seconds, finding)
        seconds = time.monotonic() - started
        slow.end()
        finding.inject(slow.made)
        finding.notes["slow connections"] = slow.made
        finding.notes["cut off"] = slow.cut_off
        finding.notes["answered meanwhile"] = f"{answered} in {seconds:.0f} s"
        finding.expect(server.is_alive, "the server ended")
        finding.check(world, "afterwards")
        server.end()
        publish_and_compare(world, finding)


def _answer_meanwhile(world: World, round_id: object, seconds: float, finding: Finding) -> int:
    crowd = Crowd(world.told)
    crowd.send(world.address, world.crowd, world.round_id, patience=90)
    until = time.monotonic() + seconds
    while time.monotonic() < until and not crowd.is_done:
        time.sleep(0.2)
    answered = len(world.told.acknowledged())
    finding.expect(answered > 0, f"nobody could answer for {seconds:.0f} seconds")
    finding.violate(crowd.finish(now=True))
    finding.keep(world)
    return answered
