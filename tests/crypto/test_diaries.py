"""Only the code or the recovery code opens a diary, and its entries are all of one length."""

import re
from typing import Any

import nacl.pwhash.argon2id as argon2id
import pytest
from nacl.public import PrivateKey

from tests.conftest import REAL_COST
from wellbeing.crypto import diaries
from wellbeing.crypto.diaries import (
    NAME_BYTES,
    NewDiary,
    lock_by_code,
    lock_by_passkey,
    make_diary,
    make_recovery_code,
    open_entry,
    read_passkey_name,
    seal_entry,
    unlock_by_passkey,
    unlock_diary,
)
from wellbeing.domain.errors import BadInput

CODE = "havregrød"
ENTRY: dict[str, Any] = {
    "at": "2026-02-02T09:00:00.123456+00:00",
    "answers": "5" * 30,
    "scores": [50, 50, 50],
    "receipt": "f" * 64,
}


@pytest.fixture(scope="module")
def diary() -> NewDiary:
    return make_diary(CODE)


def _unlock(diary: NewDiary, code: str) -> bytes:
    return unlock_diary(code, diary.locked_by_code, diary.locked_by_recovery)


def test_the_code_opens_what_was_sealed(diary: NewDiary) -> None:
    sealed = seal_entry(ENTRY, diary.public_key)
    assert open_entry(sealed, _unlock(diary, CODE)) == ENTRY


def test_the_recovery_code_opens_it_too_however_it_is_typed(diary: NewDiary) -> None:
    private = _unlock(diary, CODE)
    for typed in (
        f"  {diary.recovery_code.upper()} ",
        diary.recovery_code.replace("-", ""),
        diary.recovery_code.replace("-", " "),
    ):
        assert _unlock(diary, typed) == private


def test_the_recovery_code_is_readable_and_long(diary: NewDiary) -> None:
    assert re.fullmatch(r"([2-9a-hjkmnp-z]{5}-){4}[2-9a-hjkmnp-z]{5}", diary.recovery_code)


@pytest.mark.parametrize("wrong", ["havregroed", "Havregrød", "", "havregrød "])
def test_another_code_does_not(diary: NewDiary, wrong: str) -> None:
    with pytest.raises(BadInput, match="does not open the diary"):
        _unlock(diary, wrong)


def test_what_is_stored_holds_neither_key_nor_codes(diary: NewDiary) -> None:
    private = _unlock(diary, CODE)
    for stored in (diary.public_key, diary.locked_by_code, diary.locked_by_recovery):
        for secret in (private, CODE.encode(), diary.recovery_code.encode()):
            assert secret not in stored


def test_both_locks_and_those_of_any_code_have_one_length(diary: NewDiary) -> None:
    other = make_diary("en meget længere kode end den anden")
    locks = (d.locked_by_code for d in (diary, other)), (d.locked_by_recovery for d in (diary,))
    assert len({len(lock) for kind in locks for lock in kind}) == 1


def test_a_lock_that_was_changed_does_not_open(diary: NewDiary) -> None:
    changed = bytearray(diary.locked_by_code)
    changed[-1] ^= 1
    with pytest.raises(BadInput):
        unlock_diary(CODE, bytes(changed), diary.locked_by_recovery)


def test_every_entry_has_one_length(diary: NewDiary) -> None:
    short = {"at": "", "answers": "", "scores": [0, 0, 0], "receipt": None}
    assert len({len(seal_entry(entry, diary.public_key)) for entry in (ENTRY, short)}) == 1


def test_the_longest_entry_there_can_be_fits(diary: NewDiary) -> None:
    assert len(seal_entry(ENTRY, diary.public_key)) < 600


def test_an_entry_beyond_that_is_a_fault_of_ours(diary: NewDiary) -> None:
    with pytest.raises(ValueError, match="longer than every entry may be"):
        seal_entry({"answers": "5" * diaries.ENTRY_BYTES}, diary.public_key)


def test_anothers_key_opens_no_entry(diary: NewDiary) -> None:
    with pytest.raises(BadInput, match="cannot be opened"):
        open_entry(seal_entry(ENTRY, diary.public_key), bytes(PrivateKey.generate()))


@pytest.mark.asvs("11.3.3")
def test_a_changed_entry_is_noticed(diary: NewDiary) -> None:
    private = PrivateKey.generate()
    sealed = seal_entry(ENTRY, bytes(private.public_key))
    for at in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(BadInput):
            open_entry(bytes(changed), bytes(private))


def test_a_new_lock_opens_by_the_new_code_only(diary: NewDiary) -> None:
    private, recovery = _unlock(diary, CODE), make_recovery_code()
    locks = lock_by_code(private, "blåbærgrød"), lock_by_code(private, recovery)
    assert unlock_diary("blåbærgrød", *locks) == unlock_diary(recovery, *locks) == private
    for old in (CODE, diary.recovery_code):
        with pytest.raises(BadInput):
            unlock_diary(old, *locks)


SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def private() -> bytes:
    return bytes(PrivateKey.generate())


def test_what_a_passkey_makes_opens_its_lock(private: bytes) -> None:
    assert unlock_by_passkey(lock_by_passkey(private, SECRET, "telefon"), SECRET) == private


@pytest.mark.parametrize("wrong", [bytes(32), SECRET[::-1], b"", SECRET[:-1], SECRET * 2])
def test_another_secret_does_not(private: bytes, wrong: bytes) -> None:
    with pytest.raises(BadInput, match="That passkey does not open"):
        unlock_by_passkey(lock_by_passkey(private, SECRET, "telefon"), wrong)


def test_a_passkey_s_name_is_read_in_the_open_diary_only(private: bytes) -> None:
    locked = lock_by_passkey(private, SECRET, "Evas iPhone på køl")
    assert read_passkey_name(locked, private) == "Evas iPhone på køl"
    assert b"iPhone" not in locked
    with pytest.raises(BadInput):
        read_passkey_name(locked, bytes(PrivateKey.generate()))


def test_every_passkey_lock_has_one_length_whatever_its_name(private: bytes) -> None:
    names = ("", "x", "ø" * NAME_BYTES)
    locks = [lock_by_passkey(private, SECRET, name) for name in names]
    assert {len(lock) for lock in locks} == {184}
    assert read_passkey_name(locks[-1], private) == "ø" * (NAME_BYTES // 2)


@pytest.mark.asvs("11.4.4")
def test_a_guess_of_a_code_costs_three_passes_over_128_megabytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert REAL_COST == (3, 128 * 1024 * 1024)
    asked: list[dict[str, int]] = []

    def kdf(size: int, _code: bytes, _salt: bytes, **cost: int) -> bytes:
        asked.append(cost)
        return bytes(size)

    monkeypatch.setattr(diaries, "_OPS", REAL_COST[0])
    monkeypatch.setattr(diaries, "_MEMORY", REAL_COST[1])
    monkeypatch.setattr(argon2id, "kdf", kdf)
    lock_by_code(bytes(32), CODE)
    assert asked == [{"opslimit": 3, "memlimit": 128 * 1024 * 1024}]
