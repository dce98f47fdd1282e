"""When the key of the service is changed, whoever is signed in goes on where they were."""

import logging

import pytest

from tests.cast import PASSWORD, Cast, email_of
from tests.web.browser import Browser
from tests.web.conftest import MakeApp
from wellbeing.crypto.key_folder import KeyFolder
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.mark.asvs("11.2.2")
def test_cookies_and_open_forms_outlive_the_key_they_were_signed_with(
    make_app: MakeApp, settings: Settings, cast: Cast
) -> None:
    eva = Browser(make_app())
    eva.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD})
    token = eva.fetch_token()
    KeyFolder(settings.key_folder).replace_app_key()
    eva.client.application = make_app()
    eva.get("/")
    answer = eva.client.post("/language", data={"csrf_token": token, "locale": "en"})
    assert answer.status_code < 400
    eva.get("/")


def test_a_page_that_meets_a_wrong_key_names_no_file_and_the_log_does(
    stranger: Browser, database: Database, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        eva, tom = (session.get_one(Person, cast.people[name]) for name in ("Eva", "Tom"))
        eva.sealed_name = tom.sealed_name
    with caplog.at_level(logging.ERROR):
        form = {"email": email_of("Eva"), "password": PASSWORD}
        shown = stranger.post("/sign-in", form, 500)
    assert "fields-" not in shown.html
    assert "person.name was changed or moved" in caplog.text
