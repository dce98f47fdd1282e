"""Every address of the app with its places filled in by one of everything, in team A."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.cast import FIRST_DAY, WHO_PLAYS, Cast
from tests.forms import wording_of
from tests.rounds import BY, RoundRunner
from tests.web.browser import Browser, Shown
from tests.web.conftest import Clock
from tests.web.seed import a_webhook, add_incident, seed_for_unit
from tests.web.support_seed import seed_held_session, seed_request
from wellbeing.actions.structure import form_group
from wellbeing.actions.wordings import import_wording
from wellbeing.crypto.secrets import hash_token
from wellbeing.settings import Settings
from wellbeing.store.org import Membership, Round
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import CalendarFeed

FORM = wording_of()
OTHER_ARGUMENTS: dict[str, Any] = {
    "filename": "wellbeing.css",
    "secret": "x",
    "token": "x",
    "typed": "x",
    "scale": "BO",
    "wording_id": FORM.id,
    "purpose": "sign-in",
    "sign_in_id": UUID(int=1),
    "passkey_id": UUID(int=1),
    "webhook_id": UUID(int=2),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As in the demo, where every address exists."""
    return settings.model_copy(update={"demo": True})


@pytest.fixture
def ids(database: Database, cast: Cast, clock: Clock, settings: Settings) -> Mapping[str, UUID]:
    """One of everything, in team A; and a round that is open and asks every player."""
    with database.writing(Reach.EVERYTHING) as session:
        home = {"unit_id": cast.units["organisation"], "from_day": FIRST_DAY}
        session.add(Membership(person_id=cast.people["Susan"], **home))
        address = {"secret_hash": hash_token(OTHER_ARGUMENTS["secret"]), "made_at": clock.now()}
        session.add(CalendarFeed(person_id=cast.people["Eva"], **address))
    open_round = RoundRunner(database, settings.data, clock.now()).open()
    with database.writing(Reach.EVERYTHING) as session:
        seeded = seed_for_unit(session, cast, "team_a", now=clock.now())
        import_wording(session, FORM, "form.pdf", now=clock.now(), by=BY)
        session.add(a_webhook(OTHER_ARGUMENTS["webhook_id"], now=clock.now()))
        published = session.scalars(select(PublishedRound.round_id)).one()
        programme_id = session.get_one(Round, open_round).programme_id
        teams = (cast.units["team_a"], cast.units["team_c"])
        group = form_group(session, teams, now=clock.now(), by=BY)
        players = {cast.people[name] for name in WHO_PLAYS.values()}
        held = seed_held_session(session, cast, now=clock.now(), invited=players)
        request_id = seed_request(session, cast.people["Tom"], now=clock.now())
        of_all = add_incident(session, cast.units["organisation"], now=clock.now())
    return {
        **seeded,
        "open_round": open_round,
        "published": published,
        "programme_id": programme_id,
        "group_id": group.id,
        "asked_session": held["session_id"],
        "theme_id": held["theme_id"],
        "action_id": held["action_id"],
        "request_id": request_id,
        "incident_of_all": of_all,
    }


def rules_of(app: Flask, endpoint: str) -> list[tuple[Rule, str]]:
    """Every address of an endpoint with each method it answers."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules(endpoint)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
    ]


def address(app: Flask, rule: Rule, ids: Mapping[str, UUID]) -> str:
    """The address with every place filled in."""
    known = {**ids, **OTHER_ARGUMENTS}
    if rule.endpoint.startswith("employee."):
        is_report = rule.endpoint.startswith("employee.anonymity")
        known["round_id"] = ids["published" if is_report else "open_round"]
        known["incident_id"] = ids["incident_of_all"]
    if rule.endpoint == "employee.session_useful":
        known["session_id"] = ids["asked_session"]
    with app.test_request_context():
        built = rule.build({name: known[name] for name in rule.arguments})
    assert built is not None
    return built[1]


def visit(browser: Browser, path: str, method: str) -> Shown:
    """The answer, whatever it is; a form carries its token and nothing else."""
    data = {"csrf_token": browser.fetch_token()} if method == "POST" else None
    answer = browser.client.open(path, method=method, data=data)
    answer.get_data()
    answer.close()
    return Shown(answer)
