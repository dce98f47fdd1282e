"""Reads what a mail server reports about a mail it could not deliver (RFC 3464, RFC 6522)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from uuid import UUID

from wellbeing.domain.mail_status import find_status, is_no_such_address

_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^>\s]+)>")
_RECIPIENTS = ("Original-Recipient", "Final-Recipient")


@dataclass(frozen=True, slots=True)
class Report:
    """A mail of ours that did not arrive: its id, the addresses named, and whether none exists."""

    message_id: UUID
    addresses: frozenset[str]
    is_no_such_address: bool


def is_automatic(raw: bytes) -> bool:
    """Whether a machine wrote this by itself: a report, a bounce of any form, an absence note.

    Such a mail may quote the one it is about, so no person is given it to read.
    """
    head = message_from_bytes(raw.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0], policy=compat32)
    return (
        head.get_content_type() == "multipart/report"
        or "".join(str(head.get("Return-Path", "-")).split()) == "<>"
        or str(head.get("Auto-Submitted", "")).strip().lower().startswith("auto-replied")
        or "X-Failed-Recipients" in head
    )


def read_report(raw: bytes, *, host: str) -> Report | None:
    """The report of a failure for good, about a mail from this host; None for everything else."""
    message = message_from_bytes(raw, policy=compat32)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    failed = [block for part in parts for block in _status_blocks(part) if _has_failed(block)]
    returned = next((found for part in parts if (found := _returned(part)) is not None), None)
    message_id = _find_id([returned, message], host)
    if message_id is None or not failed:
        return None
    named = {_recipient(block, name) for block in failed for name in _RECIPIENTS}
    if returned is not None:
        to = [str(value) for value in returned.get_all("To", [])]
        named |= {address.casefold() for _, address in getaddresses(to)}
    statuses = [find_status(str(block.get("Status", ""))) or "" for block in failed]
    return Report(message_id, frozenset(named - {""}), any(map(is_no_such_address, statuses)))


def _status_blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a message/delivery-status; the first is about the report itself."""
    if part.get_content_type() == "message/delivery-status" and part.is_multipart():
        yield from (block for block in part.get_payload() if isinstance(block, Message))


def _has_failed(block: Message) -> bool:
    return str(block.get("Action", "")).strip().lower() == "failed"


def _recipient(block: Message, name: str) -> str:
    _, _, address = str(block.get(name, "")).partition(";")
    return address.strip().strip("<>").casefold()


def _returned(part: Message) -> Message | None:
    """The mail that is sent back, or its head alone."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        return inner if isinstance(inner, Message) else None
    if part.get_content_type() == "text/rfc822-headers":
        head = part.get_payload(decode=True)
        return message_from_string(head.decode("utf-8", "replace")) if head else None  # type: ignore[union-attr]
    return None


def _find_id(messages: list[Message | None], host: str) -> UUID | None:
    for message in messages:
        for name in ("Message-ID", "In-Reply-To", "References"):
            text = str(message.get(name, "")) if message is not None else ""
            for found in _OURS.finditer(text):
                if found[2].lower() == host.lower():
                    return UUID(found[1])
    return None
