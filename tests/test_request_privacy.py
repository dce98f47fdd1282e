"""What a person asked for is on no page, in no log and in no mail of anybody but HR in reach."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.canaries import Canary, find_in_page, of_text
from tests.cast import full_name_of
from tests.crawler import Crawl, House, crawl
from tests.web.support_seed import seed_request
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

pytestmark = pytest.mark.timeout(600)

CONTACT = "Kålrabi 8841 efter midnat"
# Eva of team A asked: her leader, another one, HR elsewhere, and everybody else with a task.
OTHERS = ("Lis", "Ole", "Hugo", "Sara", "Susan", "Adam", "Dina", "Tom", None)
CANARY = of_text("words of the request", CONTACT)


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path, now: datetime) -> Iterator[House]:
    """The cast's house, in which Eva has asked for a talk."""
    made = House(sqlite_database, tmp_path, now)
    with made.database.writing(Reach.EVERYTHING) as session:
        seed_request(session, made.cast.people["Eva"], now=now, contact=CONTACT)
    yield made
    made.close()


def found_in(crawled: Crawl, canary: Canary) -> list[str]:
    """Where a crawl met the canary."""
    return [path for path, body in crawled.everything() if find_in_page(body, [canary])]


# Who keeps the accounts knows everybody's name, and nothing of who asked.
KEEP_ACCOUNTS = ("Adam", "Dina")


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_meets_the_words_of_a_request_or_the_name_of_who_asked(
    house: House, name: str | None
) -> None:
    crawled = crawl(house, house.visitor(name), post=True)
    assert crawled.pages
    assert found_in(crawled, CANARY) == []
    if name not in KEEP_ACCOUNTS:
        assert found_in(crawled, of_text("name", full_name_of("Eva"))) == []


def test_hr_in_reach_meets_them_so_the_crawl_would_have(house: House) -> None:
    assert "/hr/requests" in found_in(crawl(house, house.visitor("Hanne")), CANARY)
