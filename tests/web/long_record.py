"""A record of many monthly rounds, written as published without anybody answering."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import insert

from tests.cast import ORGANISATION, Cast
from wellbeing.domain.instrument import Scale, load_wording
from wellbeing.store.base import Base
from wellbeing.store.org import Programme, Round, RoundState, RoundUnit
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedGroupUnit,
    PublishedRound,
    PublishedWithheld,
)
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

GAP_DAYS = 30
WITHHELD_CHANCE = 0.1
MEANS = {Scale.CS: 37.7, Scale.BO: 22.8, Scale.STS: 16.7}
OTHER_TEAMS = 60
PATH = f"{ORGANISATION} / Bostøtte / Anemonen"

Rows = dict[type[Base], list[dict[str, Any]]]


def write_long_record(database: Database, cast: Cast, rounds: int, *, until: datetime) -> None:
    """Published rounds a month apart, the latest closed on `until`: figures of team A around the
    reference sample, a tenth of them withheld, beside those of teams that are gone by now.
    """
    random = np.random.default_rng(2026)
    programme_id = uuid4()
    rows: Rows = {Programme: [_programme(programme_id)]}
    others = [uuid4() for _ in range(OTHER_TEAMS)]
    for number in range(1, rounds + 1):
        closed_at = until - timedelta(days=GAP_DAYS * (rounds - number))
        _add_round(rows, programme_id, number, closed_at, [cast.units["team_a"], *others], random)
    with database.writing(Reach.EVERYTHING) as session:
        for table, values in rows.items():
            session.execute(insert(table), values)


def _programme(programme_id: UUID) -> dict[str, Any]:
    return {
        "id": programme_id,
        "name": "Trivsel",
        "instrument": "proqol5",
        "every_months": 1,
        "window_days": 14,
        "opening_time": "09:00",
        "reminder_days": "5",
        "min_group_size": 5,
    }


def _add_round(
    rows: Rows,
    programme_id: UUID,
    number: int,
    closed_at: datetime,
    teams: Iterable[UUID],
    random: np.random.Generator,
) -> None:
    round_id = uuid4()
    _add(
        rows,
        Round,
        id=round_id,
        programme_id=programme_id,
        number=number,
        state=RoundState.PUBLISHED,
        opens_at=closed_at - timedelta(days=14),
        closes_at=closed_at,
        min_group_size=5,
    )
    _add(
        rows,
        PublishedRound,
        round_id=round_id,
        number=number,
        closed_on=closed_at.date(),
        instrument="proqol5",
        wording=load_wording("da").id,
        min_group_size=5,
        key_destroyed_at=closed_at.astimezone(UTC),
    )
    for at, unit_id in enumerate(teams):
        path = f"{PATH} {at}" if at else PATH
        _add(rows, RoundUnit, round_id=round_id, unit_id=unit_id, path=path, pooled=False)
        is_withheld = random.random() < WITHHELD_CHANCE
        if is_withheld:
            _add(
                rows,
                PublishedWithheld,
                round_id=round_id,
                unit_id=unit_id,
                unit_path=path,
                reason="too_few",
            )
        else:
            _add_group(rows, round_id, unit_id, path, random)


def _add_group(
    rows: Rows, round_id: UUID, unit_id: UUID, path: str, random: np.random.Generator
) -> None:
    group_id = uuid4()
    _add(
        rows,
        PublishedGroup,
        id=group_id,
        round_id=round_id,
        unit_id=unit_id,
        kind="team",
        label=path,
        size=int(random.integers(5, 12)),
        response_class=2,
    )
    _add(rows, PublishedGroupUnit, group_id=group_id, unit_id=unit_id, unit_path=path)
    for scale, mean in MEANS.items():
        point = int(np.clip(np.rint(random.normal(mean, 2)), 14, 43))
        _add(
            rows,
            PublishedFigure,
            id=uuid4(),
            group_id=group_id,
            scale=scale.value,
            point=point,
            kind="exact",
            low=point - 0.5,
            high=point + 0.49,
        )


def _add(rows: Rows, table: type[Base], **values: Any) -> None:
    rows.setdefault(table, []).append(values)
