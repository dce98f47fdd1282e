"""A shared screen: it asks for a code in every language, and has nothing of anybody afterwards."""

import re

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD, Cast, email_of, full_name_of
from tests.rounds import STEADY, RoundRunner
from tests.web.browser import Browser
from tests.web.code_visits import CodeVisits
from tests.web.conftest import Clock, MakeApp
from wellbeing.settings import Settings
from wellbeing.store.accounts import SignInSession
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

WRONG = "ABCD-EFGH-JKMN"


@pytest.fixture
def visits(
    app: object, make_app: MakeApp, database: Database, cast: Cast, settings: Settings, clock: Clock
) -> CodeVisits:
    """A round that is open now."""
    rounds = RoundRunner(database, settings.data, clock.now())
    return CodeVisits(make_app(), cast, rounds, rounds.open())


@pytest.fixture
def screen(visits: CodeVisits) -> Browser:
    """A browser that is a shared screen."""
    browser = Browser(visits.app)
    assert "Gør dette til en fælles skærm" in browser.get("/kiosk").text
    assert browser.post("/kiosk", {"go": "start"}).location == "/kiosk"
    return browser


def sign_ins(database: Database) -> int:
    """How many browsers are signed in."""
    with database.reading(Reach.EVERYTHING) as session:
        return len(session.scalars(select(SignInSession)).all())


def test_the_start_page_asks_for_a_code_in_both_languages_and_offers_nothing_else(
    screen: Browser,
) -> None:
    page = screen.get("/kiosk")
    for words in (
        "Velkommen til dit check-in",
        "Welcome to your check-in",
        "Din kode",
        "Your code",
    ):
        assert words in page.text
    assert page.html.count("<form") == 1
    assert "<nav" not in page.html
    assert screen.get("/code", 302).location == "/kiosk"


def test_the_device_stays_a_shared_screen_for_more_than_a_year_and_keeps_no_secret(
    screen: Browser,
) -> None:
    cookies = screen.get("/kiosk").headers.getlist("Set-Cookie")
    (mark,) = (cookie for cookie in cookies if cookie.startswith("kiosk="))
    assert mark.startswith("kiosk=1;")
    assert "Max-Age=34560000" in mark
    assert {"HttpOnly", "SameSite=Lax"} <= set(mark.split("; "))


def test_on_a_shared_screen_every_page_says_so_clears_itself_and_keeps_nothing(
    visits: CodeVisits, screen: Browser
) -> None:
    visits.come("Eva", screen)
    for page in (screen.get(visits.path), screen.get("/privacy"), visits.send(screen)):
        assert '<body data-kiosk="/kiosk">' in page.html
        assert "kiosk.js" in page.html
        assert '<noscript><meta http-equiv="refresh" content="600; url=/kiosk"></noscript>' in (
            page.html
        )
        assert "Færdig, ryd skærmen" in page.text
        assert full_name_of("Eva") not in page.text
        assert "no-store" in page.headers["Cache-Control"]
        assert "data-copy" not in page.html


def test_other_devices_know_nothing_of_it(visits: CodeVisits) -> None:
    page = visits.come("Eva").get(visits.path)
    assert "data-kiosk" not in page.html
    assert "kiosk.js" not in page.html


def test_asking_for_the_start_page_ends_everything(
    visits: CodeVisits, screen: Browser, database: Database
) -> None:
    visits.come("Eva", screen)
    screen.post("/language", {"locale": "en"})
    assert sign_ins(database) == 1
    page = screen.get("/kiosk")
    assert page.headers["Clear-Site-Data"] == '"storage"'
    assert sign_ins(database) == 0
    assert screen.client.get_cookie("locale") is None
    assert screen.client.get_cookie("kiosk") is not None
    assert screen.get(visits.path, 302).location == "/kiosk"


def test_a_sign_in_with_a_password_ends_there_as_well(screen: Browser, database: Database) -> None:
    screen.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD})
    assert sign_ins(database) == 1
    screen.get("/kiosk")
    assert sign_ins(database) == 0


def test_the_next_person_can_begin_from_the_page_just_shown(
    visits: CodeVisits, screen: Browser
) -> None:
    visits.come("Eva", screen)
    token = re.search(r'name="csrf_token" value="([^"]+)"', screen.get("/kiosk").html)
    assert token
    fields = {"csrf_token": token[1], "code": visits.issue("Tom")}
    assert screen.post_as_is("/code", fields).location == visits.path


def test_a_wrong_code_is_told_in_both_languages_and_not_shown_again(screen: Browser) -> None:
    page = screen.post("/code", {"code": WRONG}, 422)
    assert "Den kode åbner ikke noget check-in." in page.text
    assert "That code does not open a check-in." in page.text
    assert WRONG not in page.html


def test_the_sign_in_ends_ten_minutes_after_the_last_page_without_any_script(
    visits: CodeVisits, screen: Browser, clock: Clock
) -> None:
    visits.come("Eva", screen)
    for _ in range(3):
        clock.forward(minutes=9)
        screen.get(visits.path)
    clock.forward(minutes=10)
    assert screen.get(visits.path, 302).location == "/kiosk"


def test_nobody_stays_longer_than_an_hour(
    visits: CodeVisits, screen: Browser, clock: Clock
) -> None:
    visits.come("Eva", screen)
    for _ in range(7):
        clock.forward(minutes=8)
        screen.get(visits.path)
    clock.forward(minutes=4)
    screen.get(visits.path, 302)


@pytest.mark.parametrize("with_token", [True, False])
def test_answers_that_come_too_late_are_shown_to_nobody(
    visits: CodeVisits, screen: Browser, clock: Clock, with_token: bool
) -> None:
    visits.come("Eva", screen)
    clock.forward(minutes=11)
    answers = {f"item{item}": str(value) for item, value in enumerate(STEADY, start=1)}
    if with_token:
        assert screen.post(visits.path, answers).location == "/kiosk"
    else:
        assert "item1" not in screen.post_as_is(visits.path, answers, 400).html


def test_leaving_quickly_leads_back_to_the_start_page(
    visits: CodeVisits, screen: Browser, database: Database
) -> None:
    visits.come("Eva", screen)
    page = screen.get(visits.path)
    assert 'data-leave="/kiosk"' in page.html
    assert "url=/kiosk" in screen.post("/leave", status=200).html
    assert sign_ins(database) == 0


def test_signing_out_leads_back_to_the_start_page(visits: CodeVisits, screen: Browser) -> None:
    assert visits.come("Eva", screen).post("/sign-out").location == "/kiosk"


def test_a_device_can_stop_being_a_shared_screen(screen: Browser) -> None:
    assert "Ikke fælles skærm længere" in screen.get("/kiosk?stop=1").text
    assert screen.post("/kiosk", {"go": "stop"}).location == "/code"
    assert "data-kiosk" not in screen.get("/code").html


@pytest.mark.asvs("3.5.3")
def test_only_the_button_makes_a_device_a_shared_screen(visits: CodeVisits) -> None:
    browser = Browser(visits.app)
    browser.get("/kiosk")
    assert browser.client.get_cookie("kiosk") is None
    browser.post_as_is("/kiosk", {"go": "start"}, 400)
