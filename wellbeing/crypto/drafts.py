"""What binds an unfinished check-in to one person and one round; worked out anew, never stored."""

import hmac
from hashlib import sha256
from uuid import UUID

_MARK_HEX = 32


def make_mark(app_key: bytes, *, person_id: UUID, round_id: UUID) -> str:
    """Says whose answers those are without naming anybody; nobody else's page ever carries it."""
    return _derive(b"mark", app_key, person_id, round_id)[:_MARK_HEX]


def make_device_key(app_key: bytes, *, person_id: UUID, round_id: UUID) -> str:
    """The AES key, 64 hex digits, that opens what a device keeps for this person and round."""
    return _derive(b"device key", app_key, person_id, round_id)


def is_mark(mark: str, app_key: bytes, *, person_id: UUID, round_id: UUID) -> bool:
    """Whether the mark is that of this person and round."""
    right = make_mark(app_key, person_id=person_id, round_id=round_id)
    return hmac.compare_digest(mark.encode(), right.encode())


def _derive(use: bytes, app_key: bytes, person_id: UUID, round_id: UUID) -> str:
    message = b"\0".join((b"unfinished check-in", use, person_id.bytes, round_id.bytes))
    return hmac.new(app_key, message, sha256).hexdigest()
