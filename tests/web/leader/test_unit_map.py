"""The map of units: the worst first, a tree the eye can follow, and nobody ranked."""

import re
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from tests.cast import Cast, full_name_of
from tests.web.browser import Shown
from tests.web.conftest import ClientOf, Clock
from tests.web.past import EITHER_LANGUAGE
from wellbeing.actions.figures import find_rounds
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import RoleGrant
from wellbeing.store.org import Unit
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession

CARD = re.compile(r'<section class="card">\s*<h3>.*?<a [^>]*>(.*?)</a></h3>', re.DOTALL)
LEVEL = re.compile(r'<tr class="level-(\d)">.*?<a [^>]*>(.*?)</a>', re.DOTALL)
LEADERS = ("Lis", "Ole")
OLD, NEW = date(2025, 6, 1), date(2025, 12, 1)


@pytest.fixture
def units(database: Database, cast: Cast) -> dict[str, UUID]:
    """Four more teams in the first department, and no flag anywhere."""
    made = {name: uuid4() for name in ("Violen", "Liljen", "Rosen", "Tulipanen")}
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(Flag))
        for name, unit_id in made.items():
            session.add(Unit(id=unit_id, parent_id=cast.units["department_1"], name=name))
    return {**made, "Bøgen": cast.units["team_b"]}


def raise_flag(
    database: Database, unit_id: UUID, raised_on: date, figures: dict[str, object]
) -> UUID:
    """A flag of the latest round."""
    flag_id = uuid4()
    with database.writing(Reach.EVERYTHING) as session:
        flag = Flag(
            id=flag_id,
            unit_id=unit_id,
            round_id=find_rounds(session)[-1].round_id,
            rule_id=f"rule-{flag_id}",
            kind="offer_supervision",
            figures=figures,
            raised_on=raised_on,
        )
        session.add(flag)
    return flag_id


def agree_session(database: Database, cast: Cast, flag_id: UUID, now: datetime) -> None:
    """A session, a week from now, that answers the flag."""
    with database.writing(Reach.EVERYTHING) as session:
        flag = session.get_one(Flag, flag_id)
        flag.state = FlagState.ANSWERED
        offer = Offer(
            id=uuid4(),
            unit_id=flag.unit_id,
            flag_id=flag_id,
            form=SupportForm.TEAM_SUPERVISION,
            state=OfferState.SCHEDULED,
            offered_on=now.date(),
        )
        session.add(offer)
        session.flush()
        starts_at = now + timedelta(days=7)
        session.add(
            SupportSession(
                offer_id=offer.id,
                supervisor_id=cast.people["Susan"],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1),
                place="Mødelokale 2",
                state=SessionState.SCHEDULED,
            )
        )


def listed(shown: Shown) -> list[str]:
    """The units with a suggestion, as they stand on the page."""
    return CARD.findall(shown.html)


def test_what_lies_furthest_beyond_its_rule_comes_first_then_what_has_waited_longest(
    client_of: ClientOf, database: Database, units: dict[str, UUID]
) -> None:
    raise_flag(database, units["Liljen"], NEW, {"severity": 1})
    raise_flag(database, units["Rosen"], OLD, {"severity": 2})
    raise_flag(database, units["Tulipanen"], NEW, {"severity": 3})
    raise_flag(database, units["Violen"], NEW, {"severity": 2})
    raise_flag(database, units["Bøgen"], OLD, {"severity": 1})
    shown = client_of("Hanne").get("/teams")
    assert listed(shown) == ["Tulipanen", "Rosen", "Violen", "Bøgen", "Liljen"]


def test_what_is_arranged_comes_after_everything_that_waits_however_severe_it_is(
    client_of: ClientOf, database: Database, units: dict[str, UUID], cast: Cast, clock: Clock
) -> None:
    severe = raise_flag(database, units["Rosen"], OLD, {"severity": 3})
    raise_flag(database, units["Violen"], NEW, {"severity": 1})
    agree_session(database, cast, severe, clock.now())
    shown = client_of("Hanne", language="en").get("/teams")
    assert listed(shown) == ["Violen", "Rosen"]
    assert re.search(r"Rosen\s+Support arranged", shown.text)
    assert re.search(r"Violen\s+Support suggested", shown.text)


@pytest.mark.parametrize("noted", [{}, {"severity": None}, {"severity": "3"}])
def test_a_flag_from_before_severity_was_noted_comes_last_of_those_that_wait(
    client_of: ClientOf,
    database: Database,
    units: dict[str, UUID],
    cast: Cast,
    clock: Clock,
    noted: dict[str, object],
) -> None:
    arranged = raise_flag(database, units["Rosen"], OLD, {"severity": 3})
    agree_session(database, cast, arranged, clock.now())
    raise_flag(database, units["Violen"], OLD, noted)
    raise_flag(database, units["Liljen"], NEW, {"severity": 1})
    assert listed(client_of("Hanne").get("/teams")) == ["Liljen", "Violen", "Rosen"]


def test_a_unit_stands_where_its_most_urgent_flag_belongs(
    client_of: ClientOf, database: Database, units: dict[str, UUID]
) -> None:
    raise_flag(database, units["Violen"], OLD, {"severity": 1})
    raise_flag(database, units["Violen"], NEW, {"severity": 3})
    raise_flag(database, units["Liljen"], OLD, {"severity": 2})
    assert listed(client_of("Hanne").get("/teams")) == ["Violen", "Liljen"]


def test_units_that_are_as_urgent_stand_in_the_order_of_the_organisation(
    client_of: ClientOf, database: Database, units: dict[str, UUID]
) -> None:
    for name in ("Violen", "Bøgen", "Rosen", "Liljen"):
        raise_flag(database, units[name], OLD, {"severity": 2})
    assert listed(client_of("Hanne").get("/teams")) == ["Liljen", "Rosen", "Violen", "Bøgen"]


def test_a_flag_that_a_round_raises_carries_its_class(
    database: Database,
) -> None:
    with database.reading(Reach.EVERYTHING) as session:
        noted = [figures["severity"] for figures in session.scalars(select(Flag.figures))]
    assert noted == [3, 3]


@EITHER_LANGUAGE
def test_no_leader_is_named_and_none_is_ranked(
    client_of: ClientOf, cast: Cast, database: Database, language: str
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        leads = {"role": Role.LEADER, "unit_id": cast.units["organisation"]}
        session.add(RoleGrant(person_id=cast.people["Dina"], **leads))
    for name in ("Hanne", "Dina"):
        html = client_of(name, language=language).get("/teams").html
        main = html[html.index("<main") : html.index("</main>")]
        for leader in (*LEADERS, "Dina"):
            for part in full_name_of(leader).split():
                assert part not in main, part
    says = {
        "da": (
            "Enhederne står i organisationens rækkefølge.",
            "er ikke en rangliste over ledere",
        ),
        "en": ("The units stand in the order of the organisation.", "no ranking of leaders"),
    }
    assert all(sentence in main for sentence in says[language])


def test_a_unit_is_indented_below_the_one_it_belongs_to(client_of: ClientOf) -> None:
    assert LEVEL.findall(client_of("Hanne").get("/teams").html) == [
        ("0", "Østerhus"),
        ("1", "Bostøtte"),
        ("2", "Anemonen"),
        ("2", "Kløveren"),
        ("1", "Døgntilbud"),
        ("2", "Bøgen"),
    ]


def test_the_top_of_what_somebody_reads_is_not_indented(client_of: ClientOf) -> None:
    assert LEVEL.findall(client_of("Hugo").get("/teams").html) == [
        ("0", "Døgntilbud"),
        ("1", "Bøgen"),
    ]


def test_units_without_the_one_above_them_say_where_they_lie(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        session.add(
            RoleGrant(person_id=cast.people["Lis"], role=Role.LEADER, unit_id=cast.units["team_b"])
        )
    shown = client_of("Lis").get("/teams")
    assert LEVEL.findall(shown.html) == [("0", "Anemonen"), ("0", "Bøgen")]
    assert '<span class="muted">Østerhus / Bostøtte /</span>' in shown.html


def test_units_deeper_than_the_style_sheet_reaches_are_indented_as_far_as_it_does(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    above = cast.units["team_a"]
    with database.writing(Reach.EVERYTHING) as session:
        for depth in range(3, 9):
            below = uuid4()
            session.add(Unit(id=below, parent_id=above, name=f"Trin {depth}"))
            session.flush()
            above = below
    levels = {name: level for level, name in LEVEL.findall(client_of("Hanne").get("/teams").html)}
    assert [levels[f"Trin {depth}"] for depth in range(3, 9)] == ["3", "4", "5", "5", "5", "5"]


@EITHER_LANGUAGE
def test_a_suggestion_is_a_sign_and_words_and_not_a_colour_alone(
    client_of: ClientOf, language: str
) -> None:
    html = client_of("Hanne", language=language).get("/teams").html
    words = {"da": "Støtte foreslået", "en": "Support suggested"}[language]
    badge = re.search(rf'<span class="badge [^"]*">(<svg.*?</svg>)\s*{words}</span>', html)
    assert badge
    assert 'aria-hidden="true"' in badge[1]
