"""Only the code or the recovery code opens a diary, and its entries are all of one length."""

import re
from typing import Any

import pytest
from nacl.public import PrivateKey

from wellbeing.crypto import diaries
from wellbeing.crypto.diaries import NewDiary, make_diary, open_entry, seal_entry, unlock_diary
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
    assert _unlock(diary, f"  {diary.recovery_code.upper()} ") == private


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


def test_a_changed_entry_is_noticed(diary: NewDiary) -> None:
    private = PrivateKey.generate()
    sealed = seal_entry(ENTRY, bytes(private.public_key))
    for at in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(BadInput):
            open_entry(bytes(changed), bytes(private))
