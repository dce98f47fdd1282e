"""A one-time code is on no page, in no export and in no log; only whoever holds it has it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.canaries import find_in_page, of_text
from tests.crawler import House, crawl, gathered_logs
from tests.web.browser import Browser
from tests.web.code_visits import CodeVisits
from wellbeing.store.accounts import CheckInCode
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path, now: datetime) -> Iterator[House]:
    """The cast's house."""
    made = House(sqlite_database, tmp_path, now)
    yield made
    made.close()


@pytest.mark.parametrize("name", ["Hanne", "Adam"])
def test_no_page_or_export_has_a_code_or_its_hash_and_no_log_either(
    house: House, name: str
) -> None:
    visits = CodeVisits(house.app, house.cast, house.rounds, house.rounds.open())
    code = visits.issue("Eva")
    with house.database.reading(Reach.EVERYTHING) as session:
        kept = session.scalars(select(CheckInCode.code_hash)).one()
    canaries = [
        of_text("code", code),
        of_text("bare code", code.replace("-", "")),
        of_text("hash", kept),
    ]
    with gathered_logs() as lines:
        crawled = crawl(house, house.visitor(name))
        opened = Browser(house.app)
        opened.get(f"/code/{code}")
        opened.post("/code", {"code": code})
        visits.send(opened)
    assert len(crawled.pages) > 20
    assert [path for path, body in crawled.everything() if find_in_page(body, canaries)] == []
    assert find_in_page("\n".join(lines), canaries) == []


def test_the_page_of_whoever_holds_the_code_has_it_so_the_search_would_have_found_it(
    house: House,
) -> None:
    visits = CodeVisits(house.app, house.cast, house.rounds, house.rounds.open())
    code = visits.issue("Eva")
    page = Browser(house.app).get(f"/code/{code}").html
    assert find_in_page(page, [of_text("code", code)]) == ["code"]
