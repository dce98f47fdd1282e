"""What goes wrong while somebody answers, in a real browser: nothing lost, one ballot, a sentence.

And the ways through that need no luck: the keyboard at 400 % zoom, and a browser without scripts.
"""

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.browser.conftest import OpenWindow, Site
from tests.browser.test_walk import check
from tests.browser.windows import TELEPHONE, Window
from tests.cast import PASSWORD, email_of
from tests.rounds import STEADY
from tests.waiting import wait_until
from wellbeing.store.accounts import SignInSession
from wellbeing.store.personal import Ballot
from wellbeing.store.reach import Reach

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

# 400 % of a window of 1280 × 1024 leaves 320 × 256.
ZOOMED = {"width": 320, "height": 256}
ELSEWHERE = "https://www.dmi.dk/"
GO_ON = "button[name=go]:is([value=next], [value=send])"


@pytest.fixture
def round_id(site: Site) -> UUID:
    """A round that is open for everybody."""
    return site.rounds.open()


@pytest.fixture
def eva(site: Site, round_id: UUID, window: OpenWindow) -> Window:
    """Eva on her telephone, in front of the first ten questions."""
    opened = window("Eva", width=TELEPHONE)
    start(opened, round_id)
    return opened


def start(window: Window, round_id: UUID) -> None:
    """Opens the check-in and presses Start."""
    window.go(f"/check-in/{round_id}")
    window.press("[data-begin] button")


def answer(window: Window, *items: int) -> None:
    """Chooses the answers to these items of the page shown."""
    for item in items:
        window.page.check(f"#item{item}-{STEADY[item - 1]}")


def answer_page(window: Window, number: int) -> None:
    """Chooses all ten answers of page 1, 2 or 3."""
    answer(window, *range(number * 10 - 9, number * 10 + 1))


def go_to_last_page(window: Window) -> None:
    """From the first page; leaves the third one answered."""
    for number in (1, 2):
        answer_page(window, number)
        window.press(GO_ON)
    answer_page(window, 3)


def expect_answers(page: Page, *items: int) -> None:
    """These items show the answers that were given."""
    for item in items:
        expect(page.locator(f"#item{item}-{STEADY[item - 1]}")).to_be_checked()


def count_ballots(site: Site) -> int:
    """How many answers have been stored."""
    with site.database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(Ballot)) or 0


def count_sign_ins(site: Site) -> int:
    """How many browsers are signed in."""
    with site.database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(SignInSession)) or 0


def kept_on(page: Page) -> str:
    """What the device keeps for our pages, as somebody at the device could read it."""
    return str(page.evaluate("JSON.stringify(localStorage)"))


def expect_result(window: Window, title: str = "Tak") -> None:
    """The result is shown, with a receipt, and the device keeps nothing any more."""
    expect(window.page.locator("h1")).to_have_text(title)
    expect(window.page.locator("code.receipt")).to_be_visible()
    assert kept_on(window.page) == "{}"


def test_a_lost_connection_keeps_the_page_and_the_same_button_goes_on(
    site: Site, eva: Window
) -> None:
    go_to_last_page(eva)
    eva.page.context.set_offline(True)
    eva.page.click(GO_ON)
    said = eva.page.get_by_role("alert").filter(has_text="Ingen forbindelse lige nu")
    expect(said).to_be_visible()
    expect(said).to_contain_text("Dine svar er her stadig")
    eva.errors.clear()  # a browser logs that it reached nobody
    check(eva)
    expect_answers(eva.page, 21, 30)
    eva.page.context.set_offline(False)
    eva.press(GO_ON)
    expect_result(eva)
    assert count_ballots(site) == 1


def test_pressing_send_twice_sends_once(site: Site, eva: Window) -> None:
    go_to_last_page(eva)
    sent: list[str] = []
    eva.page.on("request", lambda asked: sent.append(asked.url) if asked.post_data else None)
    with eva.page.expect_navigation():
        eva.page.dblclick(GO_ON)
    expect_result(eva)
    assert len(sent) == 1
    assert count_ballots(site) == 1


def test_the_browser_s_own_back_leads_through_the_pages_and_never_to_sent_answers(
    site: Site, eva: Window, round_id: UUID
) -> None:
    go_to_last_page(eva)
    for number in (2, 1):
        eva.page.go_back()
        expect(eva.page.locator(f"#item{number * 10}")).to_be_visible()
        expect_answers(eva.page, number * 10 - 9, number * 10)
    eva.page.go_back()
    expect(eva.page.locator("[data-go-on]")).to_have_text("Fortsæt, hvor du slap (30 af 30)")
    eva.press("[data-go-on]")
    for _ in range(2):
        eva.press(GO_ON)
    eva.press(GO_ON)
    expect_result(eva)
    eva.page.go_back()
    expect(eva.page.locator("h1")).to_have_text("Du har svaret. Tak.")
    assert eva.page.locator("[name=item30]").count() == 0
    assert count_ballots(site) == 1


def test_a_second_window_says_that_the_answer_has_been_received(
    site: Site, eva: Window, round_id: UUID
) -> None:
    answer_page(eva, 1)
    other = Window(eva.page.context.new_page(), eva.address)
    other.go(f"/check-in/{round_id}")
    other.press("[data-go-on]")
    expect_answers(other.page, 1, 10)
    eva.page.bring_to_front()
    go_to_last_page(eva)
    eva.press(GO_ON)
    expect_result(eva)
    other.page.bring_to_front()
    other.press(GO_ON)
    expect(other.page.get_by_role("status")).to_contain_text("Måske fra et andet vindue")
    assert kept_on(other.page) == "{}"
    assert count_ballots(site) == 1


def test_an_expired_sign_in_leads_back_to_the_answers(site: Site, eva: Window) -> None:
    answer_page(eva, 1)
    eva.press(GO_ON)
    answer_page(eva, 2)
    site.forward(hours=9)
    eva.press(GO_ON)
    expect(eva.page.get_by_role("status")).to_contain_text("Dine svar er ikke tabt")
    check(eva)
    eva.page.fill("[name=email]", email_of("Eva"))
    eva.page.fill("[name=password]", PASSWORD)
    eva.press("main form button[type=submit]")
    check(eva)
    eva.press("button[value=stay]")
    expect_answers(eva.page, 11, 20)
    eva.press(GO_ON)
    answer_page(eva, 3)
    eva.press(GO_ON)
    expect_result(eva)
    assert count_ballots(site) == 1


def test_a_round_that_closes_meanwhile_says_so_and_clears_the_device(
    site: Site, eva: Window
) -> None:
    answer_page(eva, 1)
    site.forward(days=14)
    eva.page.context.clear_cookies()
    eva.sign_in(email_of("Eva"), PASSWORD)
    eva.page.go_back()
    eva.page.go_back()
    expect(eva.page.locator("h1")).to_have_text("Dette check-in er lukket")
    expect(
        eva.page.get_by_text("De svar, som lå her på telefonen eller computeren, er fjernet.")
    ).to_be_visible()
    expect(eva.page.get_by_text("70 201 201")).to_be_visible()
    assert kept_on(eva.page) == "{}"
    eva.errors.clear()  # the page is answered 409, which a browser logs
    check(eva)
    assert count_ballots(site) == 0


@pytest.mark.asvs("14.3.3")
def test_a_break_ends_where_it_began_and_for_its_owner_only(
    site: Site, eva: Window, round_id: UUID
) -> None:
    answer(eva, 1, 2, 3)
    expect(eva.page.locator("[data-progress] span")).to_have_text("Side 1 af 3 · 3 af 30 besvaret")
    eva.page.wait_for_function("Object.keys(localStorage).length === 1")
    eva.page.wait_for_timeout(100)
    assert "item" not in kept_on(eva.page)
    eva.page.close()
    tom = Window(eva.page.context.new_page(), eva.address)
    tom.page.context.clear_cookies()
    tom.sign_in(email_of("Tom"), PASSWORD)
    tom.go(f"/check-in/{round_id}")
    expect(tom.page.locator("[data-begin] button")).to_be_visible()
    expect(tom.page.locator("[data-go-on]")).to_be_hidden()
    again = Window(tom.page.context.new_page(), eva.address)
    again.page.context.clear_cookies()
    again.sign_in(email_of("Eva"), PASSWORD)
    again.go(f"/check-in/{round_id}")
    expect(again.page.locator("[data-go-on]")).to_have_text("Fortsæt, hvor du slap (3 af 30)")
    check(again)
    again.press("[data-go-on]")
    expect_answers(again.page, 1, 2, 3)
    again.page.click("[data-forget]")
    expect(again.page.get_by_text("Der bliver ikke gemt svar her.")).to_be_focused()
    answer(again, 4)
    check(again)
    again.press("button[value=stop]")
    check(again)
    again.press("header form[action='/sign-out'] button")
    assert kept_on(again.page) == "{}"


@pytest.mark.parametrize("scripts", [True, False])
def test_leaving_quickly_signs_out_and_back_shows_nothing(
    site: Site, round_id: UUID, window: OpenWindow, scripts: bool
) -> None:
    eva = window("Eva", width=TELEPHONE, scripts=scripts)
    eva.page.context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="sunny"))
    start(eva, round_id)
    answer(eva, 1, 2)
    eva.page.click(".in-sight .leave button")
    eva.page.wait_for_url(ELSEWHERE)
    # The screen changes first, then the server hears of it.
    wait_until(lambda: count_sign_ins(site) == 0, "the end of the sign-in")
    eva.go(f"/check-in/{round_id}")
    expect(eva.page.locator("[name=password]")).to_be_visible()
    if scripts:
        assert kept_on(eva.page) == "{}"
    eva.page.go_back()
    eva.page.go_back()
    assert eva.page.locator("[name=item1]").count() == 0
    assert count_ballots(site) == 0


def test_everything_works_without_scripts_at_320_pixels(
    site: Site, round_id: UUID, window: OpenWindow
) -> None:
    eva = window("Eva", width=320, scripts=False)
    start(eva, round_id)
    answer(eva, 1)
    eva.press(GO_ON)
    expect(eva.page.get_by_role("alert")).to_contain_text("9 spørgsmål")
    answer_page(eva, 1)
    eva.press(GO_ON)
    answer(eva, 11, 12)
    eva.press("button[value=back]")
    expect_answers(eva.page, 1, 10)
    eva.press(GO_ON)
    expect_answers(eva.page, 11, 12)
    answer_page(eva, 2)
    eva.press(GO_ON)
    eva.page.check("#item21-none")
    answer(eva, *range(22, 31))
    eva.press(GO_ON)
    expect(eva.page.locator("h1")).to_have_text("Tak")
    assert count_ballots(site) == 1


def test_the_whole_check_in_by_keyboard_at_400_percent_zoom(
    site: Site, round_id: UUID, window: OpenWindow
) -> None:
    site.visitor("Eva", "en")
    eva = window("Eva", **ZOOMED, language="en", is_dark=True)
    eva.go(f"/check-in/{round_id}")
    check(eva)
    _enter(eva, "[data-begin] button")
    for number in (1, 2, 3):
        check(eva)
        for item in range(number * 10 - 9, number * 10 + 1):
            _choose(eva, item, STEADY[item - 1])
        _enter(eva, GO_ON)
    expect_result(eva, "Thank you")
    check(eva)
    assert count_ballots(site) == 1


def _choose(window: Window, item: int, value: int) -> None:
    window.tab_to(f"#item{item}-1")
    _expect_focus_in_sight(window)
    window.page.keyboard.press("Space")
    for _ in range(value - 1):
        window.page.keyboard.press("ArrowRight")
    expect(window.page.locator(f"#item{item}-{value}")).to_be_checked()
    _expect_focus_in_sight(window)
    window.page.keyboard.press("Tab")


def _enter(window: Window, selector: str) -> None:
    window.tab_to(selector)
    _expect_focus_in_sight(window)
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")


def _expect_focus_in_sight(window: Window) -> None:
    """What has the focus is inside the window, and nothing lies over it."""
    seen = """() => {
        const focused = document.activeElement, box = focused.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return top !== null && (focused.contains(top) || top.contains(focused));
    }"""
    assert window.page.evaluate(seen), window.page.evaluate("document.activeElement.outerHTML")
