"""A gunicorn worker whose threads are for whole requests: slow clients wait in its event loop.

The threaded worker it is made from gives a thread to each connection as soon as the first byte is
there. Sixteen clients that send a byte a second would keep everybody else out.
"""

import re
import struct
import time
from contextlib import suppress
from fcntl import ioctl
from functools import partial
from selectors import EVENT_READ
from termios import TIOCOUTQ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# A page of answers is 2,000 bytes. Of a larger body, which only HR and administrators may send, the
# rest is read in the thread; a head is never as large.
MOST_HELD_BYTES = 98_304
SECONDS_TO_ARRIVE = 15
SECONDS_FOR_LARGE = 120
SECONDS_TO_TAKE = 10
# Who has left that much unread and asks for more is no browser.
MOST_UNREAD_BYTES = 65_536
# All workers are woken by a new connection, and the first one awake could take all that come
# together, for as long as they are used. So each waits this long for every one that it has.
SECONDS_TO_GIVE_WAY = 0.0003
MOST_WAITED_FOR = 10
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"
_SHUT_READING = 0  # SHUT_RD of shutdown(2)


class Arrival:
    """What has come of a request; `until` is the monotonic moment by which it has to be whole."""

    def __init__(self, data: bytes = b"", *, until: float = 0) -> None:
        self.until = until
        self._data = bytearray()
        self._needed: int | None = None
        self._is_chunked = False
        self.add(data)

    def add(self, more: bytes) -> None:
        """Takes in what came."""
        search_from = max(0, len(self._data) - len(_END_OF_HEAD))
        self._data += more
        if self._needed is None:
            end = self._data.find(_END_OF_HEAD, search_from)
            if end >= 0:
                self._read_head(end + len(_END_OF_HEAD))

    @property
    def data(self) -> bytes:
        """All of it, also what came of a next request."""
        return bytes(self._data)

    @property
    def is_ready(self) -> bool:
        """Whether the request is whole, or has a body too large to be held here."""
        if self._needed is None:
            return False
        if self.is_large:
            return True
        if self._is_chunked:
            return self._data.endswith(_LAST_CHUNK)
        return len(self._data) >= self._needed

    @property
    def is_large(self) -> bool:
        """Whether no more of it is held here."""
        return len(self._data) >= MOST_HELD_BYTES

    @property
    def is_no_request(self) -> bool:
        """Whether this cannot become one: as large, and not even the end of its head."""
        return self.is_large and self._needed is None

    def _read_head(self, size: int) -> None:
        head = bytes(self._data[:size])
        found = _LENGTH.search(head)
        self._is_chunked = _CHUNKED.search(head) is not None
        self._needed = size + (int(found[1]) if found else 0)


class BufferedWorker(ThreadWorker):  # type: ignore[misc]
    """Gives a connection to a thread once its request has arrived, and takes the thread back from
    clients that do not read their answer.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: dict[TConn, Arrival] = {}
        self._large: dict[TConn, float] = {}

    def accept(self, listener: Any) -> None:
        """A new connection waits here, unless a worker with fewer has come first."""
        if self.cfg.workers > 1:
            time.sleep(min(self.nr_conns, MOST_WAITED_FOR) * SECONDS_TO_GIVE_WAY)
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._await(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """So does one that is used again."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """And one that has sent a part of its next request already."""
        goes_on = not fs.cancelled() and fs.exception() is None and fs.result() is True
        if goes_on and (ahead := conn.parser.unreader.take_buffered()):
            self._await(conn, ahead)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Ends what takes too long to arrive, and what has not begun when the worker is to end."""
        super().murder_pending()
        now = time.monotonic()
        for conn, arrival in list(self._arriving.items()):
            if arrival.until <= now or not (self.alive or arrival.data):
                self._drop(conn)
        for conn in [conn for conn, until in self._large.copy().items() if until <= now]:
            with suppress(OSError):
                conn.sock.shutdown(_SHUT_READING)

    def handle(self, conn: TConn) -> Any:
        """In a thread: what has arrived is put before what is still to be read."""
        conn.sock.setblocking(True)
        conn.init()
        conn.parser.unreader.unread(conn.arrived)
        conn.arrived = b""
        conn.data_ready = True
        try:
            return super().handle(conn)
        finally:
            self._large.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """In a thread, which nobody keeps by not reading the answer."""
        conn.sock.settimeout(SECONDS_TO_TAKE)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            self.log.debug("A client did not take its answer.")
            return False

    def _await(self, conn: TConn, ahead: bytes = b"") -> None:
        conn.sock.setblocking(False)
        self._arriving[conn] = Arrival(ahead, until=time.monotonic() + SECONDS_TO_ARRIVE)
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_arrival, conn))
        self._hand_over_when_ready(conn)

    def _on_arrival(self, conn: TConn, client: Any) -> None:
        try:
            came = client.recv(MOST_HELD_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            came = b""
        if not came:
            self._drop(conn)
            return
        self._arriving[conn].add(came)
        self._hand_over_when_ready(conn)

    def _hand_over_when_ready(self, conn: TConn) -> None:
        arrival = self._arriving[conn]
        if arrival.is_no_request or (arrival.is_ready and _unread_bytes(conn) > MOST_UNREAD_BYTES):
            self._drop(conn)
        if not arrival.is_ready or conn not in self._arriving:
            return
        if arrival.is_large:
            self._large[conn] = time.monotonic() + SECONDS_FOR_LARGE
        conn.arrived = self._arriving.pop(conn).data
        self.poller.unregister(conn.sock)
        self.enqueue_req(conn)

    def _drop(self, conn: TConn) -> None:
        del self._arriving[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def _unread_bytes(conn: TConn) -> int:
    """How much of earlier answers the other side has not taken yet."""
    (count,) = struct.unpack("i", ioctl(conn.sock, TIOCOUTQ, b"\0\0\0\0"))
    return int(count)
