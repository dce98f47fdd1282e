"""Making a programme: clear errors, a look at the dates first, and nothing half made."""

import pytest
from sqlalchemy import select

from tests.web.conftest import ClientOf, on_both_databases
from tests.web.hr.conftest import Ids
from wellbeing.store.org import Programme, Round
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

GIVEN = {
    "name": "Check-in hvert kvartal",
    "every_months": "3",
    "first_day": "2026-02-09",
    "opening_time": "08:00",
    "window_days": "14",
    "reminder_days": "10, 5",
    "min_group_size": "5",
}


def programmes(database: Database) -> list[Programme]:
    """Every programme there is."""
    with database.reading(Reach.WORKPLACE) as session:
        return list(session.scalars(select(Programme)))


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_form_suggests_next_monday_and_a_quarter(client_of: ClientOf, language: str) -> None:
    page = client_of("Hanne", language=language).get("/hr/programmes/new")
    assert 'value="2026-02-09"' in page.html
    assert 'value="5, 10"' in page.html


@on_both_databases
def test_a_programme_is_made_and_its_first_day_said(
    client_of: ClientOf, database: Database
) -> None:
    browser = client_of("Hanne", language="en")
    assert browser.post("/hr/programmes/new", GIVEN).location == "/hr/rounds"
    assert (
        "Its first round opens on Monday, 9 February 2026 at 08:00"
        in browser.get("/hr/rounds").text
    )
    (made,) = programmes(database)
    assert (made.name, made.reminder_days) == ("Check-in hvert kvartal", "5,10")


def test_the_dates_can_be_seen_before_anything_is_made(
    client_of: ClientOf, database: Database
) -> None:
    browser = client_of("Hanne", language="en")
    page = browser.post("/hr/programmes/new", {**GIVEN, "preview": "1"}, 200)
    assert "From Monday, 9 February 2026 at 08:00 to 23 February 2026 at 08:00" in page.text
    assert 'value="Check-in hvert kvartal"' in page.html
    assert programmes(database) == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "required"),
        ("every_months", "0", "between 1 and 12"),
        ("every_months", "mange", "integer"),
        ("first_day", "9/2", "date"),
        ("first_day", "2026-02-01", "past"),
        ("first_day", "9999-12-31", "year"),
        ("opening_time", "25:00", "time"),
        ("window_days", "29", "between 2 and 28"),
        ("reminder_days", "5, ti", "whole numbers"),
        ("reminder_days", "-5", "whole numbers"),
        ("reminder_days", "5.5", "whole numbers"),
        ("reminder_days", "1 2 3 4", "At most three"),
        ("reminder_days", "14", "while the round is open"),
        ("reminder_days", "0", "while the round is open"),
        ("min_group_size", "4", "between 5 and 50"),
        ("min_group_size", "9" * 30, "between 5 and 50"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"preview": "1"}], ids=["create", "preview"])
def test_what_cannot_be_is_said_and_the_rest_is_kept(
    client_of: ClientOf,
    database: Database,
    field: str,
    value: str,
    says: str,
    button: dict[str, str],
) -> None:
    browser = client_of("Hanne", language="en")
    page = browser.post("/hr/programmes/new", {**GIVEN, field: value, **button}, 422)
    assert says in page.text
    kept = "window_days" if field == "name" else "name"
    assert f'value="{GIVEN[kept]}"' in page.html
    assert programmes(database) == []


def test_no_reminders_is_a_choice(client_of: ClientOf, database: Database) -> None:
    browser = client_of("Hanne", language="en")
    browser.post("/hr/programmes/new", {**GIVEN, "reminder_days": " "})
    assert programmes(database)[0].reminder_days == ""
    assert "No reminders." in browser.get("/hr/rounds").text


def test_a_programme_too_near_a_planned_round_is_refused_in_words(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    browser = client_of("Hanne")
    page = browser.post("/hr/programmes/new", {**GIVEN, "first_day": "2026-03-16"}, 422)
    assert "30 dage" in page.text
    assert len(programmes(database)) == 1


def test_without_the_token_of_the_page_nothing_is_made(
    client_of: ClientOf, database: Database
) -> None:
    client_of("Hanne").post_as_is("/hr/programmes/new", GIVEN, 400)
    with database.reading(Reach.WORKPLACE) as session:
        assert session.scalars(select(Round)).all() == []
