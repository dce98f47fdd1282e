"""Did it help? The page of a unit for those in office."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.published_rows import CALM, FELL, add_held, add_past, add_units, closing
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.past import EITHER_LANGUAGE, page_of
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

AFTER_FOUR = closing(4) + timedelta(days=1)
HARD_TIME = {
    "da": "En hård tid, der går over af sig selv",
    "en": "A hard time that passes by itself",
}


@pytest.fixture
def rounds_past() -> int:
    """None: the rounds of these tests are put in."""
    return 0


@pytest.fixture
def helped(database: Database, cast: Cast) -> None:
    """Team A fell after supervision, beside five calm teams; team C had a debriefing too late."""
    with database.writing(Reach.EVERYTHING) as session:
        others = add_units(session, cast.units["department_2"], *"DEFGH")
        figures = dict(zip(others, CALM, strict=True))
        figures |= {cast.units["team_a"]: FELL, cast.units["team_c"]: CALM[0]}
        add_past(session, figures)
        susan = cast.people["Susan"]
        add_held(session, cast.units["team_a"], susan, AFTER_FOUR)
        late = closing(8) + timedelta(days=1)
        add_held(session, cast.units["team_c"], susan, late, form=SupportForm.DEBRIEFING)


def effects_of(unit: str, cast: Cast) -> str:
    return f"{page_of(unit, cast)}/effects"


@on_both_databases
@EITHER_LANGUAGE
def test_it_says_what_helped_with_its_interval_and_its_caution(
    client_of: ClientOf, cast: Cast, helped: None, language: str
) -> None:
    said = client_of("Lis", language=language).get(effects_of("team_a", cast)).text
    wanted = {
        "da": (
            "Udbrændthed, Sekundær traumatisering: har hjulpet",
            "point lavere end ventet",
            "4 runder før og 4 efter",
        ),
        "en": (
            "Burnout, Secondary traumatic stress: has helped",
            "points lower than expected",
            "4 rounds before and 4 after",
        ),
    }[language]
    for words in (*wanted, HARD_TIME[language]):
        assert words in said


def test_the_number_of_other_units_is_a_range(
    client_of: ClientOf, cast: Cast, helped: None
) -> None:
    said = client_of("Lis").get(effects_of("team_a", cast)).text
    assert "6–10 andre enheder uden støtte" in said


def test_nobody_and_no_other_unit_is_named(client_of: ClientOf, cast: Cast, helped: None) -> None:
    said = client_of("Lis").get(effects_of("team_a", cast)).text
    assert "Susan" not in said
    assert "Kløveren" not in said


def test_what_cannot_be_told_yet_says_why(client_of: ClientOf, cast: Cast, helped: None) -> None:
    said = client_of("Hanne").get(effects_of("team_c", cast)).text
    assert "På alle tre skalaer: kan ikke siges endnu. Det kræver 2 runder med tal" in said
    assert "har hjulpet" not in said


def test_a_department_tells_of_each_team_by_name(
    client_of: ClientOf, cast: Cast, helped: None
) -> None:
    shown = client_of("Hanne").get(effects_of("department_1", cast))
    assert shown.text.index("Kløveren") < shown.text.index("Anemonen"), "the latest comes first"
    assert f'href="{page_of("team_a", cast)}"' in shown.html


def test_without_support_there_is_nothing_to_judge(
    client_of: ClientOf, cast: Cast, helped: None
) -> None:
    said = client_of("Ole").get(effects_of("team_b", cast)).text
    assert "Der er ikke noget at vurdere endnu" in said


@pytest.mark.parametrize("name", ["Ole", "Hugo", "Eva", "Susan", "Adam", "Dina"])
def test_nobody_else_opens_it(client_of: ClientOf, cast: Cast, helped: None, name: str) -> None:
    client_of(name).get(effects_of("team_a", cast), 404)


def test_opening_it_is_written_down(
    client_of: ClientOf, database: Database, cast: Cast, helped: None
) -> None:
    client_of("Lis").get(effects_of("team_a", cast))
    with database.reading(Reach.EVERYTHING) as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "figures.read"))
    assert event.subject == str(cast.units["team_a"])
