"""A sign-in or passkey is its owner's: nobody else's id does anything, whatever their role."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.cast import Cast
from tests.web.browser import Browser
from tests.web.conftest import ClientOf
from tests.web.walls.asking import OWN, rules_with_own_ids
from wellbeing.store.accounts import SignInPasskey, SignInSession
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

FORM = {"new_name": "Taget over"}


@pytest.fixture
def eva_s(database: Database, client_of: ClientOf, cast: Cast, now: datetime) -> dict[str, UUID]:
    """The ids of another browser of Eva's and of a passkey of hers."""
    client_of("Eva")
    eva = cast.people["Eva"]
    with database.writing(Reach.EVERYTHING) as session:
        passkey = SignInPasskey(
            person_id=eva,
            credential_id=b"hers",
            public_key=b"public",
            sign_count=0,
            transports=[],
            name="Hendes",
            added_on=now.date(),
        )
        session.add(passkey)
        session.flush()
        sign_in_id = session.scalars(
            select(SignInSession.id).where(SignInSession.person_id == eva)
        ).first()
        assert sign_in_id
        return {"passkey_id": passkey.id, "sign_in_id": sign_in_id}


def everything_of(database: Database, person_id: UUID) -> list[object]:
    """Her sign-ins and passkeys as they stand."""
    with database.reading(Reach.EVERYTHING) as session:
        passkeys = select(SignInPasskey.id, SignInPasskey.name)
        return [
            *session.execute(passkeys.where(SignInPasskey.person_id == person_id)),
            *session.execute(select(SignInSession.id).where(SignInSession.person_id == person_id)),
        ]


def confirmed(database: Database, browser: Browser, person_id: UUID, now: datetime) -> Browser:
    """A browser of somebody who has just shown who they are."""
    with database.writing(Reach.EVERYTHING) as session:
        own = update(SignInSession).where(SignInSession.person_id == person_id)
        session.execute(own.values(confirmed_at=now))
    return browser


def send_everything(app: Flask, browser: Browser, ids: Mapping[str, UUID]) -> int:
    """Sends every form that names something of one's own; how many there are."""
    rules = rules_with_own_ids(app)
    for rule in rules:
        with app.test_request_context():
            built = rule.build({name: ids[name] for name in rule.arguments})
        assert built is not None
        browser.client.post(
            built[1], data={"csrf_token": browser.fetch_token(), **FORM}, base_url=browser.base_url
        )
    return len(rules)


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("name", ["Tom", "Hanne", "Adam"])
def test_nobody_ends_or_changes_what_is_somebody_else_s(
    name: str,
    app: Flask,
    database: Database,
    client_of: ClientOf,
    cast: Cast,
    eva_s: dict[str, UUID],
    now: datetime,
) -> None:
    eva = cast.people["Eva"]
    before = everything_of(database, eva)
    browser = confirmed(database, client_of(name), cast.people[name], now)
    assert send_everything(app, browser, eva_s) >= 3
    assert everything_of(database, eva) == before


def test_she_herself_does(
    app: Flask,
    database: Database,
    client_of: ClientOf,
    cast: Cast,
    eva_s: dict[str, UUID],
    now: datetime,
) -> None:
    assert set(eva_s) == OWN
    eva = cast.people["Eva"]
    browser = confirmed(database, client_of("Eva"), eva, now)
    send_everything(app, browser, eva_s)
    left = set(map(str, everything_of(database, eva)))
    assert not [i for i in eva_s.values() if any(str(i) in row for row in left)]
