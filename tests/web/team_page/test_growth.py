"""Ten years of monthly rounds: the page shows the latest, counts them all, and stays as quick."""

import cProfile
import pstats
import re
from collections.abc import Iterator

import pytest

from tests.web.long_record import LongHouse
from tests.web.page_checks import check_page

SHORT, LONG = 24, 120
SECTION = re.compile(r'<section aria-labelledby="scale-(\w+)">(.*?)</section>', re.DOTALL)
ROW = re.compile(r'<tr><th scope="row">')


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LongHouse]:
    """Two years of monthly rounds."""
    house = LongHouse(tmp_path_factory.mktemp("short"), SHORT)
    yield house
    house.close()


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LongHouse]:
    """Ten years of them."""
    house = LongHouse(tmp_path_factory.mktemp("long"), LONG)
    yield house
    house.close()


def html_of(house: LongHouse, query: str = "") -> str:
    """The team's page, which holds."""
    answer = house.client.get(house.page + query)
    assert answer.status_code == 200
    assert check_page(answer.text) == []
    return answer.text


def count_calls(house: LongHouse) -> int:
    """How many functions are called for one visit: unlike seconds, the same every time."""
    visit, profile = house.visit(house.page), cProfile.Profile()
    visit()
    profile.runcall(visit)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def test_ten_years_are_hardly_more_work_than_two(short: LongHouse, long: LongHouse) -> None:
    assert count_calls(long) <= 1.2 * count_calls(short)


def test_the_page_shows_the_latest_rounds_and_leads_to_all(long: LongHouse) -> None:
    html = html_of(long)
    assert [len(ROW.findall(section)) for _, section in SECTION.findall(html)] == [24] * 3
    assert "Her er de seneste 24 af 120 runder." in html
    assert 'href="?rounds=all"' in html


def test_all_rounds_are_there_for_whoever_asks(long: LongHouse) -> None:
    html = html_of(long, "?rounds=all")
    assert [len(ROW.findall(section)) for _, section in SECTION.findall(html)] == [LONG] * 3
    assert 'href="?rounds=latest"' in html
    (address,) = re.findall(r'<img src="([^"]+/BO\.svg[^"]*)"', html)
    chart = long.client.get(address.replace("&amp;", "&")).text
    assert len(re.findall(r'id="(?:figure|withheld)-\d+"', chart)) == LONG
    latest = long.client.get(f"{long.page}/BO.svg").text
    assert len(re.findall(r'id="(?:figure|withheld)-\d+"', latest)) == 24


def test_earlier_rounds_count_in_the_verdict_whether_they_are_shown_or_not(
    long: LongHouse,
) -> None:
    lead = re.compile(r'<p class="lead">.*?</p>|<dl class="pairs">.*?</dl>', re.DOTALL)
    latest, whole = (
        [lead.findall(text) for _, text in SECTION.findall(html_of(long, query))]
        for query in ("", "?rounds=all")
    )
    assert latest == whole
    assert any(re.search(r"1\d\d før", "".join(said)) for said in latest)


def test_a_short_record_is_shown_whole_without_a_word_about_it(short: LongHouse) -> None:
    html = html_of(short)
    assert "rounds=" not in html


@pytest.mark.parametrize("asked", ["", "latest", "ALL", "0", "%C3%A6", "all&rounds=x"])
def test_an_odd_request_is_the_usual_page(long: LongHouse, asked: str) -> None:
    html = html_of(long, f"?rounds={asked}")
    expected = LONG if asked.startswith("all") else 24
    assert len(ROW.findall(SECTION.findall(html)[0][1])) == expected
