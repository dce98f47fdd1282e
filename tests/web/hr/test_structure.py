"""Units: what changed, which small teams are counted together, and a second person's approval."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from jobs.context import JobContext
from jobs.open_rounds import open_due_rounds
from tests.cast import FIRST_DAY, Cast
from tests.rounds import BY, RoundRunner
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.actions.structure import form_group
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.org import Membership, Programme, ReportingGroup, Round, RoundState, Unit
from wellbeing.store.personal import Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.hr.structure_queries import count_people
from wellbeing.web.hr.structure_words import Change, ChangeKind, say_change

SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')
EITHER_LANGUAGE = pytest.mark.parametrize("language", ["da", "en"])


@pytest.fixture
def rounds(database: Database, cast: Cast, settings: Settings, clock: Clock) -> RoundRunner:
    """Rounds of the cast's organisation, with keys where the app looks for them."""
    return RoundRunner(database, settings.data, clock.now())


@pytest.fixture
def held_round(rounds: RoundRunner, cast: Cast, clock: Clock) -> UUID:
    """A published round; three months have passed, and the next one is due."""
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    assert rounds.publish(round_id)
    clock.forward(days=95)
    rounds.now = clock.now()
    return round_id


@pytest.fixture
def small_teams(database: Database, cast: Cast) -> dict[str, UUID]:
    """Four teams of four people in the second department."""
    made = {}
    with database.writing(Reach.EVERYTHING) as session:
        for number, name in enumerate(("Ahorn", "Birk", "Eg", "Lind")):
            team = Unit(id=uuid4(), parent_id=cast.units["department_2"], name=name)
            session.add(team)
            session.flush()
            for place in range(4):
                code = f"9{number}{place}"
                person = Person(
                    employee_number=code,
                    name=f"Person {code}",
                    language="da",
                    status=PersonStatus.INVITED,
                )
                session.add(person)
                session.flush()
                home = {"person_id": person.id, "unit_id": team.id, "from_day": FIRST_DAY}
                session.add(Membership(**home))
            made[name] = team.id
    return made


def form(browser: Browser, *teams: UUID) -> None:
    """Presses the button that counts these teams together."""
    browser.post("/hr/units/groups", {"team": [str(team) for team in teams]})


def approve(browser: Browser) -> str:
    """Approves what the page shows; what is said afterwards."""
    found = SEEN.search(browser.get("/hr/units").html)
    assert found, "there is nothing to approve here"
    browser.post("/hr/units/approve", {"seen": found[1]})
    return browser.get("/hr/units").text


def run_open_rounds(database: Database, settings: Settings, clock: Clock) -> str:
    """What the job that opens rounds says."""
    return open_due_rounds(JobContext(database, settings, clock.now))


def find_group(database: Database) -> UUID:
    """The only reporting group."""
    with database.reading(Reach.WORKPLACE) as session:
        return session.scalars(select(ReportingGroup.id)).one()


@pytest.mark.parametrize("name", ["Hanne", "Hugo", "Sara", "Dina"])
@EITHER_LANGUAGE
def test_whoever_may_approve_sees_the_names_of_all_units(
    client_of: ClientOf, name: str, language: str
) -> None:
    page = client_of(name, language=language).get("/hr/units")
    for unit in ("Østerhus", "Bostøtte", "Anemonen", "Kløveren", "Bøgen"):
        assert unit in page.text
    assert {"da": "Enheder", "en": "Units"}[language] in page.text


def test_hr_of_the_whole_organisation_sees_how_many_people_are_counted(client_of: ClientOf) -> None:
    text = client_of("Hanne", language="en").get("/hr/units").text
    assert "Anemonen – 8 people" in text
    assert "Kløveren – 3 people" in text


@pytest.mark.parametrize("name", ["Sara", "Dina"])
def test_others_see_names_only(client_of: ClientOf, name: str) -> None:
    page = client_of(name, language="en").get("/hr/units")
    main = page.text.split("As the next round counts them")[1]
    assert "people" not in main
    assert not re.search(r"\d", main)


def test_hr_of_a_part_sees_the_numbers_of_that_part_only(client_of: ClientOf) -> None:
    text = client_of("Hugo", language="en").get("/hr/units").text
    assert "Bøgen – 7 people" in text
    assert "Anemonen –" not in text
    assert "Count these together" not in text
    assert "Choose teams yourself" not in text


@on_both_databases
def test_the_numbers_are_those_that_a_round_opened_now_would_count(
    database: Database, rounds: RoundRunner, clock: Clock
) -> None:
    with database.reading(Reach.WORKPLACE) as session:
        shown = count_people(session, today=clock.now().date())
    rounds.open()
    counted: dict[UUID, int] = {}
    with database.reading(Reach.EVERYTHING) as session:
        for unit in session.scalars(select(Participation.reporting_unit_id)):
            if unit is not None:
                counted[unit] = counted.get(unit, 0) + 1
    assert shown == counted


@pytest.mark.parametrize(("name", "label"), [("Sara", "Units"), ("Dina", "Units")])
def test_the_menu_leads_there(client_of: ClientOf, name: str, label: str) -> None:
    page = client_of(name, language="en").get("/hr/units")
    assert re.search(rf'href="/hr/units" aria-current="page">{label}<', page.html)


@EITHER_LANGUAGE
def test_small_teams_are_proposed_to_be_counted_together(
    client_of: ClientOf, small_teams: dict[str, UUID], language: str
) -> None:
    browser = client_of("Hanne", language=language)
    says = {
        "en": "16 people get a line of fewer others: a figure stands for about 8 people "
        "instead of 16",
        "da": "får 16 personer en linje med færre andre: Et tal dækker omkring 8 personer "
        "i stedet for 16",
    }
    assert says[language] in browser.get("/hr/units").text
    proposed = list(_proposals(browser))
    assert [len(teams) for teams in proposed] == [2, 2]
    assert {UUID(team) for teams in proposed for team in teams} == set(small_teams.values())


def test_the_button_of_a_proposal_counts_its_teams_together(
    client_of: ClientOf, database: Database, small_teams: dict[str, UUID]
) -> None:
    browser = client_of("Hanne", language="en")
    browser.post("/hr/units/groups", {"team": next(_proposals(browser))})
    text = browser.get("/hr/units").text
    assert "Noted. They are counted together from the next round on." in text
    assert "Counted together: " in text
    assert len(list(_proposals(browser))) == 1, "the teams left are proposed beside the first"
    browser.post("/hr/units/groups", {"team": next(_proposals(browser))})
    assert list(_proposals(browser)) == []
    with database.reading(Reach.WORKPLACE) as session:
        assert len(session.scalars(select(ReportingGroup)).all()) == 2


def _proposals(browser: Browser) -> Iterator[list[str]]:
    cards = browser.get("/hr/units").html.split("<h4>")[1:]
    for card in cards:
        yield re.findall(r'type="hidden" name="team" value="([^"]+)"', card)


def test_a_larger_smallest_group_makes_more_teams_small(
    client_of: ClientOf, database: Database, held_round: UUID
) -> None:
    browser = client_of("Hanne", language="en")
    before = "Unlikely to get a line of their own: Kløveren."
    assert before in browser.get("/hr/units").text
    with database.writing(Reach.EVERYTHING) as session:
        session.scalars(select(Programme)).one().min_group_size = 10
    after = "Unlikely to get a line of their own: Anemonen, Kløveren."
    assert after in browser.get("/hr/units").text


@EITHER_LANGUAGE
def test_the_page_says_what_counting_together_means(
    client_of: ClientOf, held_round: UUID, language: str
) -> None:
    text = client_of("Hanne", language=language).get("/hr/units").text
    says = {
        "en": (
            "It counts from the next round on.",
            "Figures that have been published never change.",
            "Somebody else must approve it",
            "the people it concerns are told by mail",
        ),
        "da": (
            "Det gælder fra næste runde.",
            "Offentliggjorte tal ændrer sig aldrig.",
            "En anden skal godkende det",
            "får de berørte besked på mail",
        ),
    }
    for sentence in says[language]:
        assert sentence in text


@pytest.mark.parametrize(
    ("teams", "says"),
    [
        ([], "Choose at least two teams."),
        (["team_c"], "Choose at least two teams."),
        (["team_a", "team_b"], "Only teams of the same unit can be counted together."),
    ],
)
def test_what_cannot_be_counted_together_is_said_and_nothing_stored(
    client_of: ClientOf, database: Database, cast: Cast, teams: list[str], says: str
) -> None:
    browser = client_of("Hanne", language="en")
    form(browser, *(cast.units[team] for team in teams))
    assert says in browser.get("/hr/units").text
    with database.reading(Reach.WORKPLACE) as session:
        assert session.scalars(select(ReportingGroup)).all() == []


def test_a_team_that_does_not_exist_is_refused_in_words(client_of: ClientOf, cast: Cast) -> None:
    browser = client_of("Hanne", language="en")
    for foreign in (str(uuid4()), "x", "../../etc"):
        browser.post("/hr/units/groups", {"team": [foreign, str(cast.units["team_a"])]})
        assert "Choose at least two teams." in browser.get("/hr/units").text


@pytest.mark.parametrize("name", ["Hugo", "Sara", "Dina", "Lis", "Eva"])
def test_nobody_but_hr_of_the_whole_organisation_shapes_groups(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, name: str
) -> None:
    teams = [cast.units["team_a"], cast.units["team_c"]]
    with database.writing(Reach.WORKPLACE) as session:
        group = form_group(session, teams, now=clock.now(), by=BY).id
    browser = client_of(name)
    browser.post("/hr/units/groups", {"team": [str(team) for team in teams]}, 404)
    browser.post(f"/hr/units/groups/{group}/dissolve", status=404)
    assert find_group(database) == group


def test_a_group_is_dissolved_and_then_no_longer_exists(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    browser = client_of("Hanne", language="en")
    form(browser, cast.units["team_a"], cast.units["team_c"])
    path = f"/hr/units/groups/{find_group(database)}/dissolve"
    assert path in browser.get("/hr/units").html
    browser.post(path)
    text = browser.get("/hr/units").text
    assert "Noted. They are counted apart from the next round on." in text
    assert "Counted together:" not in text
    browser.post(path, status=404)


def test_before_the_first_round_nothing_needs_approval(client_of: ClientOf, cast: Cast) -> None:
    browser = client_of("Hanne", language="en")
    form(browser, cast.units["team_a"], cast.units["team_c"])
    text = browser.get("/hr/units").text
    assert "Before the first one nothing needs to be approved." in text
    assert "This waits for an approval" not in text


def test_without_a_change_the_page_says_so(client_of: ClientOf, held_round: UUID) -> None:
    assert "Nothing has changed." in client_of("Dina", language="en").get("/hr/units").text


@on_both_databases
def test_a_round_waits_for_a_second_person_and_then_opens(
    client_of: ClientOf,
    database: Database,
    cast: Cast,
    settings: Settings,
    clock: Clock,
    held_round: UUID,
) -> None:
    hanne = client_of("Hanne", language="en")
    form(hanne, cast.units["team_a"], cast.units["team_c"])
    assert "must approve that first" in run_open_rounds(database, settings, clock)
    page = client_of("Sara", language="en").get("/hr/units")
    assert "Counted together from now on: Anemonen, Kløveren (Østerhus / Bostøtte)." in page.text
    assert "The round should have opened on" in page.text
    assert "Approved. 11 people are told by mail." in approve(client_of("Sara", language="en"))
    assert run_open_rounds(database, settings, clock) == "1 opened."
    with database.reading(Reach.WORKPLACE) as session:
        told = select(OutboxMessage).where(OutboxMessage.kind == "structure_changed")
        assert len(session.scalars(told).all()) == 11
        approved = session.scalars(
            select(AuditEvent.by).where(AuditEvent.act == "structure.approved")
        ).all()
    assert approved == [f"person:{cast.people['Sara']}"]


def test_whoever_made_the_change_is_shown_no_button_and_refused_in_words(
    client_of: ClientOf, cast: Cast, held_round: UUID
) -> None:
    hanne = client_of("Hanne", language="en")
    form(hanne, cast.units["team_a"], cast.units["team_c"])
    page = hanne.get("/hr/units")
    assert "You changed the units yourself." in page.text
    assert "/hr/units/approve" not in page.html
    found = SEEN.search(client_of("Dina").get("/hr/units").html)
    assert found
    hanne.post("/hr/units/approve", {"seen": found[1]})
    text = hanne.get("/hr/units").text
    assert "somebody else must approve them" in text
    assert "This waits for an approval" in text


@pytest.mark.parametrize("name", ["Dina", "Sara"])
def test_the_second_person_is_a_safety_representative_or_the_data_protection_officer(
    client_of: ClientOf, cast: Cast, held_round: UUID, name: str
) -> None:
    form(client_of("Hanne"), cast.units["team_a"], cast.units["team_c"])
    text = approve(client_of(name, language="en"))
    assert "A second person has approved these changes" in text


def test_hr_approves_what_came_with_the_staff_directory(
    client_of: ClientOf, database: Database, cast: Cast, held_round: UUID
) -> None:
    _rename(database, cast.units["team_b"], "Bøgeskoven")
    hugo = client_of("Hugo", language="en")
    assert "It waits for HR of the whole organisation" in hugo.get("/hr/units").text
    hugo.post("/hr/units/approve", {"seen": "x"}, 404)
    assert "Approved." in approve(client_of("Hanne", language="en"))


def test_only_what_was_seen_is_approved(
    client_of: ClientOf, database: Database, cast: Cast, held_round: UUID
) -> None:
    form(client_of("Hanne"), cast.units["team_a"], cast.units["team_c"])
    dina = client_of("Dina", language="en")
    found = SEEN.search(dina.get("/hr/units").html)
    assert found
    _rename(database, cast.units["team_b"], "Bøgeskoven")
    dina.post("/hr/units/approve", {"seen": found[1]})
    text = dina.get("/hr/units").text
    assert "The units have changed since you opened this page." in text
    assert "This waits for an approval" in text


def test_approving_twice_is_safe(client_of: ClientOf, cast: Cast, held_round: UUID) -> None:
    form(client_of("Hanne"), cast.units["team_a"], cast.units["team_c"])
    dina = client_of("Dina", language="en")
    found = SEEN.search(dina.get("/hr/units").html)
    assert found
    for _ in range(2):
        dina.post("/hr/units/approve", {"seen": found[1]})
    assert "Nothing more needs to be done." in dina.get("/hr/units").text


def test_changes_are_told_once_each_and_in_words(
    client_of: ClientOf, database: Database, cast: Cast, held_round: UUID
) -> None:
    _rename(database, cast.units["department_1"], "Bostøtten")
    _rename(database, cast.units["team_b"], "Bøgeskoven")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_c"]).closed_on = date(2026, 5, 1)
        session.add(Unit(parent_id=cast.units["department_2"], name="Egen"))
    page = client_of("Dina", language="en").get("/hr/units")
    section = page.html.split('id="changes"')[1].split("</ul>")[0]
    told = [unescape(item) for item in re.findall(r"<li>(.*?)</li>", section)]
    assert sorted(told) == [
        "Gone: “Kløveren” in Østerhus / Bostøtte.",
        "New: “Egen” in Østerhus / Døgntilbud.",
        "“Bostøtte” is now called “Bostøtten”.",
        "“Bøgen” is now called “Bøgeskoven”.",
    ]


def test_a_team_that_moves_and_a_group_that_is_gone_are_told(
    client_of: ClientOf, database: Database, rounds: RoundRunner, cast: Cast, clock: Clock
) -> None:
    hanne = client_of("Hanne", language="en")
    form(hanne, cast.units["team_a"], cast.units["team_c"])
    rounds.open()
    hanne.post(f"/hr/units/groups/{find_group(database)}/dissolve")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, cast.units["team_c"]).parent_id = cast.units["department_2"]
    text = hanne.get("/hr/units").text
    assert "Counted apart again: Anemonen, Kløveren (Østerhus / Bostøtte)." in text
    assert "“Kløveren” now belongs to Østerhus / Døgntilbud." in text


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_kind_of_change_has_words_of_its_own(kind: ChangeKind) -> None:
    said = {say_change(Change(other, "Egen", "Østerhus")) for other in ChangeKind}
    assert len(said) == len(ChangeKind)
    assert "Egen" in say_change(Change(kind, "Egen", "Østerhus"))
    assert "None" not in say_change(Change(kind, "Egen", ""))


@EITHER_LANGUAGE
def test_a_waiting_round_comes_first_on_the_front_page_of_hr(
    client_of: ClientOf, cast: Cast, held_round: UUID, language: str
) -> None:
    hanne = client_of("Hanne", language=language)
    words = {
        "en": "The next round waits for an approval",
        "da": "Den næste runde venter på en godkendelse",
    }[language]
    assert words not in hanne.get("/hr").text
    form(hanne, cast.units["team_a"], cast.units["team_c"])
    page = hanne.get("/hr")
    first = page.html.split('id="first"')[1]
    assert words in first.split("</h3>")[0]
    assert 'href="/hr/units"' in first
    assert words not in client_of("Hugo", language=language).get("/hr").text
    approve(client_of("Dina"))
    assert words not in hanne.get("/hr").text


def test_a_round_ahead_needs_its_approval_in_time(
    client_of: ClientOf, database: Database, cast: Cast, clock: Clock, held_round: UUID
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        opens_at = planned.opens_at
    clock.moment = opens_at.replace(day=1)
    hanne = client_of("Hanne", language="en")
    form(hanne, cast.units["team_a"], cast.units["team_c"])
    assert "The next round needs an approval" in hanne.get("/hr").text
    assert "Without an approval it waits." in client_of("Dina", language="en").get("/hr/units").text


def _rename(database: Database, unit: UUID, name: str) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Unit, unit).name = name
