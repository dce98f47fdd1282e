"""The key folder keeps each key whole, once, and for its owner only."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wellbeing.crypto.key_folder import APP, KeyFolder
from wellbeing.crypto.secrets import get_app_keys, get_or_make_app_key
from wellbeing.domain.errors import Refused, UnfitKeys

NAME = "fields-1.key"


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    """A folder with one key."""
    folder = KeyFolder(tmp_path / "keys")
    folder.make(NAME)
    return folder


@pytest.mark.asvs("13.3.2")
def test_keys_and_their_folder_are_for_their_owner_only(folder: KeyFolder) -> None:
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.path(NAME).stat().st_mode) == 0o600


@pytest.mark.asvs("11.2.3", "11.5.1")
def test_keys_have_256_bits_and_are_never_the_same(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    for number in range(1, 30):
        folder.make(f"fields-{number}.key")
    keys = {folder.read(f"fields-{number}.key") for number in range(1, 30)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 29


def test_a_key_that_is_there_is_left_alone(folder: KeyFolder) -> None:
    key = folder.read(NAME)
    assert not folder.make(NAME)
    assert folder.read(NAME) == key


def test_of_many_who_make_a_key_at_once_one_does(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(folder.make, [NAME] * 16))
    assert made.count(True) == 1
    assert [path.name for path in folder.folder.iterdir()] == [NAME]


@pytest.mark.asvs("13.3.2")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666])
def test_a_key_that_others_can_use_is_refused_by_name(folder: KeyFolder, mode: int) -> None:
    folder.path(NAME).chmod(mode)
    with pytest.raises(UnfitKeys, match=f"chmod 600 .*{NAME}"):
        folder.read(NAME)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_that_others_can_use_is_refused_by_name(folder: KeyFolder, mode: int) -> None:
    folder.folder.chmod(mode)
    with pytest.raises(UnfitKeys, match="chmod 700"):
        folder.read(NAME)


def test_a_key_that_belongs_to_somebody_else_is_refused(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        os.chown(folder.path(NAME), 12345, 12345)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    if folder.path(NAME).stat().st_uid != 0:
        with pytest.raises(UnfitKeys, match="belongs to somebody else"):
            folder.read(NAME)


def test_a_missing_key_is_told_by_name(folder: KeyFolder) -> None:
    with pytest.raises(UnfitKeys, match=r"fields-2\.key is missing"):
        folder.read("fields-2.key")


def test_a_key_cut_short_is_told_by_name(folder: KeyFolder) -> None:
    folder.path(NAME).write_bytes(b"short")
    with pytest.raises(UnfitKeys, match=f"{NAME} is damaged"):
        folder.read(NAME)


def test_a_destroyed_key_is_overwritten_before_it_goes(folder: KeyFolder) -> None:
    key = folder.read(NAME)
    with folder.path(NAME).open("rb") as held:
        folder.destroy(NAME)
        assert held.read() != key
    assert not folder.path(NAME).exists()
    folder.destroy(NAME)


def test_a_full_disk_leaves_no_half_key(folder: KeyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.make("fields-2.key")
    assert [path.name for path in folder.folder.iterdir()] == [NAME]


class TestAppKey:
    def test_a_changed_key_is_followed_by_the_one_before(self, tmp_path: Path) -> None:
        first = get_or_make_app_key(tmp_path)
        KeyFolder(tmp_path).replace_app_key()
        second, *older = get_app_keys(tmp_path)
        assert second != first
        assert older == [first]

    def test_keys_stand_newest_first(self, tmp_path: Path) -> None:
        keys: list[bytes] = []
        for _ in range(11):
            keys.insert(0, get_or_make_app_key(tmp_path))
            KeyFolder(tmp_path).replace_app_key()
        assert list(get_app_keys(tmp_path)[1:]) == keys

    def test_a_change_cut_short_loses_nothing_and_is_done_the_next_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = get_or_make_app_key(tmp_path)
        with monkeypatch.context() as patch:

            def killed(_path: Path, _target: Path) -> Path:
                raise KeyboardInterrupt

            patch.setattr(Path, "replace", killed)
            with pytest.raises(KeyboardInterrupt):
                KeyFolder(tmp_path).replace_app_key()
        assert get_app_keys(tmp_path) == (first, first)
        KeyFolder(tmp_path).replace_app_key()
        second, *older = get_app_keys(tmp_path)
        assert older == [first] != [second]


def test_one_at_a_time_changes_keys(folder: KeyFolder) -> None:
    with folder.held(), pytest.raises(Refused), KeyFolder(folder.folder).held():
        pass
    with folder.held():
        pass


def test_the_lock_is_no_key(folder: KeyFolder) -> None:
    get_or_make_app_key(folder.folder)
    with folder.held():
        assert folder.field_numbers() == [1]
        assert folder.old_app_keys() == folder.round_files() == []
        assert folder.read(APP)
