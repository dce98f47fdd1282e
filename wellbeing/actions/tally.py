"""Counts a closed round: checks every ballot against participation, then opens each once."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Uuid, case, column, func, select, update
from sqlalchemy import table as untyped
from sqlalchemy.orm import Session

from wellbeing.crypto.ballot_batches import (
    BATCH,
    WORTH_SPREADING,
    RoundToOpen,
    StoredBallot,
    count_cores,
    open_batches,
)
from wellbeing.domain.errors import TallyStopped
from wellbeing.store.base import Base
from wellbeing.store.bulk import hold_table, lay_by_key
from wellbeing.store.org import RoundUnit
from wellbeing.store.personal import Ballot, Participation

Counts = NDArray[np.int64]
_NO_UNITS, _NO_SCORES = np.empty(0, dtype=np.int32), np.empty((0, 3), dtype=np.uint8)


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


def scatter(session: Session, round_id: UUID, entity: type[Base]) -> None:
    """Rewrites the round's ballots or its participation, so that no row tells when it was stored.

    Rows stored by one transaction carry its number, and rows stored one after the other lie one
    after the other: both would join a ballot to the person who sent it. Afterwards all carry the
    number of this transaction and lie by their keys, which are random. On SQLite rows have no
    number, and lie by their keys from the start.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    table = Base.metadata.tables[entity.__tablename__]
    hold_table(session, table)
    last = list(table.c)[-1]
    # Storing a value again makes the row anew; deleting and inserting would check every key again.
    session.execute(update(table).where(table.c.round_id == round_id).values({last: last}))
    lay_by_key(session, table)


def count_round(session: Session, round_id: UUID, private_key: bytes, mac_key: bytes) -> Tally:
    """The opened round; raises TallyStopped on the first thing that does not agree."""
    units = session.execute(
        select(RoundUnit.unit_id, RoundUnit.parent_unit_id, RoundUnit.path, RoundUnit.pooled)
        .where(RoundUnit.round_id == round_id)
        .order_by(RoundUnit.path)
    ).all()
    index = {unit.unit_id: i for i, unit in enumerate(units)}
    asked, done = _count_asked_and_done(session, round_id, index)
    wanted = RoundToOpen(
        round_id.bytes, tuple(unit.unit_id.bytes for unit in units), private_key, mac_key
    )
    spread = count_cores() if done.sum() >= WORTH_SPREADING else 1
    with closing(_read_ballots(session, round_id)) as batches:
        opened = list(open_batches(wanted, batches, processes=spread))
    unit_of = np.concatenate([_NO_UNITS, *(batch.unit_of for batch in opened)]).astype(np.intp)
    scores = np.concatenate([_NO_SCORES, *(batch.scores for batch in opened)]).astype(np.int16)
    paths = tuple(unit.path for unit in units)
    _check_counts(np.bincount(unit_of, minlength=len(units)), done, paths)
    return Tally(
        unit_ids=tuple(unit.unit_id for unit in units),
        paths=paths,
        parents=np.array([index.get(unit.parent_unit_id, -1) for unit in units], dtype=np.intp),
        unit_of=unit_of,
        scores=scores,
        roster_of=np.repeat(np.arange(len(units)), asked),
        pooled=np.array([unit.pooled for unit in units], dtype=np.bool_),
    )


def _count_asked_and_done(
    session: Session, round_id: UUID, index: dict[UUID, int]
) -> tuple[Counts, Counts]:
    """How many of those who can be counted were asked in each unit, and how many took part."""
    asked, done = np.zeros((2, len(index)), dtype=np.int64)
    rows = session.execute(
        select(
            Participation.reporting_unit_id,
            func.count(),
            func.sum(case((Participation.done, 1), else_=0)),
        )
        .where(Participation.round_id == round_id, Participation.reporting_unit_id.is_not(None))
        .group_by(Participation.reporting_unit_id)
    )
    for unit_id, people, took_part in rows:
        asked[index[unit_id]], done[index[unit_id]] = people, took_part
    return asked, done


def _read_ballots(session: Session, round_id: UUID) -> Generator[list[StoredBallot], None, None]:
    """The round's ballots in the order of their random ids, never more than two batches at once."""
    # Without types: what the driver hands over is turned into bytes once, not into objects first.
    ballot = untyped(Ballot.__tablename__, *map(column, ("id", "unit_id", "sealed", "mac")))
    query = (
        select(ballot).where(column("round_id", Uuid) == round_id).order_by(ballot.c.id)
    ).execution_options(yield_per=BATCH)
    with session.connection().execute(query) as result:
        for rows in result.partitions():
            yield [(_bytes_of(id_), _bytes_of(unit), *rest) for id_, unit, *rest in rows]


def _bytes_of(id_: UUID | str) -> bytes:
    return bytes.fromhex(id_) if isinstance(id_, str) else id_.bytes


def _check_counts(ballots: Counts, done: Counts, paths: Sequence[str]) -> None:
    for unit in np.flatnonzero(ballots != done)[:1].tolist():
        raise TallyStopped(
            "{unit} has {ballots} ballots, but {done} people took part. "
            "Ballots were added or removed outside the service.",
            unit=paths[unit],
            ballots=int(ballots[unit]),
            done=int(done[unit]),
        )
