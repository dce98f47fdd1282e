"""One-time codes at the door: one check-in opens, nothing else, and guessing leads nowhere."""

import logging
from datetime import timedelta

import pytest
from flask import Flask
from limits import parse
from sqlalchemy import select

from tests.canaries import find_in_page, of_text
from tests.cast import Cast, full_name_of
from tests.rounds import RoundRunner
from tests.web.browser import Browser
from tests.web.code_visits import CodeVisits
from tests.web.conftest import ClientOf, Clock, MakeApp, on_both_databases
from wellbeing.actions.diary import start
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus, SignInSession
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import DiaryEntry
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared import code_limits
from wellbeing.web.shared.code_limits import network_of
from wellbeing.web.shared.log_secrets import SecretFilter

WRONG = "ABCD-EFGH-JKMN"
REFUSED = "Den kode åbner ikke noget check-in."
MOST_WRONG = 60
LONGEST_ROUND_DAYS = 28


@pytest.fixture
def visits(
    app: Flask, database: Database, cast: Cast, settings: Settings, clock: Clock
) -> CodeVisits:
    """A round that is open now."""
    rounds = RoundRunner(database, settings.data, clock.now())
    return CodeVisits(app, cast, rounds, rounds.open())


def at(browser: Browser, address: str) -> Browser:
    """The browser as it is seen from this address of the network."""
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def guess(browser: Browser, times: int = 1, status: int = 422) -> None:
    """Types a wrong code so many times."""
    token = browser.fetch_token()
    for _ in range(times):
        browser.post_as_is("/code", {"csrf_token": token, "code": WRONG}, status)


@on_both_databases
def test_a_code_leads_to_the_check_in_and_is_used_up_by_the_answer(visits: CodeVisits) -> None:
    code = visits.issue("Eva")
    browser = Browser(visits.app)
    assert browser.post("/code", {"code": code.lower()}).location == visits.path
    shown = visits.send(browser)
    assert "Dine svar er modtaget" in shown.text
    assert "Din kvittering" in shown.text
    assert "Færdig, luk" in shown.text
    other = Browser(visits.app)
    assert REFUSED in other.post("/code", {"code": code}, 422).text
    assert other.get(visits.path, 302).location.startswith("/sign-in")


@pytest.mark.asvs("3.5.3")
def test_looking_at_the_address_of_a_qr_code_uses_nothing_up_and_signs_nobody_in(
    visits: CodeVisits, stranger: Browser
) -> None:
    code = visits.issue("Eva")
    for _ in range(3):
        page = stranger.get(f"/code/{code.replace('-', '')}")
        assert f'value="{code}"' in page.html
    assert stranger.get(visits.path, 302).location.startswith("/sign-in")
    assert stranger.post("/code", {"code": code}).location == visits.path


@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("typed", ["x" * 200, "%00", "<script>", "../../etc", "😀"])
def test_whatever_stands_in_the_address_is_shown_harmlessly(stranger: Browser, typed: str) -> None:
    shown = stranger.get(f"/code/{typed}", 404 if "/" in typed else 400 if "%00" in typed else 200)
    assert "<script>" not in shown.html.split("<main")[1]


def test_every_refusal_reads_the_same(
    visits: CodeVisits, database: Database, cast: Cast, clock: Clock
) -> None:
    used, left, replaced = visits.issue("Eva"), visits.issue("Tom"), visits.issue("Anne")
    visits.rounds.answer(visits.round_id, cast.people["Eva"])
    visits.issue("Anne")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Tom"]).status = PersonStatus.DISABLED
    pages = [
        Browser(visits.app).post("/code", {"code": code}, 422).text
        for code in (WRONG, "no code", used, left, replaced)
    ]
    assert REFUSED in pages[0]
    assert len(set(pages)) == 1


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.PUBLISHED, RoundState.STOPPED])
def test_a_code_of_a_round_that_is_over_is_refused_like_any_other(
    visits: CodeVisits, database: Database, state: RoundState
) -> None:
    code = visits.issue("Eva")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Round, visits.round_id).state = state
    assert REFUSED in Browser(visits.app).post("/code", {"code": code}, 422).text


def test_a_visit_by_code_ends_after_an_hour(visits: CodeVisits, clock: Clock) -> None:
    browser = visits.come("Eva")
    clock.forward(minutes=59)
    browser.get(visits.path)
    clock.forward(minutes=1)
    browser.get(visits.path, 302)


def test_a_round_that_closes_during_a_visit_is_told_kindly(
    visits: CodeVisits, clock: Clock, database: Database
) -> None:
    clock.moment += timedelta(days=14) - timedelta(minutes=1)
    browser = visits.come("Eva")
    clock.forward(minutes=2)
    assert "lukket" in browser.get(visits.path, 409).text


def test_no_page_names_the_person_or_leads_elsewhere(visits: CodeVisits) -> None:
    browser = visits.come("Lis")
    pages = [
        browser.get(visits.path),
        browser.get(f"{visits.path}/receipt"),
        browser.get("/teams", 404),
        browser.get("/privacy"),
        visits.send(browser),
    ]
    for page in pages:
        assert full_name_of("Lis") not in page.text
        assert "engangskode" in page.text
        for path in ("/diary", "/me", "/teams", "/support", "/my-unit", "/sign-out-everywhere"):
            assert f'href="{path}"' not in page.html
    assert pages[0].html.count("<nav") == 0


def test_a_code_cannot_open_a_diary_and_what_is_sent_still_goes_into_it(
    visits: CodeVisits, database: Database, cast: Cast
) -> None:
    eva = cast.people["Eva"]
    with database.writing(Reach.EMPLOYEE) as session:
        start(session, "syv svaner flyver forbi", person_id=eva)
    browser = visits.come("Eva")
    for path in ("/diary", "/me", "/", "/diary/start", "/diary/delete"):
        shown = browser.client.open(path, method="GET")
        assert shown.status_code in (302, 404, 405)
    page = browser.get(visits.path).text
    assert "Koden, du kom med, kan ikke åbne den" in page
    assert "Det står også i din dagbog" in visits.send(browser).text
    with database.reading(Reach.EVERYTHING) as session:
        assert len(session.scalars(select(DiaryEntry)).all()) == 1


def test_the_start_page_does_not_tell_whoever_holds_a_code_whether_its_person_has_answered(
    visits: CodeVisits, cast: Cast
) -> None:
    before = visits.come("Eva").get(visits.path).text
    visits.rounds.answer(visits.round_id, cast.people["Eva"])
    browser = visits.come("Eva")
    assert browser.get(visits.path).text == before
    shown = visits.send(browser)
    assert "Du havde allerede svaret" in shown.text
    assert "Var det tidligere svar ikke dit?" in shown.text


def test_a_receipt_and_a_new_code_together_withdraw_an_answer(
    visits: CodeVisits, cast: Cast
) -> None:
    receipt = visits.rounds.answer(visits.round_id, cast.people["Eva"]).receipt
    browser = visits.come("Eva")
    shown = browser.post(
        f"{visits.path}/receipt", {"receipt": receipt, "go": "withdraw_now"}, status=200
    )
    assert "Dit svar er trukket tilbage" in shown.text


def test_signing_out_leads_back_to_the_code(visits: CodeVisits, database: Database) -> None:
    browser = visits.come("Eva")
    assert browser.post("/sign-out").location == "/code"
    browser.get(visits.path, 302)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(SignInSession)).all() == []


def test_a_code_takes_the_place_of_a_sign_in(visits: CodeVisits, client_of: ClientOf) -> None:
    browser = visits.come("Eva", client_of("Hanne"))
    browser.get("/hr", 404)


def test_the_language_is_that_of_the_person_until_they_choose_another_for_this_visit(
    visits: CodeVisits, database: Database, cast: Cast
) -> None:
    browser = visits.come("Otto")
    assert "How is the work treating you?" in browser.get(visits.path).text
    browser.post("/language", {"locale": "da"})
    assert "Hvordan har du det med arbejdet?" in browser.get(visits.path).text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Otto"]).language == "en"


def test_reminders_are_stopped_with_the_code_and_the_code_still_works(
    visits: CodeVisits, database: Database, cast: Cast
) -> None:
    code, browser = visits.issue("Eva"), Browser(visits.app)
    shown = browser.post("/code", {"code": code, "go": "stop"}, 200)
    assert "Du får ikke flere påmindelser" in shown.text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Eva"]).reminders_stopped
    browser.post("/code", {"code": WRONG, "go": "stop"}, 422)
    assert browser.post("/code", {"code": code}).location == visits.path


@pytest.mark.asvs("15.3.1")
def test_no_page_lists_a_code_or_shows_a_hash(visits: CodeVisits, client_of: ClientOf) -> None:
    code = visits.issue("Eva")
    canary = of_text("code", code), of_text("bare code", code.replace("-", ""))
    for name, paths in (
        ("Hanne", ("/hr", "/hr/rounds", f"/hr/rounds/{visits.round_id}/letters")),
        ("Adam", ("/admin", "/admin/audit")),
        ("Eva", ("/", "/me", visits.path)),
    ):
        for path in paths:
            assert find_in_page(client_of(name).get(path).html, canary) == []


@pytest.mark.asvs("16.2.5")
@pytest.mark.parametrize("path", ["/code/ABCDEFGHJKMN", "/app/code/ABCD-EFGH-JKMN?x=1"])
def test_the_code_in_an_address_stays_out_of_logs(path: str) -> None:
    line = logging.LogRecord("x", logging.INFO, "", 0, '"GET %s HTTP/1.1" 200', (path,), None)
    SecretFilter().filter(line)
    assert "EFGH" not in line.getMessage()
    assert "/code/…" in line.getMessage()


@pytest.mark.asvs("2.4.1", "6.3.1", "6.6.3")
def test_after_sixty_wrong_codes_a_network_rests_for_an_hour_and_others_do_not(
    visits: CodeVisits, clock: Clock
) -> None:
    code, near, far = visits.issue("Eva"), Browser(visits.app), Browser(visits.app)
    guess(at(near, "192.0.2.7"), MOST_WRONG)
    guess(at(near, "192.0.2.200"), 1, 429)
    near.post("/code", {"code": code}, 429)
    assert at(far, "198.51.100.7").post("/code", {"code": code}).location == visits.path
    clock.forward(hours=1)
    assert near.post("/code", {"code": code}).location == visits.path


def test_right_codes_are_not_counted(visits: CodeVisits, monkeypatch: pytest.MonkeyPatch) -> None:
    code, browser = visits.issue("Eva"), Browser(visits.app)
    guess(browser, MOST_WRONG - 1)
    for _ in range(3):
        browser.post("/code", {"code": code})
        browser.post("/sign-out")
    guess(browser)
    guess(browser, 1, 429)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::9", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_what_one_subscriber_can_change_addresses_within(
    address: str, network: str
) -> None:
    assert network_of(address) == network


@pytest.mark.asvs("2.4.1", "6.6.3")
def test_when_guesses_come_from_everywhere_each_network_gets_few_and_nobody_is_locked_out(
    visits: CodeVisits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(code_limits, "CALM_UP_TO", "12 per hour")
    code, browser = visits.issue("Eva"), Browser(visits.app)
    for network in range(3):
        guess(at(browser, f"192.0.{network}.1"), 4)
    assert len([said for said in caplog.messages if "each network now gets few" in said]) == 1
    guess(at(browser, "198.51.100.1"), 5)
    guess(browser, 1, 429)
    at(browser, "203.0.113.1").post("/code", {"code": code})
    assert "192.0" not in caplog.text


@pytest.mark.parametrize(
    ("networks", "is_possible"), [(1, False), (25, False), (237, False), (238, True)]
)
def test_a_million_tries_need_hundreds_of_networks_for_the_whole_of_the_longest_round(
    networks: int, is_possible: bool
) -> None:
    calm, usual, few = (
        parse(limit).amount
        for limit in (
            code_limits.CALM_UP_TO,
            code_limits.WRONG_CODES,
            code_limits.WRONG_CODES_UNDER_ATTACK,
        )
    )
    tries = 0
    for _hour in range(LONGEST_ROUND_DAYS * 24):
        while_calm = min(networks * usual, calm)
        tries += while_calm + networks * min(few, usual) * (while_calm == calm)
    assert (tries >= 10**6) is is_possible


def test_two_processes_share_the_count(visits: CodeVisits, make_app: MakeApp) -> None:
    first, second = Browser(visits.app), Browser(make_app())
    guess(first, MOST_WRONG // 2)
    guess(second, MOST_WRONG // 2)
    guess(first, 1, 429)
    guess(second, 1, 429)
