"""The list of units: who sees which, in which order, with which figures."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.rounds import RoundRunner
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.past import ALL_ROUNDS, EITHER_LANGUAGE, play_round
from wellbeing.store.org import Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.texts import translations_for

ROW = re.compile(r"<tr[^>]*>\s*<th scope=\"row\">(.*?)</tr>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def rows_of(shown: Shown) -> list[str]:
    """The words of each row of the table of units."""
    return [" ".join(TAG.sub(" ", row).split()) for row in ROW.findall(shown.html)]


@pytest.mark.parametrize("rounds_past", [0, ALL_ROUNDS])
def test_a_leader_of_one_unit_is_taken_straight_to_it(client_of: ClientOf, cast: Cast) -> None:
    shown = client_of("Lis").get("/teams", 302)
    assert shown.location == f"/teams/{cast.units['team_a']}"


def test_units_stand_in_the_order_of_the_tree_with_their_latest_figures(
    client_of: ClientOf,
) -> None:
    assert rows_of(client_of("Hanne", language="en").get("/teams")) == [
        "Østerhus 26 21 36",
        "Østerhus / Bostøtte 33 26 31",
        "Østerhus / Bostøtte / Anemonen Support suggested 33 26 31",
        "Østerhus / Bostøtte / Kløveren Too few answers. Counted in: Others in Østerhus.",
        "Østerhus / Døgntilbud 21 17 39",
        "Østerhus / Døgntilbud / Bøgen 21 17 39",
    ]


def test_a_unit_with_an_open_flag_comes_first(client_of: ClientOf) -> None:
    text = client_of("Hanne", language="en").get("/teams").text
    first = text[: text.index("All units")]
    assert "Anemonen Offer" in first
    assert "Signs of burnout have risen." in first
    assert "Next step: HR schedules it together with the leader." in first
    assert "Bøgen" not in first


@pytest.mark.parametrize(
    ("language", "group"), [("da", "Øvrige i Østerhus"), ("en", "Others in Østerhus")]
)
def test_a_group_of_others_is_named_in_the_language_of_the_reader(
    client_of: ClientOf, language: str, group: str
) -> None:
    assert group in client_of("Hanne", language=language).get("/teams").text


@EITHER_LANGUAGE
def test_hr_of_a_department_sees_that_department_only(client_of: ClientOf, language: str) -> None:
    rows = rows_of(client_of("Hugo", language=language).get("/teams"))
    assert len(rows) == 2
    assert all("Døgntilbud" in row for row in rows)


@EITHER_LANGUAGE
@pytest.mark.parametrize("rounds_past", [0])
def test_before_the_first_round_the_units_wait_for_it(client_of: ClientOf, language: str) -> None:
    shown = client_of("Hanne", language=language).get("/teams")
    assert {"da": "Der er ingen tal endnu", "en": "There are no figures yet"}[
        language
    ] in shown.text
    assert "Kløveren" in shown.text


@pytest.mark.parametrize("rounds_past", [0])
def test_an_open_first_round_says_until_when(
    client_of: ClientOf, database: Database, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    RoundRunner(database, tmp_path, clock.now()).open()
    text = client_of("Hanne", language="en").get("/teams").text
    closes_on = translations_for("en").format_day(
        (clock.now() + timedelta(days=14)).date(), weekday=True
    )
    assert f"A check-in is open until {closes_on}" in text


def test_a_leader_whose_unit_has_closed_is_told_whom_to_ask(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_b"]).closed_on = clock.now().date()
    text = client_of("Ole", language="en").get("/teams").text
    assert "There is no unit to show" in text
    client_of("Ole").get(f"/teams/{cast.units['team_b']}", 404)


@on_both_databases
def test_the_list_reads_the_same_on_both_databases(
    client_of: ClientOf, database: Database, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    if not database.is_sqlite:
        runner = RoundRunner(database, tmp_path, clock.now() - timedelta(days=400))
        play_round(runner, cast, 8)
    assert rows_of(client_of("Hugo", language="en").get("/teams")) == [
        "Østerhus / Døgntilbud 21 17 39",
        "Østerhus / Døgntilbud / Bøgen 21 17 39",
    ]
