"""Which forms of support helped: for HR of the whole organisation."""

from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.published_rows import CALM, FELL, add_held, add_past, add_units, closing
from tests.web.conftest import ClientOf, on_both_databases
from tests.web.past import EITHER_LANGUAGE
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def helped(database: Database, cast: Cast) -> None:
    """Four teams fell after supervision; one of them had a debriefing a year later."""
    with database.writing(Reach.EVERYTHING) as session:
        others = add_units(session, cast.units["department_2"], *"DEFGH")
        teams = add_units(session, cast.units["department_1"], *"PQRS")
        add_past(session, {**dict.fromkeys(teams, FELL), **dict(zip(others, CALM, strict=True))})
        for team in teams:
            add_held(session, team, cast.people["Susan"], closing(4) + timedelta(days=1))
        late, form = closing(8) + timedelta(days=1), SupportForm.DEBRIEFING
        add_held(session, teams[0], cast.people["Susan"], late, form=form)


@on_both_databases
@EITHER_LANGUAGE
def test_each_form_is_told_with_its_caution_and_a_range_of_units(
    client_of: ClientOf, helped: None, language: str
) -> None:
    said = client_of("Hanne", language=language).get("/hr/effects").text
    for words in {
        "da": ("Holdt i 3–5 enheder", "har hjulpet", "Det er ikke en rangliste", "En hård tid"),
        "en": ("Held in 3–5 units", "has helped", "This is not a ranking", "A hard time"),
    }[language]:
        assert words in said
    assert said.index({"da": "Teamsupervision", "en": "Team supervision"}[language]) < said.index(
        {"da": "Psykologisk debriefing", "en": "Psychological debriefing"}[language]
    )


def test_a_form_of_fewer_than_three_units_is_not_judged(client_of: ClientOf, helped: None) -> None:
    said = client_of("Hanne").get("/hr/effects").text
    assert "Holdt i færre end 3 enheder" in said
    assert "På alle tre skalaer: kan ikke siges endnu" in said


def test_nobody_and_no_unit_is_named(client_of: ClientOf, helped: None) -> None:
    said = client_of("Hanne").get("/hr/effects").text
    for name in ("Susan", "Anemonen", "Bostøtte"):
        assert name not in said


def test_hr_of_a_part_of_the_organisation_has_no_such_page(
    client_of: ClientOf, helped: None
) -> None:
    client_of("Hugo").get("/hr/effects", 404)
    assert "/hr/effects" not in client_of("Hugo").get("/hr/ledger").html
    assert "/hr/effects" in client_of("Hanne").get("/hr/ledger").html


def test_before_any_support_there_is_nothing_to_judge(client_of: ClientOf) -> None:
    assert "Der er ikke noget at vurdere endnu" in client_of("Hanne").get("/hr/effects").text
