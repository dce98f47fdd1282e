"""The file of a backup: one line that says what it is, a manifest, and the copy of the database."""

import fcntl
import gzip
import io
import json
import os
import secrets
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from uuid import UUID

from nacl.public import PrivateKey, PublicKey

from wellbeing.crypto.sealed_files import OpeningReader, SealingWriter
from wellbeing.domain.errors import BadInput, Refused, UnfitKeys
from wellbeing.store.sealed import Sealer

Progress = Callable[[int, int], None]
FORMAT = 1
_PLAIN, _SEALED = b"WELLBEING-BACKUP-1 plain\n", b"WELLBEING-BACKUP-1 sealed\n"
_MANIFEST, _DATABASE = "manifest.json", "database"
_BLOCK = 1024 * 1024
_MOST_MANIFEST = 64 * 1024
_WITNESS, _NO_ROW = "backup.witness", UUID(int=0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `audit_*` is the end of the log of acts inside it.

    `witness`: nothing, sealed with the key that sealed fields last, in hexadecimal; empty in
    backups from before there was one.
    """

    format: int
    program: str
    schema: str
    database: str
    made_at: str
    size: int
    sha256: str
    audit_number: int
    audit_hash: str
    witness: str = ""


def make_witness(sealer: Sealer) -> str:
    """What `check_keys` tries."""
    return sealer.seal(b"", place=_WITNESS, row=_NO_ROW).hex()


def check_keys(manifest: Manifest, sealer: Sealer) -> None:
    """UnfitKeys unless these keys open what was sealed last before the backup."""
    if not manifest.witness:
        return
    try:
        sealer.open(bytes.fromhex(manifest.witness), place=_WITNESS, row=_NO_ROW)
    except UnfitKeys as fault:
        raise UnfitKeys(
            "The keys here are not those that the backup was made with; nothing was changed. {why}",
            why=str(fault),
        ) from None


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A path for a temporary copy, readable for its owner only; gone afterwards in any case."""
    path = folder / f"backup-{secrets.token_hex(8)}.tmp"
    try:
        with _alone(folder):
            _clear(folder)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            try:
                yield path
            finally:
                _clear(folder)
    except OSError as fault:
        raise Refused(f"It did not succeed: {fault.strerror or fault}.") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "backup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another backup or restore is at work. Try again when it ends.") from None
        yield


def _clear(folder: Path) -> None:
    # Also what a backup or restore left that was killed.
    for left in folder.glob("backup-*.tmp*"):
        left.unlink(missing_ok=True)


def write_backup(
    target: Path, copy: Path, manifest: Manifest, *, to: PublicKey | None, progress: Progress
) -> None:
    """Writes the file beside and gives it its name when it is whole; else nothing is left."""
    beside = target.with_name(f"{target.name}.{secrets.token_hex(4)}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            _write_all(file, copy, manifest, to, progress)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as fault:
        raise Refused(
            f"The backup {target} could not be written, and nothing is left of it: "
            f"{fault.strerror or fault}."
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def read_backup(
    source: Path, copy: Path | None, *, key: PrivateKey | None, progress: Progress
) -> Manifest:
    """Reads the whole file and checks its hash; the database goes to `copy` where that is given.

    BadInput for a file that is no backup, is sealed to another key, or was changed or cut short.
    """
    try:
        with source.open("rb") as file:
            return _read_all(file, copy, key, progress)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, KeyError, ValueError):
        raise BadInput("The backup was changed or cut short after it was made.") from None
    except FileNotFoundError:
        raise BadInput(f"There is no file {source}.") from None
    except OSError as fault:
        raise BadInput(f"{source} cannot be read: {fault.strerror or fault}.") from None


def hash_file(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _write_all(
    file: BinaryIO, copy: Path, manifest: Manifest, to: PublicKey | None, progress: Progress
) -> None:
    file.write(_SEALED if to else _PLAIN)
    sealing = SealingWriter(file, to) if to else None
    stream = cast("IO[bytes]", sealing or file)
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        said = json.dumps(asdict(manifest), sort_keys=True).encode()
        archive.addfile(_entry(_MANIFEST, len(said)), io.BytesIO(said))
        with copy.open("rb") as database:
            counted = _Counted(database, manifest.size, progress)
            archive.addfile(_entry(_DATABASE, manifest.size), cast("IO[bytes]", counted))
    if sealing:
        sealing.close()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _read_all(
    file: BinaryIO, copy: Path | None, key: PrivateKey | None, progress: Progress
) -> Manifest:
    kind = file.readline(len(_SEALED))
    if kind not in (_PLAIN, _SEALED):
        raise BadInput("That file is no backup of this service.")
    if kind == _SEALED and key is None:
        raise BadInput("The backup is sealed. Name the file of the recovery key with --key.")
    stream: Any = OpeningReader(file, key) if kind == _SEALED and key else file
    with gzip.GzipFile(fileobj=stream, mode="rb") as packed:
        with tarfile.open(fileobj=packed, mode="r|") as archive:
            manifest = _read_manifest(_next(archive, _MANIFEST))
            _check_database(_next(archive, _DATABASE), manifest, copy, progress)
        while packed.read(_BLOCK):
            pass  # to the last piece: only then is it known that nothing was cut off
    return manifest


def _next(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    entry = archive.next()
    found = archive.extractfile(entry) if entry and entry.name == name else None
    if found is None:
        raise ValueError(name)
    return found


def _read_manifest(file: IO[bytes]) -> Manifest:
    said = {"witness": ""} | json.loads(file.read(_MOST_MANIFEST))
    if said.get("format") != FORMAT:
        raise BadInput("The backup was made by a newer version of this program.")
    return Manifest(**{name: said[name] for name in Manifest.__slots__})


def _check_database(
    database: IO[bytes], manifest: Manifest, copy: Path | None, progress: Progress
) -> None:
    digest, done = sha256(), 0
    target = copy.open("wb") if copy else None
    try:
        while block := database.read(_BLOCK):
            digest.update(block)
            done += len(block)
            progress(done, manifest.size)
            if target:
                target.write(block)
        if target:
            target.flush()
            os.fsync(target.fileno())
    finally:
        if target:
            target.close()
    if done != manifest.size or digest.hexdigest() != manifest.sha256:
        raise ValueError("hash")


class _Counted:
    """A file that says how far it has been read."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress) -> None:
        self._file, self._size, self._progress, self._done = file, size, progress, 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        content = self._file.read(size)
        self._done += len(content)
        self._progress(self._done, self._size)
        return content
