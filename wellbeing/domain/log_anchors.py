"""Anchors of the audit log: how far it had come, written outside the database, one a line.

Each line holds the hash of the line before it, so that a line changed or taken out shows. The last
line has none after it: copies elsewhere (the mail to the data-protection officer) vouch for it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

NO_LINE = "0" * 64
_HASH_LENGTH = 64


@dataclass(frozen=True, slots=True)
class LogAnchor:
    """The last event there was at a moment. `source` says where the anchor itself comes from."""

    number: int
    hash: str
    at: datetime | None
    organisation: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class AnchorLines:
    """What a file of anchors says; `faults` are sentences, empty where it is whole."""

    anchors: tuple[LogAnchor, ...]
    faults: tuple[str, ...]
    last_line_hash: str


def write_line(anchor: LogAnchor, previous: str) -> str:
    """The line of an anchor, with its end, after a line of this hash."""
    assert anchor.at is not None
    said = {
        "number": anchor.number,
        "hash": anchor.hash,
        "at": anchor.at.astimezone(UTC).isoformat(),
        "organisation": anchor.organisation,
        "previous": previous,
    }
    return json.dumps(said) + "\n"


def whole_lines(content: bytes) -> bytes:
    """The content without a last line that was never finished."""
    return content[: content.rfind(b"\n") + 1]


def read_lines(content: bytes, name: str) -> AnchorLines:
    """Every anchor, and each line that does not fit the one before it or cannot be read."""
    anchors: list[LogAnchor] = []
    faults: list[str] = []
    previous = NO_LINE
    for number, line in enumerate(whole_lines(content).splitlines(), start=1):
        place = f"{name}, line {number}"
        try:
            said = json.loads(line)
            anchor = _read(said, place)
        except (ValueError, KeyError, TypeError, RecursionError):
            faults.append(f"{place} is no anchor: the file was edited.")
        else:
            anchors.append(anchor)
            if said.get("previous") != previous:
                faults.append(
                    f"{place} does not follow the line before it: the file was edited there, or "
                    "before."
                )
        previous = sha256(line).hexdigest()
    return AnchorLines(tuple(anchors), tuple(faults), previous)


def read_given(given: Iterable[str]) -> list[LogAnchor]:
    """Anchors typed as NUMBER:HASH, out of a mail; ValueError names one that is none."""
    anchors = []
    for text in given:
        number, _, said = text.strip().partition(":")
        if not number.isdecimal() or not _is_hash(said.lower()):
            raise ValueError(text)
        anchors.append(LogAnchor(int(number), said.lower(), None, source="the one given"))
    return anchors


def _read(said: Any, source: str) -> LogAnchor:
    number, at = said["number"], datetime.fromisoformat(said["at"])
    if type(number) is not int or number < 1 or not _is_hash(said["hash"]) or at.tzinfo is None:
        raise ValueError(said)
    return LogAnchor(number, said["hash"], at, str(said["organisation"]), source)


def _is_hash(text: Any) -> bool:
    return (
        isinstance(text, str) and len(text) == _HASH_LENGTH and set(text) <= set("0123456789abcdef")
    )
