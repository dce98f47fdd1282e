"""Seals fields of the database: AES-256-GCM, with the number of the key before each value.

A value is bound to the column and the row that it was sealed for. Lengths are rounded up to powers
of two, so that most names, addresses and numbers look alike. docs/keys.md says what this protects
from, and what it does not.
"""

import hmac
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wellbeing.crypto.key_folder import INDEX, KeyFolder, fields_name
from wellbeing.domain.errors import UnfitKeys

NONCE_BYTES = 12
TAG_BYTES = 16
SHORTEST = 64
_FORMAT = 1
_HEADER = struct.Struct(">BI")
_LENGTH = struct.Struct(">I")
HEADER_BYTES = _HEADER.size
_PURPOSE = b"wellbeing field\0"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys as they were read: by number, which is the newest, and the one for indexes.

    `following`: where the next key will lie once somebody makes it.
    """

    ciphers: dict[int, AESGCM]
    newest: int
    index: bytes
    following: Path


class FieldKeys:
    """Seals with the newest key of a folder, opens with any of them.

    Read when first needed. A key that appears later is found at once: before every sealing it is
    asked whether there is a newer one, so that a rotation can count on nobody sealing with the
    old one; and before a value is given up, the folder is read again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = KeyFolder(folder)
        self._ring: KeyRing | None = None
        self._reading = Lock()

    @property
    def newest(self) -> int:
        """The number of the key that seals now."""
        return self._fresh().newest

    def seal(self, plain: bytes, *, place: str, row: UUID) -> bytes:
        """`plain` for one place (table.column) of one row, sealed with the newest key."""
        ring = self._fresh()
        header = _HEADER.pack(_FORMAT, ring.newest)
        nonce = os.urandom(NONCE_BYTES)
        padded = (_LENGTH.pack(len(plain)) + plain).ljust(padded_size(len(plain)), b"\0")
        about = _about(header, place, row)
        return header + nonce + ring.ciphers[ring.newest].encrypt(nonce, padded, about)

    def open(self, sealed: bytes, *, place: str, row: UUID) -> bytes:
        """What was sealed for this place and row; UnfitKeys for anything else, never garbage."""
        number = key_number(sealed)
        header, rest = sealed[: _HEADER.size], sealed[_HEADER.size :]
        cipher = self._cipher(number)
        try:
            padded = cipher.decrypt(
                rest[:NONCE_BYTES], rest[NONCE_BYTES:], _about(header, place, row)
            )
        except InvalidTag:
            raise UnfitKeys(
                "A value of {place} was changed or moved, or {path} is not the key it needs.",
                place=place,
                path=str(self.folder.path(fields_name(number))),
            ) from None
        (length,) = _LENGTH.unpack_from(padded)
        return padded[_LENGTH.size : _LENGTH.size + length]

    def index(self, text: str, *, place: str) -> bytes:
        """The keyed hash by which the text is found again in this place."""
        message = b"\0".join((_PURPOSE, place.encode(), text.encode()))
        return hmac.digest(self._known().index, message, "sha256")

    def check(self) -> None:
        """UnfitKeys unless every key of the folder can be read and by nobody else."""
        self._fresh()

    def _cipher(self, number: int) -> AESGCM:
        cipher = self._known().ciphers.get(number) or self._read_again().ciphers.get(number)
        if cipher is None:
            path = self.folder.path(fields_name(number))
            raise UnfitKeys("The key file {path} is missing.", path=str(path))
        return cipher

    def _known(self) -> KeyRing:
        return self._ring or self._read_again()

    def _fresh(self) -> KeyRing:
        ring = self._known()
        return self._read_again() if ring.following.exists() else ring

    def _read_again(self) -> KeyRing:
        with self._reading:
            self._ring = read_ring(self.folder)
            return self._ring


def read_ring(folder: KeyFolder) -> KeyRing:
    """The keys in a folder; UnfitKeys names the first file that is missing or open to others."""
    numbers = folder.field_numbers()
    if not numbers:
        path = folder.path(fields_name(1))
        raise UnfitKeys(
            "The key file {path} is missing: without it no name or address can be read. Put the "
            "key folder of this database back.",
            path=str(path),
        )
    ciphers = {number: AESGCM(folder.read(fields_name(number))) for number in numbers}
    newest = numbers[-1]
    following = folder.path(fields_name(newest + 1))
    return KeyRing(ciphers, newest, folder.read(INDEX), following)


def make_field_keys(folder: Path) -> FieldKeys:
    """The keys in a folder, made if there are none yet; by whichever process is first."""
    keys = KeyFolder(folder)
    if not keys.field_numbers():
        keys.make(INDEX)
        keys.make(fields_name(1))
    return FieldKeys(folder)


def key_number(sealed: bytes) -> int:
    """The number of the key that a value was sealed with; UnfitKeys for what is no such value."""
    if len(sealed) < _HEADER.size + NONCE_BYTES + TAG_BYTES or sealed[0] != _FORMAT:
        raise UnfitKeys("A value that should be sealed is not.")
    return number_in(sealed)


def number_in(header: bytes) -> int:
    """The number of the key in the first bytes of a value."""
    return int(_HEADER.unpack_from(header)[1])


def header_of(number: int) -> bytes:
    """What every value begins with that was sealed with this key."""
    return _HEADER.pack(_FORMAT, number)


def padded_size(length: int) -> int:
    """A power of two that holds so many bytes and their length; 64 at least."""
    return max(SHORTEST, 1 << (length + _LENGTH.size - 1).bit_length())


def _about(header: bytes, place: str, row: UUID) -> bytes:
    return b"\0".join((_PURPOSE, header, place.encode(), row.bytes))
