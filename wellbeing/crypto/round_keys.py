"""The key directory: two files a round, outside the database and its backups.

`<round>.private` opens ballots and is needed by the publishing job alone; `<round>.mac` signs
ballots and is needed by the employee's web process, too: it may lie in a folder of its own.
Destroying both makes every ballot unreadable for good.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from nacl.public import PrivateKey

from wellbeing.domain.errors import Missing

MAC_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class RoundKeys:
    """Where keys lie; every method names the file it could not find."""

    folder: Path
    mac_folder: Path | None = None

    def make(self, round_id: UUID) -> str:
        """Makes both keys of a round that is not open yet; the public key as hex.

        Safe to repeat: a pair left by an opening that was cut short is replaced.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = PrivateKey.generate()
        _write(self._private(round_id), bytes(private))
        _write(self._mac(round_id), os.urandom(MAC_KEY_BYTES), mode=self._mac_mode)
        for folder in self._folders:
            _sync_folder(folder)
        return bytes(private.public_key).hex()

    def get_private(self, round_id: UUID) -> bytes:
        """The private key; raises Missing naming the file."""
        return _read(self._private(round_id))

    def get_mac(self, round_id: UUID) -> bytes:
        """The key that signs ballots; raises Missing naming the file."""
        return _read(self._mac(round_id))

    def destroy(self, round_id: UUID) -> None:
        """Overwrites and removes both keys and what a write cut short left; again is fine."""
        for path in (self._private(round_id), self._mac(round_id)):
            _shred(path)
            _shred(_beside(path))
        for folder in self._folders:
            if folder.is_dir():
                _sync_folder(folder)

    def exist(self, round_id: UUID) -> bool:
        """Whether any key of the round is left."""
        return self._private(round_id).exists() or self._mac(round_id).exists()

    def _private(self, round_id: UUID) -> Path:
        return self.folder / f"{round_id}.private"

    def _mac(self, round_id: UUID) -> Path:
        return (self.mac_folder or self.folder) / f"{round_id}.mac"

    @property
    def _folders(self) -> list[Path]:
        return [self.folder, *([self.mac_folder] if self.mac_folder else [])]

    @property
    def _mac_mode(self) -> int:
        # In a folder of its own it is for the group of that folder: the employee's process.
        return 0o640 if self.mac_folder else 0o600


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Missing("The key file {path} is missing.", path=str(path)) from None


def _beside(path: Path) -> Path:
    return path.with_suffix(path.suffix + ".new")


def _write(path: Path, secret: bytes, *, mode: int = 0o600) -> None:
    beside = _beside(path)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _shred(path: Path) -> None:
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


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
