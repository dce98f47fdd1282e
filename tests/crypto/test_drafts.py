"""What binds an unfinished check-in: different for each person, round and use."""

from uuid import UUID

import pytest

from wellbeing.crypto.drafts import is_mark, make_device_key, make_mark

APP_KEY = bytes(32)
EVA, TOM, ROUND, OTHER_ROUND = (UUID(int=number) for number in range(1, 5))


def test_no_two_persons_or_rounds_share_a_mark_or_a_key() -> None:
    pairs = [(person, round_) for person in (EVA, TOM) for round_ in (ROUND, OTHER_ROUND)]
    made = [
        make(APP_KEY, person_id=person, round_id=round_)
        for person, round_ in pairs
        for make in (make_mark, make_device_key)
    ]
    assert len({secret[:32] for secret in made}) == 8


@pytest.mark.asvs("11.2.3")
def test_the_key_is_one_for_aes_256() -> None:
    assert len(bytes.fromhex(make_device_key(APP_KEY, person_id=EVA, round_id=ROUND))) == 32


def test_a_mark_is_its_owner_s_alone() -> None:
    mark = make_mark(APP_KEY, person_id=EVA, round_id=ROUND)
    assert is_mark(mark, APP_KEY, person_id=EVA, round_id=ROUND)
    assert not is_mark(mark, APP_KEY, person_id=TOM, round_id=ROUND)
    assert not is_mark(mark, bytes([1] * 32), person_id=EVA, round_id=ROUND)
