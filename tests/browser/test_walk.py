"""A quarter walked through in a real browser: real pages, real mail, real jobs, an invented time.

Every page that is looked at is checked: nothing that hinders somebody with a screen reader, no
sideways scrolling, no request to anywhere else, and no error in the browser's console.
"""

import re
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Error, expect

from tests.browser.conftest import OpenWindow, Site
from tests.browser.looks import COMBINATIONS, fill, find_faults_everywhere, strain
from tests.browser.windows import TELEPHONE, Window
from tests.canaries import sheet_with_sums
from tests.cast import email_of
from tests.rounds import STEADY
from wellbeing.domain.instrument import Scale, load_wording
from wellbeing.store.org import RoundState

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SUMS = (34, 29, 24)
ANSWERS = sheet_with_sums(SUMS, seed=5)
OWN_PASSWORD = "kaffe med mælk kl. syv"


def check(window: Window) -> None:
    """No fault on the page shown."""
    assert window.find_faults() == []


def link_in(mail: EmailMessage) -> str:
    """The first address in the text of a mail."""
    body = mail.get_body(("plain",))
    assert body
    found = re.search(r"http://\S+", body.get_content())
    assert found, body.get_content()
    return found[0]


def test_from_a_new_programme_to_the_leader_s_first_figure(site: Site, window: OpenWindow) -> None:
    _make_programme_and_open(site, window("Hanne"))
    ida = window(None, width=TELEPHONE)
    _activate(site, window("Adam"), ida)
    _answer_with_the_keyboard(site, ida)
    _let_the_others_answer(site)
    _close(site)
    _look_as_leader(site, window("Ole"), rounds=1)


def _make_programme_and_open(site: Site, hr: Window) -> None:
    hr.go("/hr")
    check(hr)
    hr.press("main a[href='/hr/rounds']")
    check(hr)
    hr.press("main a[href='/hr/programmes/new']")
    hr.page.fill("[name=name]", "Trivsel hvert kvartal")
    check(hr)
    hr.press("main button[name=preview]")
    expect(hr.page.locator("main ol li")).to_have_count(4)
    check(hr)
    hr.press("main button.primary")
    hr.page.click("main td details summary")
    check(hr)
    hr.press("main td details button")
    check(hr)
    site.forward(minutes=1)
    site.run("open-rounds", "invite", "deliver-mail")
    hr.go("/hr")
    assert len(site.mails_to("Eva")) == 1


def _activate(site: Site, administrator: Window, ida: Window) -> None:
    administrator.go("/admin?q=Ida")
    check(administrator)
    administrator.press("main td form button")
    check(administrator)
    site.forward(minutes=1)
    site.run("deliver-mail")
    ida.go(link_in(site.newest_mail_to("Ida")))
    check(ida)
    ida.page.fill("[name=password]", OWN_PASSWORD)
    ida.page.fill("[name=password_again]", OWN_PASSWORD)
    ida.press("main form button[type=submit]")
    check(ida)
    ida.page.fill("[name=email]", email_of("Ida"))
    ida.page.fill("[name=password]", OWN_PASSWORD)
    ida.press("main form button[type=submit]")
    check(ida)


def _answer_with_the_keyboard(site: Site, ida: Window) -> None:
    ida.go(link_in(next(m for m in site.mails_to("Ida") if "check-in" in link_in(m))))
    check(ida)
    _enter(ida, "main form button.primary")
    for first in (1, 11, 21):
        expect(ida.page.get_by_text(load_wording("da").items[first - 1])).to_be_visible()
        check(ida)
        for item in range(first, first + 10):
            _choose(ida, item, ANSWERS[item - 1])
        _enter(ida, "button[name=go]:is([value=next], [value=send])")
    expect(ida.page.locator("h1")).to_have_text("Tak")
    expect(ida.page.locator("code.receipt")).to_be_visible()
    for score in SUMS:
        expect(ida.page.get_by_text(re.compile(rf"\b{score}\b")).first).to_be_visible()
    check(ida)


def _enter(window: Window, selector: str) -> None:
    window.tab_to(selector)
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")


def _choose(window: Window, item: int, value: int) -> None:
    window.tab_to(f"#item{item}-1")
    if value == 1:
        window.page.keyboard.press("Space")
    for _ in range(value - 1):
        window.page.keyboard.press("ArrowRight")
    expect(window.page.locator(f"#item{item}-{value}")).to_be_checked()
    window.page.keyboard.press("Tab")


def _let_the_others_answer(site: Site) -> None:
    (round_id,) = [
        round_id
        for round_id in site.find_ids()["round_id"]
        if site.rounds.state(round_id) is RoundState.OPEN
    ]
    others = [p for p in site.cast.members_of("team_b") if p != site.cast.people["Ida"]]
    site.rounds.answer_all(round_id, others, ANSWERS)


def _close(site: Site) -> None:
    site.forward(days=15)
    site.run("close-and-publish", "announce", "deliver-mail")
    assert "/check-in" not in link_in(site.newest_mail_to("Ole"))


def _look_as_leader(site: Site, leader: Window, *, rounds: int) -> None:
    leader.go(f"/teams/{site.cast.units['team_b']}")
    pictures = leader.page.locator("main figure img")
    expect(pictures).to_have_count(3)
    for number in range(3):
        picture = pictures.nth(number)
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0
    for scale, figure in zip(Scale, SUMS, strict=True):
        rows = leader.page.locator(f"section[aria-labelledby=scale-{scale}] tbody tr")
        expect(rows).to_have_count(rounds)
        expect(rows.filter(has_text=str(figure)).first).to_be_visible()
    check(leader)


@pytest.fixture
def strained(site: Site) -> Site:
    """The site after four quarters of which the last two wore team B out."""
    strain(site)
    return site


def test_hr_schedules_supervision_from_a_flag_and_everyone_gets_an_invitation(
    strained: Site, window: OpenWindow
) -> None:
    hr = window("Hanne")
    hr.go("/hr")
    check(hr)
    hr.press("main a[href^='/hr/flags/']:not([href$=schedule]) >> nth=0")
    check(hr)
    hr.press("main a[href$=schedule]")
    day = strained.clock.now().date() + timedelta(days=14)
    hr.page.select_option("[name=supervisor]", label="Susan Clarke")
    hr.page.fill("[name=day]", day.isoformat())
    hr.page.fill("[name=start]", "13:00")
    hr.page.fill("[name=place]", "Loftet på 2. sal")
    check(hr)
    hr.press("main form button[name=find]")
    check(hr)
    hr.press("main form button.primary")
    check(hr)
    strained.run("deliver-mail")
    for name in ("Karl", "Susan"):
        _check_invitation(strained.newest_mail_to(name), name, day.isoformat())
    assert strained.mails_to("Eva") == []
    susan = window("Susan")
    susan.go("/supervisor")
    expect(susan.page.get_by_text("Loftet på 2. sal")).to_be_visible()
    check(susan)


def _check_invitation(mail: EmailMessage, name: str, day: str) -> None:
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar: Any = icalendar.Calendar.from_ical(str(part.get_content()))
    assert calendar["METHOD"] == part.get_param("method") == "REQUEST"
    (event,) = calendar.walk("VEVENT")
    starts_at = event["DTSTART"].dt
    assert starts_at.date().isoformat() == day
    assert event["LOCATION"] == "Loftet på 2. sal"
    attendees = event["ATTENDEE"]
    assert str(attendees).lower() == f"mailto:{email_of(name)}"


def test_from_flag_to_what_everyone_sees_of_a_session_that_was_held(
    strained: Site, window: OpenWindow
) -> None:
    session_id = _schedule(strained, window("Hanne"))
    strained.forward(days=15)
    _write_down(window("Susan", width=TELEPHONE), session_id)
    strained.forward(days=1)
    strained.run("ask-useful", "deliver-mail")
    for name in ("Karl", "Mia", "Nils", "Pia", "Rasmus"):
        _say_useful(strained, window(name), name)
    strained.forward(days=16)
    pages = {
        "Ole": f"/teams/{strained.cast.units['team_b']}/support",
        "Hanne": "/hr/ledger",
        "Karl": "/my-unit/support",
    }
    for name, path in pages.items():
        seen = window(name, width=TELEPHONE)
        seen.go(path)
        for words in ("Teamsupervision", "5 personer", "meget nyttigt", "Ny tavle"):
            expect(seen.page.locator("main")).to_contain_text(words)
        check(seen)
    _see_whether_it_helped(strained, window)


def _see_whether_it_helped(site: Site, window: OpenWindow) -> None:
    """After another calm round; one other team is too few to compare with, and the page says so."""
    round_id = site.rounds.open()
    for team in ("team_a", "team_b"):
        site.rounds.answer_all(round_id, site.cast.members_of(team), STEADY)
    assert site.rounds.publish(round_id)
    site.forward(days=30)
    leader = window("Ole", width=TELEPHONE)
    leader.go(f"/teams/{site.cast.units['team_b']}/effects")
    for words in ("Teamsupervision", "kan ikke siges endnu"):
        expect(leader.page.locator("main")).to_contain_text(words)
    check(leader)


def _schedule(site: Site, hr: Window) -> str:
    """HR finds a time for team supervision from the first flag; the session's id."""
    hr.go("/hr")
    hr.press("main a[href^='/hr/flags/'][href$=schedule] >> nth=0")
    day = site.clock.now().date() + timedelta(days=14)
    hr.page.select_option("[name=form]", value="team_supervision")
    hr.page.select_option("[name=supervisor]", label="Susan Clarke")
    hr.page.fill("[name=day]", day.isoformat())
    hr.page.fill("[name=start]", "13:00")
    hr.page.fill("[name=place]", "Loftet")
    hr.press("main form button.primary")
    return str(site.find_ids()["session_id"][0])


def _write_down(susan: Window, session_id: str) -> None:
    susan.go(f"/supervisor/sessions/{session_id}")
    check(susan)
    susan.page.fill("[name=attended]", "5")
    susan.page.fill("[name=what_0]", "Ny tavle")
    susan.page.fill("[name=owner_0]", "Teamet")
    susan.press("main form button.primary")
    check(susan)


def _say_useful(site: Site, seen: Window, name: str) -> None:
    seen.go(link_in(site.newest_mail_to(name)))
    check(seen)
    seen.page.check("[name=useful][value='5']")
    seen.press("main form button.primary")
    expect(seen.page.locator("main")).to_contain_text("talt med")


@pytest.mark.parametrize(("width", "language", "is_dark"), COMBINATIONS)
def test_every_page_is_sound_in_both_languages_in_light_and_dark_on_telephone_and_desk(
    strained: Site, window: OpenWindow, width: int, language: str, is_dark: bool
) -> None:
    places = fill(strained)
    open_for = partial(window, width=width, language=language, is_dark=is_dark)
    assert find_faults_everywhere(strained, open_for, places, language) == []


def test_at_320_pixels_nothing_scrolls_sideways(strained: Site, window: OpenWindow) -> None:
    hr = window("Hanne", width=320)
    for path in (
        "/",
        "/hr",
        "/hr/programmes/new",
        "/teams",
        f"/teams/{strained.cast.units['team_b']}",
        f"/teams/{strained.cast.units['team_b']}/apv",
    ):
        hr.go(path)
        check(hr)


def test_the_checks_see_the_faults_that_are_planted(site: Site, window: OpenWindow) -> None:
    seen = window(None)
    seen.go("/sign-in")
    check(seen)
    seen.page.evaluate(
        "document.querySelector('main form').insertAdjacentHTML('beforeend',"
        " '<img src=\"http://127.0.0.2:9/x.png\"><canvas width=3000></canvas>')"
    )
    faults = "\n".join(seen.find_faults())
    assert "image-alt" in faults
    assert "wider than the window" in faults
    assert "violates the following Content Security Policy" in faults


def test_a_request_to_anywhere_else_is_noticed(site: Site, window: OpenWindow) -> None:
    seen = window(None)
    seen.go("/sign-in")
    check(seen)
    with pytest.raises(Error):
        seen.page.context.new_page().goto("http://127.0.0.2:9/")
    assert any("asked 127.0.0.2:9" in fault for fault in seen.find_faults())
