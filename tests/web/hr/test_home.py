"""The front page of HR says what to do next, in words, for the units in reach."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.cast import Cast
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.hr.conftest import Ids
from wellbeing.store.org import Round, RoundState
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


def change(database: Database, table: type[Any], **values: object) -> None:
    """Sets columns on every row."""
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(update(table).values(**values))


def change_planned(database: Database, **values: object) -> None:
    """Sets columns of the planned round."""
    with database.writing(Reach.EVERYTHING) as session:
        planned = Round.state == RoundState.PLANNED
        session.execute(update(Round).where(planned).values(**values))


@pytest.mark.parametrize(
    ("language", "says"), [("da", "Der venter ikke noget på HR"), ("en", "Nothing is waiting")]
)
def test_an_empty_page_says_so_kindly(client_of: ClientOf, language: str, says: str) -> None:
    page = client_of("Hugo", language=language).get("/hr")
    assert says in page.text


def test_without_a_programme_the_next_step_is_to_make_one(client_of: ClientOf, cast: Cast) -> None:
    page = client_of("Hanne", language="en").get("/hr")
    assert "Nobody is asked yet" in page.text
    assert "Nobody is asked yet" not in client_of("Hugo", language="en").get("/hr").text


@on_both_databases
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_flag_shows_where_what_and_since_when(
    client_of: ClientOf, ids: Ids, language: str
) -> None:
    page = client_of("Hanne", language=language).get("/hr")
    assert "Østerhus / Bostøtte / Anemonen" in page.text
    assert f"/hr/flags/{ids['flag_id']}/schedule" in page.html
    expected = {"da": "Tilbyd supervision", "en": "Suggested since 2 February 2026"}
    assert expected[language] in page.text


def test_the_oldest_flag_comes_first_and_then_the_more_pressing_kind(
    client_of: ClientOf, database: Database, cast: Cast, ids: Ids, other_flag: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        old = Flag(
            unit_id=cast.units["team_c"],
            round_id=session.get_one(Flag, other_flag).round_id,
            rule_id="old",
            kind="offer_supervision",
            figures={},
            raised_on=date(2025, 12, 1),
        )
        session.add(old)
    text = client_of("Hanne").get("/hr").text
    places = [text.index(name) for name in ("Kløveren", "Bøgen", "Anemonen")]
    assert places == sorted(places)


@pytest.mark.parametrize("state", [FlagState.ANSWERED, FlagState.CLOSED])
def test_a_flag_that_is_seen_to_is_not_waiting(
    client_of: ClientOf, database: Database, ids: Ids, state: FlagState
) -> None:
    change(database, Flag, state=state)
    assert f"/hr/flags/{ids['flag_id']}" not in client_of("Hanne").get("/hr").html


def test_a_flag_is_hidden_until_its_round_is_released(
    client_of: ClientOf, database: Database, ids: Ids
) -> None:
    change(database, PublishedRound, key_destroyed_at=None)
    browser = client_of("Hanne")
    assert str(ids["flag_id"]) not in browser.get("/hr").html
    browser.get(f"/hr/flags/{ids['flag_id']}", 404)


def test_a_session_nobody_has_written_down_is_something_to_do(
    client_of: ClientOf, ids: Ids
) -> None:
    page = client_of("Hanne", language="en").get("/hr")
    assert "Write down how it went" in page.text
    assert f"/hr/sessions/{ids['session_id']}" in page.html


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("A ballot was moved to another unit.", "A ballot was moved to another unit."),
        ("Anemonen has 4 ballots, but 5 people took part.", "The count did not add up"),
        (None, "The count did not add up"),
        ("100 %(strange) text", "The count did not add up"),
    ],
)
def test_a_stopped_round_says_why_and_what_to_do_but_never_how_many_answered(
    client_of: ClientOf, database: Database, ids: Ids, reason: str | None, said: str
) -> None:
    change_planned(database, state=RoundState.STOPPED, stopped_because=reason)
    text = client_of("Hanne", language="en").get("/hr").text
    assert said in text
    assert "Tell the data-protection officer" in text
    assert "4 ballots" not in text


def test_hr_of_one_department_sees_its_own_flags_only(
    client_of: ClientOf, ids: Ids, other_flag: UUID
) -> None:
    page = client_of("Hugo").get("/hr")
    assert "Bøgen" in page.text
    assert "Anemonen" not in page.text
