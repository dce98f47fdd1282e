"""Many ballots at once: the same as one by one, wherever the batches end, whoever is killed."""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from uuid import UUID

import numpy as np
import pytest
from nacl.public import PrivateKey

from wellbeing.crypto.ballot_batches import (
    BatchOpener,
    OpenedBatch,
    RoundToOpen,
    StoredBallot,
    open_batches,
)
from wellbeing.crypto.ballots import BallotOpener, OpenedBallot, ballot_mac, seal_ballot
from wellbeing.domain.errors import TallyStopped

RANDOM = Random(8)
KEY = PrivateKey.generate()
ROUND, MAC_KEY = UUID(int=RANDOM.getrandbits(128)), RANDOM.randbytes(32)
UNITS = tuple(RANDOM.randbytes(16) for _ in range(7))
TO_OPEN = RoundToOpen(ROUND.bytes, UNITS, bytes(KEY), MAC_KEY)


def _stored(unit: bytes, scores: tuple[int, int, int]) -> StoredBallot:
    id_, unit_id = UUID(int=RANDOM.getrandbits(128)), UUID(bytes=unit)
    sealed = seal_ballot(
        OpenedBallot(scores, unit_id, "ab" * 32),
        ballot_id=id_,
        public_key_hex=bytes(KEY.public_key).hex(),
    )
    mac = ballot_mac(MAC_KEY, ballot_id=id_, round_id=ROUND, unit_id=unit_id, sealed=sealed)
    return id_.bytes, unit, sealed, mac


def _random_ballots(count: int) -> list[StoredBallot]:
    possible = [0, *range(10, 51)]
    return [
        _stored(
            RANDOM.choice(UNITS),
            (RANDOM.choice(possible), RANDOM.choice(possible), RANDOM.choice(possible)),
        )
        for _ in range(count)
    ]


def _in_batches(ballots: Sequence[StoredBallot], size: int) -> Iterator[Sequence[StoredBallot]]:
    return (ballots[start : start + size] for start in range(0, len(ballots), size))


def _joined(batches: Iterator[OpenedBatch]) -> tuple[list[int], list[list[int]]]:
    opened = list(batches)
    return (
        [unit for batch in opened for unit in batch.unit_of.tolist()],
        [scores for batch in opened for scores in batch.scores.tolist()],
    )


def _one_by_one(ballots: Sequence[StoredBallot]) -> tuple[list[int], list[list[int]]]:
    """As rounds were counted before there were batches."""
    opener = BallotOpener(bytes(KEY))
    opened = [opener.open(sealed, ballot_id=UUID(bytes=id_)) for id_, _, sealed, _ in ballots]
    units = [UNITS.index(ballot.unit_id.bytes) for ballot in opened]
    return units, [list(ballot.scores) for ballot in opened]


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 6, 20, 21])
def test_wherever_batches_end_and_whoever_opens_them_the_ballots_are_the_same(
    processes: int, size: int
) -> None:
    ballots = _random_ballots(20)
    opened = _joined(open_batches(TO_OPEN, _in_batches(ballots, size), processes=processes))
    assert opened == _one_by_one(ballots)


@pytest.mark.parametrize("processes", [1, 2])
def test_no_ballots_are_no_batches(processes: int) -> None:
    assert list(open_batches(TO_OPEN, iter(()), processes=processes)) == []
    assert BatchOpener(TO_OPEN).open(()).scores.shape == (0, 3)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda b: (b[0], b[1], b[2], bytes(32)), "changed, moved or added"),
        (lambda _: _stored(RANDOM.randbytes(16), (20, 20, 20)), "moved to another unit"),
        (lambda b: _stored(b[1], (20, 9, 20)), "a score that cannot be"),
        (lambda b: _stored(b[1], (20, 20, 51)), "a score that cannot be"),
    ],
)
def test_a_spoilt_ballot_stops_the_tally_wherever_it_is_opened(
    processes: int, spoilt: object, said: str
) -> None:
    assert callable(spoilt)
    ballots = _random_ballots(9)
    ballots[7] = spoilt(ballots[7])
    with pytest.raises(TallyStopped, match=said):
        list(open_batches(TO_OPEN, _in_batches(ballots, 2), processes=processes))


def test_a_killed_process_is_done_without() -> None:
    ballots = _random_ballots(30)

    def batches() -> Iterator[Sequence[StoredBallot]]:
        for number, batch in enumerate(_in_batches(ballots, 3)):
            if number == 4:
                helpers = _helpers()
                assert len(helpers) == 2
                for helper in helpers:
                    os.kill(helper, signal.SIGKILL)
            yield batch

    assert _joined(open_batches(TO_OPEN, batches(), processes=2)) == _one_by_one(ballots)
    assert _helpers() == []


def test_the_key_is_on_no_command_line_and_in_no_environment() -> None:
    seen: list[bytes] = []

    def batches() -> Iterator[Sequence[StoredBallot]]:
        for batch in _in_batches(_random_ballots(6), 3):
            for helper in _helpers():
                for name in ("cmdline", "environ"):
                    seen.append(Path(f"/proc/{helper}/{name}").read_bytes())
            yield batch

    list(open_batches(TO_OPEN, batches(), processes=2))
    assert len(seen) == 8
    assert all(bytes(KEY) not in text and bytes(KEY).hex().encode() not in text for text in seen)
    assert bytes(KEY).hex() not in repr(TO_OPEN)


def test_only_a_few_batches_wait_at_once() -> None:
    taken = 0

    def batches() -> Iterator[Sequence[StoredBallot]]:
        nonlocal taken
        for batch in _in_batches(_random_ballots(24), 2):
            taken += 1
            yield batch

    for given_back, batch in enumerate(open_batches(TO_OPEN, batches(), processes=2), start=1):
        assert np.all(batch.unit_of >= 0)
        assert taken - given_back <= 2


def _helpers() -> list[int]:
    """The processes that this one started to open ballots."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes()
        except OSError:  # has just ended
            continue
        if int(status[1]) == os.getpid() and status[0] != "Z" and b"help_through" in line:
            found.append(int(folder.name))
    return found
