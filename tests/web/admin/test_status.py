"""The status page: the checks of the doctor in plain words, nothing of anybody."""

import pytest
from sqlalchemy import text

from tests.cast import PEOPLE, email_of
from tests.web.conftest import ClientOf
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.mark.parametrize(
    ("language", "said", "check"),
    [
        ("da", "Mailserveren", "svarer ikke"),
        ("en", "The mail server", "does not answer"),
    ],
)
def test_an_administrator_reads_what_is_wrong_and_what_to_do(
    client_of: ClientOf, language: str, said: str, check: str
) -> None:
    shown = client_of("Adam", language=language).get("/admin/status")
    assert said in shown.text
    assert check in shown.text
    assert "127.0.0.1:25" in shown.text
    for _, full_name, _ in PEOPLE:
        assert full_name not in shown.text.replace("Adam Ravn", "")
    assert email_of("Eva") not in shown.text


def test_others_have_no_such_page(client_of: ClientOf) -> None:
    for name in ("Eva", "Lis", "Hanne", "Dina"):
        client_of(name).get("/admin/status", 404)


def test_a_database_of_another_version_still_shows_the_page(
    client_of: ClientOf, database: Database
) -> None:
    adam = client_of("Adam", language="en")
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert "The database is at version 0001" in adam.get("/admin/status").text
