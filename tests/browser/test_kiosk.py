"""The shared screen in a real browser: a minute without a touch, and nobody was ever here."""

from contextlib import suppress
from uuid import UUID

import pytest
from playwright.sync_api import Error, Route, expect
from sqlalchemy import select

from tests.browser.conftest import OpenWindow, Site
from tests.browser.test_walk import check
from tests.browser.windows import TELEPHONE, Window
from tests.rounds import STEADY
from tests.web.code_visits import CodeVisits
from wellbeing.store.accounts import SignInSession
from wellbeing.store.personal import Participation
from wellbeing.store.reach import Reach

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def visits(site: Site) -> CodeVisits:
    """A round that is open, and codes for it."""
    return CodeVisits(site.app, site.cast, site.rounds, site.rounds.open())


@pytest.fixture
def screen(visits: CodeVisits, window: OpenWindow) -> Window:
    """A shared screen whose time the test moves."""
    opened = window(None)
    opened.page.clock.install()
    opened.go("/kiosk")
    check(opened)
    opened.press("main form button")
    expect(opened.page.locator("main h1")).to_have_text("Velkommen til dit check-in")
    return opened


def come(screen: Window, code: str) -> None:
    """Types the code and opens the first ten questions."""
    screen.page.fill("#code", code.lower())
    screen.press("main form button.primary")
    screen.press("[data-begin] button")


def wait(screen: Window, seconds: int) -> None:
    """Lets so much time pass, with nobody there."""
    screen.page.clock.run_for(seconds * 1000)


def stored(screen: Window) -> int:
    """How many things the device keeps for our pages."""
    found: int = screen.page.evaluate("localStorage.length + sessionStorage.length")
    return found


def sign_ins(site: Site) -> int:
    """How many browsers are signed in."""
    with site.database.reading(Reach.EVERYTHING) as session:
        return len(session.scalars(select(SignInSession)).all())


def test_a_minute_without_a_touch_clears_the_screen_and_back_shows_nothing(
    site: Site, visits: CodeVisits, screen: Window
) -> None:
    check(screen)
    come(screen, visits.issue("Eva"))
    check(screen)
    screen.page.check("#item1-4")
    screen.page.evaluate("localStorage.setItem('wellbeing.checkin.x', 'left behind')")
    warning = screen.page.locator("[data-kiosk-warning]")
    wait(screen, 44)
    expect(warning).not_to_be_visible()
    wait(screen, 2)
    expect(warning).to_be_visible()
    check(screen)
    screen.page.keyboard.press("Enter")
    expect(warning).not_to_be_visible()
    wait(screen, 50)
    expect(warning).to_be_visible()
    screen.page.keyboard.press("a")
    wait(screen, 1)
    expect(warning).not_to_be_visible()
    expect(screen.page.locator("#item1-4")).to_be_checked()
    wait(screen, 50)
    assert sign_ins(site) == 1
    with screen.page.expect_navigation():
        wait(screen, 12)
    expect(screen.page.locator("#code")).to_be_visible()
    assert sign_ins(site) == 0
    assert stored(screen) == 0
    for _ in range(3):
        with suppress(Error):  # the browser asks whether to send a form once more
            screen.page.go_back(wait_until="commit")
        expect(screen.page.locator("#item1-4")).to_have_count(0)


def test_a_start_page_that_takes_its_time_is_asked_for_once(
    visits: CodeVisits, screen: Window
) -> None:
    come(screen, visits.issue("Eva"))
    asked = list[Route]()
    screen.page.route("**/kiosk", lambda route: asked.append(route))
    wait(screen, 58)
    with screen.page.expect_navigation():
        screen.page.wait_for_timeout(5_000)  # time goes on by itself, and the screen looks at it
        assert len(asked) == 1
        asked[0].continue_()
    expect(screen.page.locator("#code")).to_be_visible()


def test_a_person_answers_and_leaves_and_the_next_one_finds_a_fresh_page(
    site: Site, visits: CodeVisits, screen: Window
) -> None:
    code = visits.issue("Eva")
    come(screen, code)
    for page in (1, 2, 3):
        for item in range(page * 10 - 9, page * 10 + 1):
            screen.page.check(f"#item{item}-{STEADY[item - 1]}")
        screen.press("button[name=go]:is([value=next], [value=send])")
    expect(screen.page.locator("code.receipt")).to_be_visible()
    check(screen)
    assert stored(screen) == 0
    screen.press("main a:has-text('ryd skærmen')")
    expect(screen.page.locator("#code")).to_be_empty()
    assert _has_answered(site, visits.round_id, site.cast.people["Eva"])
    assert sign_ins(site) == 0
    screen.page.fill("#code", code)
    screen.press("main form button.primary")
    expect(screen.page.locator("#code-error")).to_contain_text("That code does not open")
    check_refused(screen)
    come(screen, visits.issue("Tom"))
    expect(screen.page.locator("#item1-1")).to_be_visible()


def test_half_a_code_is_cleared_and_an_old_start_page_is_renewed(screen: Window) -> None:
    screen.page.fill("#code", "ABCD")
    with screen.page.expect_navigation():
        wait(screen, 61)
    expect(screen.page.locator("#code")).to_be_empty()
    with screen.page.expect_navigation():
        screen.page.clock.fast_forward("31:00")
        wait(screen, 2)


def test_a_code_opens_on_a_telephone_from_its_address(
    visits: CodeVisits, window: OpenWindow
) -> None:
    telephone = window(None, width=TELEPHONE)
    telephone.go(f"/code/{visits.issue('Otto').replace('-', '')}")
    check(telephone)
    telephone.press("main form button.primary")
    expect(telephone.page.locator("h1")).to_have_text("How is the work treating you?")
    check(telephone)


def check_refused(window: Window) -> None:
    """No fault, but that the browser notes the answer 422."""
    window.errors = [said for said in window.errors if "422" not in said]
    check(window)


def _has_answered(site: Site, round_id: UUID, person_id: UUID) -> bool:
    with site.database.reading(Reach.EVERYTHING) as session:
        return session.get_one(Participation, (round_id, person_id)).done
