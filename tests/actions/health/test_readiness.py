"""Ready is what can serve now; whatever hangs makes it not ready in time."""

from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from tests.web.browser import Browser
from wellbeing.actions.health import readiness
from wellbeing.actions.health.readiness import Readiness, is_fit
from wellbeing.app import create_app
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.settings import Settings
from wellbeing.store.schema import downgrade
from wellbeing.store.sessions import Database


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    """A service that is ready."""
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(data=tmp_path, database_url=url, base_url="http://localhost")
    get_or_make_app_key(settings.key_folder)
    make_field_keys(settings.key_folder)
    return settings


def test_a_database_and_keys_as_they_must_be_are_ready(
    database: Database, settings: Settings
) -> None:
    assert is_fit(database, settings)


def test_an_older_database_and_one_that_is_away_are_not(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    downgrade(database, "0005")
    assert not is_fit(database, settings)
    away = Database(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    assert not is_fit(away, settings)
    away.close()


@pytest.mark.parametrize("name", ["index.key", "app.secret", "fields-1.key"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_key_that_is_missing_or_open_is_not_ready(
    database: Database, settings: Settings, name: str
) -> None:
    (settings.key_folder / name).chmod(0o644)
    assert not is_fit(database, settings)
    (settings.key_folder / name).chmod(0o600)
    assert is_fit(database, settings)
    (settings.key_folder / name).unlink()
    # Without any key for fields, those of the tests stand in for them.
    assert is_fit(database, settings) is (name == "fields-1.key")
    assert not (settings.key_folder / name).exists()


def test_one_that_hangs_holds_up_one_thread_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    hangs, looks = Event(), list[int]()

    def look() -> bool:
        looks.append(1)
        return hangs.wait(20)

    asked = Readiness(look, wait_seconds=0.1)
    began = monotonic()
    assert [asked.is_ready() for _ in range(3)] == [False, False, False]
    assert monotonic() - began < 5
    assert len(looks) == 1
    hangs.set()
    sleep(0.05)
    assert asked.is_ready()


def test_an_answer_is_kept_so_that_asking_often_costs_nothing() -> None:
    looks = list[int]()

    def look() -> bool:
        looks.append(1)
        return True

    asked = Readiness(look)
    assert [asked.is_ready() for _ in range(50)] == [True] * 50
    assert len(looks) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_strangers_are_told_yes_or_no_and_no_more(database: Database, settings: Settings) -> None:
    app = create_app(settings)
    browser = Browser(app)
    assert browser.get("/readyz").response.get_data() == b"ready\n"
    downgrade(database, "0005")
    app.extensions.pop("wellbeing_readiness")
    assert browser.get("/readyz", 503).response.get_data() == b"not ready\n"
    assert browser.get("/healthz").response.get_data() == b"ok\n"
    app.extensions["wellbeing"].database.close()
