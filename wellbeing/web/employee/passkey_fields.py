"""Bytes as a browser's script and a form hand them to each other: base64url without padding."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def as_text(value: bytes) -> str:
    """The bytes as text for a field."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def read_bytes(text: str) -> bytes:
    """The bytes in a field; none where it holds something else."""
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
