"""A quarter walked through in a real browser: real pages, real mail, real jobs, an invented time.

Every page that is looked at is checked: nothing that hinders somebody with a screen reader, no
sideways scrolling, no request to anywhere else, and no error in the browser's console.
"""

import re
from datetime import time, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Error, expect
from sqlalchemy import select

from tests.actions.desk import HR, ZONE, give_hours
from tests.browser.conftest import OpenWindow, Site
from tests.browser.windows import DESK, TELEPHONE, Window
from tests.canaries import sheet_with_sums
from tests.cast import email_of
from tests.forms import wording_of
from tests.published_rows import add_held
from tests.rounds import BY, STEADY, WORN
from wellbeing.actions.figures import find_rounds
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.own_talks import WantedTime, book_slot, find_slots
from wellbeing.actions.places import PlaceValues, add_place
from wellbeing.actions.series import SeriesValues, make_series
from wellbeing.actions.wordings import import_wording
from wellbeing.domain.instrument import Scale, load_wording
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.org import RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.support import SupportSession

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
    ida.press("main form button")
    check(ida)
    ida.page.fill("[name=email]", email_of("Ida"))
    ida.page.fill("[name=password]", OWN_PASSWORD)
    ida.press("main form button")
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
    for answers in (STEADY, STEADY, WORN, WORN):
        round_id = site.rounds.open()
        site.rounds.answer_all(round_id, site.cast.members_of("team_a"), STEADY)
        site.rounds.answer_all(round_id, site.cast.members_of("team_b"), answers)
        assert site.rounds.publish(round_id)
        site.forward(days=91)
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


def open_desk(site: Site) -> dict[str, object]:
    """Susan gives hours, a team meets her in a series, and Eva has booked a talk; their ids."""
    now, people, units = site.clock.now(), site.cast.people, site.cast.units
    monday = now.date() + timedelta(days=7 - now.date().weekday())
    with site.database.writing(Reach.EVERYTHING) as session:
        give_hours(session, people["Susan"], now)
        room = add_place(session, PlaceValues("Loftet", 10), now=now, by=HR)
        values = SeriesValues(
            form=SupportForm.TEAM_SUPERVISION,
            supervisor_id=people["Susan"],
            every_weeks=6,
            first_day=monday + timedelta(days=1),
            until_day=monday + timedelta(weeks=20),
            start=time(13),
            length_minutes=90,
            place_id=room.id,
        )
        series_id = make_series(session, units["team_a"], values, zone=ZONE, now=now, by=HR)
        session_id = session.scalars(select(SupportSession.id)).first()
        form, today = SupportForm.OPEN_SUPERVISION, now.date()
        offer = offer_to_unit(session, units["team_a"], form, today=today, now=now, by=HR)
        slots = find_slots(session, SupportForm.DEFUSING, people["Eva"], zone=ZONE, now=now)
        wanted = WantedTime(
            SupportForm.DEFUSING, people["Susan"], slots[people["Susan"]][0].starts_at
        )
        book_slot(session, people["Eva"], wanted, zone=ZONE, now=now)
    found = {"offer": offer.id, "session": session_id, "place": room.id, "series": series_id}
    return {**found, "week": monday}


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


LOOKS = {
    None: ("/sign-in", "/forgot-password", "/privacy", "/link/no-such", "/no-such-page"),
    "Eva": (
        "/",
        "/diary",
        "/me",
        "/conversation",
        "/flag-rules",
        "/incidents",
        "/incidents/new",
        "/my-unit",
        "/my-unit/support",
        "/my-unit/effects",
        "/support",
        "/support/sessions",
        "/support/sessions?form=crisis_help",
        "/check-in/{round}",
        "/check-in/{round}/receipt",
    ),
    "Ole": (
        "/teams/{team_b}",
        "/teams/{team_b}/apv",
        "/teams/{team_b}/conversation",
        "/teams/{team_b}/effects",
        "/teams/{team_b}/incidents",
        "/teams/{team_b}/support",
    ),
    "Hanne": (
        "/teams",
        "/teams/{organisation}",
        "/teams/{team_c}",
        "/hr",
        "/hr/effects",
        "/teams/{organisation}/apv",
        "/teams/{organisation}/effects",
        "/hr/flags/{flag}",
        "/hr/flags/{flag}/schedule",
        "/hr/incidents",
        "/hr/ledger",
        "/hr/offers/{offer}",
        "/hr/offers/{offer}/schedule",
        "/hr/reference",
        "/hr/requests",
        "/hr/rounds",
        "/hr/programmes/new",
        "/hr/programmes/{programme}/occupation",
        "/hr/sessions/{session}",
        "/hr/sessions/{session}/move",
        "/hr/supervision",
        "/hr/supervision?week={week}",
        "/hr/supervision/places",
        "/hr/supervision/places/{place}",
        "/hr/supervision/supervisors",
        "/hr/supervision/supervisors/{susan}",
        "/hr/supervision/series/new",
        "/hr/supervision/series/{series}",
        "/hr/themes",
    ),
    "Susan": ("/supervisor", "/supervisor/availability"),
    "Adam": ("/admin", "/admin/audit", "/admin/questionnaire", "/admin/questionnaire/{form}"),
}


# Every pair of width, language and colours is there once; all eight would take twice as long.
@pytest.mark.parametrize(
    ("width", "language", "is_dark"),
    [(TELEPHONE, "da", False), (TELEPHONE, "en", True), (DESK, "da", True), (DESK, "en", False)],
)
def test_every_page_is_sound_in_both_languages_in_light_and_dark_on_telephone_and_desk(
    strained: Site, window: OpenWindow, width: int, language: str, is_dark: bool
) -> None:
    _hold_supervision(strained)
    with strained.database.writing(Reach.ADMIN) as session:
        form = import_wording(session, wording_of(), "form.pdf", now=strained.clock.now(), by=BY)
        form_id = form.id
    round_id, ids = strained.rounds.open(), strained.find_ids()
    places = {
        **strained.cast.units,
        **open_desk(strained),
        "round": round_id,
        "flag": ids["flag_id"][0],
        "programme": ids["programme_id"][0],
        "form": form_id,
        "susan": strained.cast.people["Susan"],
    }
    faults = []
    for name, paths in LOOKS.items():
        if name:
            strained.visitor(name, language)
        seen = window(name, width=width, language=language, is_dark=is_dark)
        for path in paths:
            seen.go(path.format(**places))
            assert seen.page.get_attribute("html", "lang") == language
            seen.errors = [
                error for error in seen.errors if "404" not in error and "410" not in error
            ]
            faults += seen.find_faults()
    assert faults == []


def _hold_supervision(site: Site) -> None:
    """In both teams with figures, after the second round."""
    with site.database.writing(Reach.EVERYTHING) as session:
        day = find_rounds(session)[1].closed_on + timedelta(days=1)
        for team in ("team_a", "team_b"):
            add_held(session, site.cast.units[team], site.cast.people["Susan"], day)


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
