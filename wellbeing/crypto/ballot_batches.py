"""Opens many ballots, batch by batch: in this process, or spread over the cores.

What other processes need, the round's private key among it, goes to them through a pipe and lies
nowhere else. They end with this process, however it ends: nobody is left who holds a key.
"""

import os
import subprocess  # nosec B404  # our own program, no shell
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from wellbeing.crypto.ballots import BallotOpener, is_ballot_mac
from wellbeing.domain.errors import TallyStopped
from wellbeing.domain.instrument import HIGHEST_SCORE, LOWEST_SCORE, NOT_SCORED

_HELP = f"from {__name__} import help_through; help_through()"
BATCH = 2000
# Another process takes a third of a second to start: as long as it opens some thousand ballots.
WORTH_SPREADING = 20_000
_POSSIBLE = frozenset({NOT_SCORED, *range(LOWEST_SCORE, HIGHEST_SCORE + 1)})

# Id and unit (16 bytes each), the sealed ballot, its MAC.
StoredBallot = tuple[bytes, bytes, bytes, bytes]


@dataclass(frozen=True)
class RoundToOpen:
    """What opening a round takes; `units` by their 16 bytes, in the order they are numbered."""

    round_id: bytes
    units: tuple[bytes, ...]
    private_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)


@dataclass(frozen=True, eq=False)
class OpenedBatch:
    """`unit_of` (N,) by index into the round's units, and `scores` (N, 3), in the batch's order."""

    unit_of: NDArray[np.int32]
    scores: NDArray[np.uint8]


class BatchOpener:
    """Checks and opens batches of one round."""

    def __init__(self, wanted: RoundToOpen) -> None:
        self._round_id, self._mac_key = UUID(bytes=wanted.round_id), wanted.mac_key
        self._box = BallotOpener(wanted.private_key)
        self._number_of = {unit: number for number, unit in enumerate(wanted.units)}

    def open(self, ballots: Sequence[StoredBallot]) -> OpenedBatch:
        """The batch; TallyStopped for the first ballot that is not as it was sent."""
        units = np.empty(len(ballots), dtype=np.int32)
        scores = bytearray()
        for at, ballot in enumerate(ballots):
            units[at], three = self._open(*ballot)
            scores += three
        return OpenedBatch(units, np.frombuffer(bytes(scores), dtype=np.uint8).reshape(-1, 3))

    def _open(self, id_: bytes, unit: bytes, sealed: bytes, mac: bytes) -> tuple[int, bytes]:
        ballot_id, unit_id = UUID(bytes=id_), UUID(bytes=unit)
        whole = is_ballot_mac(
            mac,
            self._mac_key,
            ballot_id=ballot_id,
            round_id=self._round_id,
            unit_id=unit_id,
            sealed=sealed,
        )
        if not whole:
            raise TallyStopped("A ballot was changed, moved or added outside the service.")
        opened = self._box.open(sealed, ballot_id=ballot_id)
        number = self._number_of.get(unit)
        if opened.unit_id != unit_id or number is None:
            raise TallyStopped("A ballot was moved to another unit.")
        if not _POSSIBLE.issuperset(opened.scores):
            raise TallyStopped("A ballot holds a score that cannot be.")
        return number, bytes(opened.scores)


def count_cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def open_batches(
    wanted: RoundToOpen, batches: Iterator[Sequence[StoredBallot]], *, processes: int
) -> Iterator[OpenedBatch]:
    """The batches in their order, by so many other processes; with one, by this process alone.

    A process that is killed is done without: this one opens what it had been given.
    TallyStopped as `BatchOpener.open` has it, at the first such ballot in the order of the batches.
    """
    opener = BatchOpener(wanted)
    if processes < 2:
        yield from map(opener.open, batches)
        return
    with ExitStack() as stack:
        helpers = [stack.enter_context(_helper(wanted)) for _ in range(processes)]
        given: deque[tuple[Connection | None, Sequence[StoredBallot]]] = deque()
        for number, batch in enumerate(batches):
            given.append((_give(helpers[number % processes], batch), batch))
            if len(given) > processes:
                yield _take(*given.popleft(), opener)
        while given:
            yield _take(*given.popleft(), opener)


def _give(helper: Connection, batch: Sequence[StoredBallot]) -> Connection | None:
    try:
        helper.send(batch)
    except OSError:
        return None
    return helper


def _take(
    helper: Connection | None, batch: Sequence[StoredBallot], opener: BatchOpener
) -> OpenedBatch:
    try:
        opened = helper.recv() if helper else None
    except (OSError, EOFError):
        opened = None
    if isinstance(opened, TallyStopped):
        raise opened
    return opened if isinstance(opened, OpenedBatch) else opener.open(batch)


@contextmanager
def _helper(wanted: RoundToOpen) -> Iterator[Connection]:
    """A new process, not a copy of this one: no database connection or lock comes along."""
    ours, theirs = Pipe()
    with theirs:  # closed on this side, so that either side hears when the other one ends
        command = [sys.executable, "-c", _HELP, str(theirs.fileno())]
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # nosec B603  # our own program, no shell
    try:
        with suppress(OSError):  # it has ended: what it is given then is opened here
            ours.send(wanted)
        yield ours
    finally:
        ours.close()
        process.kill()
        process.wait()


def help_through() -> None:
    """Opens what comes through the pipe named on the command line, until nobody is at its end."""
    asked = Connection(int(sys.argv[1]))
    try:
        opener = BatchOpener(asked.recv())
        while True:
            batch = asked.recv()
            try:
                asked.send(opener.open(batch))
            except TallyStopped as fault:
                asked.send(fault)
    except (EOFError, OSError):
        return
