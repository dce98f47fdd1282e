"""Reads the answer to an invitation out of a mail, as any calendar program writes it (RFC 6047)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from uuid import UUID

from icalendar import Calendar, Component

_UID = re.compile(r"session-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@(.+)")
_CALENDARS = ("text/calendar", "application/ics")
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Reply:
    """What one person answered about a session; `starts_at` is the time they answered about."""

    session_id: UUID
    address: str
    is_refusal: bool
    starts_at: datetime | None


def read_reply(raw: bytes, *, host: str) -> Reply | None:
    """The answer to an invitation of ours, from the one invited; None for every other mail."""
    message = message_from_bytes(raw, policy=compat32)
    senders = getaddresses([str(value) for value in message.get_all("From", [])])
    if len(senders) != 1:
        return None
    try:
        found = _find_answer(message)
    except ValueError:
        return None
    if found is None:
        return None
    uid, attendee = _UID.fullmatch(str(found.get("UID", ""))), found.get("ATTENDEE")
    if uid is None or uid[2] != host or attendee is None or isinstance(attendee, list):
        return None
    address = _address_of(str(attendee))
    if address is None or address != senders[0][1].strip().lower():
        return None
    answer = str(attendee.params.get("PARTSTAT", "")).upper()
    return Reply(UUID(uid[1]), address, answer == "DECLINED", _start_of(found))


def _find_answer(message: Message) -> Component | None:
    """The one event of the first calendar object, if that is a REPLY."""
    part = next((p for p in _parts(message) if p.get_content_type() in _CALENDARS), None)
    if part is None:
        return None
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:
        text = payload.decode(part.get_content_charset("utf-8"))
    except LookupError:  # an encoding nobody knows
        return None
    calendar = Calendar.from_ical(text)
    events = calendar.walk("VEVENT")
    if str(calendar.get("METHOD", "")).upper() != "REPLY":
        return None
    return events[0] if len(events) == 1 else None


def _parts(message: Message) -> Iterator[Message]:
    """The leaves of a mail, not those of mails that were attached to it."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            assert isinstance(part, Message)
            yield from _parts(part)
    elif not message.is_multipart():
        yield message


def _address_of(attendee: str) -> str | None:
    scheme, _, address = attendee.partition(":")
    address = address.strip().lower()
    is_one = scheme.lower() == "mailto" and "@" in address and address.isprintable()
    return address if is_one and len(address) <= _LONGEST_ADDRESS else None


def _start_of(event: Component) -> datetime | None:
    """The moment, where it is one and not a time in a zone that is told nowhere."""
    start = getattr(event.get("DTSTART"), "dt", None)
    if isinstance(start, datetime) and start.tzinfo is not None:
        return start.astimezone(UTC)
    return None
