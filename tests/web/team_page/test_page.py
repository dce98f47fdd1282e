"""The page of one unit: verdicts, figures, suggestions, and what it must never show."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tests.cast import WHO_PLAYS, Cast
from tests.rounds import BY, RoundRunner
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from tests.web.past import (
    EITHER_LANGUAGE,
    GAP,
    KEPT,
    UNITS,
    closing_days,
    page_of,
    play_round,
)
from wellbeing.actions.figures import find_rounds
from wellbeing.actions.structure import form_group
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import RoundUnit, Unit
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedRound,
    PublishedWithheld,
)
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.texts import translations_for

DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
DAYS = re.compile(r"\d{1,2}\.? \w+ 20\d\d")
TAGS = re.compile(r"<[^>]+>")
STRANGERS = [("Ole", "team_a"), ("Hugo", "team_a"), ("Hugo", "organisation"), ("Lis", "team_b")]


def row_of(shown: Shown, scale: str, closed_on: str) -> str:
    """What the table of a scale says about the round that closed on a day."""
    table = shown.html[shown.html.index(f'id="rounds-{scale}"') :]
    found = re.search(rf'<th scope="row">{closed_on}</th><td[^>]*>(.*?)</td>', table)
    assert found, closed_on
    return found[1]


@EITHER_LANGUAGE
@pytest.mark.parametrize("rounds_past", KEPT)
def test_every_page_holds_after_any_number_of_rounds(
    client_of: ClientOf, cast: Cast, language: str, rounds_past: int
) -> None:
    browser = client_of("Hanne", language=language)
    for unit in UNITS:
        html = browser.get(page_of(unit, cast)).html
        assert f'<html lang="{language}">' in html
        for address in re.findall(r'(?:src|srcset)="(/teams/[^"]+)"', html):
            browser.get(address.replace("&amp;", "&"))


def test_a_lasting_rise_is_said_with_where_it_came_from_and_how_sure_it_is(
    client_of: ClientOf, cast: Cast
) -> None:
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert (
        "Signs of burnout have risen. From about 21 points before to about 33 in the latest 2 "
        "rounds. A difference this large is seldom chance." in text
    )


def test_a_verdict_is_danish_to_a_danish_reader(client_of: ClientOf, cast: Cast) -> None:
    text = client_of("Lis").get(page_of("team_a", cast)).text
    assert (
        "Der er flere tegn på udbrændthed end før. Fra omkring 21 point før til omkring 33 i de "
        "seneste 2 runder. Så stor en forskel er sjældent tilfældig." in text
    )


def test_a_steady_team_shows_no_certain_change(client_of: ClientOf, cast: Cast) -> None:
    text = client_of("Ole", language="en").get(page_of("team_b", cast)).text
    assert text.count("The figures show no certain change.") == 3
    assert "Here support is suggested" not in text


@EITHER_LANGUAGE
def test_the_table_has_the_figure_of_each_round_and_why_one_is_missing(
    client_of: ClientOf, cast: Cast, database: Database, language: str
) -> None:
    shown = client_of("Lis", language=language).get(page_of("team_a", cast))
    days = closing_days(database, language)
    assert [row_of(shown, "BO", day) for day in (days[0], days[-1])] == ["21", "33"]
    missing = {"da": "For få svar", "en": "Too few answers"}[language]
    assert row_of(shown, "BO", days[GAP - 1]) == missing


@pytest.mark.parametrize(("language", "words"), [("da", "38 eller derover"), ("en", "38 or more")])
def test_the_end_of_a_scale_is_shown_as_a_class(
    client_of: ClientOf, cast: Cast, database: Database, language: str, words: str
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        rounds = find_rounds(session)
        group = select(PublishedGroup.id).where(
            PublishedGroup.round_id == rounds[-1].round_id,
            PublishedGroup.unit_id == cast.units["team_a"],
        )
        session.execute(
            update(PublishedFigure)
            .where(PublishedFigure.group_id.in_(group), PublishedFigure.scale == "BO")
            .values(point=38, kind="or_more")
        )
    shown = client_of("Lis", language=language).get(page_of("team_a", cast))
    assert row_of(shown, "BO", closing_days(database, language)[-1]) == words


@EITHER_LANGUAGE
@pytest.mark.parametrize("unit", UNITS)
def test_no_page_shows_an_exact_number_of_answers_or_a_decimal_of_a_mean(
    client_of: ClientOf, cast: Cast, database: Database, language: str, unit: str
) -> None:
    shown = client_of("Hanne", language=language).get(page_of(unit, cast))
    text = DAYS.sub("", " ".join(TAGS.sub(" ", DETAILS.sub("", shown.html)).split()))
    assert not re.search(r"\d[.,]\d", text)
    details = TAGS.sub(" ", " ".join(DETAILS.findall(shown.html)))
    trend, texts = load_flag_rules().trend, translations_for(language)
    rule = {
        texts.format_number(limit)
        for limit in (trend.probably, trend.clearly, trend.clearly_at_once)
    }
    assert set(re.findall(r"\d+[.,]\d+", details)) <= rule
    with database.reading(Reach.EVERYTHING) as session:
        sizes = set(session.scalars(select(PublishedGroup.size).where(PublishedGroup.size > 5)))
    assert {6, 7} <= sizes
    for size in {*sizes, 6 + 7 + 5}:
        assert not re.search(rf"(?<![\d–]){size}(?![\d–])", text), size


def test_the_number_of_answers_is_a_range_and_the_response_a_class(
    client_of: ClientOf, cast: Cast
) -> None:
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert "Complete answers 5–9" in text
    assert "Answered 80 % or more of those asked" in text


def test_a_figure_worked_out_from_groups_names_them_and_no_response(
    client_of: ClientOf, cast: Cast
) -> None:
    text = client_of("Hanne", language="en").get(page_of("organisation", cast)).text
    assert "Complete answers 10–19" in text
    assert "of those asked" not in text
    behind = text[text.index("Behind the latest figure") :]
    assert "Others in Østerhus 21 17 39 5–9" in behind
    assert "Østerhus / Bostøtte / Anemonen 33 26 31 5–9" in behind


def test_a_small_team_is_told_why_and_what_to_do_instead(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    _let_lis_lead_team_c(database, cast)
    text = client_of("Lis", language="en").get(page_of("team_c", cast)).text
    assert "Fewer than 5 complete answers came from here." in text
    assert "Its people are counted in the group “Others in Østerhus”." in text
    assert "A small team: talk instead of statistics" in text
    assert "round by round" not in text


@EITHER_LANGUAGE
def test_the_group_of_a_small_team_is_read_by_whoever_reads_the_team(
    client_of: ClientOf, cast: Cast, database: Database, language: str
) -> None:
    _let_lis_lead_team_c(database, cast)
    group = {"da": "Øvrige i Østerhus", "en": "Others in Østerhus"}[language]
    for name in ("Hanne", "Lis"):
        shown = client_of(name, language=language).get(page_of("team_c", cast))
        assert f"{group} 21 17 39 5–9" in shown.text
        assert "<picture>" not in shown.html


def test_a_group_is_a_link_only_for_readers_of_its_unit(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    _let_lis_lead_team_c(database, cast)
    address = f'href="{page_of("organisation", cast)}"'
    assert address in client_of("Hanne").get(page_of("team_c", cast)).html
    assert address not in client_of("Lis").get(page_of("team_c", cast)).html


def test_a_team_in_a_reporting_group_reads_the_figures_of_the_group(
    client_of: ClientOf, cast: Cast, database: Database, clock: Clock
) -> None:
    _let_lis_lead_team_c(database, cast)
    _count_team_c_in_a_reporting_group(database, cast, clock)
    text = client_of("Lis", language="en").get(page_of("team_c", cast)).text
    assert "Before the round it was decided to count this team with others." in text
    assert "Østerhus / Bostøtte / Kløveren, Violen 21 17 39 5–9" in text
    assert "Others in" not in text
    assert "A small team" not in text


@pytest.mark.parametrize("rounds_past", [GAP])
def test_a_team_withheld_for_once_keeps_its_earlier_figures(
    client_of: ClientOf, cast: Cast
) -> None:
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert "The latest round has no figure for this unit alone" in text
    assert "The latest round has no figure here, so nothing can be compared." in text
    assert "Others in Østerhus / Bostøtte" in text
    assert "Burnout, round by round" in text


@pytest.mark.parametrize("rounds_past", [1])
def test_after_one_round_a_change_cannot_be_judged(client_of: ClientOf, cast: Cast) -> None:
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert "A change can be judged from 3 rounds with figures on. So far there is 1." in text


@pytest.mark.parametrize("rounds_past", [0])
def test_before_the_first_round_there_is_no_chart(client_of: ClientOf, cast: Cast) -> None:
    shown = client_of("Lis", language="en").get(page_of("team_a", cast))
    assert "There are no figures yet" in shown.text
    assert "<picture>" not in shown.html


def test_a_unit_newer_than_the_latest_round_waits_for_the_next(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    new = uuid4()
    with database.writing(Reach.EVERYTHING) as session:
        session.add(Unit(id=new, parent_id=cast.units["department_1"], name="Violen"))
    text = client_of("Hanne", language="en").get(f"/teams/{new}").text
    assert "The unit is newer than the latest check-in." in text


def test_a_round_that_is_not_released_is_not_shown(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    days = closing_days(database, "en")
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(
            update(PublishedRound)
            .where(PublishedRound.round_id == find_rounds(session)[-1].round_id)
            .values(key_destroyed_at=None)
        )
    text = client_of("Lis", language="en").get(page_of("team_a", cast)).text
    assert days[-1] not in text
    assert days[-2] in text


def test_the_safety_representative_reads_what_the_leader_reads(
    client_of: ClientOf, cast: Cast
) -> None:
    pages = [client_of(name).get(page_of("team_a", cast)).html for name in ("Lis", "Sara")]
    mains = [html[html.index("<main") : html.index("</main>")] for html in pages]
    assert mains[0] == mains[1]


@pytest.mark.parametrize(("name", "unit"), STRANGERS)
def test_a_unit_out_of_reach_is_not_found(
    client_of: ClientOf, cast: Cast, name: str, unit: str
) -> None:
    client_of(name).get(page_of(unit, cast), 404)
    client_of(name).get(f"{page_of(unit, cast)}/BO.svg", 404)


@pytest.mark.parametrize(
    "role", sorted(set(Role) - {Role.LEADER, Role.HR, Role.SAFETY_REPRESENTATIVE})
)
def test_nobody_but_its_readers_finds_a_unit(client_of: ClientOf, cast: Cast, role: Role) -> None:
    browser = client_of(WHO_PLAYS[role])
    for path in ("/teams", page_of("team_a", cast), f"{page_of('team_a', cast)}/BO.svg"):
        browser.get(path, 404)


@EITHER_LANGUAGE
def test_the_instrument_is_credited(client_of: ClientOf, cast: Cast, language: str) -> None:
    shown = client_of("Lis", language=language).get(page_of("team_a", cast))
    adapted = {"da": "tilpasset fra ProQOL", "en": "adapted from the ProQOL"}[language]
    assert adapted in shown.text
    assert 'href="https://proqol.org"' in shown.html
    assert "De La Rosa et al. 2018" in shown.text


@on_both_databases
def test_a_page_reads_the_same_on_both_databases(
    client_of: ClientOf, database: Database, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    if not database.is_sqlite:
        play_round(RoundRunner(database, tmp_path, clock.now() - timedelta(days=99)), cast, 8)
    shown = client_of("Hanne", language="en").get(page_of("team_c", cast))
    assert "Others in Østerhus 21 17 39 5–9" in shown.text
    shown = client_of("Lis", language="en").get(page_of("team_a", cast))
    assert row_of(shown, "BO", closing_days(database, "en")[-1]) == "33"


def _let_lis_lead_team_c(database: Database, cast: Cast) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            RoleGrant(person_id=cast.people["Lis"], role=Role.LEADER, unit_id=cast.units["team_c"])
        )


def _count_team_c_in_a_reporting_group(database: Database, cast: Cast, clock: Clock) -> None:
    """As if the group that team C was counted in had been formed by hand before the round."""
    violen = uuid4()
    with database.writing(Reach.EVERYTHING) as session:
        session.add(Unit(id=violen, parent_id=cast.units["department_1"], name="Violen"))
        session.flush()
        formed = form_group(session, [cast.units["team_c"], violen], now=clock.now(), by=BY)
        latest = find_rounds(session)[-1].round_id
        session.add(
            RoundUnit(
                round_id=latest,
                unit_id=formed.id,
                parent_unit_id=cast.units["department_1"],
                path="Østerhus / Bostøtte / Kløveren, Violen",
            )
        )
        mark = session.get_one(PublishedWithheld, (latest, cast.units["team_c"]))
        assert mark.group_id
        mark.reason = "pooled"
        group = session.get_one(PublishedGroup, mark.group_id)
        group.kind, group.unit_id = "pooled", formed.id
