"""Files of the key folder: written whole or not at all, and overwritten before they are removed."""

import os
import secrets
from pathlib import Path

from wellbeing.domain.errors import Missing


def read_secret(path: Path) -> bytes:
    """What the file holds; raises Missing naming it."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Missing("The key file {path} is missing.", path=str(path)) from None


def write_secret(path: Path, secret: bytes, *, mode: int = 0o600) -> None:
    """Puts the file there whole, for its owner only unless `mode` says more; replaces the old."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def shred(path: Path) -> None:
    """Overwrites and removes the file; again is fine."""
    # Overwriting reaches the old blocks on ordinary disks; on copy-on-write file systems and
    # flash it may not, which is why the key folder belongs on a volume that is not snapshotted.
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink()


def sync_folder(folder: Path) -> None:
    """Makes sure that names written or removed stay so after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
