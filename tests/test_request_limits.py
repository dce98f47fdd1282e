"""Too much, on a real server: refused before it is read, and without holding up anybody else."""

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.served import Server, free_port, served
from wellbeing.crypto.field_keys import make_field_keys

MEGABYTE = 1_000_000
_WORKER = re.compile(r"Booting worker with pid: (\d+)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Server]:
    """A server on an empty database."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "wellbeing.db").write_bytes(migrated_sqlite.read_bytes())
    make_field_keys(folder / "keys")
    with served(folder, free_port()) as running:
        yield running


def most_memory(server: Server) -> int:
    """The most bytes that the worker has ever held."""
    (pid,) = _WORKER.findall(server.read_log())
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def ask(
    server: Server,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes | Iterator[bytes] = b"",
) -> int:
    """The status; 0 where the server hung up while it was still being sent to."""
    with closing(http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=30)) as asking:
        try:
            in_pieces = not isinstance(body, bytes)
            asking.request(method, path, body, headers or {}, encode_chunked=in_pieces)
            return asking.getresponse().status
        except (BrokenPipeError, ConnectionResetError):
            return 0


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
CHUNKED = {"Transfer-Encoding": "chunked"}
TOO_MUCH = {
    "a body of 10 MB": (FORM, b"password=" + b"x" * 10 * MEGABYTE),
    "a million fields": (FORM, b"&".join(b"f%d=1" % n for n in range(MEGABYTE))),
    "a million times one field": (FORM, b"&".join([b"email=1"] * MEGABYTE)),
    "parts without end": (PARTS, PART * 200_000),
    "one long part": (PARTS, PART[:-3] + b"1" * 10 * MEGABYTE),
    "JSON": ({"Content-Type": "application/json"}, b"[" * 10 * MEGABYTE),
}


@pytest.mark.asvs("15.2.2")
@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_refused_before_it_is_held(server: Server, name: str) -> None:
    headers, body = TOO_MUCH[name]
    ask(server, "GET", "/sign-in")
    before, begun = most_memory(server), time.monotonic()
    assert ask(server, "POST", "/sign-in", headers, body) in {0, 400, 413}
    assert time.monotonic() - begun < 10
    assert most_memory(server) - before < 8 * MEGABYTE, "the body was held in memory"
    assert ask(server, "GET", "/healthz") == 200


def test_a_body_that_does_not_say_how_long_it_is_is_stopped_too(server: Server) -> None:
    pieces = (b"x" * 100_000 for _ in range(100))
    before = most_memory(server)
    assert ask(server, "POST", "/sign-in", FORM | CHUNKED, pieces) in {0, 400, 413}
    assert most_memory(server) - before < 8 * MEGABYTE


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/" + "a" * 5000, {}),
        ("/sign-in?" + "a" * 5000, {}),
        ("/sign-in", {"Cookie": "wellbeing=" + "x" * 9000}),
        ("/sign-in", {f"X-{n}": "1" for n in range(100)}),
    ],
    ids=["a long address", "a long query", "a long cookie", "many headers"],
)
def test_a_head_that_is_too_long_is_refused(
    server: Server, path: str, headers: dict[str, str]
) -> None:
    assert 400 <= ask(server, "GET", path, headers) < 500
    assert ask(server, "GET", "/healthz") == 200
