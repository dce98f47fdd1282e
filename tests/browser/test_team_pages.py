"""The pages of units in a real browser: the leader's, the safety representative's, and the map.

The width, language and colours come in every pair once, as in the walk.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow, Site
from tests.browser.windows import DESK, TELEPHONE, Window
from tests.rounds import STEADY, WORN
from wellbeing.pdf import can_render_pdf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EVERY_LOOK = pytest.mark.parametrize(
    ("width", "language", "is_dark"),
    [(TELEPHONE, "da", False), (TELEPHONE, "en", True), (DESK, "da", True), (DESK, "en", False)],
)
WORKED_OUT = {"da": "Sådan er vi nået frem til det", "en": "How this was worked out"}
SUGGESTED = {"da": "Støtte foreslået", "en": "Support suggested"}


@pytest.fixture
def flagged(site: Site) -> Site:
    """The site after four quarters of which the last two wore teams A and B out."""
    for answers in (STEADY, STEADY, WORN, WORN):
        round_id = site.rounds.open()
        for team in ("team_a", "team_b"):
            site.rounds.answer_all(round_id, site.cast.members_of(team), answers)
        assert site.rounds.publish(round_id)
        site.forward(days=91)
    return site


def look(
    site: Site, window: OpenWindow, name: str, path: str, look: tuple[int, str, bool]
) -> Window:
    """A window of the named person on this page; nothing is wrong with it."""
    width, language, is_dark = look
    site.visitor(name, language)
    seen = window(name, width=width, language=language, is_dark=is_dark)
    seen.go(path)
    assert seen.page.get_attribute("html", "lang") == language
    pictures = seen.page.locator("main figure img")
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        expect(pictures.nth(number)).to_have_js_property("complete", True)
    assert seen.find_faults() == []
    return seen


@EVERY_LOOK
@pytest.mark.parametrize("name", ["Lis", "Sara"])
def test_a_leader_and_a_safety_representative_see_the_charts_of_their_unit(
    flagged: Site, window: OpenWindow, name: str, width: int, language: str, is_dark: bool
) -> None:
    path = f"/teams/{flagged.cast.units['team_a']}"
    seen = look(flagged, window, name, path, (width, language, is_dark))
    pictures = seen.page.locator("main figure img")
    expect(pictures).to_have_count(3)
    for number in range(3):
        shown = pictures.nth(number).evaluate("image => image.currentSrc")
        assert ("theme=dark" in shown) == is_dark
    seen.page.get_by_text(WORKED_OUT[language]).first.click()
    expect(seen.page.locator("main details[open] dl").first).to_be_visible()
    assert seen.find_faults() == []


@EVERY_LOOK
def test_the_map_of_units_says_in_words_and_signs_where_support_is_suggested(
    flagged: Site, window: OpenWindow, width: int, language: str, is_dark: bool
) -> None:
    seen = look(flagged, window, "Hanne", "/teams", (width, language, is_dark))
    badges = seen.page.locator("table .badge", has_text=SUGGESTED[language])
    expect(badges).to_have_count(2)
    expect(badges.first.locator("svg")).to_be_visible()
    left = [
        seen.page.locator("table a", has_text=name).bounding_box()["x"]  # type: ignore[index]
        for name in ("Østerhus", "Døgntilbud", "Bøgen")
    ]
    assert left == sorted(set(left))


def test_with_the_keyboard_one_comes_from_the_map_to_how_a_verdict_was_worked_out(
    flagged: Site, window: OpenWindow
) -> None:
    seen = window("Hanne", language="da")
    seen.go("/teams")
    path = f"/teams/{flagged.cast.units['team_a']}"
    seen.tab_to(f"main a[href='{path}']")
    with seen.page.expect_navigation():
        seen.page.keyboard.press("Enter")
    assert seen.page.url.endswith(path)
    seen.tab_to("main section[aria-labelledby^=scale] summary")
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("details[open] summary").first).to_contain_text(WORKED_OUT["da"])
    expect(seen.page.locator("details[open] dl").first).to_be_visible()


def test_on_paper_there_are_the_charts_and_no_menu(flagged: Site, window: OpenWindow) -> None:
    lis = look(
        flagged, window, "Lis", f"/teams/{flagged.cast.units['team_a']}", (DESK, "da", False)
    )
    lis.page.emulate_media(media="print")
    for hidden in ("header.top", "footer.bottom", "a.skip", "main .no-print"):
        for found in lis.page.locator(hidden).all():
            expect(found).to_be_hidden()
    expect(lis.page.locator("main figure img >> nth=2")).to_be_visible()
    expect(lis.page.locator("main table >> nth=0")).to_be_visible()
    printed = lis.page.pdf(format="A4")
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 6


@pytest.mark.skipif(not can_render_pdf(), reason="No PDF can be made on this machine.")
def test_a_safety_representative_takes_the_page_along_as_a_pdf(
    flagged: Site, window: OpenWindow
) -> None:
    sara = look(
        flagged, window, "Sara", f"/teams/{flagged.cast.units['team_a']}", (TELEPHONE, "da", False)
    )
    with sara.page.expect_download() as waiting:
        sara.page.click("main a[href$='.pdf']")
    assert re.fullmatch(r"enhed-anemonen-\d{4}-\d\d-\d\d\.pdf", waiting.value.suggested_filename)
