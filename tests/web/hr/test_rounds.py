"""HR's page of rounds and programmes: told in words, and opened sooner by HR of the whole."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.hr.conftest import Ids
from tests.web.hr.test_home import change_planned
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def test_rounds_are_told_in_words(client_of: ClientOf, ids: Ids) -> None:
    text = client_of("Hanne", language="en").get("/hr/rounds").text
    assert "Planned" in text
    assert "Published" in text
    assert "4 March 2026 at 10:00" in text


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (RoundState.OPEN, "Open for answers"),
        (RoundState.CLOSED, "the figures are on their way"),
        (RoundState.TALLIED, "the figures are on their way"),
    ],
)
def test_a_round_under_way_is_told_in_words_and_cannot_be_opened(
    client_of: ClientOf, database: Database, ids: Ids, state: RoundState, says: str
) -> None:
    change_planned(database, state=state)
    page = client_of("Hanne", language="en").get("/hr/rounds")
    assert says in page.text
    assert "Open now" not in page.text


def test_a_cancelled_round_is_not_shown(client_of: ClientOf, database: Database, ids: Ids) -> None:
    change_planned(database, state=RoundState.CANCELLED)
    assert "round 2" not in client_of("Hanne", language="en").get("/hr/rounds").text


def test_a_programme_is_told_in_words(client_of: ClientOf, ids: Ids) -> None:
    text = client_of("Hanne", language="en").get("/hr/rounds").text
    assert "A round every 3 months. It is open for 14 days from 08:00." in text
    assert "Reminders on day 5, 10." in text


def test_hr_of_one_department_cannot_decide_about_rounds(client_of: ClientOf, ids: Ids) -> None:
    browser = client_of("Hugo", language="en")
    page = browser.get("/hr/rounds")
    assert "Open now" not in page.text
    assert "/hr/programmes/new" not in page.html
    browser.get("/hr/programmes/new", 404)
    browser.post(f"/hr/rounds/{ids['round_id']}/open", status=404)


@on_both_databases
def test_opening_a_round_moves_it_to_now(
    client_of: ClientOf, database: Database, clock: Clock, ids: Ids
) -> None:
    clock.forward(days=1)
    browser = client_of("Hanne", language="en")
    browser.post(f"/hr/rounds/{ids['round_id']}/open")
    with database.reading(Reach.WORKPLACE) as session:
        assert session.get_one(Round, ids["round_id"]).opens_at == clock.now()
    page = browser.get("/hr/rounds")
    assert "The round opens within a minute" in page.text
    assert "Open now" not in page.text


def test_opening_a_round_twice_is_safe(
    client_of: ClientOf, database: Database, clock: Clock, ids: Ids
) -> None:
    browser = client_of("Hanne", language="en")
    browser.post(f"/hr/rounds/{ids['round_id']}/open")
    first = clock.now()
    clock.forward(minutes=1)
    browser.post(f"/hr/rounds/{ids['round_id']}/open")
    with database.reading(Reach.WORKPLACE) as session:
        assert session.get_one(Round, ids["round_id"]).opens_at == first


def test_a_round_too_near_the_last_one_is_refused_in_words(
    client_of: ClientOf, database: Database, clock: Clock, ids: Ids
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        near = clock.now() - timedelta(days=10)
        published = Round.state == RoundState.PUBLISHED
        session.execute(update(Round).where(published).values(opens_at=near))
    browser = client_of("Hanne", language="en")
    browser.post(f"/hr/rounds/{ids['round_id']}/open")
    assert "at least 30 days apart" in browser.get("/hr/rounds").text


def test_a_round_that_does_not_exist_is_not_found(client_of: ClientOf, ids: Ids) -> None:
    client_of("Hanne").post(f"/hr/rounds/{uuid4()}/open", status=404)


def test_what_the_programmes_ask_of_each_person_is_shown_with_its_limit(
    client_of: ClientOf, ids: Ids
) -> None:
    text = client_of("Hanne", language="en").get("/hr/rounds").text
    assert "check-ins ask about 5 minutes of each person a quarter" in text
    assert "The most that is allowed is 20." in text
