"""The diary's locks: entries are sealed to its owner's public key; only their code opens it.

The private key is kept twice, locked by the code and by a recovery code, each through Argon2id,
and once more for each passkey, locked by the 256 bits that the passkey alone can make. Without any
of them it is lost, and nobody can bring it back.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

import nacl.pwhash.argon2id as argon2id
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from wellbeing.domain.errors import BadInput

ENTRY_BYTES = 384
SECRET_BYTES = 32
SALT_BYTES = 32
NAME_BYTES = 64
_SALT = argon2id.SALTBYTES
_OPS = argon2id.OPSLIMIT_MODERATE
_MEMORY = argon2id.MEMLIMIT_MODERATE // 2
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_RECOVERY_GROUPS, _GROUP_LETTERS = 5, 5
_PASSKEY_LOCK_BYTES = SecretBox.NONCE_SIZE + 32 + SecretBox.MACBYTES


@dataclass(frozen=True, slots=True)
class NewDiary:
    """A diary just made: what is stored, and the recovery code shown once."""

    public_key: bytes
    locked_by_code: bytes
    locked_by_recovery: bytes
    recovery_code: str


def make_diary(code: str) -> NewDiary:
    """A new key pair locked by `code` and by a recovery code made now."""
    private = bytes(PrivateKey.generate())
    recovery = make_recovery_code()
    return NewDiary(
        public_key_of(private),
        lock_by_code(private, code),
        lock_by_code(private, recovery),
        recovery,
    )


def public_key_of(private_key: bytes) -> bytes:
    """The public half of a diary's key."""
    return bytes(PrivateKey(private_key).public_key)


def make_recovery_code() -> str:
    """25 letters and digits that cannot be mistaken for each other, about 123 bits."""
    return "-".join(
        "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_GROUP_LETTERS))
        for _ in range(_RECOVERY_GROUPS)
    )


def lock_by_code(private_key: bytes, code: str) -> bytes:
    """The private key as only this code opens it; always the same number of bytes."""
    salt = random_bytes(_SALT)
    return salt + bytes(SecretBox(_derive(code, salt)).encrypt(private_key))


def unlock_by_code(locked: bytes, code: str) -> bytes | None:
    """The private key; None when the code does not fit."""
    try:
        return bytes(SecretBox(_derive(code, locked[:_SALT])).decrypt(locked[_SALT:]))
    except CryptoError:
        return None


def unlock_diary(code: str, locked_by_code: bytes, locked_by_recovery: bytes) -> bytes:
    """The private key, by code or recovery code; BadInput when neither fits."""
    recovery = _read_recovery_code(code)
    for locked, attempt in ((locked_by_code, code), (locked_by_recovery, recovery)):
        private = unlock_by_code(locked, attempt) if attempt else None
        if private is not None:
            return private
    raise BadInput("That code does not open the diary.")


def lock_by_passkey(private_key: bytes, secret: bytes, name: str) -> bytes:
    """The private key locked by what a passkey makes, with the passkey's name beside it.

    The name is sealed to the diary: only whoever has opened it reads what its owner calls a key.
    """
    lock = bytes(SecretBox(_derive_from_passkey(secret)).encrypt(private_key))
    padded = name.encode()[:NAME_BYTES].ljust(NAME_BYTES)
    return lock + SealedBox(PublicKey(public_key_of(private_key))).encrypt(padded)


def unlock_by_passkey(locked: bytes, secret: bytes) -> bytes:
    """The private key; BadInput when another passkey made this secret."""
    try:
        box = SecretBox(_derive_from_passkey(secret))
        return bytes(box.decrypt(locked[:_PASSKEY_LOCK_BYTES]))
    except (CryptoError, ValueError):
        raise BadInput("That passkey does not open the diary.") from None


def read_passkey_name(locked: bytes, private_key: bytes) -> str:
    """What the owner calls the passkey of this lock."""
    try:
        name = SealedBox(PrivateKey(private_key)).decrypt(locked[_PASSKEY_LOCK_BYTES:])
    except (CryptoError, ValueError):
        raise BadInput("A diary entry cannot be opened.") from None
    return name.decode(errors="ignore").strip()


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


def _derive_from_passkey(secret: bytes) -> bytes:
    # Full random bits, so nothing slow is needed; the label keeps the key to this one use.
    if len(secret) != SECRET_BYTES:
        raise ValueError("What a passkey makes has 32 bytes.")
    return blake2b(b"", key=secret, person=b"diary passkey", encoder=RawEncoder)


def _read_recovery_code(typed: str) -> str | None:
    """The recovery code in what was typed, whatever stands between its letters; else None."""
    letters = "".join(typed.lower().replace("-", " ").split())
    if len(letters) != _RECOVERY_GROUPS * _GROUP_LETTERS or set(letters) - set(_RECOVERY_ALPHABET):
        return None
    groups = (letters[at : at + _GROUP_LETTERS] for at in range(0, len(letters), _GROUP_LETTERS))
    return "-".join(groups)
