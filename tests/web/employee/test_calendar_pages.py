"""The address of one's own calendar on the page: shown once, replaced, revoked, and read."""

import logging
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cast import Cast
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock
from tests.web.employee.conftest import EITHER_LANGUAGE
from tests.web.seed import seed_for_unit
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared.log_secrets import keep_secrets_out_of

ADDRESS = re.compile(r"http://localhost(/calendar/([\w-]{43})\.ics)")


def make(browser: Browser) -> str:
    """Presses the button; the path of the address that is shown."""
    found = ADDRESS.search(browser.post("/me/calendar/make", status=200).text)
    assert found
    return found[1]


@EITHER_LANGUAGE
def test_the_page_tells_what_the_address_shows_and_who_can_read_it(
    client_of: ClientOf, language: str
) -> None:
    eva = client_of("Eva", language=language)
    text = eva.get("/me/calendar").text
    for words in {
        "da": ("Alle, der har adressen, kan læse den", "90 dage tilbage", "Lav en adresse"),
        "en": ("Anyone who has the address can read it", "90 days back", "Make an address"),
    }[language]:
        assert words in text
    assert 'href="/me/calendar"' in eva.get("/me").html


def test_the_address_is_shown_once_and_can_be_read_without_signing_in(
    client_of: ClientOf, stranger: Browser, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        seed_for_unit(session, cast, "team_a", now=clock.now())
    eva = client_of("Eva")
    path = make(eva)
    assert path not in eva.get("/me/calendar").html
    shown = stranger.get(path)
    assert shown.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in shown.headers
    assert shown.html.count("BEGIN:VEVENT") == 1


def test_whoever_supervises_and_belongs_to_no_unit_gets_an_address_too(
    client_of: ClientOf, stranger: Browser, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        seed_for_unit(session, cast, "team_a", now=clock.now())
    assert stranger.get(make(client_of("Susan"))).html.count("BEGIN:VEVENT") == 1


def test_what_has_not_changed_is_not_sent_again(client_of: ClientOf, stranger: Browser) -> None:
    path = make(client_of("Eva"))
    etag = stranger.get(path).headers["ETag"]
    again = stranger.get(path, 304, headers={"If-None-Match": etag})
    assert again.html == ""


def test_a_new_address_replaces_the_old_one(client_of: ClientOf, stranger: Browser) -> None:
    eva = client_of("Eva")
    first, second = make(eva), make(eva)
    stranger.get(first, 404)
    stranger.get(second, 200)


def test_a_revoked_address_is_gone_at_once(client_of: ClientOf, stranger: Browser) -> None:
    eva = client_of("Eva", language="en")
    path = make(eva)
    assert eva.post("/me/calendar/revoke").location == "/me/calendar?revoked=1"
    assert "The address no longer works." in eva.get("/me/calendar?revoked=1").text
    stranger.get(path, 404)
    make(eva)
    assert "The address no longer works." not in eva.get("/me/calendar?revoked=1").text


def test_my_page_says_that_there_is_an_address(client_of: ClientOf) -> None:
    eva = client_of("Eva", language="en")
    assert "That your calendar has an address" not in eva.get("/me").text
    make(eva)
    assert "That your calendar has an address" in eva.get("/me").text


def test_whatever_is_wrong_with_an_address_the_answer_is_the_same(
    client_of: ClientOf, stranger: Browser
) -> None:
    eva = client_of("Eva")
    revoked = make(eva)
    eva.post("/me/calendar/revoke")
    answers = {
        stranger.get(path, 404).html
        for path in (revoked, "/calendar/x.ics", f"/calendar/{uuid4()}.ics", "/calendar/%C3%A6.ics")
    }
    # Each page has a token of its own.
    assert len({re.sub(r'value="[^"]{40,}"', "", one) for one in answers}) == 1


def test_guessing_is_paused_after_many_attempts_and_readers_are_never(
    client_of: ClientOf, stranger: Browser
) -> None:
    path = make(client_of("Eva"))
    for _ in range(301):
        stranger.client.get(path)
    for number in range(300):
        assert stranger.client.get(f"/calendar/guess{number}.ics").status_code == 404
    assert stranger.client.get("/calendar/guess300.ics").status_code == 429


@pytest.mark.asvs("3.5.3")
def test_an_address_is_made_by_pressing_only(client_of: ClientOf) -> None:
    eva = client_of("Eva")
    eva.get("/me/calendar/make", 405)
    eva.post_as_is("/me/calendar/make", {}, 400)


def test_the_secret_is_in_no_log(
    app: Flask,
    client_of: ClientOf,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = make(client_of("Eva"))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the database has gone")

    monkeypatch.setattr("wellbeing.actions.calendar_feeds.find_feed", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.DEBUG):
        Browser(app).get(path, 500)
    [failed] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert vars(failed)["fields"]["endpoint"] == "employee.calendar_feed"
    assert path.removeprefix("/calendar/").removesuffix(".ics") not in caplog.text
    with database.reading(Reach.EVERYTHING) as session:
        for act in session.scalars(select(AuditEvent)):
            assert path[10:20] not in f"{act.subject} {act.details}"


@pytest.mark.parametrize(
    "address",
    ["/calendar/s3cret.ics", "/link/s3cret", "/reminders/stop/s3cret.x_y", "/link/s3cret?x=1"],
)
def test_requests_are_logged_without_the_secrets_of_their_addresses(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(f"test.{uuid4()}")
    keep_secrets_out_of(logger)
    keep_secrets_out_of(logger)
    with caplog.at_level(logging.INFO):
        logger.info('"%s" %s', f"GET {address} HTTP/1.1", 200)
    assert "s3cret" not in caplog.text
    assert "HTTP/1.1" in caplog.text
    assert len(logger.filters) == 1


def test_sessions_are_in_the_language_of_the_owner(
    client_of: ClientOf, stranger: Browser, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        seed_for_unit(session, cast, "team_a", now=clock.now() + timedelta(days=3))
    shown: Shown = stranger.get(make(client_of("Eva", language="en")))
    assert "SUMMARY:Time for professional reflection" in shown.html
