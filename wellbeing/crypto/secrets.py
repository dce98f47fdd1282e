"""Secrets of the service itself: the key that signs cookies and links, tokens, passwords."""

import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wellbeing.crypto.key_folder import APP, KeyFolder
from wellbeing.domain.passwords import normalise_password

# 19 MiB and two passes: about 40 ms, the least that current guidance allows; ten thousand people
# who sign in on one morning cost minutes, not hours.
_HASHING_AT_ONCE = 2
T = TypeVar("T")
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def get_or_make_app_key(folder: Path) -> bytes:
    """The key that signs cookies and links; made on first use, by whichever process is first."""
    return get_or_make_key(folder, APP)


def get_or_make_key(folder: Path, name: str) -> bytes:
    """A key of the service in a file of this name; made on first use, and never twice."""
    keys = KeyFolder(folder)
    keys.make(name)
    return keys.read(name)


def get_app_keys(folder: Path) -> tuple[bytes, ...]:
    """The key that signs, and after it those that signed before and are still believed."""
    keys = KeyFolder(folder)
    before = (keys.read(name) for name in reversed(keys.old_app_keys()))
    return (get_or_make_app_key(folder), *before)


def has_app_key(folder: Path) -> bool:
    """Whether there is such a key already."""
    return (folder / APP).exists()


def make_token() -> str:
    """A secret of 256 bits for a link or a session."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """The form in which a token is stored; a plain hash is enough for 256 random bits."""
    return sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _in_hashing_thread(_HASHER.hash, normalise_password(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long where there is no hash to compare with."""
    try:
        typed = normalise_password(password)
        known = password_hash or _nobodys_hash()
        return _in_hashing_thread(_HASHER.verify, known, typed) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def _in_hashing_thread(act: Callable[..., T], *given: str) -> T:
    return _hashing_threads(os.getpid()).submit(act, *given).result()


@cache
def _hashing_threads(_process: int) -> ThreadPoolExecutor:
    """Each thread that hashes keeps its 19 MiB for the next time, which spares a third of the work;
    so few threads do it, and a web process of many threads stays small.
    """
    return ThreadPoolExecutor(_HASHING_AT_ONCE, thread_name_prefix="hashing")


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
