"""The language of a page: what the person chose, what the browser asks for, or Danish."""

import pytest

from tests.cast import Cast
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, on_both_databases
from wellbeing.store.accounts import Person
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

DANISH, ENGLISH = "Sådan er dine svar beskyttet", "How your answers are protected"


def language_of(browser: Browser, accept: str | None = None) -> str:
    """The language the privacy page comes in."""
    headers = {"Accept-Language": accept} if accept else {}
    shown = browser.get("/privacy", headers=headers)
    locale = "da" if '<html lang="da">' in shown.html else "en"
    assert {"da": DANISH, "en": ENGLISH}[locale] in shown.text
    return locale


@pytest.mark.parametrize(
    ("accept", "locale"),
    [
        (None, "da"),
        ("da-DK,da;q=0.9,en;q=0.8", "da"),
        ("en-GB,en;q=0.9,da;q=0.8", "en"),
        ("en", "en"),
        ("fr,en;q=0.5", "en"),
        ("fr-FR,de;q=0.5", "da"),
        ("*", "da"),
        ("not a language;;q=x", "da"),
    ],
)
def test_a_stranger_is_met_in_the_language_of_their_browser(
    accept: str | None, locale: str, stranger: Browser
) -> None:
    assert language_of(stranger, accept) == locale


def test_a_choice_is_remembered_over_what_the_browser_asks_for(stranger: Browser) -> None:
    stranger.post("/language", {"locale": "en", "next": "/privacy"})
    assert language_of(stranger, "da") == "en"
    stranger.post("/language", {"locale": "da", "next": "/privacy"})
    assert language_of(stranger, "en") == "da"


def test_changing_the_language_comes_back_to_the_same_page(stranger: Browser) -> None:
    fields = {"locale": "en", "next": "/sign-in?next=%2Fadmin"}
    assert stranger.post("/language", fields).location == "/sign-in?next=%2Fadmin"


@pytest.mark.parametrize("locale", ["", "xx", "../da", "da_DK"])
def test_a_language_we_do_not_speak_is_refused(locale: str, stranger: Browser) -> None:
    stranger.post("/language", {"locale": locale}, 400)


def test_a_cookie_with_a_language_we_do_not_speak_changes_nothing(stranger: Browser) -> None:
    stranger.client.set_cookie("locale", "../../etc")
    assert language_of(stranger) == "da"


def test_a_person_is_met_in_their_own_language_on_any_browser(client_of: ClientOf) -> None:
    assert language_of(client_of("Otto"), "da") == "en"
    assert language_of(client_of("Eva"), "en") == "da"


@on_both_databases
def test_a_persons_choice_holds_for_their_mails_too(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    client_of("Eva").post("/language", {"locale": "en"})
    assert language_of(client_of("Eva")) == "en"
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Eva"]).language == "en"
        assert session.get_one(Person, cast.people["Tom"]).language == "da"
