"""Signing in in two steps: half of it opens nothing, and what was used opens nothing twice."""

import json
from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.cast import PASSWORD, Cast, email_of
from tests.passkeys import MadeUpPasskey
from tests.web.addresses import OTHER_ARGUMENTS, rules_of
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, MakeApp, on_both_databases
from tests.web.two_steps import CONFIRM, SECOND, SECURITY, SET_UP, TwoSteps
from wellbeing.actions import accounts
from wellbeing.domain.actor import Actor
from wellbeing.settings import SECOND_FACTOR_FLOOR, RoleName, Settings
from wellbeing.store.accounts import Person, PersonStatus, SignInSession
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.web.shared.policy import POLICY, PUBLIC


@pytest.fixture
def hanne(stranger: Browser, clock: Clock) -> TwoSteps:
    """Hanne of HR with a browser, before she has ever signed in."""
    return TwoSteps(stranger, "Hanne", clock)


@pytest.fixture
def ready(hanne: TwoSteps) -> TwoSteps:
    """Hanne, who has set an app up and signed out again, two minutes later."""
    hanne.password()
    hanne.set_up()
    hanne.browser.post("/sign-out")
    hanne.clock.forward(minutes=2)
    return hanne


@pytest.mark.asvs("6.3.3")
def test_who_needs_a_second_factor_is_led_to_it_and_then_to_the_page_asked_for(
    hanne: TwoSteps,
) -> None:
    where = hanne.browser.get("/hr?x=1", 302).location
    fields = {"email": email_of("Hanne"), "password": PASSWORD}
    assert hanne.browser.post(where, fields).location == f"{SET_UP}?next=/hr?x%3D1"
    hanne.browser.get("/hr", 302)
    assert hanne.browser.get(f"{SET_UP}.svg").response.mimetype == "image/svg+xml"
    shown = hanne.set_up(f"{SET_UP}?next=/hr")
    assert len(set(hanne.recovery)) == 10
    assert 'href="/hr"' in shown.html
    hanne.browser.get("/hr")
    hanne.browser.get(SET_UP, 410)


def test_the_second_step_is_asked_for_each_time(ready: TwoSteps) -> None:
    assert ready.password() == SECOND
    assert not ready.is_in()
    ready.second(422, code="000000")
    assert not ready.is_in()
    assert ready.second().location == "/"
    assert ready.is_in()


@pytest.mark.asvs("6.5.1")
def test_a_code_seen_over_the_shoulder_opens_nothing(ready: TwoSteps, app: Flask) -> None:
    thief, code = Browser(app), ready.code()
    ready.password()
    ready.password(thief)
    ready.second(code=code)
    ready.second(422, thief, code=code)


@on_both_databases
def test_a_recovery_code_opens_once(ready: TwoSteps, app: Flask) -> None:
    other = Browser(app)
    for browser, status in ((ready.browser, 302), (other, 422)):
        ready.password(browser)
        ready.second(status, browser, recovery=ready.recovery[4])
    assert "Der er 9 koder tilbage" in ready.browser.get(SECURITY).text


@pytest.mark.asvs("6.3.3", "7.2.4")
def test_half_a_sign_in_opens_no_address_that_needs_a_whole_one(
    ready: TwoSteps, app: Flask, database: Database
) -> None:
    ready.password()
    with ready.browser.client.session_transaction() as cookie:
        secret = cookie["half"]
    forged = Browser(app)
    forged.sign_in_with(secret)
    browsers = [(browser, browser.fetch_token()) for browser in (ready.browser, forged)]
    closed = 0
    known = dict.fromkeys(_arguments(app), "00000000-0000-0000-0000-000000000001")
    for endpoint in sorted(set(POLICY) - {e for e, roles in POLICY.items() if roles is PUBLIC}):
        for rule, method in rules_of(app, endpoint):
            with app.test_request_context():
                built = rule.build({**known, **_texts(rule.arguments)})
            assert built is not None
            for browser, token in browsers:
                data = {"csrf_token": token} if method == "POST" else None
                answer = browser.client.open(built[1], method=method, data=data)
                assert answer.location.startswith("/sign-in"), (endpoint, method)
                closed += 1
    assert closed > 200
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(SignInSession.awaits_second_factor)) is True


def _arguments(app: Flask) -> set[str]:
    return {name for rule in app.url_map.iter_rules() for name in rule.arguments}


def _texts(arguments: set[str]) -> dict[str, str]:
    return {name: str(OTHER_ARGUMENTS[name]) for name in arguments & OTHER_ARGUMENTS.keys()}


def test_half_a_sign_in_changes_nothing_about_its_owner(
    ready: TwoSteps, database: Database, cast: Cast
) -> None:
    ready.password()
    ready.browser.post("/language", {"locale": "en", "next": "/"})
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Hanne"]).language == "da"
    assert "Hanne Thomsen" not in ready.browser.get("/privacy").text


def test_half_a_sign_in_cannot_replace_the_factor_there_is(ready: TwoSteps) -> None:
    ready.password()
    ready.browser.get(SET_UP, 410)
    ready.browser.get(f"{SET_UP}.svg", 410)
    ready.browser.post(SET_UP, {"code": "123456"}, 410)
    ready.browser.post(f"{SET_UP}/passkey", {"answer": "{}"}, 410)
    ready.browser.post("/passkey/question/make", status=404)


@pytest.mark.parametrize("path", [SECOND, SET_UP])
def test_the_second_step_says_what_to_do_without_a_first(path: str, stranger: Browser) -> None:
    assert "/sign-in" in stranger.get(path, 410).html


def test_half_a_sign_in_is_over_after_a_quarter_of_an_hour(ready: TwoSteps) -> None:
    ready.password()
    ready.clock.forward(minutes=15)
    ready.second(410)


@pytest.mark.asvs("7.4.2")
def test_half_a_sign_in_ends_with_the_access(
    ready: TwoSteps, database: Database, cast: Cast
) -> None:
    ready.password()
    with database.writing(Reach.ADMIN) as session:
        by = Actor.command("test")
        accounts.disable(session, cast.people["Hanne"], by=by, now=ready.clock.now())
    ready.second(410)


@pytest.mark.asvs("7.2.4")
def test_a_cookie_planted_before_is_worth_nothing_after(ready: TwoSteps, app: Flask) -> None:
    ready.password()
    planted = ready.browser.client.get_cookie("wellbeing")
    assert planted is not None
    ready.second()
    attacker = Browser(app)
    attacker.client.set_cookie("wellbeing", planted.value)
    assert not ready.is_in(attacker)
    ready.second(410, attacker)


@pytest.mark.asvs("7.2.4")
def test_signing_in_again_ends_the_sign_in_before(
    client_of: ClientOf, app: Flask, stranger: Browser
) -> None:
    eva = client_of("Eva")
    before = eva.client.get_cookie("wellbeing")
    assert before is not None
    eva.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD})
    stranger.client.set_cookie("wellbeing", before.value)
    stranger.get("/me", 302)
    eva.get("/me")


@on_both_databases
@pytest.mark.asvs("6.3.1")
def test_ten_wrong_codes_an_hour_are_the_most_and_the_owner_is_told(
    ready: TwoSteps, database: Database
) -> None:
    ready.password()
    for _ in range(10):
        ready.second(422, code="000000")
    ready.second(429)
    ready.second(429)
    with database.reading(Reach.EVERYTHING) as session:
        kinds = [c.get("change") for c in session.scalars(select(OutboxMessage.context))]
    assert kinds.count("many_wrong_codes") == 1
    ready.clock.forward(hours=1)
    ready.password()
    ready.second()


@pytest.mark.asvs("6.3.1")
def test_thirty_wrong_codes_a_day_are_the_most(ready: TwoSteps) -> None:
    for _ in range(3):
        ready.password()
        for _ in range(10):
            ready.second(422, code="000000")
        ready.clock.forward(hours=1)
    ready.password()
    ready.second(429)


def test_a_right_code_forgets_the_wrong_ones(ready: TwoSteps) -> None:
    for _ in range(2):
        ready.password()
        for _ in range(6):
            ready.second(422, code="000000")
        ready.second()
        ready.browser.post("/sign-out")
        ready.clock.forward(minutes=2)


@pytest.mark.asvs("6.4.3")
def test_a_new_password_does_not_pass_the_second_factor_by(
    ready: TwoSteps, database: Database, cast: Cast
) -> None:
    from wellbeing.actions.sign_in import issue_link
    from wellbeing.store.accounts import LinkPurpose

    with database.writing(Reach.SIGN_IN) as session:
        person_id, now = cast.people["Hanne"], ready.clock.now()
        secret = issue_link(session, person_id, LinkPurpose.RESET, hours=1, now=now)
    new = {"password": "syv små svaner i søen", "password_again": "syv små svaner i søen"}
    ready.browser.post(f"/link/{secret}", new)
    fields = {"email": email_of("Hanne"), "password": "syv små svaner i søen"}
    assert ready.browser.post("/sign-in", fields).location == SECOND
    assert not ready.is_in()


def test_in_the_demo_a_password_is_enough_for_all_who_have_nothing_more(
    make_app: MakeApp, clock: Clock
) -> None:
    hanne = TwoSteps(Browser(make_app(demo=True)), "Hanne", clock)
    assert hanne.password() == "/"
    hanne.browser.get("/hr")


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR_FLOOR))
def test_no_setting_lets_leader_hr_or_administrator_in_by_a_password(role: RoleName) -> None:
    with pytest.raises(ValueError, match=role):
        Settings(second_factor_roles=SECOND_FACTOR_FLOOR - {role})
    assert Settings(demo=True, second_factor_roles=frozenset()).required_second_factor == set()


def test_a_setting_asks_everybody_for_a_second_factor(make_app: MakeApp, clock: Clock) -> None:
    everybody = frozenset({*SECOND_FACTOR_FLOOR, "employee"})
    tom = TwoSteps(Browser(make_app(second_factor_roles=everybody)), "Tom", clock)
    assert tom.password() == SET_UP


@pytest.mark.asvs("7.3.1")
def test_a_browser_that_nobody_touches_is_signed_out_after_an_hour(
    client_of: ClientOf, clock: Clock, app: Flask
) -> None:
    eva = client_of("Eva")
    for _ in range(3):
        eva.get("/me")
        clock.forward(minutes=59)
    eva.get("/me")
    kept = eva.client.get_cookie("wellbeing")
    clock.forward(minutes=60)
    eva.get("/me", 302)
    other = Browser(app)
    assert kept is not None
    other.client.set_cookie("wellbeing", kept.value)
    clock.forward(minutes=-59)
    other.get("/me", 302)  # it ended for good, not only for that cookie


def test_what_the_server_keeps_of_a_sign_in_does_not_move_while_it_is_used(
    client_of: ClientOf, clock: Clock, database: Database
) -> None:
    def rows() -> list[tuple[object, ...]]:
        with database.reading(Reach.EVERYTHING) as session:
            return [tuple(row) for row in session.execute(select(*SignInSession.__table__.columns))]

    eva, before = client_of("Eva"), rows()
    del before
    before = rows()
    for _ in range(3):
        clock.forward(minutes=20)
        eva.get("/")
    assert rows() == before


class Passkeys:
    """A browser with a passkey, as its script talks to the pages."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.passkey = browser, MadeUpPasskey()

    def question(self, purpose: str) -> str:
        """What the server asks."""
        return self.browser.post(f"/passkey/question/{purpose}", status=200).html

    def add(self, path: str, name: str = "Min telefon") -> Shown:
        """Makes a passkey on a page."""
        answer = self.passkey.make(self.question("make"))
        return self.browser.post(path, {"name": name, "answer": answer}, 200)

    def sign_in(self, status: int = 302, next: str = "") -> Shown:
        """Signs in with it alone."""
        answer = self.passkey.show(self.question("sign-in"))
        return self.browser.post(f"/sign-in/passkey?next={next}", {"answer": answer}, status)


def test_a_passkey_is_set_up_in_place_of_an_app_and_signs_in_alone(
    hanne: TwoSteps, database: Database, cast: Cast, app: Flask
) -> None:
    hanne.password()
    passkeys = Passkeys(hanne.browser)
    shown = passkeys.add(f"{SET_UP}/passkey")
    assert shown.html.count("<li><code>") == 10
    hanne.browser.get("/hr")
    hanne.browser.post("/sign-out")
    assert passkeys.sign_in(next="/hr").location == "/hr"
    hanne.browser.get("/hr")
    passkeys.browser = Browser(app)
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(
            update(Person)
            .where(Person.id == cast.people["Hanne"])
            .values(status=PersonStatus.DISABLED)
        )
    passkeys.sign_in(422)


@pytest.mark.asvs("6.5.1", "6.7.2")
def test_an_answer_of_a_passkey_opens_the_browser_that_was_asked_once(
    hanne: TwoSteps, app: Flask
) -> None:
    hanne.password()
    passkeys = Passkeys(hanne.browser)
    passkeys.add(f"{SET_UP}/passkey")
    hanne.browser.post("/sign-out")
    question = passkeys.question("sign-in")
    stolen = hanne.browser.client.get_cookie("wellbeing")
    answer = {"answer": passkeys.passkey.show(question)}
    other = Browser(app)
    other.post("/sign-in/passkey", answer, 422)
    assert stolen is not None
    hanne.browser.post("/sign-in/passkey", answer)
    replay = Browser(app)
    replay.client.set_cookie("wellbeing", stolen.value)
    replay.post("/sign-in/passkey", answer, 422)
    for browser in (other, replay):
        assert not hanne.is_in(browser)


def test_a_passkey_is_the_second_step_of_its_owner(hanne: TwoSteps) -> None:
    hanne.password()
    passkeys = Passkeys(hanne.browser)
    passkeys.add(f"{SET_UP}/passkey")
    hanne.browser.post("/sign-out")
    assert hanne.password() == SECOND
    asked = json.loads(passkeys.question("show"))
    assert [known["id"] for known in asked["allowCredentials"]]
    answer = passkeys.passkey.show(json.dumps(asked))
    hanne.second(answer=answer)
    assert hanne.is_in()


def test_an_answer_given_for_one_purpose_serves_no_other(hanne: TwoSteps) -> None:
    hanne.password()
    passkeys = Passkeys(hanne.browser)
    passkeys.add(f"{SET_UP}/passkey")
    answer = passkeys.passkey.show(passkeys.question("sign-in"))
    shown = hanne.browser.post(CONFIRM, {"answer": answer}, 422)
    assert shown.status == HTTPStatus.UNPROCESSABLE_ENTITY


def test_passkeys_are_not_offered_where_people_come_by_a_number(
    make_app: MakeApp, clock: Clock
) -> None:
    browser = Browser(make_app(base_url="http://127.0.0.1:8000"))
    browser.post("/passkey/question/sign-in", status=409)
    browser.post("/passkey/question/anything", status=404)
