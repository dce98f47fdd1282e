"""Writes what a round publishes into its tables, once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.tally import Tally
from wellbeing.domain.disclosure import publish_groups
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import (
    GroupKind,
    Groups,
    Kind,
    Publication,
    Reason,
    Rollups,
    ShownValues,
)
from wellbeing.domain.unit_tree import NOWHERE, UnitTree
from wellbeing.store.bulk import insert_rows
from wellbeing.store.org import Programme, Round, RoundWording
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedGroupUnit,
    PublishedRollup,
    PublishedRollupGroup,
    PublishedRound,
    PublishedWithheld,
)


def decide(tally: Tally, round_: Round) -> Publication:
    """What is published of a tally under the round's own smallest group size."""
    rules = replace(load_rules(), min_group_size=round_.min_group_size)
    return publish_groups(
        UnitTree(tally.parents),
        tally.unit_of,
        tally.scores,
        rules,
        roster_of=tally.roster_of,
        pooled=tally.pooled,
    )


def write_publication(
    session: Session, round_: Round, tally: Tally, publication: Publication, *, closed_on: date
) -> None:
    """Adds the rows of a publication; a second time breaks on the round's primary key."""
    session.add(_round_row(session, round_, closed_on))
    session.flush()
    group_ids = [uuid4() for _ in publication.groups.unit]
    _write_groups(session, round_.id, tally, publication.groups, group_ids)
    _write_rollups(session, round_.id, tally, publication.rollups, group_ids)
    insert_rows(session, PublishedWithheld, _withheld(round_.id, tally, publication, group_ids))


def _write_groups(
    session: Session, round_id: UUID, tally: Tally, groups: Groups, ids: list[UUID]
) -> None:
    kinds = [GroupKind(kind) for kind in groups.kind]
    insert_rows(
        session,
        PublishedGroup,
        (
            {
                "id": ids[g],
                "round_id": round_id,
                "unit_id": tally.unit_ids[unit],
                "kind": kinds[g].name.lower(),
                "label": _label(tally.paths[unit], kinds[g]),
                "size": int(groups.answers[g]),
                "response_class": int(groups.response_class[g]),
            }
            for g, unit in enumerate(groups.unit)
        ),
    )
    insert_rows(
        session,
        PublishedGroupUnit,
        (
            {"group_id": ids[g], "unit_id": tally.unit_ids[u], "unit_path": tally.paths[u]}
            for g, units in enumerate(groups.counts_for)
            for u in units
        ),
    )
    insert_rows(session, PublishedFigure, _figures(groups.values, group_id=ids))


def _write_rollups(
    session: Session, round_id: UUID, tally: Tally, rollups: Rollups, group_ids: list[UUID]
) -> None:
    ids = [uuid4() for _ in rollups.unit]
    insert_rows(
        session,
        PublishedRollup,
        (
            {
                "id": ids[r],
                "round_id": round_id,
                "unit_id": tally.unit_ids[unit],
                "unit_path": tally.paths[unit],
            }
            for r, unit in enumerate(rollups.unit)
        ),
    )
    insert_rows(
        session,
        PublishedRollupGroup,
        (
            {"rollup_id": ids[r], "group_id": group_ids[g]}
            for r, of in enumerate(rollups.of)
            for g in of
        ),
    )
    insert_rows(session, PublishedFigure, _figures(rollups.values, rollup_id=ids))


def _round_row(session: Session, round_: Round, closed_on: date) -> PublishedRound:
    programme = session.get_one(Programme, round_.programme_id)
    wordings = session.scalars(
        select(RoundWording.wording_id)
        .where(RoundWording.round_id == round_.id)
        .order_by(RoundWording.locale)
    )
    return PublishedRound(
        round_id=round_.id,
        number=round_.number,
        closed_on=closed_on,
        instrument=programme.instrument,
        wording=" + ".join(wordings),
        min_group_size=round_.min_group_size,
    )


def _label(path: str, kind: GroupKind) -> str:
    return f"Others in {path}" if kind is GroupKind.OTHERS else path


def _figures(
    values: ShownValues, group_id: list[UUID] | None = None, rollup_id: list[UUID] | None = None
) -> Iterable[dict[str, Any]]:
    owners = group_id or rollup_id or []
    for row, owner in enumerate(owners):
        for column, scale in enumerate(Scale):
            yield {
                "id": uuid4(),
                "group_id": owner if group_id else None,
                "rollup_id": owner if rollup_id else None,
                "scale": scale.value,
                "point": int(values.point[row, column]),
                "kind": Kind(values.kind[row, column]).name.lower(),
                "low": float(values.low[row, column]),
                "high": float(values.high[row, column]),
            }


def _withheld(
    round_id: UUID, tally: Tally, publication: Publication, group_ids: list[UUID]
) -> Iterable[dict[str, Any]]:
    withheld = publication.withheld
    for row, unit in enumerate(withheld.unit):
        group = int(withheld.counted_in[row])
        yield {
            "round_id": round_id,
            "unit_id": tally.unit_ids[unit],
            "unit_path": tally.paths[unit],
            "reason": Reason(withheld.reason[row]).name.lower(),
            "group_id": None if group == NOWHERE else group_ids[group],
        }
