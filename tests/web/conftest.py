"""Fixtures for tests of pages: an app on a database of its own with the whole cast in it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.cast import ORGANISATION, Cast, make_cast
from tests.web.browser import Browser
from wellbeing.app import AREAS, create_app
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, SignInSession
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

if TYPE_CHECKING:
    from tests.web.walls.world import World

ClientOf = Callable[..., Browser]
MakeApp = Callable[..., Flask]

on_both_databases = pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
    indirect=True,
)


class Clock:
    """The time as tests set it: `clock.moment = …` or `clock.forward(days=3)`."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it shows."""
        return self.moment

    def forward(self, **by: float) -> None:
        """Moves on by so many days, hours, minutes."""
        self.moment += timedelta(**by)


@pytest.fixture
def clock(now: datetime) -> Clock:
    """The clock of the app."""
    return Clock(now)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """The app's database: SQLite, or both with `@on_both_databases`."""
    kind = getattr(request, "param", "sqlite")
    found = request.getfixturevalue(f"{kind}_database")
    assert isinstance(found, Database)
    return found


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    """The settings of the app; change some with `settings.model_copy(update=…)`."""
    return Settings(
        data=tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        base_url="http://localhost",
        organisation=ORGANISATION,
    )


@pytest.fixture
def areas() -> tuple[str, ...]:
    """The areas of the app; a folder of tests may ask for its own only."""
    return AREAS


@pytest.fixture
def cast(database: Database) -> Cast:
    """The organisation and its people."""
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


@pytest.fixture
def make_app(
    settings: Settings, clock: Clock, areas: tuple[str, ...], cast: Cast
) -> Iterator[MakeApp]:
    """`make_app(base_url="https://…")`: an application as it runs, with settings of its own;
    `areas=("admin",)` for some areas only.
    """
    made: list[Flask] = []

    def make(areas: tuple[str, ...] = areas, **changes: object) -> Flask:
        app = create_app(settings.model_copy(update=changes), areas=areas, now=clock.now)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["wellbeing"].database.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator["World"]:
    """The world of a module of tests; documents are not drawn, for that takes seconds each."""
    from tests.web.walls.world import opened_world

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wellbeing.pdf._render", lambda *_: b"%PDF-1.7 (not drawn)")
        patch.setattr("wellbeing.web.team_page.charts.draw_trend", lambda *_, **__: b"<svg/>")
        with opened_world(tmp_path_factory.mktemp("world"), migrated_sqlite) as opened:
            yield opened


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The application, as it runs, with the cast in its database."""
    return make_app()


@pytest.fixture
def stranger(app: Flask, settings: Settings) -> Browser:
    """A browser that nobody has signed in with."""
    return Browser(app, base_url=settings.base_url)


@pytest.fixture
def client_of(
    app: Flask, settings: Settings, database: Database, cast: Cast, clock: Clock
) -> ClientOf:
    """`client_of("Eva")`: a browser Eva has signed in with; `language="en"` changes hers first,
    `app=…` is another application on the same database.
    """

    def sign_in(name: str, *, language: str | None = None, app: Flask = app) -> Browser:
        secret = make_token()
        with database.writing(Reach.EVERYTHING) as session:
            session.add(
                SignInSession(
                    secret_hash=hash_token(secret),
                    person_id=cast.people[name],
                    started_at=clock.now(),
                    expires_at=clock.now() + timedelta(hours=settings.session_hours),
                )
            )
            if language:
                session.get_one(Person, cast.people[name]).language = language
        browser = Browser(app, base_url=settings.base_url)
        browser.sign_in_with(secret)
        return browser

    return sign_in
