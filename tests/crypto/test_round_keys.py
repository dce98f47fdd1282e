"""Round keys: two files for their owner only, destroyed so that nothing is left at the path."""

import os
import stat
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from nacl.public import PrivateKey

from wellbeing.crypto import key_files
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.errors import Missing

ROUND = UUID(int=7)


@pytest.fixture
def keys(tmp_path: Path) -> RoundKeys:
    return RoundKeys(tmp_path / "secret" / "keys")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_public_key_belongs_to_the_private_file(keys: RoundKeys) -> None:
    public = keys.make(ROUND)
    assert bytes(PrivateKey(keys.get_private(ROUND)).public_key).hex() == public
    assert len(keys.get_mac(ROUND)) == 32


def test_files_are_0600_in_a_folder_of_0700(keys: RoundKeys) -> None:
    keys.make(ROUND)
    assert _mode(keys.folder) == 0o700
    assert {path.name: _mode(path) for path in keys.folder.iterdir()} == {
        f"{ROUND}.private": 0o600,
        f"{ROUND}.mac": 0o600,
    }


@pytest.mark.asvs("13.3.2")
def test_files_are_closed_to_others_under_any_umask(
    keys: RoundKeys,
) -> None:
    before = os.umask(0)
    try:
        keys.make(ROUND)
    finally:
        os.umask(before)
    assert {_mode(path) for path in keys.folder.iterdir()} == {0o600}
    assert _mode(keys.folder) == 0o700


def test_every_round_has_keys_of_its_own(keys: RoundKeys) -> None:
    other = uuid4()
    assert keys.make(ROUND) != keys.make(other)
    assert keys.get_private(ROUND) != keys.get_private(other)
    assert keys.get_mac(ROUND) != keys.get_mac(other)


@pytest.mark.parametrize(
    ("read", "name"), [(RoundKeys.get_private, "private"), (RoundKeys.get_mac, "mac")]
)
def test_a_missing_key_is_named(keys: RoundKeys, read: object, name: str) -> None:
    assert callable(read)
    with pytest.raises(Missing, match=f"{ROUND}.{name} is missing"):
        read(keys, ROUND)


def test_destroyed_keys_leave_no_bytes_at_the_path(keys: RoundKeys, tmp_path: Path) -> None:
    keys.make(ROUND)
    secrets = keys.get_private(ROUND), keys.get_mac(ROUND)
    others = [tmp_path / name for name in ("private", "mac")]
    for other, kind in zip(others, ("private", "mac"), strict=True):
        other.hardlink_to(keys.folder / f"{ROUND}.{kind}")  # the same bytes under another name
    keys.destroy(ROUND)
    assert list(keys.folder.iterdir()) == []
    assert not keys.exist(ROUND)
    for other, secret in zip(others, secrets, strict=True):
        assert len(other.read_bytes()) == 32
        assert other.read_bytes() != secret


def test_destroying_leaves_other_rounds_alone(keys: RoundKeys) -> None:
    other = uuid4()
    keys.make(ROUND)
    keys.make(other)
    keys.destroy(ROUND)
    assert keys.exist(other)
    assert len(keys.get_private(other)) == 32


def test_destroying_twice_or_what_never_was_is_fine(keys: RoundKeys) -> None:
    keys.destroy(ROUND)
    keys.make(ROUND)
    keys.destroy(ROUND)
    keys.destroy(ROUND)
    assert not keys.exist(ROUND)


def test_a_making_cut_short_between_the_files_is_replaced(
    keys: RoundKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = key_files.write_secret

    def write_private_only(path: Path, secret: bytes, *, mode: int = 0o600) -> None:
        if path.suffix == ".mac":
            raise OSError("the machine stopped")
        write(path, secret, mode=mode)

    monkeypatch.setattr(key_files, "write_secret", write_private_only)
    with pytest.raises(OSError, match="stopped"):
        keys.make(ROUND)
    with pytest.raises(Missing):
        keys.get_mac(ROUND)
    monkeypatch.undo()
    public = keys.make(ROUND)
    assert bytes(PrivateKey(keys.get_private(ROUND)).public_key).hex() == public
    assert len(list(keys.folder.iterdir())) == 2


def test_a_write_cut_short_leaves_no_half_key_and_is_destroyed_too(
    keys: RoundKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(descriptor: int) -> None:
        raise OSError("the machine stopped")

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(OSError, match="stopped"):
        keys.make(ROUND)
    monkeypatch.undo()
    with pytest.raises(Missing):
        keys.get_private(ROUND)
    keys.destroy(ROUND)
    assert list(keys.folder.iterdir()) == []


def test_a_destruction_cut_short_between_the_files_goes_on(
    keys: RoundKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.make(ROUND)
    shred = key_files.shred

    def shred_private_only(path: Path) -> None:
        if path.suffix == ".mac":
            raise OSError("the machine stopped")
        shred(path)

    monkeypatch.setattr(key_files, "shred", shred_private_only)
    with pytest.raises(OSError, match="stopped"):
        keys.destroy(ROUND)
    assert keys.exist(ROUND), "a round is not released while any of its keys is left"
    monkeypatch.undo()
    keys.destroy(ROUND)
    assert not keys.exist(ROUND)
