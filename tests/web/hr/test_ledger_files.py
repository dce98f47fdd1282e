"""HR's ledger as files: every offer to a unit in reach, nobody's name, no word that was said."""

import csv
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook

from tests.cast import PEOPLE, Cast
from tests.web.conftest import ClientOf, Clock
from tests.web.support_seed import THEME, WHAT, seed_held_session
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer


@pytest.fixture
def offers(database: Database, cast: Cast, clock: Clock) -> dict[str, str]:
    """Sessions held in team A and B, and a talk with one person; each offer seen to by Hanne."""
    made = {
        "team_a": {"days_ago": 3},
        "team_b": {"days_ago": 4, "unit": "team_b"},
        "talk": {"days_ago": 5, "form": SupportForm.CRISIS_HELP},
    }
    found = {}
    with database.writing(Reach.EVERYTHING) as session:
        for name, how in made.items():
            seeded = seed_held_session(session, cast, now=clock.now(), **how)  # type: ignore[arg-type]
            session.get_one(Offer, seeded["offer_id"]).owner_id = cast.people["Hanne"]
            found[name] = str(seeded["offer_id"])
    return found


def test_both_files_have_what_the_page_has_without_people_and_texts(
    client_of: ClientOf, offers: dict[str, str]
) -> None:
    hanne = client_of("Hanne", language="en")
    text = hanne.get("/hr/ledger.csv").response.text
    rows = list(csv.DictReader(StringIO(text)))
    assert {row["offer_id"] for row in rows} == {offers["team_a"], offers["team_b"]}
    assert {row["held_progress"] for row in rows} == {"done"}
    content = hanne.get("/hr/ledger.xlsx").response.data
    (sheet,) = CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names
    book = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python()
    heading, *lines = book
    assert len(lines) == 2
    assert all(len(line) == len(heading) == 9 for line in lines)
    page = hanne.get("/hr/ledger").text
    assert all(str(line[0]) in page and str(line[1]) in page for line in lines)
    told = f"{text} {book}"
    secrets = [WHAT, THEME, "Loftet", "Lederen", *(name for _, name, _ in PEOPLE)]
    assert [secret for secret in secrets if secret in told] == []


def test_hr_of_a_part_takes_its_part(client_of: ClientOf, offers: dict[str, str]) -> None:
    text = client_of("Hugo").get("/hr/ledger.csv").response.text
    assert offers["team_b"] in text
    assert offers["team_a"] not in text
    for path in ("/hr/ledger.csv", "/hr/ledger.xlsx"):
        client_of("Lis").get(path, 404)
