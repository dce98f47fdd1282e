"""What is believed of a provider's own words, and how it is asked."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import OctKey
from requests import Session
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.single_sign_on.signing import ELLIPTIC, NOW, RSA
from wellbeing.single_sign_on import fetching
from wellbeing.single_sign_on.faults import ProviderDown
from wellbeing.single_sign_on.fetching import bound, get_json, is_safe_address
from wellbeing.single_sign_on.provider import KEPT_FOR, Provider, read_keys, read_metadata

ISSUER = "https://login.example"
DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


class Answering:
    """A small server that answers as the test says, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.keys = [RSA.as_dict(private=False)]
        self.is_down = False
        self.address = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        self.headers.append(dict(request.headers))
        return self._answer(request.path)(environ, start_response)

    def _answer(self, path: str) -> Response:
        if self.is_down:
            return Response("down", status=503)
        if path == "/elsewhere":
            return Response(status=302, headers={"Location": f"{self.address}/keys"})
        if path == "/huge":
            return Response("x" * (fetching._MOST_BYTES + 1))
        if path == "/list":
            return Response("[1]", mimetype="application/json")
        if path == "/text":
            return Response("hello")
        if path == "/keys":
            return self._json({"keys": self.keys})
        own = {name: value.replace(ISSUER, self.address) for name, value in DOCUMENT.items()}
        return self._json(own)

    def _json(self, said: dict[str, Any]) -> Response:
        return Response(json.dumps(said), mimetype="application/json")


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A server of one's own."""
    app = Answering()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    yield app
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is asked itself."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize("name", ["https://login.example/", "https://evil.example", None])
def test_a_provider_that_calls_itself_by_another_name_is_not_the_one(name: str | None) -> None:
    with pytest.raises(ProviderDown):
        read_metadata(ISSUER, {**DOCUMENT, "issuer": name})


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", [None, 7, "http://login.example/x", "javascript:alert(1)"])
def test_every_address_of_a_provider_is_encrypted(endpoint: str, address: object) -> None:
    with pytest.raises(ProviderDown):
        read_metadata(ISSUER, {**DOCUMENT, endpoint: address})


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://login.example/x", True),
        ("http://localhost:1/x", True),
        ("http://127.0.0.1/x", True),
        ("http://127.0.0.1.evil.example/x", False),
        ("https://somebody@evil.example/", False),
        ("https://", False),
        ("https://[", False),
        ("file:///etc/passwd", False),
    ],
)
def test_which_addresses_are_safe(address: str, *, is_safe: bool) -> None:
    assert is_safe_address(address) is is_safe


def test_only_public_keys_that_are_strong_and_sign_are_kept() -> None:
    keys = [
        RSA.as_dict(private=False),
        ELLIPTIC.as_dict(private=False),
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(),
        {"kty": "RSA", "kid": "weak", "n": "w" * 171, "e": "AQAB"},
        {**RSA.as_dict(private=False), "kid": "seals", "use": "enc"},
        {"kty": "RSA", "kid": "broken", "n": "x"},
        {"kty": "of the future", "kid": "new"},
        "no key",
    ]
    assert set(read_keys({"keys": keys})) == {"rsa", "elliptic"}
    assert read_keys({"keys": "none"}) == {}


def test_a_provider_is_asked_once_an_hour(answering: Answering) -> None:
    moment = [NOW]
    provider = Provider(answering.address, lambda: moment[0])
    assert provider.find_key("rsa")
    assert provider.find_key("rsa")
    assert len(answering.asked) == 2
    moment[0] += KEPT_FOR
    assert provider.find_key("rsa")
    assert len(answering.asked) == 4


def test_an_unknown_key_is_asked_for_once_in_half_a_minute(answering: Answering) -> None:
    moment = [NOW]
    provider = Provider(answering.address, lambda: moment[0])
    provider.find_key("rsa")
    answering.keys.append(ELLIPTIC.as_dict(private=False))
    for _ in range(5):
        assert provider.find_key("elliptic") is None
    assert answering.asked.count("/keys") == 1
    moment[0] += timedelta(seconds=30)
    assert provider.find_key("elliptic")
    assert answering.asked.count("/keys") == 2


def test_a_provider_that_is_down_is_asked_again_after_a_few_seconds(answering: Answering) -> None:
    moment: list[datetime] = [NOW]
    provider = Provider(answering.address, lambda: moment[0])
    answering.is_down = True
    for _ in range(5):
        with pytest.raises(ProviderDown):
            provider.metadata()
    assert len(answering.asked) == 1
    answering.is_down = False
    moment[0] += timedelta(seconds=5)
    assert provider.metadata().issuer == answering.address


def test_keys_that_are_known_serve_while_the_provider_is_down(answering: Answering) -> None:
    moment: list[datetime] = [NOW]
    provider = Provider(answering.address, lambda: moment[0])
    provider.find_key("rsa")
    answering.is_down = True
    moment[0] += timedelta(minutes=59)
    assert provider.find_key("rsa")


@pytest.mark.parametrize("path", ["/elsewhere", "/huge", "/list", "/text"])
def test_an_answer_that_is_none_is_no_answer(answering: Answering, path: str) -> None:
    with pytest.raises(ProviderDown):
        get_json(answering.address + path)
    assert answering.asked == [path]


def test_a_server_that_never_answers_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_READ_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ProviderDown):
            get_json(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_no_password_of_the_machine_is_sent(
    answering: Answering, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    get_json(f"{answering.address}/keys")
    with Session() as session:
        bound(session)
        session.get(f"{answering.address}/keys")
    assert [h for h in answering.headers if "Authorization" in h] == []
