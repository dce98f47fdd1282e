"""One app for a whole module of tests: one of everything in every part of the organisation, and
everybody's browser. Nothing that is asked of it changes it.
"""

import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.cast import FIRST_DAY, ORGANISATION, WHO_PLAYS, Cast, make_cast
from tests.forms import wording_of
from tests.rounds import BY, RoundRunner
from tests.web.browser import Browser
from tests.web.conftest import Clock
from tests.web.seed import a_webhook, seed_for_unit
from tests.web.support_seed import seed_held_session, seed_request
from tests.web.walls.still import StillDatabase
from wellbeing.actions.structure import form_group
from wellbeing.actions.wordings import import_wording
from wellbeing.app import create_app
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.roles import Role
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant, SignInSession
from wellbeing.store.org import Membership, Round
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import CalendarFeed

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
FORM = wording_of()
SECRETS: dict[str, Any] = {
    "filename": "wellbeing.css",
    "secret": "x",
    "token": "x",
    "typed": "x",
    "scale": "BO",
    "wording_id": FORM.id,
    "path": "Users",
    "purpose": "sign-in",
    "sign_in_id": UUID(int=1),
    "passkey_id": UUID(int=1),
    "webhook_id": UUID(int=2),
}
STRANGER, BY_CODE = "a stranger", "Hanne, by code"

# Beside the cast: the same roles in other parts of the organisation, and a role that is over.
OTHERS: tuple[tuple[str, Role | None, str | None, str], ...] = (
    ("Lea", Role.LEADER, "team_c", "department_1"),
    ("Max", None, "team_a", "department_1"),
    ("Helle", Role.HR, "department_1", "department_1"),
    ("Svend", Role.SAFETY_REPRESENTATIVE, "team_b", "team_b"),
    ("Sonja", Role.SUPERVISOR, None, "department_2"),
)
PLAYERS = (
    STRANGER,
    BY_CODE,
    *("Eva", "Karl", "Lis", "Ole", "Lea", "Max", "Hanne", "Hugo", "Helle", "Sara", "Svend"),
    *("Susan", "Sonja", "Adam", "Dina", "Dan"),
)
# One of everything in each: one's own team, its sibling, another department, and above all.
PLACES = ("team_a", "team_c", "team_b", "organisation")


@dataclass
class World:
    """The app, who is in it, and what there is to ask for."""

    app: Flask
    database: Database
    still: StillDatabase
    cast: Cast
    settings: Settings
    clock: Clock
    ids: dict[str, dict[str, UUID]] = field(default_factory=dict)
    rounds: dict[str, UUID] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        """A client that keeps no cookies: who asks is said each time."""
        return self.app.test_client(use_cookies=False)

    def ask(self, name: str, path: str, method: str = "GET", **options: Any) -> TestResponse:
        """The whole answer to somebody of the players."""
        headers = {"Cookie": self.cookies[name], **options.pop("headers", {})}
        self.still.forget()
        answer = self.client.open(path, method=method, headers=headers, **options)
        answer.get_data()
        answer.close()
        return answer

    def send(self, name: str, path: str, fields: Any = (), **options: Any) -> TestResponse:
        """The answer to a form that carries its token."""
        pairs = list(fields.items() if isinstance(fields, Mapping) else fields)
        data: dict[str, Any] = {"csrf_token": self.tokens[name]}
        for key, value in pairs:
            data.setdefault(key, []).append(value) if key != "csrf_token" else None
        return self.ask(name, path, "POST", data=data, **options)

    def address(self, rule: Any, ids: Mapping[str, Any]) -> str:
        """The address with every place filled in."""
        with self.app.test_request_context():
            built = rule.build({name: {**SECRETS, **ids}[name] for name in rule.arguments})
        assert built is not None
        return str(built[1])

    def count_rows(self) -> dict[str, int]:
        """How many rows each table has: what a test may not have changed."""
        from wellbeing.store.registry import all_tables

        with self.database.reading(Reach.EVERYTHING) as session:
            connection = session.connection()
            return {
                name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
                for name in all_tables().tables
            }


@contextmanager
def opened_world(folder: Path, template: Path | str) -> Iterator[World]:
    """A world on a copy of this empty SQLite database, or on the PostgreSQL one at this address."""
    url = str(template)
    if isinstance(template, Path):
        shutil.copy(template, folder / "wellbeing.db")
        url = f"sqlite:///{folder / 'wellbeing.db'}"
    database, clock = Database(url, durable=False), Clock(NOW)
    with database.writing(Reach.EVERYTHING) as session:
        cast = _people(session)
    settings = Settings(
        data=folder,
        database_url=url,
        base_url="http://localhost",
        organisation=ORGANISATION,
        demo=True,
    )
    app = create_app(settings, now=clock.now)
    still = StillDatabase(url)
    services = app.extensions["wellbeing"]
    world = World(app, database, still, cast, settings, clock)
    _seed(world)
    for name in PLAYERS:
        _come(world, name)
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == cast.people["Max"]))
    app.extensions["wellbeing"] = dataclasses.replace(services, database=still)
    services.database.close()
    try:
        yield world
    finally:
        still.close()
        database.close()


def _people(session: Session) -> Cast:
    cast = make_cast(session)
    people = {name: uuid4() for name, *_ in OTHERS}
    for number, (name, role, unit, home) in enumerate(OTHERS, start=2001):
        session.add(
            Person(
                id=people[name],
                employee_number=str(number),
                name=f"{name} Sand",
                email=f"{name.lower()}@osterhus.example",
                language="da",
                status=PersonStatus.ACTIVE,
            )
        )
        session.flush()
        unit_id = cast.units[unit] if unit else None
        session.add(RoleGrant(person_id=people[name], role=role or Role.LEADER, unit_id=unit_id))
        session.add(
            Membership(person_id=people[name], unit_id=cast.units[home], from_day=FIRST_DAY)
        )
    susan = {"unit_id": cast.units["organisation"], "from_day": FIRST_DAY}
    session.add(Membership(person_id=cast.people["Susan"], **susan))
    session.flush()
    return Cast(cast.units, {**cast.people, **people})


def _seed(world: World) -> None:
    cast, now = world.cast, world.clock.now()
    world.rounds["open"] = RoundRunner(world.database, world.settings.data, now).open()
    with world.database.writing(Reach.EVERYTHING) as session:
        session.add(
            CalendarFeed(
                person_id=cast.people["Eva"], secret_hash=hash_token(SECRETS["secret"]), made_at=now
            )
        )
        for hours, place in enumerate(PLACES):
            world.ids[place] = _seed_place(session, cast, place, now - timedelta(hours=2 * hours))
        import_wording(session, FORM, "form.pdf", now=now, by=BY)
        session.add(a_webhook(SECRETS["webhook_id"], now=now))
        teams = (cast.units["team_a"], cast.units["team_c"])
        group = form_group(session, teams, now=now, by=BY)
        world.rounds["published"] = session.scalars(select(PublishedRound.round_id)).all()[0]
        world.rounds["planned"] = world.ids["team_a"]["round_id"]
        programme_id = session.get_one(Round, world.rounds["open"]).programme_id
    for place in PLACES:
        world.ids[place] |= {"group_id": group.id, "programme_id": programme_id}


def _seed_place(session: Session, cast: Cast, place: str, now: datetime) -> dict[str, UUID]:
    seeded = seed_for_unit(session, cast, place, now=now)
    invited = set(cast.members_of(place))
    if place == "organisation":
        # What is for everybody is for every role.
        invited |= {cast.people[name] for name in WHO_PLAYS.values()}
    held = seed_held_session(session, cast, now=now, unit=place, invited=invited)
    asks = {"team_a": "Tom", "team_c": "Otto", "team_b": "Mia", "organisation": "Dina"}[place]
    return {
        **seeded,
        "person_id": cast.people[asks],
        "request_id": seed_request(session, cast.people[asks], now=now),
        "held_session": held["session_id"],
        "theme_id": held["theme_id"],
        "action_id": held["action_id"],
        "held_offer": held["offer_id"],
    }


def _come(world: World, name: str) -> None:
    browser = Browser(world.app, base_url=world.settings.base_url)
    if name != STRANGER:
        secret, now = make_token(), world.clock.now()
        is_code = name == BY_CODE
        with world.database.writing(Reach.EVERYTHING) as session:
            session.add(
                SignInSession(
                    secret_hash=hash_token(secret),
                    person_id=world.cast.people["Hanne" if is_code else name],
                    started_at=now,
                    expires_at=now + timedelta(hours=8),
                    round_id=world.rounds["open"] if is_code else None,
                )
            )
        browser.sign_in_with(secret)
    world.tokens[name] = browser.fetch_token()
    cookie = browser.client.get_cookie("wellbeing")
    assert cookie is not None
    world.cookies[name] = f"wellbeing={cookie.value}"


def played_by(role: Role | None) -> str:
    """Who of the players has this role and no other."""
    return WHO_PLAYS[role] if role else STRANGER
