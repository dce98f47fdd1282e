"""The key directory: the files of each round, outside the database and its backups.

`<round>.private` opens ballots and is needed by the publishing job alone; where the key is shared
between two people there are the files of `round_shares` instead. `<round>.mac` signs ballots and is
needed by the employee's web process, too: it may lie in a folder of its own. Destroying them makes
every ballot unreadable for good.
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

    def get_private(self, round_id: UUID) -> bytes:
        """The private key; raises Missing naming the file."""
        return key_files.read_secret(self._private(round_id))

    def get_mac(self, round_id: UUID) -> bytes:
        """The key that signs ballots; raises Missing naming the file."""
        return key_files.read_secret(self._mac(round_id))

    def destroy(self, round_id: UUID) -> None:
        """Overwrites and removes every file of the round, also one cut short; again is fine."""
        for path in self._files(round_id):
            key_files.shred(path)
        for folder in self._folders:
            if folder.is_dir():
                key_files.sync_folder(folder)

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
        mac_key = os.urandom(MAC_KEY_BYTES)
        key_files.write_secret(self._mac(round_id), mac_key, mode=self._mac_mode)
        for folder in self._folders:
            key_files.sync_folder(folder)
        return bytes(private.public_key).hex()

    def _files(self, round_id: UUID) -> list[Path]:
        found = (path for folder in self._folders for path in folder.glob(f"{round_id}.*"))
        return sorted(found, key=lambda path: (path.suffix == ".mac", path.name))

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
