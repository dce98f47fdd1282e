"""Sign-in and security: people see their sign-ins, end them, and change how they sign in."""

import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cast import PASSWORD, Cast, email_of
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, Clock
from tests.web.test_two_steps import Passkeys
from tests.web.two_steps import CONFIRM, SECURITY, TwoSteps
from wellbeing.actions.outbox import MailKind
from wellbeing.domain.device_names import name_device
from wellbeing.store.accounts import AuthenticatorApp, Person, SignInPasskey, SignInSession
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

NEW = "syv små svaner i søen"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
_ENDS = re.compile(r"/me/security/sign-ins/([0-9a-f-]{36})/end")


def confirm(browser: Browser, status: int = 302, password: str = PASSWORD) -> None:
    """Shows once more who is there."""
    browser.post(CONFIRM, {"password": password}, status)


@pytest.fixture
def eva(client_of: ClientOf) -> Browser:
    """Eva, who has just shown who she is."""
    browser = client_of("Eva")
    confirm(browser)
    return browser


def sign_in_with(app: Flask, name: str, agent: str = FIREFOX) -> Browser:
    """One more browser of the same person."""
    browser = Browser(app)
    fields = {"email": email_of(name), "password": PASSWORD}
    browser.post("/sign-in", fields, headers={"User-Agent": agent})
    return browser


@pytest.mark.asvs("7.5.2")
def test_a_person_sees_where_they_are_signed_in_and_nobody_elses(
    eva: Browser, app: Flask, client_of: ClientOf
) -> None:
    sign_in_with(app, "Eva")
    client_of("Tom")
    shown = eva.get(SECURITY)
    assert len(set(_ENDS.findall(shown.html))) == 2
    assert "Firefox, Windows" in shown.text
    assert "145" not in shown.text
    assert shown.html.count('<span class="badge">denne</span>') == 1


@pytest.mark.asvs("7.5.2", "7.4.1")
@pytest.mark.parametrize("which", ["one", "others", "all"])
def test_sign_ins_end_at_once(which: str, eva: Browser, app: Flask, clock: Clock) -> None:
    clock.forward(minutes=1)
    other = sign_in_with(app, "Eva")
    newest = _ENDS.findall(eva.get(SECURITY).html)[0]
    end = f"{newest}/end" if which == "one" else f"end-{which}"
    shown = eva.post(f"{SECURITY}/sign-ins/{end}")
    other.get("/me", 302)
    eva.get("/me", 302 if which == "all" else 200)
    assert shown.location == ("/sign-in" if which == "all" else SECURITY)
    if which != "all":
        eva.post(f"{SECURITY}/sign-ins/{end}")  # again is fine


def test_ending_this_sign_in_signs_out(client_of: ClientOf) -> None:
    eva = client_of("Eva")
    (own,) = _ENDS.findall(eva.get(SECURITY).html)
    assert eva.post(f"{SECURITY}/sign-ins/{own}/end").location == "/sign-in"
    eva.get("/me", 302)


def test_nobody_ends_the_sign_in_of_somebody_else(
    eva: Browser, client_of: ClientOf, database: Database, cast: Cast
) -> None:
    tom = client_of("Tom")
    with database.reading(Reach.EVERYTHING) as session:
        query = select(SignInSession.id).where(SignInSession.person_id == cast.people["Tom"])
        his = session.scalar(query)
    eva.post(f"{SECURITY}/sign-ins/{his}/end")
    eva.post(f"{SECURITY}/sign-ins/end-all")
    tom.get("/me")


GUARDED = (
    "/sign-ins/end-others",
    "/sign-ins/end-all",
    "/sign-ins/00000000-0000-0000-0000-000000000001/end",
    "/app",
    "/app/remove",
    "/codes",
    "/passkeys",
    "/passkeys/00000000-0000-0000-0000-000000000001/remove",
)


@pytest.mark.asvs("7.5.1", "7.5.2")
@pytest.mark.parametrize("path", GUARDED)
def test_what_changes_a_sign_in_asks_again_who_is_there(
    path: str, client_of: ClientOf, clock: Clock
) -> None:
    eva = client_of("Eva")
    assert eva.post(f"{SECURITY}{path}").location == CONFIRM
    confirm(eva, 422, "forkert adgangskode")
    assert eva.post(f"{SECURITY}{path}").location == CONFIRM
    confirm(eva)
    clock.forward(minutes=10)
    assert eva.post(f"{SECURITY}{path}").location == CONFIRM


@pytest.mark.asvs("7.2.4")
def test_showing_again_who_is_there_makes_a_new_secret(eva: Browser, app: Flask) -> None:
    before = eva.client.get_cookie("wellbeing")
    confirm(eva)
    old = Browser(app)
    assert before is not None
    old.client.set_cookie("wellbeing", before.value)
    old.get("/me", 302)
    eva.get("/me")


def test_wrong_passwords_at_the_second_asking_are_counted(client_of: ClientOf) -> None:
    eva = client_of("Eva")
    for _ in range(10):
        confirm(eva, 422, "forkert adgangskode")
    confirm(eva, 429)


@pytest.fixture
def tom(client_of: ClientOf, clock: Clock) -> TwoSteps:
    """Tom, who has chosen to set an app up."""
    steps = TwoSteps(client_of("Tom"), "Tom", clock)
    confirm(steps.browser)
    steps.set_up(f"{SECURITY}/app")
    clock.forward(minutes=30)
    return steps


def test_whoever_wants_may_have_a_second_factor(tom: TwoSteps) -> None:
    assert len(tom.recovery) == 10
    tom.browser.post("/sign-out")
    assert tom.password() == "/sign-in/second"
    tom.second()
    assert tom.is_in()


@pytest.mark.asvs("7.5.1")
def test_who_has_a_second_factor_shows_that_and_not_the_password(tom: TwoSteps) -> None:
    confirm(tom.browser, 422)
    tom.browser.post(CONFIRM, {"code": tom.code()})
    tom.browser.post(f"{SECURITY}/app/remove")
    tom.browser.post("/sign-out")
    assert tom.password() == "/"


def test_recovery_codes_are_renewed_and_say_how_many_are_left(tom: TwoSteps) -> None:
    tom.browser.post(CONFIRM, {"recovery": tom.recovery[0]})
    assert "Der er 9 koder tilbage" in tom.browser.get(SECURITY).text
    tom.browser.post(f"{SECURITY}/codes", status=200)
    assert "Der er 10 koder tilbage" in tom.browser.get(SECURITY).text
    tom.browser.post(CONFIRM, {"recovery": tom.recovery[1]}, 422)


def test_no_recovery_codes_without_a_second_factor(eva: Browser) -> None:
    eva.post(f"{SECURITY}/codes", status=409)


def test_a_passkey_is_added_renamed_and_removed(eva: Browser, database: Database) -> None:
    passkeys = Passkeys(eva)
    passkeys.add(f"{SECURITY}/passkeys")
    with database.reading(Reach.EVERYTHING) as session:
        passkey_id = session.scalar(select(SignInPasskey.id))
    own = f"{SECURITY}/passkeys/{passkey_id}"
    eva.post(f"{own}/rename", {"new_name": "Nøglen på kontoret"})
    eva.post(f"{own}/rename", {"new_name": "  "})
    assert "Nøglen på kontoret" in eva.get(SECURITY).text
    assert "Der er 10 koder tilbage" in eva.get(SECURITY).text
    eva.post(CONFIRM, {"answer": passkeys.passkey.show(passkeys.question("show"))})
    eva.post(f"{own}/remove")
    shown = eva.get(SECURITY).text
    assert "Nøglen på kontoret" not in shown
    assert "koder tilbage" not in shown


def test_a_passkey_that_answers_wrongly_is_not_added(eva: Browser) -> None:
    Passkeys(eva).question("make")
    shown = eva.post(f"{SECURITY}/passkeys", {"name": "x", "answer": "{}"}, 422)
    assert "Adgangsnøglen blev ikke tilføjet" in shown.text


@pytest.mark.asvs("6.2.2", "6.2.3", "7.4.3")
def test_a_password_is_changed_by_who_knows_it_and_others_are_signed_out(
    client_of: ClientOf, app: Flask
) -> None:
    eva, other = client_of("Eva"), client_of("Eva")
    fields = {"present": "forkert", "password": NEW, "password_again": NEW}
    eva.post(f"{SECURITY}/password", fields, 422)
    eva.post(f"{SECURITY}/password", {**fields, "present": PASSWORD})
    eva.get("/me")
    other.get("/me", 302)
    stranger = Browser(app)
    stranger.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD}, 422)
    stranger.post("/sign-in", {"email": email_of("Eva"), "password": NEW})


@pytest.mark.asvs("6.2.4", "6.2.11")
@pytest.mark.parametrize(
    "poor", ["kort", "password12345678", "Østerhus-Østerhus", "eva holm er her nu"]
)
def test_a_poor_new_password_changes_nothing(poor: str, client_of: ClientOf, app: Flask) -> None:
    fields = {"present": PASSWORD, "password": poor, "password_again": poor}
    client_of("Eva").post(f"{SECURITY}/password", fields, 422)
    Browser(app).post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD})


def test_a_changed_password_asks_for_the_second_factor_there_is(tom: TwoSteps) -> None:
    fields = {"present": PASSWORD, "password": NEW, "password_again": NEW}
    assert tom.browser.post(f"{SECURITY}/password", fields).location == CONFIRM


@pytest.mark.asvs("6.3.7")
def test_the_person_is_told_of_every_change(eva: Browser, database: Database, cast: Cast) -> None:
    Passkeys(eva).add(f"{SECURITY}/passkeys")
    fields = {"present": PASSWORD, "password": NEW, "password_again": NEW}
    eva.post(f"{SECURITY}/password", fields)
    with database.reading(Reach.EVERYTHING) as session:
        mails = session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == MailKind.SECURITY_CHANGED.value)
        ).all()
        said = {mail.context["change"] for mail in mails}
        logged = set(session.scalars(select(AuditEvent.act)))
    assert {mail.person_id for mail in mails} == {cast.people["Eva"]}
    assert said == {"passkey_added", "password"}
    assert logged >= {"passkey.added", "password.changed", "sign_in.ended_elsewhere"}


@pytest.mark.asvs("6.2.6", "6.2.7")
@pytest.mark.parametrize("path", ["/sign-in", f"{SECURITY}/password", CONFIRM])
def test_passwords_are_hidden_and_may_be_pasted_and_shown(path: str, client_of: ClientOf) -> None:
    html = client_of("Eva").get(path).html
    fields = re.findall(r'<input[^>]*(?:id="pass|id="present)[^>]*>', html)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field
        assert 'data-show="Vis"' in field


def test_my_page_leads_to_sign_in_and_security(client_of: ClientOf) -> None:
    assert f'href="{SECURITY}"' in client_of("Eva").get("/me").html


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605", "Safari, Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537 Edg/140.0", "Edge, Windows"),
        ("curl/8.0 <script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_families_out_of_a_closed_list(agent: str, name: str) -> None:
    assert name_device(agent) == name


def test_an_administrator_resets_a_second_factor_and_sees_who_lacks_one(
    tom: TwoSteps, client_of: ClientOf, cast: Cast, database: Database
) -> None:
    adam = client_of("Adam")
    shown = adam.get("/admin").text
    assert "5 personer skal logge ind i to trin og har ikke sat det op endnu" in shown
    assert "Logger ind i to trin" in adam.get("/admin?q=tom").text
    assert "Mangler log ind i to trin" in adam.get("/admin?q=hanne").text
    adam.post(f"/admin/people/{cast.people['Tom']}/second-factor/reset")
    tom.browser.get("/me", 302)
    assert tom.password() == "/"
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get(AuthenticatorApp, cast.people["Tom"]) is None
        by = session.scalar(select(AuditEvent.by).where(AuditEvent.act == "second_factor.reset"))
    assert by == f"person:{cast.people['Adam']}"
    adam.post(f"/admin/people/{cast.people['Adam']}/second-factor/reset", status=409)
    adam.post(f"/admin/people/{UUID(int=9)}/second-factor/reset", status=404)


def test_nothing_of_a_failed_sign_in_is_logged_by_person(
    stranger: Browser, database: Database, cast: Cast
) -> None:
    stranger.post("/sign-in", {"email": email_of("Eva"), "password": "forkert"}, 422)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(AuditEvent)).all() == []
        assert session.get_one(Person, cast.people["Eva"])
