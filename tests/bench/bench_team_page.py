"""How long a leader's whole page takes as the record grows: ten years of monthly rounds and two.

A request through every guard: sign-in, queries, verdicts, tables, the charts' versions, the entry
in the audit log, and the page itself. SQLite, as in production. Both houses are asked in turn, so
both meet the same machine.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask

from tests.cast import ORGANISATION, Cast, make_cast
from tests.web.long_record import write_long_record
from wellbeing.app import create_app
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.settings import Settings
from wellbeing.store.accounts import SignInSession
from wellbeing.store.reach import Reach
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

SHORT_ROUNDS, LONG_ROUNDS = 24, 120
WARM_UP, VISITS = 10, 100

Row = dict[str, Any]
Visit = Callable[[], None]


def run() -> list[Row]:
    """The median of single visits to the page of a team, and of a chart that is drawn already."""
    with tempfile.TemporaryDirectory() as name:
        houses = [_House(Path(name) / str(n), n) for n in (LONG_ROUNDS, SHORT_ROUNDS)]
        pages = _median_seconds([house.visit(house.page) for house in houses])
        charts = _median_seconds([house.visit(f"{house.page}/BO.svg") for house in houses])
        for house in houses:
            house.close()
    return [
        _row("team page, 120 monthly rounds (floor: 24)", *pages),
        _row("kept chart of a team, 120 monthly rounds (floor: 24)", *charts),
    ]


class _House:
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


def _median_seconds(visits: list[Visit]) -> list[float]:
    taken = [[_seconds(visit) for visit in visits] for _ in range(WARM_UP + VISITS)][WARM_UP:]
    return [median(seconds) for seconds in zip(*taken, strict=True)]


def _seconds(visit: Visit) -> float:
    began = perf_counter()
    visit()
    return perf_counter() - began


def _row(name: str, value: float, floor: float) -> Row:
    return {
        "name": name,
        "value": 1000 * value,
        "unit": "ms",
        "floor": 1000 * floor,
        "ratio": value / floor,
    }


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(
            f"{row['name']:<60}{row['value']:>10.2f}{row['floor']:>10.2f} ms{row['ratio']:>8.2f}\n"
        )
