"""Did it help? The same page for the people of a unit, and nothing of the units below."""

from datetime import timedelta

import pytest

from tests.cast import FIRST_DAY, Cast
from tests.published_rows import CALM, FELL, add_held, add_past, add_units, closing
from tests.web.conftest import ClientOf, on_both_databases
from wellbeing.store.audit import AuditEvent
from wellbeing.store.org import Membership
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def helped(database: Database, cast: Cast) -> None:
    """Team A fell after supervision of its own, beside five calm teams."""
    with database.writing(Reach.EVERYTHING) as session:
        others = add_units(session, cast.units["department_2"], *"DEFGH")
        figures = dict(zip(others, CALM, strict=True))
        add_past(session, {cast.units["team_a"]: FELL, **figures})
        day = closing(4) + timedelta(days=1)
        add_held(session, cast.units["team_a"], cast.people["Susan"], day)


@on_both_databases
def test_an_employee_reads_what_helped_in_their_own_unit(client_of: ClientOf, helped: None) -> None:
    eva = client_of("Eva")
    said = eva.get("/my-unit/effects").text
    assert "har hjulpet, så vidt tallene kan sige" in said
    assert "En hård tid, der går over af sig selv" in said
    assert "/my-unit/effects" in eva.get("/my-unit").html


def test_somebody_in_another_team_or_above_reads_nothing_of_it(
    client_of: ClientOf, helped: None
) -> None:
    for name in ("Nils", "Lis", "Hanne"):
        said = client_of(name).get("/my-unit/effects").text
        assert "Der er ikke noget at vurdere endnu" in said
        assert "har hjulpet" not in said


def test_somebody_without_a_unit_is_told_so(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    assert client_of("Susan").get("/my-unit/effects").text
    with database.writing(Reach.EVERYTHING) as session:
        home = {"unit_id": cast.units["team_a"], "from_day": FIRST_DAY}
        session.add(Membership(person_id=cast.people["Susan"], **home))
    assert "Anemonen" in client_of("Susan").get("/my-unit/effects").text


def test_reading_about_ones_own_unit_is_not_written_down(
    client_of: ClientOf, database: Database, helped: None
) -> None:
    client_of("Eva").get("/my-unit/effects")
    with database.reading(Reach.EVERYTHING) as session:
        assert session.query(AuditEvent).filter_by(act="figures.read").count() == 0
