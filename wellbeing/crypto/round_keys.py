"""The key directory: the files of each round, outside the database and its backups.

`<round>.private` opens ballots and is needed by the publishing job alone; where the key is shared
between two people there are the files of `round_shares` instead. `<round>.mac` signs ballots and is
needed by the web processes. Destroying them makes every ballot unreadable for good.
`<round>.private` opens ballots and is needed by the publishing job alone; `<round>.mac` signs
ballots and is needed by the employee's web process, too: it may lie in a folder of its own.
Destroying both makes every ballot unreadable for good.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from nacl.public import PrivateKey

from wellbeing.crypto import key_files
from wellbeing.crypto.round_shares import PublicKeys, RoundShares
from wellbeing.domain.duties import Duty

MAC_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class RoundKeys:
    """Where keys lie; every method names the file it could not find."""

    folder: Path
    mac_folder: Path | None = None

    @property
    def shares(self) -> RoundShares:
        """The files of keys that are shared between two people."""
        return RoundShares(self.folder)

    def make(self, round_id: UUID) -> str:
        """Makes both keys of a round that is not open yet; the public key as hex.

        Safe to repeat: a pair left by an opening that was cut short is replaced.
        """
        private = PrivateKey.generate()
        self._make_room(round_id)
        key_files.write_secret(self._private(round_id), bytes(private))
        return self._finish(round_id, private)

    def make_shared(self, round_id: UUID, holders: Mapping[Duty, PublicKeys]) -> str:
        """As `make`, but the private key is split for these holders and kept nowhere whole."""
        private = PrivateKey.generate()
        self._make_room(round_id)
        self.shares.split(round_id, bytes(private), holders)
        return self._finish(round_id, private)
        _write(self._private(round_id), bytes(private))
        _write(self._mac(round_id), os.urandom(MAC_KEY_BYTES), mode=self._mac_mode)
        for folder in self._folders:
            _sync_folder(folder)
        return bytes(private.public_key).hex()

    def get_private(self, round_id: UUID) -> bytes:
        """The private key; raises Missing naming the file."""
        return key_files.read_secret(self._private(round_id))

    def get_mac(self, round_id: UUID) -> bytes:
        """The key that signs ballots; raises Missing naming the file."""
        return key_files.read_secret(self._mac(round_id))

    def destroy(self, round_id: UUID) -> None:
        """Overwrites and removes every file of the round, also one cut short; again is fine."""
        if not self.folder.is_dir():
            return
        for path in self._files(round_id):
            key_files.shred(path)
        key_files.sync_folder(self.folder)
        """Overwrites and removes both keys and what a write cut short left; again is fine."""
        for path in (self._private(round_id), self._mac(round_id)):
            _shred(path)
            _shred(_beside(path))
        for folder in self._folders:
            if folder.is_dir():
                _sync_folder(folder)

    def exist(self, round_id: UUID) -> bool:
        """Whether any key of the round is left."""
        return any(not path.name.endswith(".new") for path in self._files(round_id))

    def can_open(self, round_id: UUID) -> bool:
        """Whether what is needed to open the round's ballots is still there."""
        is_whole = self._private(round_id).exists() or self.shares.exist(round_id)
        return is_whole and self._mac(round_id).exists()

    def _make_room(self, round_id: UUID) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._files(round_id):
            key_files.shred(path)

    def _finish(self, round_id: UUID, private: PrivateKey) -> str:
        key_files.write_secret(self._mac(round_id), os.urandom(MAC_KEY_BYTES))
        key_files.sync_folder(self.folder)
        return bytes(private.public_key).hex()

    def _files(self, round_id: UUID) -> list[Path]:
        found = self.folder.glob(f"{round_id}.*")
        return sorted(found, key=lambda path: (path.suffix == ".mac", path.name))

    def _private(self, round_id: UUID) -> Path:
        return self.folder / f"{round_id}.private"

    def _mac(self, round_id: UUID) -> Path:
        return self.folder / f"{round_id}.mac"
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
