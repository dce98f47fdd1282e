"""Signing in and out: who gets in, when it ends, and what a guess learns."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import delete, func, select, update

from tests.cast import PASSWORD, Cast, email_of
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, Clock, on_both_databases
from wellbeing.actions import accounts
from wellbeing.actions.sign_in import issue_link, sign_out_everywhere
from wellbeing.crypto.secrets import hash_password
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import Role
from wellbeing.settings import Settings
from wellbeing.store.accounts import LinkPurpose, Person, PersonStatus, RoleGrant, SignInSession
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

NEW_PASSWORD = "syv små svaner i søen"
SIGN_IN, FRONT = "/sign-in", "/"
IssueLink = Callable[..., str]


def try_to_sign_in(browser: Browser, name: str, password: str = PASSWORD) -> Shown:
    """Fills in the sign-in page; the answer is whatever it is."""
    data = {"email": email_of(name), "password": password, "csrf_token": browser.fetch_token()}
    return Shown(browser.client.post(SIGN_IN, data=data, base_url=browser.base_url))


def gets_in(browser: Browser, name: str, password: str = PASSWORD) -> bool:
    """Whether the named person gets in with this password."""
    return try_to_sign_in(browser, name, password).status == 302


@pytest.fixture
def link_for(database: Database, cast: Cast, clock: Clock) -> IssueLink:
    """`link_for("Ida")`: the address in a mailed link."""

    def issue(name: str, purpose: LinkPurpose = LinkPurpose.ACTIVATION, hours: int = 72) -> str:
        with database.writing(Reach.SIGN_IN) as session:
            person_id, now = cast.people[name], clock.now()
            return f"/link/{issue_link(session, person_id, purpose, hours=hours, now=now)}"

    return issue


def choose(browser: Browser, link: str, password: str = NEW_PASSWORD, status: int = 302) -> Shown:
    """Chooses a password on the page that a link leads to."""
    return browser.post(link, {"password": password, "password_again": password}, status)


@on_both_databases
def test_the_right_password_signs_in(stranger: Browser) -> None:
    assert try_to_sign_in(stranger, "Eva").location == FRONT
    assert "Eva Holm" in stranger.get("/privacy").text


def test_the_case_of_the_address_does_not_matter(stranger: Browser) -> None:
    fields = {"email": " EVA@Osterhus.example ", "password": PASSWORD}
    assert stranger.post(SIGN_IN, fields).location == FRONT


@pytest.mark.parametrize("name", ["Eva", "Ida", "Dan", "Nobody"])
def test_a_refusal_says_the_same_whatever_was_wrong(name: str, stranger: Browser) -> None:
    shown = stranger.post(SIGN_IN, {"email": "x@y.example", "password": "wrong"}, 422)
    other = stranger.post(SIGN_IN, {"email": email_of(name), "password": "wrong"}, 422)
    assert other.text == shown.text
    assert "Eva Holm" not in stranger.get("/privacy").text


@pytest.mark.parametrize("name", ["Ida", "Dan"])
def test_who_is_invited_or_closed_cannot_sign_in(name: str, stranger: Browser) -> None:
    assert not gets_in(stranger, name)


@pytest.mark.parametrize("name", ["Eva", "Ida", "Dan", "Nobody"])
def test_a_wrong_guess_costs_the_same_work_whoever_is_guessed(
    name: str, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_to_sign_in(stranger, "Nobody", "warm up")
    verify, calls = PasswordHasher.verify, []

    def counted(self: PasswordHasher, *arguments: Any) -> bool:
        calls.append(arguments)
        return verify(self, *arguments)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    assert not gets_in(stranger, name, "wrong")
    assert [_work_of(hash_) for hash_, _ in calls] == [_work_of(hash_password("any"))]


def _work_of(password_hash: str) -> list[str]:
    """The kind of hash and what it costs: memory, passes, lanes, lengths."""
    _, kind, version, costs, salt, digest = password_hash.split("$")
    return [kind, version, costs, str(len(salt)), str(len(digest))]


@on_both_databases
@pytest.mark.parametrize("field", ["email", "password"])
def test_a_nul_is_refused_and_breaks_nothing(field: str, stranger: Browser) -> None:
    fields = {"email": email_of("Eva"), "password": PASSWORD, field: "a\0b"}
    stranger.post(SIGN_IN, fields, 400)


@pytest.mark.asvs("1.2.2", "3.7.2")
@pytest.mark.parametrize(
    ("wanted", "arrives"),
    [
        ("/privacy", "/privacy"),
        ("/admin?q=eva&page=2", "/admin?q=eva&page=2"),
        ("https://evil.example/", FRONT),
        ("//evil.example/", FRONT),
        ("///evil.example/", FRONT),
        ("/\\evil.example/", FRONT),
        ("\\\\evil.example/", FRONT),
        ("/\t/evil.example/", FRONT),
        ("/\n/evil.example/", FRONT),
        (" //evil.example/", FRONT),
        ("http:evil.example", FRONT),
        ("javascript:alert(1)", FRONT),
        ("evil.example", FRONT),
        ("//[bad", FRONT),
        ("", FRONT),
    ],
)
def test_signing_in_leads_to_addresses_of_ours_only(
    wanted: str, arrives: str, stranger: Browser
) -> None:
    fields = {"email": email_of("Eva"), "password": PASSWORD}
    assert stranger.post(SIGN_IN, fields, query_string={"next": wanted}).location == arrives


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_changing_the_language_leads_to_addresses_of_ours_only(
    wanted: str, stranger: Browser
) -> None:
    assert stranger.post("/language", {"locale": "en", "next": wanted}).location == FRONT


def test_a_stranger_comes_back_to_the_page_they_asked_for(app: Flask, stranger: Browser) -> None:
    sent_to = stranger.get("/admin?q=eva", 302).location
    fields = {"email": email_of("Dina"), "password": PASSWORD}
    assert stranger.post(sent_to, fields).location == "/admin?q=eva"


@pytest.mark.asvs("6.4.1")
@on_both_databases
def test_a_link_activates_once(
    link_for: IssueLink, stranger: Browser, database: Database, cast: Cast
) -> None:
    link = link_for("Ida")
    stranger.get(link)
    choose(stranger, link)
    assert gets_in(stranger, "Ida", NEW_PASSWORD)
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Ida"]).status is PersonStatus.ACTIVE
    stranger.get(link, 410)
    choose(stranger, link, "en helt anden sætning", 410)
    assert not gets_in(stranger, "Ida", "en helt anden sætning")


@pytest.mark.asvs("3.5.3")
def test_looking_at_a_link_does_not_use_it(link_for: IssueLink, stranger: Browser) -> None:
    link = link_for("Ida")
    for _ in range(3):
        stranger.get(link)
    choose(stranger, link)


@pytest.mark.asvs("6.4.1")
def test_an_expired_link_leads_nowhere(
    link_for: IssueLink, stranger: Browser, clock: Clock
) -> None:
    link = link_for("Ida", hours=72)
    clock.forward(hours=71, minutes=59)
    stranger.get(link)
    clock.forward(minutes=1)
    stranger.get(link, 410)
    choose(stranger, link, status=410)


@pytest.mark.parametrize("tail", ["x", "x" * 43, "å", "'--"])
def test_an_invented_link_leads_nowhere(tail: str, stranger: Browser) -> None:
    stranger.get(f"/link/{tail}", 410)


def test_a_link_with_a_nul_in_it_is_not_understood(stranger: Browser) -> None:
    stranger.get("/link/%00", 400)


def test_a_link_of_someone_who_has_left_leads_nowhere(
    link_for: IssueLink, stranger: Browser
) -> None:
    stranger.get(link_for("Dan"), 410)


def test_a_link_dies_with_the_access_and_stays_dead(
    link_for: IssueLink, stranger: Browser, database: Database, cast: Cast, clock: Clock
) -> None:
    link, by = link_for("Ida"), Actor.person(cast.people["Adam"])
    for change in (accounts.disable, accounts.enable):
        with database.writing(Reach.ADMIN) as session:
            change(session, cast.people["Ida"], by=by, now=clock.now())
        stranger.get(link, 410)


@pytest.mark.asvs("7.4.3")
def test_a_new_password_ends_older_sign_ins_and_other_links(
    link_for: IssueLink, stranger: Browser, client_of: ClientOf
) -> None:
    eva = client_of("Eva")
    first, second = (link_for("Eva", LinkPurpose.RESET) for _ in range(2))
    choose(stranger, first)
    assert "Eva Holm" not in eva.get("/privacy").text
    stranger.get(second, 410)
    assert not gets_in(stranger, "Eva")
    assert gets_in(stranger, "Eva", NEW_PASSWORD)


@pytest.mark.asvs("6.2.1", "6.2.11")
@pytest.mark.parametrize(
    "password",
    ["kort", "elleve tegn", "a" * 129, "ababababababab", "ida skov er her", "hej med dig IDA skov"],
)
def test_a_weak_password_is_refused_and_the_link_still_works(
    password: str, link_for: IssueLink, stranger: Browser
) -> None:
    link = link_for("Ida")
    choose(stranger, link, password, 422)
    choose(stranger, link)


def test_two_different_passwords_set_none(link_for: IssueLink, stranger: Browser) -> None:
    link = link_for("Ida")
    shown = stranger.post(
        link, {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD + "!"}, 200
    )
    assert "De to adgangskoder er ikke ens." in shown.text
    assert not gets_in(stranger, "Ida", NEW_PASSWORD)


@pytest.mark.asvs("6.2.5", "6.2.9")
def test_a_password_of_the_greatest_length_works(link_for: IssueLink, stranger: Browser) -> None:
    longest = "æøå sol og måne over en grå fjord i maj " + "x8#Kq2!vBnR7 pLmZ4wTyHd" * 3
    longest = (longest + "af sted mod nord i regn")[:128]
    assert len(longest) == 128
    choose(stranger, link_for("Ida"), longest)
    assert gets_in(stranger, "Ida", longest)


@on_both_databases
@pytest.mark.parametrize(("name", "mails"), [("Eva", 1), ("Ida", 1), ("Dan", 0), ("Nobody", 0)])
def test_asking_for_a_link_answers_the_same_to_everybody(
    name: str, mails: int, stranger: Browser, database: Database
) -> None:
    shown = stranger.post("/forgot-password", {"email": email_of(name)}, 200)
    assert "Hvis vi kender adressen" in shown.text
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == mails


@pytest.mark.asvs("7.2.1", "7.4.1")
def test_signing_out_ends_the_sign_in_itself_not_only_the_cookie(
    client_of: ClientOf, app: Flask, settings: Settings
) -> None:
    eva = client_of("Eva")
    with eva.client.session_transaction(base_url=eva.base_url) as cookie:
        secret = cookie["_user_id"]
    eva.post("/sign-out")
    thief = Browser(app, base_url=settings.base_url)
    thief.sign_in_with(secret)
    assert "Eva Holm" not in thief.get("/privacy").text


def test_signing_out_here_leaves_other_browsers_signed_in(client_of: ClientOf) -> None:
    here, there = client_of("Eva"), client_of("Eva")
    here.post("/sign-out")
    assert "Eva Holm" not in here.get("/privacy").text
    assert "Eva Holm" in there.get("/privacy").text


@pytest.mark.asvs("7.3.2", "7.4.1")
def test_a_sign_in_ends_after_its_hours(
    client_of: ClientOf, clock: Clock, settings: Settings
) -> None:
    eva = client_of("Eva")
    clock.forward(hours=settings.session_hours, minutes=-1)
    assert "Eva Holm" in eva.get("/privacy").text
    clock.forward(minutes=1)
    assert "Eva Holm" not in eva.get("/privacy").text


def test_a_sign_in_gives_a_session_that_was_not_there_before(
    stranger: Browser, settings: Settings
) -> None:
    with stranger.client.session_transaction(base_url=settings.base_url) as cookie:
        cookie["planted"] = "by somebody else"
    assert gets_in(stranger, "Eva")
    with stranger.client.session_transaction(base_url=settings.base_url) as cookie:
        assert "planted" not in cookie


@pytest.mark.asvs("7.2.1", "7.2.2")
def test_a_person_id_in_the_cookie_is_no_sign_in(stranger: Browser, cast: Cast) -> None:
    stranger.sign_in_with(str(cast.people["Eva"]))
    assert "Eva Holm" not in stranger.get("/privacy").text


def test_the_secret_of_a_sign_in_is_not_stored(
    stranger: Browser, database: Database, settings: Settings
) -> None:
    assert gets_in(stranger, "Eva")
    with stranger.client.session_transaction(base_url=settings.base_url) as cookie:
        secret = cookie["_user_id"]
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(SignInSession.secret_hash)).all() != [secret]


@pytest.mark.asvs("7.4.2", "7.4.5")
@on_both_databases
def test_closing_an_access_signs_out_at_once(client_of: ClientOf, cast: Cast) -> None:
    tom, adam = client_of("Tom"), client_of("Adam")
    adam.post(f"/admin/people/{cast.people['Tom']}/disable")
    assert "Tom Bæk" not in tom.get("/privacy").text
    assert not gets_in(tom, "Tom")


def test_an_access_opened_again_does_not_revive_old_sign_ins_or_passwords(
    client_of: ClientOf, cast: Cast
) -> None:
    tom, adam = client_of("Tom"), client_of("Adam")
    adam.post(f"/admin/people/{cast.people['Tom']}/disable")
    adam.post(f"/admin/people/{cast.people['Tom']}/enable")
    assert "Tom Bæk" not in tom.get("/privacy").text
    assert not gets_in(tom, "Tom")


def _grant(database: Database, person_id: UUID, role: Role) -> None:
    with database.writing(Reach.ADMIN) as session:
        session.add(RoleGrant(person_id=person_id, role=role))


def _take_away(database: Database, person_id: UUID) -> None:
    with database.writing(Reach.ADMIN) as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == person_id))


def test_a_role_taken_away_is_gone_at_the_next_click(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam = client_of("Adam")
    adam.get("/admin")
    _take_away(database, cast.people["Adam"])
    adam.get("/admin", 404)


def test_a_role_granted_opens_its_pages_at_the_next_click(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    eva = client_of("Eva")
    eva.get("/admin", 404)
    _grant(database, cast.people["Eva"], Role.ADMINISTRATOR)
    eva.get("/admin")


@on_both_databases
def test_everywhere_is_everywhere(client_of: ClientOf, database: Database, cast: Cast) -> None:
    browsers = [client_of("Adam") for _ in range(3)]
    tom = client_of("Tom")
    with database.writing(Reach.ADMIN) as session:
        sign_out_everywhere(session, cast.people["Adam"])
    assert ["Adam Ravn" in b.get("/privacy").text for b in browsers] == [False] * 3
    assert "Tom Bæk" in tom.get("/privacy").text


@pytest.mark.asvs("7.4.2")
def test_a_person_marked_as_gone_by_any_hand_is_out_at_once(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    tom = client_of("Tom")
    gone = update(Person).where(Person.id == cast.people["Tom"])
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(gone.values(status=PersonStatus.DISABLED))
    assert "Tom Bæk" not in tom.get("/privacy").text
