"""Files that only the holder of a recovery key reads: sealed piece by piece, never whole in memory.

A random key is sealed to the recovery key (X25519 sealed box); with it the pieces are encrypted as
one stream (XChaCha20-Poly1305), so that none can be changed, swapped, doubled or cut off unseen.
"""

import os
from pathlib import Path
from typing import BinaryIO

from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from wellbeing.domain.errors import BadInput

PIECE_BYTES = 64 * 1024
_STREAM_KEY_BYTES = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES
_HEADER_BYTES = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_TAG_BYTES = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_SEALED_KEY_BYTES = _STREAM_KEY_BYTES + 48
_PUBLIC, _PRIVATE = "wellbeing-public-", "wellbeing-recovery-"


def make_recovery_key(path: Path) -> str:
    """Writes a new private recovery key to a file of its own; the public key as text."""
    pair = PrivateKey.generate()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{_PRIVATE}{bytes(pair).hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return f"{_PUBLIC}{bytes(pair.public_key).hex()}"


def read_public_key(text: str) -> PublicKey:
    """The public key in a text; BadInput when it is none."""
    return PublicKey(_read_hex(text, _PUBLIC, "That is no public recovery key."))


def read_private_key(path: Path) -> PrivateKey:
    """The private key in a file; BadInput when it cannot be read or is none."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The recovery key {path} cannot be read.") from None
    return PrivateKey(_read_hex(text, _PRIVATE, f"{path} holds no private recovery key."))


class SealingWriter:
    """Encrypts what is written; `close` writes the last piece, without which nothing is read."""

    def __init__(self, target: BinaryIO, to: PublicKey) -> None:
        key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        header = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        self._target = target
        self._waiting = bytearray()
        target.write(SealedBox(to).encrypt(key) + header)

    def write(self, content: bytes) -> int:
        """Takes the bytes; whole pieces are written at once."""
        self._waiting += content
        while len(self._waiting) > PIECE_BYTES:
            self._push(bytes(self._waiting[:PIECE_BYTES]), _MESSAGE)
            del self._waiting[:PIECE_BYTES]
        return len(content)

    def close(self) -> None:
        """Writes what is left as the last piece."""
        self._push(bytes(self._waiting), _FINAL)

    def _push(self, piece: bytes, tag: int) -> None:
        pushed = bindings.crypto_secretstream_xchacha20poly1305_push(self._state, piece, tag=tag)
        self._target.write(pushed)


class OpeningReader:
    """Decrypts what was sealed; BadInput for another key, and for a changed or shortened file."""

    def __init__(self, source: BinaryIO, key: PrivateKey) -> None:
        self._source = source
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._read = bytearray()
        self._is_over = False
        sealed, header = source.read(_SEALED_KEY_BYTES), source.read(_HEADER_BYTES)
        try:
            stream_key = SealedBox(key).decrypt(sealed)
            bindings.crypto_secretstream_xchacha20poly1305_init_pull(
                self._state, header, stream_key
            )
        except (CryptoError, ValueError):
            raise BadInput("The recovery key does not open this backup.") from None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, fewer only at the end."""
        while not self._is_over and (size < 0 or len(self._read) < size):
            self._pull()
        end = len(self._read) if size < 0 else size
        found = bytes(self._read[:end])
        del self._read[:end]
        return found

    def _pull(self) -> None:
        piece = self._source.read(PIECE_BYTES + _TAG_BYTES)
        try:
            plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._state, piece)
        except (CryptoError, RuntimeError, ValueError):
            raise BadInput("The backup was changed or cut short after it was made.") from None
        self._read += plain
        self._is_over = tag == _FINAL


def _read_hex(text: str, prefix: str, fault: str) -> bytes:
    typed = text.strip()
    try:
        key = bytes.fromhex(typed.removeprefix(prefix))
    except ValueError:
        raise BadInput(fault) from None
    if not typed.startswith(prefix) or len(key) != PublicKey.SIZE:
        raise BadInput(fault)
    return key
