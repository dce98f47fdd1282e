"""Half a key is nothing; only a holder of each side, with their own private key, makes it whole."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from nacl.public import PrivateKey

from wellbeing.crypto.handover import FRESH_FOR, Handover, drop_dead, hand_over, is_handed
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.duties import Duty
from wellbeing.domain.errors import BadInput, Missing, Refused

ROUND = UUID(int=7)
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
HANNE, DINA, SARA = uuid4(), uuid4(), uuid4()
PAIRS = {person: PrivateKey.generate() for person in (HANNE, DINA, SARA)}
SIDE = {
    HANNE: Duty.HR,
    DINA: Duty.HR,
    SARA: Duty.SAFETY_REPRESENTATIVE,
}


@pytest.fixture
def keys(tmp_path: Path) -> RoundKeys:
    return RoundKeys(tmp_path / "keys")


@pytest.fixture
def public(keys: RoundKeys) -> str:
    """The public key of a round that is shared between two in HR and one representative."""
    holders: dict[Duty, dict[UUID, bytes]] = {duty: {} for duty in Duty}
    for person, duty in SIDE.items():
        holders[duty][person] = bytes(PAIRS[person].public_key)
    return keys.make_shared(ROUND, holders)


def _give(keys: RoundKeys, who: UUID, public: str, by_key_of: UUID | None = None) -> bytes | None:
    private = bytes(PAIRS[by_key_of or who])
    return keys.shares.give(ROUND, SIDE[who], who, private, public)


def _is_whole(key: bytes | None, public: str) -> bool:
    return key is not None and bytes(PrivateKey(key).public_key).hex() == public


@pytest.mark.asvs("11.7.1")
@pytest.mark.parametrize("order", [(HANNE, SARA), (SARA, HANNE), (DINA, SARA)])
def test_one_of_each_side_makes_the_key_whole(
    keys: RoundKeys, public: str, order: tuple[UUID, UUID]
) -> None:
    assert _give(keys, order[0], public) is None
    assert _is_whole(_give(keys, order[1], public), public)


def test_two_of_one_side_make_nothing(keys: RoundKeys, public: str) -> None:
    assert _give(keys, HANNE, public) is None
    assert _give(keys, DINA, public) is None


def test_no_file_holds_the_private_key_and_there_is_no_private_file(
    keys: RoundKeys, public: str
) -> None:
    _give(keys, HANNE, public)
    whole = _give(keys, SARA, public)
    assert whole is not None
    with pytest.raises(Missing):
        keys.get_private(ROUND)
    files = b"".join(path.read_bytes() for path in keys.folder.iterdir())
    assert whole not in files
    assert whole.hex().encode() not in files


def test_what_was_given_is_read_by_the_other_side_only(keys: RoundKeys, public: str) -> None:
    _give(keys, HANNE, public)
    given = json.loads((keys.folder / f"{ROUND}.given.hr").read_bytes())
    assert set(given["sealed"]) == {str(SARA)}


def test_a_key_that_is_not_ones_own_gives_nothing(keys: RoundKeys, public: str) -> None:
    with pytest.raises(BadInput, match="no key when this round opened"):
        _give(keys, HANNE, public, by_key_of=SARA)
    assert not keys.shares.is_given(ROUND, Duty.HR)


def test_a_share_of_another_round_is_refused(keys: RoundKeys, public: str) -> None:
    other = uuid4()
    for duty in Duty:
        path = keys.folder / f"{ROUND}.share.{duty}"
        (keys.folder / f"{other}.share.{duty}").write_bytes(path.read_bytes())
    with pytest.raises(BadInput):
        keys.shares.give(other, Duty.HR, HANNE, bytes(PAIRS[HANNE]), public)


def test_shares_that_do_not_fit_each_other_are_refused(keys: RoundKeys, public: str) -> None:
    kept = (keys.folder / f"{ROUND}.share.hr").read_bytes()
    holders = {d: {p: bytes(PAIRS[p].public_key) for p in SIDE if SIDE[p] is d} for d in Duty}
    newer = keys.make_shared(ROUND, holders)
    (keys.folder / f"{ROUND}.share.hr").write_bytes(kept)
    _give(keys, SARA, newer)
    with pytest.raises(BadInput, match="do not make the key"):
        _give(keys, HANNE, newer)
    assert public != newer


def test_giving_twice_is_fine(keys: RoundKeys, public: str) -> None:
    _give(keys, HANNE, public)
    _give(keys, HANNE, public)
    assert _is_whole(_give(keys, SARA, public), public)
    assert _is_whole(_give(keys, HANNE, public), public), "either of them, once both have given"


def test_destroying_leaves_no_share(keys: RoundKeys, public: str) -> None:
    _give(keys, HANNE, public)
    assert keys.can_open(ROUND)
    keys.destroy(ROUND)
    assert list(keys.folder.iterdir()) == []
    assert not keys.exist(ROUND)
    assert not keys.can_open(ROUND)


class TestHandover:
    def test_only_the_process_it_was_handed_to_reads_the_key(self, tmp_path: Path) -> None:
        here, key = Handover(tmp_path), bytes(range(32))
        here.announce(now=NOW)
        hand_over(tmp_path, ROUND, key, now=NOW)
        assert here.find_key(ROUND) == key
        assert Handover(tmp_path).find_key(ROUND) is None
        assert key.hex().encode() not in (tmp_path / f"{ROUND}.handed").read_bytes()

    def test_every_process_that_is_there_can_count(self, tmp_path: Path) -> None:
        two = [Handover(tmp_path), Handover(tmp_path)]
        for one in two:
            one.announce(now=NOW)
        hand_over(tmp_path, ROUND, b"k" * 32, now=NOW)
        assert [one.find_key(ROUND) for one in two] == [b"k" * 32] * 2

    def test_nothing_is_handed_where_nobody_counts(self, tmp_path: Path) -> None:
        here = Handover(tmp_path)
        with pytest.raises(Refused, match="is not running"):
            hand_over(tmp_path, ROUND, b"k" * 32, now=NOW)
        here.announce(now=NOW)
        with pytest.raises(Refused):
            hand_over(tmp_path, ROUND, b"k" * 32, now=NOW + FRESH_FOR + timedelta(seconds=1))
        here.announce(now=NOW)
        here.withdraw()
        here.withdraw()
        with pytest.raises(Refused):
            hand_over(tmp_path, ROUND, b"k" * 32, now=NOW)

    def test_what_was_handed_to_a_process_that_ended_is_dropped(self, tmp_path: Path) -> None:
        old, new = Handover(tmp_path), Handover(tmp_path)
        old.announce(now=NOW)
        hand_over(tmp_path, ROUND, b"k" * 32, now=NOW)
        assert not drop_dead(tmp_path, ROUND, now=NOW)
        later = NOW + FRESH_FOR + timedelta(seconds=1)
        new.announce(now=later)
        assert not is_handed(tmp_path, ROUND, now=later)
        assert drop_dead(tmp_path, ROUND, now=later)
        assert not drop_dead(tmp_path, ROUND, now=later)
        assert len(list(tmp_path.iterdir())) == 1, "the old announcement is gone too"
