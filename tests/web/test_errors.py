"""Error pages: in the reader's language, with the frame of every page, and without our innards."""

import pytest
from sqlalchemy import text

from tests.cast import email_of
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

WORDS = {
    ("da", 400): "Siden har været åben for længe",
    ("en", 400): "The page had been open for too long",
    ("da", 404): "Her er ikke noget",
    ("en", 404): "There is nothing here",
    ("da", 405): "Det kan ikke lade sig gøre her",
    ("en", 405): "That does not work here",
    ("da", 413): "Det er for meget på én gang",
    ("en", 413): "That is too much at once",
    ("da", 500): "Noget gik galt hos os",
    ("en", 500): "Something went wrong on our side",
}
INNARDS = ("Traceback", "sqlite", "SELECT", "credential", "sign_in_session", ".py")


def cause(status: int, browser: Browser, database: Database, language: str) -> Shown:
    """Brings about an answer of this status."""
    options = {"headers": {"Accept-Language": language}}
    if status == 400:
        return browser.post_as_is("/sign-in", {}, 400, **options)
    if status == 404:
        return browser.get("/nowhere", 404, **options)
    if status == 405:
        token = {"csrf_token": browser.fetch_token()}
        return browser.post_as_is("/privacy", token, 405, **options)
    if status == 413:
        return browser.post_as_is("/sign-in", {"email": "x" * 100_000}, 413, **options)
    break_table(database, "credential")
    return browser.post("/sign-in", {"email": email_of("Eva"), "password": "x"}, 500, **options)


def break_table(database: Database, table: str) -> None:
    """Takes a table away while the service runs."""
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO gone"))


@pytest.mark.parametrize(("language", "status"), sorted(WORDS))
def test_a_fault_is_told_in_the_readers_language(
    language: str, status: int, stranger: Browser, database: Database
) -> None:
    shown = cause(status, stranger, database, language)
    assert f"<h1>{WORDS[language, status]}</h1>" in shown.html
    assert f'<html lang="{language}">' in shown.html


@pytest.mark.asvs("16.5.1")
@pytest.mark.parametrize(("language", "status"), sorted(WORDS))
def test_a_fault_shows_nothing_of_our_innards(
    language: str, status: int, stranger: Browser, database: Database
) -> None:
    html = cause(status, stranger, database, language).html
    assert [word for word in INNARDS if word in html] == []


@pytest.mark.asvs("16.5.1", "16.5.3")
def test_a_fault_while_finding_out_who_asks_is_a_page_too(
    client_of: ClientOf, database: Database
) -> None:
    eva = client_of("Eva")
    break_table(database, "sign_in_session")
    shown = eva.get("/sign-in", 500)
    assert WORDS["da", 500] in shown.text
    assert [word for word in INNARDS if word in shown.html] == []


def test_a_page_that_is_not_for_you_looks_like_one_that_does_not_exist(
    client_of: ClientOf,
) -> None:
    eva = client_of("Eva")
    assert eva.get("/admin", 404).text == eva.get("/nowhere", 404).text


def test_a_form_with_hundreds_of_fields_is_refused(stranger: Browser) -> None:
    fields = {f"f{number}": "x" for number in range(300)}
    stranger.post_as_is(
        "/sign-in", fields, 413, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
