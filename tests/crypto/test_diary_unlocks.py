"""An unlock works for its person, in their browser, for ten minutes, and for nothing else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from wellbeing.crypto.diary_unlocks import (
    UNLOCKED_FOR,
    DiaryClosed,
    Holder,
    make_unlock,
    open_unlock,
)

KEY = bytes(range(32))
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
EVA = Holder(b"a" * 32, UUID(int=1), "the secret of her sign-in")


@pytest.fixture(scope="module")
def unlock() -> str:
    return make_unlock(KEY, EVA, now=NOW)


def test_it_carries_the_key_for_its_holder(unlock: str) -> None:
    assert open_unlock(unlock, EVA, now=NOW + UNLOCKED_FOR - timedelta(seconds=1)) == KEY


@pytest.mark.asvs("9.2.1")
def test_after_its_minutes_it_opens_nothing(unlock: str) -> None:
    with pytest.raises(DiaryClosed):
        open_unlock(unlock, EVA, now=NOW + UNLOCKED_FOR)


@pytest.mark.parametrize(
    "stranger",
    [
        replace(EVA, person_id=uuid4()),
        replace(EVA, sign_in="another browser of hers"),
        replace(EVA, app_key=b"b" * 32),
    ],
    ids=["another person", "another sign-in", "another service"],
)
def test_to_anybody_else_it_is_closed(unlock: str, stranger: Holder) -> None:
    with pytest.raises(DiaryClosed):
        open_unlock(unlock, stranger, now=NOW)


@pytest.mark.asvs("9.1.1", "11.3.3")
def test_one_bit_changed_anywhere_closes_it(unlock: str) -> None:
    raw = urlsafe_b64decode(unlock)
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(DiaryClosed):
            open_unlock(urlsafe_b64encode(changed).decode(), EVA, now=NOW)


@pytest.mark.parametrize("forged", ["", "æøå", "AAAA", "=" * 100, "A" * 10_000])
def test_what_is_no_unlock_is_closed(forged: str) -> None:
    with pytest.raises(DiaryClosed):
        open_unlock(forged, EVA, now=NOW)


def test_it_shows_neither_key_nor_holder(unlock: str) -> None:
    raw = urlsafe_b64decode(unlock)
    for secret in (KEY, EVA.app_key, EVA.person_id.bytes, EVA.sign_in.encode()):
        assert secret not in raw


def test_no_two_unlocks_are_alike(unlock: str) -> None:
    assert make_unlock(KEY, EVA, now=NOW) != unlock
