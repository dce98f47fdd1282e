"""Keys, tokens and passwords of the service itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wellbeing.crypto import secrets
from wellbeing.crypto.secrets import (
    get_or_make_app_key,
    hash_password,
    hash_token,
    is_password,
    make_token,
)


@pytest.mark.asvs("11.2.3")
def test_the_key_is_made_once_and_stays(tmp_path: Path) -> None:
    key = get_or_make_app_key(tmp_path / "keys")
    assert len(key) == 32
    assert get_or_make_app_key(tmp_path / "keys") == key


@pytest.mark.asvs("13.3.2")
def test_the_key_is_for_its_owner_only(tmp_path: Path) -> None:
    get_or_make_app_key(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_many_who_come_first_at_once_get_one_whole_key(tmp_path: Path) -> None:
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(get_or_make_app_key, [folder] * 8))
        assert len(keys) == 1
        assert len(keys.pop()) == 32
        assert len(list(folder.iterdir())) == 1


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    assert get_or_make_app_key(tmp_path / "a") != get_or_make_app_key(tmp_path / "b")


@pytest.mark.asvs("7.2.3", "11.5.1")
def test_a_token_is_long_and_never_the_same() -> None:
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 for token in tokens)


@pytest.mark.asvs("11.4.3")
def test_a_token_is_stored_as_something_else_of_one_length() -> None:
    assert hash_token("a") != "a"
    assert len(hash_token("a")) == len(hash_token("b" * 90)) == 64


@pytest.mark.asvs("11.4.2")
def test_a_password_fits_its_own_hash_only() -> None:
    stored = hash_password("en lang tur langs havet")
    assert stored.startswith("$argon2id$")
    assert is_password("en lang tur langs havet", stored)
    assert not is_password("en lang tur langs søen", stored)


@pytest.mark.asvs("11.4.2")
def test_equal_passwords_have_different_hashes() -> None:
    assert hash_password("en lang tur langs havet") != hash_password("en lang tur langs havet")


def test_no_password_fits_where_there_is_no_hash_or_a_broken_one() -> None:
    assert not is_password("en lang tur langs havet", None)
    assert not is_password("en lang tur langs havet", "$argon2id$broken")


def test_a_hash_is_computed_also_where_there_is_nobody() -> None:
    calls = secrets._nobodys_hash.cache_info()
    is_password("en lang tur langs havet", None)
    after = secrets._nobodys_hash.cache_info()
    assert after.hits + after.misses == calls.hits + calls.misses + 1
