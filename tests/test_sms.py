"""A text message reaches the gateway once, encrypted or on this machine; refusals differ."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from pydantic import ValidationError

from tests.sms_receiver import Receiver, running_receiver
from wellbeing import sms
from wellbeing.settings import Settings
from wellbeing.sms import GatewayDown, Sms, SmsHandoverUnclear, SmsRefused, find_gateway

MESSAGE = Sms("abc@osterhus.example", "+4510001001", "Åbent til i morgen: https://x.example/code/A")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A gateway on this machine."""
    with running_receiver() as running:
        yield running


def send(**settings: Any) -> None:
    """Hands the message to the gateway of these settings."""
    gateway = find_gateway(Settings(**settings))
    assert gateway is not None
    gateway.send(MESSAGE)


def test_without_a_gateway_there_is_none() -> None:
    assert find_gateway(Settings()) is None


def test_the_file_gateway_appends_a_line_each_that_only_its_owner_reads(tmp_path: Path) -> None:
    for _ in range(2):
        send(sms_gateway="file", data=tmp_path / "new")
    file = tmp_path / "new" / sms.FILE
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines == [{"id": MESSAGE.id, "to": MESSAGE.to, "text": MESSAGE.text}] * 2
    assert S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("how", "content_type"),
    [("json", "application/json"), ("form", "application/x-www-form-urlencoded")],
)
def test_a_message_is_posted_with_token_sender_and_an_id_of_its_own(
    receiver: Receiver, how: str, content_type: str
) -> None:
    send(
        sms_gateway="http",
        sms_url=receiver.url,
        sms_token="hemmelig",
        sms_sender="Trivsel",
        sms_format=how,
    )
    (taken,), (headers,) = receiver.taken, receiver.headers
    assert taken == {
        "to": MESSAGE.to,
        "from": "Trivsel",
        "text": MESSAGE.text,
        "id": MESSAGE.id,
    }
    assert headers["Authorization"] == "Bearer hemmelig"
    assert headers["Idempotency-Key"] == MESSAGE.id
    assert headers["Content-Type"] == content_type


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_refusal_of_the_message_is_final(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(SmsRefused) as refused:
        send(sms_gateway="http", sms_url=receiver.url)
    assert refused.value.is_final


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_gateway_in_trouble_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(SmsRefused) as refused:
        send(sms_gateway="http", sms_url=receiver.url)
    assert not refused.value.is_final


@pytest.mark.asvs("15.3.2")
@pytest.mark.parametrize("status", [301, 307, 308, 401, 403, 404])
def test_a_wrong_address_or_token_loses_no_message_and_no_redirect_is_followed(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status
    with pytest.raises(GatewayDown):
        send(sms_gateway="http", sms_url=receiver.url)
    assert len(receiver.received) == 1


def test_a_gateway_that_is_not_there_has_taken_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(GatewayDown):
        send(sms_gateway="http", sms_url=f"http://127.0.0.1:{port}/")


def test_a_connection_that_breaks_leaves_it_unclear(receiver: Receiver) -> None:
    receiver.dies = True
    with pytest.raises(SmsHandoverUnclear):
        send(sms_gateway="http", sms_url=receiver.url)


def test_a_gateway_that_never_answers_leaves_it_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "_TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SmsHandoverUnclear):
        send(sms_gateway="http", sms_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")


@pytest.mark.asvs("12.3.1")
@pytest.mark.parametrize(
    "url", ["", "http://sms.example.dk/send", "ftp://127.0.0.1/x", "https://", "127.0.0.1/send"]
)
def test_an_address_that_is_not_encrypted_is_no_setting(url: str) -> None:
    with pytest.raises(ValidationError, match="sms_url must be an https address"):
        Settings(sms_gateway="http", sms_url=url)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["https://sms.example.dk/send", "http://127.0.0.1:8099/send"])
def test_an_encrypted_address_or_one_of_this_machine_is(url: str) -> None:
    assert Settings(sms_gateway="http", sms_url=url).sms_url == url  # type: ignore[arg-type]
