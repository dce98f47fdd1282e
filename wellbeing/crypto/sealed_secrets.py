"""Seals small secrets of accounts at rest: AES-256-GCM under a key in the key folder.

A sealed secret is key id, nonce and ciphertext; what it is about is bound to it, so that the sealed
secret of one person opens nothing in the row of another.
"""

import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wellbeing.crypto.secrets import get_or_make_key
from wellbeing.domain.errors import Refused

_KEY_FILE = "sign-in.secret"
_KEY_ID_BYTES, _NONCE_BYTES = 4, 12


class SealedSecrets:
    """The key for secrets of sign-in; made on first use."""

    def __init__(self, folder: Path) -> None:
        self._key = get_or_make_key(folder, _KEY_FILE)
        self._key_id = sha256(b"key id\0" + self._key).digest()[:_KEY_ID_BYTES]

    def seal(self, secret: bytes, *, about: bytes) -> bytes:
        """The secret as it is stored; twice the same gives two that differ."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._key_id + nonce + AESGCM(self._key).encrypt(nonce, secret, about)

    def open(self, sealed: bytes, *, about: bytes) -> bytes:
        """What was sealed; Refused under another key or about something else."""
        key_id, rest = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES:]
        try:
            if key_id != self._key_id:
                raise InvalidTag
            return AESGCM(self._key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            raise Refused("The key that this was locked with is not here.") from None
