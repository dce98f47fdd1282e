"""Guessing is slow: failures are counted in the database, once for all web processes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD, Cast, email_of
from tests.web.browser import Browser
from tests.web.conftest import Clock, MakeApp, on_both_databases
from wellbeing.actions.sign_in import issue_link
from wellbeing.settings import Settings
from wellbeing.store.accounts import LinkPurpose, RateCount
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

FAILURES, LINKS = 10, 5


def sign_in(browser: Browser, name: str, password: str, status: int) -> None:
    """One attempt at the sign-in page."""
    browser.post("/sign-in", {"email": email_of(name), "password": password}, status)


def fail(browser: Browser, name: str, times: int = FAILURES) -> None:
    """Fails to sign in so many times."""
    for _ in range(times):
        sign_in(browser, name, "wrong", 422)


@pytest.mark.asvs("2.4.1", "6.3.1")
def test_after_ten_failures_an_account_rests_even_for_the_right_password(
    stranger: Browser,
) -> None:
    fail(stranger, "Eva")
    shown = stranger.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD}, 429)
    assert "Lad os tage en kort pause" in shown.text


def test_an_account_that_does_not_exist_rests_just_the_same(stranger: Browser) -> None:
    fail(stranger, "Nobody")
    sign_in(stranger, "Nobody", "wrong", 429)


def test_writing_the_address_otherwise_does_not_help(stranger: Browser) -> None:
    fail(stranger, "Eva")
    stranger.post("/sign-in", {"email": f" {email_of('EVA').upper()}", "password": "wrong"}, 429)


@pytest.mark.asvs("6.3.1")
def test_other_accounts_are_not_held_up(stranger: Browser) -> None:
    fail(stranger, "Eva")
    sign_in(stranger, "Tom", PASSWORD, 302)


def test_a_success_does_not_count(stranger: Browser) -> None:
    fail(stranger, "Eva", FAILURES - 1)
    for _ in range(3):
        sign_in(stranger, "Eva", PASSWORD, 302)
        stranger.post("/sign-out")
    fail(stranger, "Eva", 1)
    sign_in(stranger, "Eva", PASSWORD, 429)


def test_the_pause_ends_after_an_hour(stranger: Browser, clock: Clock) -> None:
    fail(stranger, "Eva")
    clock.forward(minutes=59, seconds=59)
    sign_in(stranger, "Eva", PASSWORD, 429)
    clock.forward(seconds=1)
    sign_in(stranger, "Eva", PASSWORD, 302)


def test_a_new_password_ends_the_pause_as_the_page_promises(
    stranger: Browser, database: Database, cast: Cast, clock: Clock
) -> None:
    fail(stranger, "Eva")
    with database.writing(Reach.SIGN_IN) as session:
        secret = issue_link(
            session, cast.people["Eva"], LinkPurpose.RESET, hours=1, now=clock.now()
        )
    new = "syv små svaner i søen"
    stranger.post(f"/link/{secret}", {"password": new, "password_again": new})
    sign_in(stranger, "Eva", new, 302)


@pytest.mark.asvs("6.3.1")
@on_both_databases
def test_two_processes_share_one_count(stranger: Browser, make_app: MakeApp) -> None:
    other = Browser(make_app())
    for _ in range(FAILURES // 2):
        fail(stranger, "Eva", 1)
        fail(other, "Eva", 1)
    sign_in(stranger, "Eva", PASSWORD, 429)
    sign_in(other, "Eva", PASSWORD, 429)


def test_two_organisations_in_one_process_do_not_share_a_count(
    stranger: Browser, settings: Settings, make_app: MakeApp
) -> None:
    path = settings.data / "other.db"
    path.write_bytes((settings.data / "wellbeing.db").read_bytes())
    other = Browser(make_app(database_url=f"sqlite:///{path}"))
    fail(other, "Nobody")
    fail(stranger, "Nobody", 1)


@on_both_databases
def test_what_is_counted_names_nobody(stranger: Browser, database: Database) -> None:
    fail(stranger, "Eva", 1)
    with database.reading(Reach.EVERYTHING) as session:
        keys = session.scalars(select(RateCount.key_hash)).all()
    assert len(keys) == 2
    assert all(len(key) == 64 and int(key, 16) >= 0 for key in keys)


def test_a_count_says_when_it_ends(stranger: Browser, database: Database, clock: Clock) -> None:
    fail(stranger, "Eva", 2)
    with database.reading(Reach.EVERYTHING) as session:
        counts = session.scalars(select(RateCount)).all()
    hour = clock.now() + timedelta(hours=1)
    assert [(count.count, count.expires_at) for count in counts] == [(2, hour)] * 2


@pytest.mark.asvs("2.4.1")
@pytest.mark.parametrize("name", ["Eva", "Nobody"])
def test_links_to_one_address_can_be_asked_for_a_few_times_only(
    name: str, stranger: Browser
) -> None:
    for _ in range(LINKS):
        stranger.post("/forgot-password", {"email": email_of(name)}, 200)
    stranger.post("/forgot-password", {"email": email_of(name)}, 429)
    stranger.post("/forgot-password", {"email": email_of("Tom")}, 200)
