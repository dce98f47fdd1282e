"""Everything ever published, read back as the record that anyone may check."""

from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wellbeing.actions.figures import find_rounds
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import SHOWN_ENDINGS, Kind
from wellbeing.domain.publication_record import (
    GroupRecord,
    RollupRecord,
    RoundRecord,
    ShownValue,
    WithheldRecord,
)
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedGroupUnit,
    PublishedRollup,
    PublishedRollupGroup,
    PublishedRound,
    PublishedWithheld,
)

T = TypeVar("T", UUID, str)
_SCALES = {scale.value: scale for scale in Scale}


def read_records(session: Session) -> tuple[RoundRecord, ...]:
    """Everything ever published, as its readers saw it."""
    return tuple(read_record(session, shown.round_id) for shown in find_rounds(session))


def read_record(session: Session, round_id: UUID) -> RoundRecord:
    """The record of one round, whether its key is destroyed yet or not."""
    return _read_round(session, session.get_one(PublishedRound, round_id))


def _read_round(session: Session, row: PublishedRound) -> RoundRecord:
    groups = session.execute(
        select(PublishedGroup.id, PublishedGroup.label, PublishedGroup.size)
        .where(PublishedGroup.round_id == row.round_id)
        .order_by(PublishedGroup.label)
    ).all()
    rollups = session.execute(
        select(PublishedRollup.id, PublishedRollup.unit_path)
        .where(PublishedRollup.round_id == row.round_id)
        .order_by(PublishedRollup.unit_path)
    ).all()
    withheld = session.execute(
        select(PublishedWithheld.unit_path, PublishedWithheld.reason, PublishedWithheld.group_id)
        .where(PublishedWithheld.round_id == row.round_id)
        .order_by(PublishedWithheld.unit_path)
    )
    figures = _values(session, row.round_id)
    counts_for, made_of = _counts_for(session, row.round_id), _made_of(session, row.round_id)
    return RoundRecord(
        id=str(row.round_id),
        closed_on=row.closed_on,
        instrument=row.instrument,
        wording=row.wording,
        groups=tuple(
            GroupRecord(str(g.id), g.label, counts_for.get(g.id, ()), g.size, figures[g.id])
            for g in groups
        ),
        rollups=tuple(
            RollupRecord(r.unit_path, made_of.get(r.id, ()), figures[r.id]) for r in rollups
        ),
        withheld=tuple(
            WithheldRecord(w.unit_path, w.reason, str(w.group_id) if w.group_id else None)
            for w in withheld
        ),
    )


def _values(session: Session, round_id: UUID) -> dict[UUID, dict[Scale, ShownValue]]:
    figure = (
        PublishedFigure.scale,
        PublishedFigure.point,
        PublishedFigure.kind,
        PublishedFigure.low,
        PublishedFigure.high,
    )
    of_groups = select(PublishedFigure.group_id, *figure).join(
        PublishedGroup, PublishedGroup.id == PublishedFigure.group_id
    )
    of_rollups = select(PublishedFigure.rollup_id, *figure).join(
        PublishedRollup, PublishedRollup.id == PublishedFigure.rollup_id
    )
    queries = (
        of_groups.where(PublishedGroup.round_id == round_id),
        of_rollups.where(PublishedRollup.round_id == round_id),
    )
    # A large round says the same few hundred values again and again.
    value_of = lru_cache(maxsize=None)(_value)
    values: dict[UUID, dict[Scale, ShownValue]] = {}
    for owner, scale, *shown in (row for query in queries for row in session.execute(query)):
        assert owner is not None
        values.setdefault(owner, {})[_SCALES[scale]] = value_of(*shown)
    return {
        owner: {scale: found[scale] for scale in Scale if scale in found}
        for owner, found in values.items()
    }


def _value(point: int, kind: str, low: float, high: float) -> ShownValue:
    return ShownValue(f"{point}{SHOWN_ENDINGS[Kind[kind.upper()]]}", low, high)


def _counts_for(session: Session, round_id: UUID) -> dict[UUID, tuple[str, ...]]:
    query = (
        select(PublishedGroupUnit.group_id, PublishedGroupUnit.unit_path)
        .join(PublishedGroup, PublishedGroup.id == PublishedGroupUnit.group_id)
        .where(PublishedGroup.round_id == round_id)
        .order_by(PublishedGroupUnit.unit_path)
    )
    return _lists(session, query)


def _made_of(session: Session, round_id: UUID) -> dict[UUID, tuple[str, ...]]:
    query = (
        select(PublishedRollupGroup.rollup_id, PublishedRollupGroup.group_id)
        .join(PublishedRollup, PublishedRollup.id == PublishedRollupGroup.rollup_id)
        .join(PublishedGroup, PublishedGroup.id == PublishedRollupGroup.group_id)
        .where(PublishedRollup.round_id == round_id)
        .order_by(PublishedGroup.label)
    )
    return _lists(session, query)


def _lists(session: Session, query: Select[UUID, T]) -> dict[UUID, tuple[str, ...]]:
    lists: dict[UUID, list[str]] = {}
    for owner, item in session.execute(query):
        lists.setdefault(owner, []).append(str(item))
    return {owner: tuple(items) for owner, items in lists.items()}
