"""A reporting group as its teams see it: its trend stands on its own page and on theirs."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.canaries import sheet_with_sums
from tests.cast import Cast
from tests.rounds import RoundRunner
from tests.web.conftest import ClientOf, Clock
from tests.web.past import CALM, WORN, closing_days, page_of
from wellbeing.actions.structure import approve, dissolve_group, form_group
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import Membership, Unit
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

pytestmark = pytest.mark.parametrize("rounds_past", [0])

HANNE, HUGO = Actor.command("Hanne"), Actor.command("Hugo")
MEMBERS = ("Otto", "Ulla", "Viggo", "Gry", "Jens")
ADDRESS = re.compile(r'(?:src|srcset)="([^"]+\.svg[^"]*)"')


@pytest.fixture
def rounds(database: Database, tmp_path: Path, clock: Clock, cast: Cast) -> RoundRunner:
    """Rounds of an organisation with a second small team, where two people of team A now work;
    Lis leads team C as well.
    """
    with database.writing(Reach.EVERYTHING) as session:
        team = Unit(parent_id=cast.units["department_1"], name="Dalien")
        session.add(team)
        session.flush()
        for name in ("Gry", "Jens"):
            person = Membership.person_id == cast.people[name]
            session.scalars(select(Membership).where(person)).one().unit_id = team.id
        lis = {"person_id": cast.people["Lis"], "role": Role.LEADER}
        session.add(RoleGrant(unit_id=cast.units["team_c"], **lis))
    return RoundRunner(database, tmp_path, clock.now())


def form(rounds: RoundRunner, cast: Cast) -> UUID:
    """Counts the two small teams together from the next round on."""
    with rounds.database.writing(Reach.WORKPLACE) as session:
        dalien = session.scalars(select(Unit.id).where(Unit.name == "Dalien")).one()
        group = form_group(session, [cast.units["team_c"], dalien], now=rounds.now, by=HANNE)
        approve(session, now=rounds.now, by=HUGO)
        return group.id


def play(rounds: RoundRunner, cast: Cast, clock: Clock, *sums: tuple[int, int, int]) -> None:
    """One round a quarter in which the people of both teams and of team B answer."""
    others = [person for person in cast.members_of("team_b") if person != cast.people["Ida"]]
    for asked in sums:
        round_id = rounds.open()
        members = [cast.people[name] for name in MEMBERS]
        rounds.answer_all(round_id, members, sheet_with_sums(asked, seed=1))
        rounds.answer_all(round_id, others)
        rounds.forward(days=15)
        assert rounds.publisher(after=timedelta()).publish(round_id)
        rounds.forward(days=76)
    clock.moment = rounds.now


def test_the_trend_of_a_group_is_on_its_own_page_and_on_those_of_its_teams(
    client_of: ClientOf, cast: Cast, database: Database, rounds: RoundRunner, clock: Clock
) -> None:
    group_id = form(rounds, cast)
    play(rounds, cast, clock, CALM, CALM, CALM, WORN)
    days, lis = closing_days(database, "en"), client_of("Lis", language="en")
    for page in (page_of("team_c", cast), f"/teams/{group_id}"):
        shown = lis.get(page)
        assert "Signs of burnout have risen." in shown.text
        figures = shown.text[shown.text.index("Burnout, round by round") :]
        assert re.findall(r"20\d\d (\d\d[a-z ]*)", figures)[:2] == ["30 or more ", "21 "]
        assert all(day in figures for day in days)
        chart = lis.get(ADDRESS.findall(shown.html)[0].replace("&amp;", "&"))
        assert re.findall(r'id="(figure|or_more)-', chart.html) == [*["figure"] * 3, "or_more"]
    assert "of the whole group “Østerhus / Bostøtte / Dalien, Kløveren”" in (
        lis.get(page_of("team_c", cast)).text
    )


def test_a_flag_of_a_group_is_seen_by_the_leader_of_each_of_its_teams(
    client_of: ClientOf, cast: Cast, database: Database, rounds: RoundRunner, clock: Clock
) -> None:
    group_id = form(rounds, cast)
    play(rounds, cast, clock, CALM, CALM, CALM, WORN)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(Flag.unit_id)).all() == [group_id] * 2
    text = client_of("Lis", language="en").get(page_of("team_c", cast)).text
    assert text.count("Next step: HR schedules it together with the leader.") == 2


def test_the_people_of_a_team_see_the_trend_of_their_group(
    client_of: ClientOf, cast: Cast, rounds: RoundRunner, clock: Clock
) -> None:
    form(rounds, cast)
    play(rounds, cast, clock, CALM)
    otto = client_of("Otto", language="en")
    shown = otto.get("/my-unit")
    assert "Østerhus / Bostøtte / Dalien, Kløveren 21 17 39 5–9" in shown.text
    assert "Burnout, round by round" in shown.text
    assert 'id="figure-0"' in otto.get("/my-unit/BO.svg").html


def test_what_was_published_of_a_team_alone_is_kept_beside_its_groups_trend(
    client_of: ClientOf, cast: Cast, database: Database, rounds: RoundRunner, clock: Clock
) -> None:
    _move(database, cast, "Dalien", ("Anne", "Bent", "Carl"))
    first = [cast.people[name] for name in ("Anne", "Bent", "Carl", "Gry", "Jens")]
    round_id = rounds.open()
    rounds.answer_all(round_id, first, sheet_with_sums(WORN, seed=1))
    assert rounds.publish(round_id)
    rounds.forward(days=91)
    form(rounds, cast)
    play(rounds, cast, clock, CALM)
    text = client_of("Gry", language="en").get("/my-unit").text
    alone = text[text.index("Earlier figures of this unit alone") :]
    assert f"{closing_days(database, 'en')[0]} 30 or more 26 31" in alone


def test_a_group_that_is_dissolved_stays_on_the_page_until_the_next_round(
    client_of: ClientOf, cast: Cast, database: Database, rounds: RoundRunner, clock: Clock
) -> None:
    group_id = form(rounds, cast)
    play(rounds, cast, clock, CALM)
    with database.writing(Reach.WORKPLACE) as session:
        dissolve_group(session, group_id, now=rounds.now, by=HANNE)
    lis = client_of("Lis", language="en")
    shown = lis.get(page_of("team_c", cast))
    assert "Burnout, round by round" in shown.text
    lis.get(ADDRESS.findall(shown.html)[0].replace("&amp;", "&"))
    lis.get(f"/teams/{group_id}", 404)


def _move(database: Database, cast: Cast, team: str, names: tuple[str, ...]) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        unit_id = session.scalars(select(Unit.id).where(Unit.name == team)).one()
        for name in names:
            person = Membership.person_id == cast.people[name]
            session.scalars(select(Membership).where(person)).one().unit_id = unit_id
