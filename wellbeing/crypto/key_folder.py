"""The key directory: which files lie in it, and that nobody but their owner can read them.

    app.secret          signs cookies and links; app-<n>.secret are those it had before
    fields-<n>.key      seals names, addresses and what people wrote; the highest number seals
    index.key           finds an address without reading it
    <round>.…           the keys of a round that is not published yet (`round_keys`)

It belongs outside the database and outside every backup.
"""

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from wellbeing.crypto.key_files import shred, sync_folder
from wellbeing.domain.errors import Refused, UnfitKeys

KEY_BYTES = 32
APP = "app.secret"
INDEX = "index.key"
_FIELDS = re.compile(r"fields-([1-9][0-9]{0,5})\.key")
_OLD_APP = re.compile(r"app-([1-9][0-9]{0,5})\.secret")
_ROUND = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\..+")
_LOCK = "changing.lock"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where keys lie; whatever is wrong with a file is told by its name."""

    folder: Path

    def path(self, name: str) -> Path:
        """Where a key lies, whether it is there or not."""
        return self.folder / name

    def read(self, name: str) -> bytes:
        """A key of 32 bytes; UnfitKeys when it is missing, cut short or open to others."""
        path = self.path(name)
        try:
            check_private(self.folder)
            check_private(path)
            secret = path.read_bytes()
        except FileNotFoundError:
            raise UnfitKeys("The key file {path} is missing.", path=str(path)) from None
        except PermissionError:
            raise UnfitKeys("The key file {path} cannot be read.", path=str(path)) from None
        if len(secret) != KEY_BYTES:
            raise UnfitKeys("The key file {path} is damaged.", path=str(path))
        return secret

    def make(self, name: str) -> bool:
        """Makes a key once, whole or not at all; False when it was there, which is left alone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.path(name)
        return not path.exists() and self._write(path, secrets.token_bytes(KEY_BYTES))

    def round_files(self) -> list[str]:
        """The names of what is kept for rounds that are not published yet."""
        return sorted(self._names(_ROUND))

    def made_at(self, name: str) -> datetime:
        """When a key was made; of a replaced app key, when it was replaced."""
        return datetime.fromtimestamp(self.path(name).stat().st_mtime, UTC)

    @contextmanager
    def held(self) -> Iterator[None]:
        """One at a time changes the keys; ends with the process that holds it, however it ends."""
        with self.path(_LOCK).open("ab") as file:
            self._give_to_owner(self.path(_LOCK))
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise Refused("Somebody else is changing the keys. Wait until it ends.") from None
            yield

    def replace_app_key(self) -> str:
        """A new app.secret; returns the name under which the one before is kept."""
        before, old = self.read(APP), self.old_app_keys()
        if old and self.read(old[-1]) == before:  # a replacement that was cut short
            kept = old[-1]
        else:
            kept = f"app-{_number(_OLD_APP, old[-1]) + 1 if old else 1}.secret"
            self._write(self.path(kept), before)
        beside = self._beside(self.path(APP), secrets.token_bytes(KEY_BYTES))
        beside.replace(self.path(APP))
        sync_folder(self.folder)
        return kept

    def field_numbers(self) -> list[int]:
        """The numbers of the keys that seal fields, lowest first."""
        return sorted(_number(_FIELDS, name) for name in self._names(_FIELDS))

    def old_app_keys(self) -> list[str]:
        """The names of the keys that app.secret had before, oldest first."""
        return sorted(self._names(_OLD_APP), key=lambda name: _number(_OLD_APP, name))

    def destroy(self, name: str) -> None:
        """Overwrites and removes a key; again is fine."""
        shred(self.path(name))
        sync_folder(self.folder)

    def _names(self, kind: re.Pattern[str]) -> list[str]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return [path.name for path in found if kind.fullmatch(path.name)]

    def _write(self, path: Path, secret: bytes) -> bool:
        # Written beside and linked whole: nobody ever reads half a key, and the first one stays.
        beside = self._beside(path, secret)
        try:
            path.hardlink_to(beside)
        except FileExistsError:
            return False
        finally:
            beside.unlink()
        sync_folder(self.folder)
        return True

    def _give_to_owner(self, path: Path) -> None:
        # Made by root for a service that is not root: it must be able to read its own keys.
        path.chmod(0o600)
        if os.geteuid() == 0:
            owner = self.folder.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _beside(self, path: Path, secret: bytes) -> Path:
        beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(secret)
                f.flush()
                os.fsync(f.fileno())
            self._give_to_owner(beside)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        return beside


def fields_name(number: int) -> str:
    """The file of a key that seals fields."""
    return f"fields-{number}.key"


def check_private(path: Path) -> None:
    """UnfitKeys unless only its owner, who is we or root, can do anything with a file or folder."""
    found = path.stat()
    if found.st_mode & _OTHERS:
        mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
        raise UnfitKeys(
            "Others than its owner can use {path}; run `chmod {mode} {path}`.",
            path=str(path),
            mode=mode,
        )
    if os.geteuid() not in (0, found.st_uid) and found.st_uid != 0:
        raise UnfitKeys("{path} belongs to somebody else; change its owner.", path=str(path))


def _number(kind: re.Pattern[str], name: str) -> int:
    found = kind.fullmatch(name)
    assert found is not None
    return int(found[1])
