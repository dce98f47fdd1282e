"""Other systems in front of the service, with tokens that fit or do not."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.cast import Cast
from tests.web.conftest import Clock
from tests.web.past import cast, clock, past, rounds_past, sqlite_database
from wellbeing.actions.api_tokens import Scope, issue
from wellbeing.domain.actor import Actor
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

__all__ = ["cast", "clock", "past", "rounds_past", "sqlite_database"]

BY = Actor.command("token")


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The area of these tests alone, as a process of its own would run it."""
    return ("api",)


class Reader:
    """Another system that reads."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = Client(app)
        self.token = token

    def get(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        """The answer, which must have this status."""
        answer = self.client.get(
            f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}", **headers}
        )
        assert answer.status_code == status, answer.text
        return answer

    def read(self, path: str) -> Any:
        """What the answer says."""
        return self.get(path).json

    def read_all(self, path: str, name: str, limit: int = 2) -> list[Any]:
        """A whole list, page after page."""
        return list(self._pages(path, name, limit))

    def _pages(self, path: str, name: str, limit: int) -> Iterator[Any]:
        cursor = ""
        while True:
            page = self.read(f"{path}?limit={limit}{cursor}")
            assert len(page[name]) <= limit
            yield from page[name]
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={page['next_cursor']}"


MakeReader = Callable[..., Reader]


@pytest.fixture
def reader_of(app: Flask, database: Database, cast: Cast, clock: Clock) -> MakeReader:
    """`reader_of("team_a")`: a system whose token is for that unit; None for the organisation."""

    def make(unit: str | None, scope: Scope = Scope.FIGURES, days: int = 90) -> Reader:
        unit_id = cast.units[unit] if unit else None
        return Reader(app, make_token_for(database, unit_id, scope, days, clock.now()))

    return make


def make_token_for(
    database: Database, unit_id: UUID | None, scope: Scope, days: int, now: datetime
) -> str:
    """The secret of a new token."""
    with database.writing(Reach.ADMIN) as session:
        return issue(session, "BI", scope, days=days, unit_id=unit_id, by=BY, now=now)
