"""What my leader sees: the same page for the unit's own people, and nothing live on it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cast import WHO_PLAYS, Cast
from tests.rounds import WORN, RoundRunner
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.employee.conftest import Answering
from tests.web.past import EITHER_LANGUAGE, KEPT, page_of, play_round
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Membership, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

INTRODUCTION = {
    "da": "Det er det, din leder, arbejdsmiljørepræsentanten og HR ser. Ikke andet.",
    "en": "This is what your leader, the safety representative and HR see. Nothing more.",
}
ALSO_BELOW = {
    "da": "De ser også tallene for hver gruppe i enhederne under den.",
    "en": "They also see the figures of each group in the units below it.",
}
CHART = re.compile(r'(?:src|srcset)="([^"]+\.svg[^"]*)"')
DOCUMENT = re.compile(r'href="[^"]+\.pdf"')


def figures_of(shown: Shown) -> str:
    """The page from its first suggestion or figure on, whatever its addresses."""
    body = shown.html[shown.html.index("<main") : shown.html.index("</main>")]
    return DOCUMENT.sub("document", CHART.sub("chart", body[body.index("<h2") :]))


@EITHER_LANGUAGE
@pytest.mark.parametrize("rounds_past", KEPT)
def test_everybody_has_a_page_after_any_number_of_rounds(
    client_of: ClientOf, language: str, rounds_past: int
) -> None:
    for name in ("Eva", "Otto", "Karl", "Lis", "Hanne"):
        browser = client_of(name, language=language)
        shown = browser.get("/my-unit")
        assert INTRODUCTION[language] in shown.text or ALSO_BELOW[language] in shown.text
        for address in CHART.findall(shown.html):
            assert address.startswith("/my-unit/")
            browser.get(address.replace("&amp;", "&"))


@EITHER_LANGUAGE
def test_it_is_the_leaders_page_word_for_word(
    client_of: ClientOf, cast: Cast, language: str
) -> None:
    theirs = client_of("Lis", language=language).get(page_of("team_a", cast))
    own = client_of("Eva", language=language).get("/my-unit")
    assert figures_of(own) == figures_of(theirs)
    assert "33" in figures_of(own)


def test_the_chart_is_the_leaders_chart(client_of: ClientOf, cast: Cast) -> None:
    theirs = client_of("Lis").get(f"{page_of('team_a', cast)}/BO.svg")
    own = client_of("Eva").get("/my-unit/BO.svg")
    assert own.html == theirs.html
    assert own.headers["ETag"] == theirs.headers["ETag"]
    assert own.headers["Cache-Control"].startswith("private")


def test_people_of_a_small_team_read_the_group_they_are_counted_in(client_of: ClientOf) -> None:
    text = client_of("Otto", language="en").get("/my-unit").text
    assert "Its people are counted in the group “Others in Østerhus”." in text
    assert "Others in Østerhus 21 17 39 5–9" in text


def test_answering_changes_nothing_on_the_page(
    client_of: ClientOf, database: Database, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    eva = client_of("Eva")
    open_round = RoundRunner(database, tmp_path, clock.now()).open()
    before = eva.get("/my-unit")
    Answering(eva, open_round).answer(WORN)
    assert figures_of(eva.get("/my-unit")) == figures_of(before)


@EITHER_LANGUAGE
def test_whoever_works_outside_the_teams_sees_the_unit_and_their_own_group_only(
    client_of: ClientOf, language: str
) -> None:
    shown = client_of("Hanne", language=language).get("/my-unit")
    assert ALSO_BELOW[language] in shown.text
    others = {"da": "Øvrige i Østerhus", "en": "Others in Østerhus"}[language]
    assert f"{others} 21 17 39 5–9" in shown.text
    assert "Anemonen" not in shown.text
    assert "Bøgen" not in shown.text
    assert 'href="/teams/' not in shown.html[shown.html.index("<main") :]


def test_whoever_has_moved_sees_the_unit_they_work_in_now(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    today = clock.now().date()
    with database.writing(Reach.EVERYTHING) as session:
        eva = Membership.person_id == cast.people["Eva"]
        session.scalars(select(Membership).where(eva)).one().until_day = today
        session.add(
            Membership(person_id=cast.people["Eva"], unit_id=cast.units["team_b"], from_day=today)
        )
    text = client_of("Eva").get("/my-unit").text
    assert "Bøgen" in text
    assert "Anemonen" not in text


@EITHER_LANGUAGE
def test_somebody_without_a_unit_is_told_so_kindly(client_of: ClientOf, language: str) -> None:
    susan = client_of("Susan", language=language)
    words = {"da": "Du hører ikke til en enhed her", "en": "You do not belong to a unit here"}
    assert words[language] in susan.get("/my-unit").text
    susan.get("/my-unit/BO.svg", 404)


def test_the_people_of_a_closed_unit_have_none(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_b"]).closed_on = clock.now().date()
    karl = client_of("Karl", language="en")
    assert "You do not belong to a unit here" in karl.get("/my-unit").text
    karl.get("/my-unit/BO.svg", 404)


def test_reading_ones_own_page_is_not_written_down(client_of: ClientOf, database: Database) -> None:
    def count() -> int | None:
        with database.reading(Reach.EVERYTHING) as session:
            return session.scalar(select(func.count()).select_from(AuditEvent))

    before = count()
    eva = client_of("Eva")
    eva.get("/my-unit")
    eva.get("/my-unit/BO.svg")
    assert count() == before


@pytest.mark.parametrize("scale", ["XX", "bo"])
def test_there_is_no_other_scale(client_of: ClientOf, scale: str) -> None:
    client_of("Eva").get(f"/my-unit/{scale}.svg", 404)


@pytest.mark.parametrize("name", sorted(WHO_PLAYS.values()))
def test_everybody_finds_it_in_the_menu(client_of: ClientOf, name: str) -> None:
    assert '<a href="/my-unit">Det ser min leder</a>' in client_of(name).get("/me").html


def test_the_front_page_the_start_page_and_the_result_lead_to_it(
    client_of: ClientOf, database: Database, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    eva = client_of("Eva")
    open_round = RoundRunner(database, tmp_path, clock.now()).open()
    answering = Answering(eva, open_round)
    for shown in (eva.get("/"), eva.get(answering.path), answering.answer(), eva.get("/")):
        main = shown.html[shown.html.index("<main") :]
        assert main.count('href="/my-unit"') == 1


@on_both_databases
def test_an_employees_connection_reaches_the_page_on_both_databases(
    client_of: ClientOf, database: Database, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    if not database.is_sqlite:
        runner = RoundRunner(database, tmp_path, clock.now())
        play_round(runner, cast, 8)
        clock.moment = runner.now
    assert "Others in Østerhus 21 17 39 5–9" in client_of("Otto").get("/my-unit").text
    eva = client_of("Eva", language="en")
    assert "33" in figures_of(eva.get("/my-unit"))
    eva.get("/my-unit/BO.svg")
