"""The diary's locks: entries are sealed to its owner's public key; only their code opens it.

The private key is kept twice, locked by the code and by a recovery code, each through Argon2id.
Without either it is lost, and nobody can bring it back.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

import nacl.pwhash.argon2id as argon2id
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from wellbeing.domain.errors import BadInput

ENTRY_BYTES = 384
MIN_CODE_LENGTH = 8
_SALT = argon2id.SALTBYTES
_OPS = argon2id.OPSLIMIT_MODERATE
_MEMORY = argon2id.MEMLIMIT_MODERATE // 2
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class NewDiary:
    """A diary just made: what is stored, and the recovery code shown once."""

    public_key: bytes
    locked_by_code: bytes
    locked_by_recovery: bytes
    recovery_code: str


def make_diary(code: str) -> NewDiary:
    """A new key pair locked by `code`; BadInput when the code is too short."""
    if len(code) < MIN_CODE_LENGTH:
        raise BadInput("The code needs at least {length} characters.", length=MIN_CODE_LENGTH)
    private = PrivateKey.generate()
    recovery = "-".join(
        "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(5)) for _ in range(5)
    )
    return NewDiary(
        bytes(private.public_key), _lock(private, code), _lock(private, recovery), recovery
    )


def unlock_diary(code: str, locked_by_code: bytes, locked_by_recovery: bytes) -> bytes:
    """The private key, by code or recovery code; BadInput when neither fits."""
    for locked, attempt in ((locked_by_code, code), (locked_by_recovery, code.strip().lower())):
        private = _unlock(locked, attempt)
        if private is not None:
            return private
    raise BadInput("That code does not open the diary.")


def seal_entry(entry: dict[str, Any], public_key: bytes) -> bytes:
    """An entry as bytes only its owner can open; always the same length."""
    plain = json.dumps(entry, separators=(",", ":")).encode()
    if len(plain) > ENTRY_BYTES:
        raise ValueError("A diary entry is longer than every entry may be.")
    return SealedBox(PublicKey(public_key)).encrypt(plain.ljust(ENTRY_BYTES))


def open_entry(sealed: bytes, private_key: bytes) -> dict[str, Any]:
    """The entry; BadInput when it was not sealed for this key."""
    try:
        entry = json.loads(SealedBox(PrivateKey(private_key)).decrypt(sealed))
    except (CryptoError, ValueError):
        raise BadInput("A diary entry cannot be opened.") from None
    assert isinstance(entry, dict)
    return entry


def _derive(code: str, salt: bytes) -> bytes:
    return argon2id.kdf(SecretBox.KEY_SIZE, code.encode(), salt, opslimit=_OPS, memlimit=_MEMORY)


def _lock(private: PrivateKey, code: str) -> bytes:
    salt = random_bytes(_SALT)
    return salt + bytes(SecretBox(_derive(code, salt)).encrypt(bytes(private)))


def _unlock(locked: bytes, code: str) -> bytes | None:
    try:
        return bytes(SecretBox(_derive(code, locked[:_SALT])).decrypt(locked[_SALT:]))
    except CryptoError:
        return None
