"""One-time codes for a check-in: made at random, shown once, kept as a keyed hash only.

Twelve characters out of 31 that do not look alike are 59 bits: docs/one-time-codes.md has the
figures. Whoever has the database cannot try codes against it without the key of the service.
"""

import hmac
import secrets
from hashlib import sha256
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
LONGEST_TYPED = 40
_GROUP = 4
_PURPOSE = b"wellbeing check-in code\x00"
_RECOVERY = b"wellbeing sign-in recovery code\x00"
_BYTES = 32
_COST = (2, 19 * 1024, 1)  # passes, KiB, lanes


def make_code() -> str:
    """A new code as it is stored nowhere: twelve characters, no dashes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def show_code(code: str) -> str:
    """The code as people read and type it: ABCD-EFGH-JKMN."""
    return "-".join(code[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def read_code(typed: str) -> str:
    """What was typed, in any case, with or without dashes and spaces; it may be no code at all."""
    kept = typed[:LONGEST_TYPED].upper()
    return "".join(letter for letter in kept if letter.isascii() and letter.isalnum())


def hash_code(code: str, app_key: bytes) -> str:
    """The form in which a code is kept: 64 hexadecimal digits."""
    return hmac.new(app_key, _PURPOSE + code.encode(), sha256).hexdigest()


def hash_recovery_code(code: str, app_key: bytes, *, person_id: UUID) -> str:
    """The form in which a recovery code is kept: as costly to guess as a password, with a salt of
    this person that nobody has without the key of the service.
    """
    salt = hmac.new(app_key, _RECOVERY + person_id.bytes, sha256).digest()
    return hash_secret_raw(code.encode(), salt, *_COST, hash_len=_BYTES, type=Type.ID).hex()


def hash_of_no_code() -> str:
    """What stands in the place of a hash once its code is used: looks like one, fits nothing."""
    return secrets.token_hex(_BYTES)
