"""A message goes to a real address, signed, and nowhere that it must not go."""

import datetime as dt
import ipaddress
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook_receiver import OWN, Mood, load_verifier, running_receiver
from wellbeing.domain.errors import BadInput
from wellbeing.webhook_posts import (
    Forbidden,
    NotTaken,
    check_address,
    is_public,
    make_secret,
    post,
    sign,
)

NOW, BODY = 1_770_000_000, b'{"type":"flag.raised"}'
is_genuine = load_verifier()


def send(url: str, *, resolve: Sequence[str] | None = None, **more: object) -> None:
    """One message, to a machine of one's own network."""
    ways = {} if resolve is None else {"resolve": lambda _host, _port: resolve}
    given = {"timestamp": NOW, "own_networks": OWN, **ways, **more}
    post(url, SECRET, "msg_1", BODY, **given)  # type: ignore[arg-type]


SECRET = make_secret()


def test_the_signature_is_that_of_the_convention() -> None:
    # The example that the convention's own libraries are tested with.
    said = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_that_arrives_is_genuine_and_no_other_is() -> None:
    with running_receiver() as receiver:
        send(receiver.url)
    ((headers, body),) = receiver.received
    assert body == BODY
    assert is_genuine(SECRET, headers, body, NOW + 10)
    assert not is_genuine(make_secret(), headers, body, NOW + 10)
    assert not is_genuine(SECRET, headers, body + b" ", NOW + 10)
    assert not is_genuine(SECRET, {**headers, "webhook-id": "msg_2"}, body, NOW + 10)
    # Overheard and sent again later, or with a newer time.
    assert not is_genuine(SECRET, headers, body, NOW + 301)
    assert not is_genuine(SECRET, {**headers, "webhook-timestamp": str(NOW + 300)}, body, NOW + 310)
    assert not is_genuine(SECRET, {}, body, NOW)


@pytest.mark.parametrize("mood", [Mood.FAILS, Mood.REFUSES, Mood.DIES])
def test_what_is_not_answered_with_yes_was_not_taken(mood: Mood) -> None:
    with running_receiver() as receiver:
        receiver.mood = mood
        with pytest.raises(NotTaken):
            send(receiver.url)
    assert len(receiver.received) == 1


def test_a_redirect_is_not_followed() -> None:
    with running_receiver() as receiver:
        receiver.mood = Mood.REDIRECTS
        with pytest.raises(NotTaken, match="307"):
            send(receiver.url)
    assert receiver.visits == ["/hook"]


@pytest.mark.parametrize("mood", [Mood.HANGS, Mood.DRIPS])
def test_whoever_answers_too_slowly_is_left(mood: Mood) -> None:
    with running_receiver() as receiver:
        receiver.mood = mood
        began = time.monotonic()
        with pytest.raises(NotTaken):
            send(receiver.url, seconds=0.4)
        assert time.monotonic() - began < 4


def test_nobody_there_is_told_as_that() -> None:
    with running_receiver() as receiver:
        pass
    with pytest.raises(NotTaken, match="did not answer"):
        send(receiver.url)


@pytest.mark.parametrize(
    "found",
    [
        ["10.0.0.1"],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["192.168.1.1"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["::1"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["2001:0:1:2:3:4:5:6"],
        ["ff02::1"],
        # One good address does not make up for the other.
        ["93.184.215.14", "10.0.0.1"],
    ],
)
def test_a_name_that_leads_inside_is_not_called(found: list[str]) -> None:
    with pytest.raises(Forbidden):
        send("https://hook.example/", resolve=found, own_networks=())


def test_a_name_is_looked_up_once_and_called_where_it_was_found() -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        # As a name that is rebound: good at first, inside afterwards.
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with running_receiver() as receiver:
        url = receiver.url
        post(url, SECRET, "msg_1", BODY, timestamp=NOW, own_networks=OWN, resolve=resolve)
    assert asked == ["127.0.0.1"]
    assert receiver.received[0][0]["host"] == f"127.0.0.1:{receiver.port}"


def test_an_encrypted_address_is_called_by_its_name_and_must_prove_it(tmp_path: Path) -> None:
    server, client = make_contexts(tmp_path, "hook.example")
    with running_receiver(server) as receiver:
        url = f"https://hook.example:{receiver.port}/hook?a=1"
        send(url, resolve=["127.0.0.1"], context=client)
        assert receiver.received[0][0]["host"] == f"hook.example:{receiver.port}"
        assert receiver.visits == ["/hook?a=1"]
        other = url.replace("hook.example", "other.example")
        with pytest.raises(NotTaken, match="SSLCertVerificationError"):
            send(other, resolve=["127.0.0.1"], context=client)
        with pytest.raises(NotTaken, match="SSLCertVerificationError"):
            send(url, resolve=["127.0.0.1"])
    assert len(receiver.received) == 1


def test_a_name_that_is_not_known_can_be_tried_again() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(NotTaken) as fault:
        post("https://hook.example/", SECRET, "m", BODY, timestamp=NOW, resolve=unknown)
    assert not isinstance(fault.value, Forbidden)


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/",
        "ftp://hook.example/",
        "https://",
        "https:///x",
        "hook.example",
        "https://eva:code@hook.example/",
        "https://hook.example/#x",
        "https://hook.example/a b",
        "https://hook.example/\r\nX: y",
        "https://høk.example/",
        "https://hook.example:0/",
        "https://hook.example:99999/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.0.0.1/",
        "http://127.0.0.1/",
    ],
)
def test_an_address_that_no_message_may_go_to_is_not_taken(url: str) -> None:
    with pytest.raises(BadInput):
        check_address(url, ())


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://hook.example/a?b=c", ()),
        ("https://93.184.215.14/", ()),
        ("https://10.20.1.1/", ("10.20.0.0/16",)),
        ("http://127.0.0.1:8080/", OWN),
    ],
)
def test_an_address_on_the_internet_or_of_one_s_own_network_is_taken(
    url: str, own: tuple[str, ...]
) -> None:
    check_address(url, own)


def test_even_on_one_s_own_network_messages_are_encrypted() -> None:
    with pytest.raises(BadInput, match="https"):
        check_address("http://10.20.1.1/", ("10.20.0.0/16",))


@given(st.ip_addresses(v=4))
def test_an_address_inside_stays_inside_however_it_is_wrapped(inner: ipaddress.IPv4Address) -> None:
    wrapped = (f"::ffff:{inner}", f"64:ff9b::{inner}", str(_sixtofour(inner)))
    for one in wrapped:
        assert is_public(ipaddress.ip_address(one)) == is_public(inner)


def _sixtofour(inner: ipaddress.IPv4Address) -> ipaddress.IPv6Address:
    return ipaddress.IPv6Address((0x2002 << 112) | (int(inner) << 80))


def make_contexts(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server with a certificate for that name, and a client that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "cert.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(pem + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))
