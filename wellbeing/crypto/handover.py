"""How a key that two people have put together reaches the process that counts, through no file
that anything else opens.

Each publishing process makes a key pair when it starts, keeps the private half in memory and says
in `handover.<name>` which public half it has. `<round>.handed` holds the round's key sealed to the
processes that are there; when they end, it opens nothing, and the second person gives again.
"""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from wellbeing.crypto import key_files
from wellbeing.domain.errors import Refused

FRESH_FOR = timedelta(minutes=5)


class Handover:
    """The receiving end, in a process that publishes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pair = PrivateKey.generate()
        self._name = secrets.token_hex(8)

    def announce(self, *, now: datetime) -> None:
        """Says that this process is there; repeated every minute. Old announcements go."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        said = {"public": bytes(self._pair.public_key).hex(), "at": now.isoformat()}
        key_files.write_secret(self._folder / f"handover.{self._name}", json.dumps(said).encode())
        for name in _read_announced(self._folder).keys() - _find_there(self._folder, now).keys():
            (self._folder / f"handover.{name}").unlink(missing_ok=True)

    def withdraw(self) -> None:
        """Says that this process is gone; again is fine."""
        (self._folder / f"handover.{self._name}").unlink(missing_ok=True)

    def find_key(self, round_id: UUID) -> bytes | None:
        """The round's key, if it was handed to this very process."""
        sealed = _read_handed(self._folder, round_id).get(self._name)
        try:
            return SealedBox(self._pair).decrypt(bytes.fromhex(sealed)) if sealed else None
        except CryptoError:
            return None


def hand_over(folder: Path, round_id: UUID, key: bytes, *, now: datetime) -> None:
    """Seals the key to every publishing process that is there; Refused when none is."""
    there = _find_there(folder, now)
    if not there:
        raise Refused(
            "The part of the service that counts is not running, so the figures cannot be made "
            "now. Try again in a few minutes, and tell the administrator if it stays so."
        )
    sealed = {name: SealedBox(public).encrypt(key).hex() for name, public in there.items()}
    key_files.write_secret(_handed(folder, round_id), json.dumps(sealed).encode())
    key_files.sync_folder(folder)


def is_handed(folder: Path, round_id: UUID, *, now: datetime) -> bool:
    """Whether the key is on its way to a process that is still there."""
    return bool(_read_handed(folder, round_id).keys() & _find_there(folder, now).keys())


def drop_dead(folder: Path, round_id: UUID, *, now: datetime) -> bool:
    """Removes a key that was handed to processes that have ended since; whether there was one."""
    if not _read_handed(folder, round_id) or is_handed(folder, round_id, now=now):
        return False
    key_files.shred(_handed(folder, round_id))
    return True


def _handed(folder: Path, round_id: UUID) -> Path:
    return folder / f"{round_id}.handed"


def _read_handed(folder: Path, round_id: UUID) -> dict[str, str]:
    try:
        return dict(json.loads(_handed(folder, round_id).read_bytes()))
    except FileNotFoundError:
        return {}


def _find_there(folder: Path, now: datetime) -> dict[str, PublicKey]:
    return {
        name: public
        for name, (public, at) in _read_announced(folder).items()
        if abs(now - at) <= FRESH_FOR
    }


def _read_announced(folder: Path) -> dict[str, tuple[PublicKey, datetime]]:
    found = {}
    for path in folder.glob("handover.*"):
        if path.suffix == ".new":
            continue
        try:
            said = json.loads(path.read_bytes())
        except FileNotFoundError:
            continue  # its process has just ended
        public = PublicKey(bytes.fromhex(said["public"]))
        found[path.name.removeprefix("handover.")] = public, datetime.fromisoformat(said["at"])
    return found
