"""The organisation's directory in front of the service, with a token that fits."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.web.conftest import Clock
from wellbeing.actions.api_tokens import Scope, issue
from wellbeing.domain.actor import Actor
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

BY = Actor.command("token")
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
WORK = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The area of these tests alone, as a process of its own would run it."""
    return ("provisioning",)


@pytest.fixture
def token(database: Database, clock: Clock) -> str:
    """A token for provisioning."""
    with database.writing(Reach.ADMIN) as session:
        return issue(session, "Entra", Scope.SCIM, days=90, by=BY, now=clock.now())


class Directory:
    """Another system that sends people."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = Client(app)
        self.token = token

    def send(
        self, method: str, path: str, said: Any = None, status: int = 200, **headers: str
    ) -> TestResponse:
        """Sends a request and insists on the status; a body is JSON."""
        answer = self.client.open(
            f"/scim/v2{path}",
            method=method,
            json=said,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        assert answer.status_code == status, answer.text
        return answer

    def add(self, status: int = 201, **changed: Any) -> dict[str, Any]:
        """A new person at Anemonen, with some values changed."""
        department = changed.pop("department", "Anemonen")
        said = {
            "schemas": [USER, WORK],
            "userName": "2001",
            "displayName": "Nora Ny",
            "emails": [{"value": "nora@osterhus.example", "type": "work", "primary": True}],
            WORK: {"department": department},
            **changed,
        }
        return dict(self.send("POST", "/Users", said, status).json or {})

    def patch(self, user: str, status: int = 204, **operation: Any) -> dict[str, Any]:
        """One PATCH operation; the person as they are afterwards."""
        said = {"schemas": [PATCH], "Operations": [operation]}
        self.send("PATCH", f"/Users/{user}", said, status)
        return dict(self.send("GET", f"/Users/{user}").json or {})

    def find(self, question: str) -> list[dict[str, Any]]:
        """The people that a filter finds."""
        answer = self.send("GET", f"/Users?filter={question}")
        return list((answer.json or {})["Resources"])


MakeDirectory = Callable[..., Directory]


@pytest.fixture
def directory(app: Flask, token: str) -> Directory:
    """The directory of the organisation."""
    return Directory(app, token)
