"""What staff are called in the official form: given with a programme, changed for later rounds."""

import pytest
from sqlalchemy import select

from tests.web.conftest import ClientOf, on_both_databases
from tests.web.hr.conftest import Ids
from tests.web.hr.test_programmes import GIVEN
from wellbeing.store.org import Programme
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

WORDS = {"occupation_da": "pædagog", "occupation_en": "social worker"}


def occupation(database: Database) -> dict[str, str] | None:
    """What the only programme says."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.scalars(select(Programme)).one().occupation


def address_of(database: Database) -> str:
    """The page of the only programme's words."""
    with database.reading(Reach.WORKPLACE) as session:
        return f"/hr/programmes/{session.scalars(select(Programme.id)).one()}/occupation"


def test_a_new_programme_may_name_it_in_each_language(
    client_of: ClientOf, database: Database
) -> None:
    hanne = client_of("Hanne", language="en")
    page = hanne.get("/hr/programmes/new")
    assert "Occupation, Dansk" in page.text
    assert "Occupation, English" in page.text
    hanne.post("/hr/programmes/new", {**GIVEN, **WORDS})
    assert occupation(database) == {"da": "pædagog", "en": "social worker"}
    shown = hanne.get("/hr/rounds")
    assert "it reads: pædagog , social worker ." in shown.text
    assert '<strong lang="da">pædagog</strong>' in shown.html


def test_it_need_not_be_named(client_of: ClientOf, database: Database) -> None:
    hanne = client_of("Hanne", language="en")
    hanne.post("/hr/programmes/new", {**GIVEN, "occupation_da": " "})
    assert occupation(database) is None
    assert "No occupation is given" in hanne.get("/hr/rounds").text


@on_both_databases
def test_it_can_be_changed_for_later_rounds(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    hanne, address = client_of("Hanne", language="en"), address_of(database)
    assert hanne.post(address, WORDS).location == "/hr/rounds"
    assert "from the next round" in hanne.get("/hr/rounds").text
    assert 'value="pædagog"' in hanne.get(address).html
    hanne.post(address, {"occupation_da": "", "occupation_en": ""})
    assert occupation(database) is None


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("[hjælper]", "Skriv stillingsbetegnelsen uden parenteser"),
        ("<b>pædagog</b>", "Skriv stillingsbetegnelsen uden parenteser"),
        ("x" * 61, "60"),
    ],
)
def test_what_is_no_plain_word_is_said_and_kept_on_the_page(
    client_of: ClientOf, database: Database, ids: Ids, word: str, said: str
) -> None:
    hanne = client_of("Hanne")
    for address, more in ((address_of(database), {}), ("/hr/programmes/new", GIVEN)):
        shown = hanne.post(address, {**more, "occupation_da": word}, 422)
        assert said in shown.text
    assert occupation(database) is None
