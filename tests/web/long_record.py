"""A record of many monthly rounds, written as published without anybody answering."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from flask import Flask
from sqlalchemy import insert

from tests.cast import ORGANISATION, Cast, make_cast
from wellbeing.app import create_app
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.instrument import Scale, load_wording
from wellbeing.settings import Settings
from wellbeing.store.accounts import SignInSession
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
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

GAP_DAYS = 30
WITHHELD_CHANCE = 0.1
MEANS = {Scale.CS: 37.7, Scale.BO: 22.8, Scale.STS: 16.7}
OTHER_TEAMS = 60
PATH = f"{ORGANISATION} / Bostøtte / Anemonen"

Visit = Callable[[], None]
Rows = dict[type[Base], list[dict[str, Any]]]


class LongHouse:
    """The cast's organisation with so many monthly rounds behind it, and Lis signed in."""

    def __init__(self, data: Path, rounds: int) -> None:
        database, now = Database(f"sqlite:///{data / 'wellbeing.db'}"), datetime.now(UTC)
        upgrade(database)
        with database.writing(Reach.EVERYTHING) as session:
            cast = make_cast(session)
        write_long_record(database, cast, rounds, until=now - timedelta(days=5))
        secret = _sign_in(database, cast, now)
        database.close()
        settings = Settings(data=data, base_url="http://localhost", organisation=ORGANISATION)
        self.app: Flask = create_app(settings)
        self.client = self.app.test_client()
        with self.client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        self.page = f"/teams/{cast.units['team_a']}"

    def visit(self, path: str) -> Visit:
        """A visit by its leader; it insists on being shown what was asked for."""

        def visit() -> None:
            answer = self.client.get(path)
            if answer.status_code != 200 or not answer.data:
                raise AssertionError(f"{path}: {answer.status_code}")

        return visit

    def close(self) -> None:
        """Closes its database."""
        self.app.extensions["wellbeing"].database.close()


def _sign_in(database: Database, cast: Cast, now: datetime) -> str:
    secret = make_token()
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            SignInSession(
                secret_hash=hash_token(secret),
                person_id=cast.people["Lis"],
                started_at=now,
                expires_at=now + timedelta(hours=8),
            )
        )
    return secret


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
