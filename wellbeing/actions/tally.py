"""Counts a closed round: checks every ballot against participation, then opens each once."""

from collections import Counter
from dataclasses import dataclass
from secrets import SystemRandom
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from wellbeing.crypto.ballots import BallotOpener, is_ballot_mac
from wellbeing.domain.errors import TallyStopped
from wellbeing.domain.instrument import NOT_SCORED
from wellbeing.store.base import Base
from wellbeing.store.org import RoundUnit
from wellbeing.store.personal import Ballot, Participation

_BATCH = 1000
_LOWEST, _HIGHEST = 10, 50


@dataclass(frozen=True, eq=False)
class Tally:
    """A round as arrays, units by index into `unit_ids` (parents before children).

    `parents` (U,), -1 at the top; `unit_of` (N,) and `scores` (N, 3) of the ballots in random
    order; `roster_of` (R,) the reporting units of everyone asked who can be counted; `pooled` (U,)
    the teams that are counted in a reporting group.
    """

    unit_ids: tuple[UUID, ...]
    paths: tuple[str, ...]
    parents: NDArray[np.intp]
    unit_of: NDArray[np.intp]
    scores: NDArray[np.int16]
    roster_of: NDArray[np.intp]
    pooled: NDArray[np.bool_]


def scatter(session: Session, round_id: UUID) -> None:
    """Rewrites the round's ballots and participation in random order within one transaction.

    Rows stored by one transaction carry its number, and rows stored one after the other lie one
    after the other: both would join a ballot to the person who sent it.
    """
    # Rows and tables, not objects: a round of 20,000 is rewritten a quarter faster.
    for entity in (Ballot, Participation):
        table = Base.metadata.tables[entity.__tablename__]
        of_round = table.c.round_id == round_id
        kept = session.execute(select(table).where(of_round))
        rows = [dict(row) for row in kept.mappings()]
        SystemRandom().shuffle(rows)
        session.execute(delete(table).where(of_round))
        for start in range(0, len(rows), _BATCH):
            session.execute(insert(table), rows[start : start + _BATCH])


def count_round(session: Session, round_id: UUID, private_key: bytes, mac_key: bytes) -> Tally:
    """The opened round; raises TallyStopped on the first thing that does not agree."""
    units = session.execute(
        select(RoundUnit.unit_id, RoundUnit.parent_unit_id, RoundUnit.path, RoundUnit.pooled)
        .where(RoundUnit.round_id == round_id)
        .order_by(RoundUnit.path)
    ).all()
    index = {unit.unit_id: i for i, unit in enumerate(units)}
    roster = session.execute(
        select(Participation.reporting_unit_id, Participation.done).where(
            Participation.round_id == round_id, Participation.reporting_unit_id.is_not(None)
        )
    ).all()
    ballots = session.execute(
        select(Ballot.__table__).where(Ballot.round_id == round_id).order_by(Ballot.id)
    ).mappings()
    unit_of, scores = _open_all(list(ballots), round_id, BallotOpener(private_key), mac_key, index)
    done = Counter(index[unit_id] for unit_id, is_done in roster if is_done)
    _check_counts(Counter(unit_of), done, [unit.path for unit in units])
    return Tally(
        unit_ids=tuple(unit.unit_id for unit in units),
        paths=tuple(unit.path for unit in units),
        parents=np.array([index.get(unit.parent_unit_id, -1) for unit in units], dtype=np.intp),
        unit_of=np.array(unit_of, dtype=np.intp),
        scores=np.array(scores, dtype=np.int16).reshape(-1, 3),
        roster_of=np.array([index[unit_id] for unit_id, _ in roster], dtype=np.intp),
        pooled=np.array([unit.pooled for unit in units], dtype=np.bool_),
    )


def _open_all(
    ballots: list[RowMapping],
    round_id: UUID,
    opener: BallotOpener,
    mac_key: bytes,
    index: dict[UUID, int],
) -> tuple[list[int], list[tuple[int, int, int]]]:
    unit_of: list[int] = []
    scores: list[tuple[int, int, int]] = []
    for row in ballots:
        whole = is_ballot_mac(
            row["mac"],
            mac_key,
            ballot_id=row["id"],
            round_id=round_id,
            unit_id=row["unit_id"],
            sealed=row["sealed"],
        )
        if not whole:
            raise TallyStopped("A ballot was changed, moved or added outside the service.")
        opened = opener.open(row["sealed"], ballot_id=row["id"])
        if opened.unit_id != row["unit_id"] or opened.unit_id not in index:
            raise TallyStopped("A ballot was moved to another unit.")
        if any(s != NOT_SCORED and not _LOWEST <= s <= _HIGHEST for s in opened.scores):
            raise TallyStopped("A ballot holds a score that cannot be.")
        unit_of.append(index[opened.unit_id])
        scores.append(opened.scores)
    return unit_of, scores


def _check_counts(ballots: Counter[int], done: Counter[int], paths: list[str]) -> None:
    for unit in sorted(ballots.keys() | done.keys()):
        if ballots[unit] != done[unit]:
            raise TallyStopped(
                "{unit} has {ballots} ballots, but {done} people took part. "
                "Ballots were added or removed outside the service.",
                unit=paths[unit],
                ballots=ballots[unit],
                done=done[unit],
            )
