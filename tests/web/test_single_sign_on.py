"""Signing in with the organisation's own provider, end to end against a real one."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from sqlalchemy import delete, select
from werkzeug.serving import make_server

from tests.cast import PASSWORD, Cast, email_of, full_name_of
from tests.oidc.running import CLIENT_ID, RunningProvider, Visitor, running_provider
from tests.rounds import RoundRunner
from tests.web.conftest import ClientOf, Clock, MakeApp, on_both_databases
from wellbeing.actions import accounts, single_sign_on
from wellbeing.actions.sign_in_steps import SignInRules
from wellbeing.domain.actor import Actor
from wellbeing.single_sign_on.tokens import Identity
from wellbeing.store.accounts import ExternalIdentity, Person, PersonStatus, SignInSession
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

HOME = "/check-in"
SECRET = "nobody else knows this"
_VERIFIED = {
    name.lower(): {"email": email_of(name), "email_verified": True, "employee_number": number}
    for name, number in (
        ("Eva", "1001"),
        ("Tom", "1002"),
        ("Lis", "1009"),
        ("Ida", "1011"),
        ("Dan", "1026"),
    )
}
ACCOUNTS: dict[str, dict[str, object]] = {
    **_VERIFIED,
    "eva-unverified": {"email": email_of("Eva"), "email_verified": False},
    "eva-text": {"email": email_of("Eva"), "email_verified": "true"},
    "eva-twin": {"email": email_of("Eva").upper(), "email_verified": True},
    "nobody": {"email": "nobody@elsewhere.example", "email_verified": True},
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def address() -> str:
    """Where the service answers."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def provider_process(address: str) -> Iterator[RunningProvider]:
    """The provider of these tests."""
    with running_provider(free_port(), address, ACCOUNTS) as provider:
        yield provider


@pytest.fixture
def provider(provider_process: RunningProvider) -> RunningProvider:
    """The provider, running."""
    if provider_process.process is None:
        provider_process.start()
    return provider_process


@pytest.fixture
def clock() -> Clock:
    """The time it is, for the provider knows no other."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """The file with what the provider knows us by."""
    path = tmp_path / "oidc.secret"
    path.write_text(SECRET + "\n")
    return path


Serve = Callable[..., None]


@pytest.fixture
def serve(
    make_app: MakeApp, provider: RunningProvider, address: str, secret_file: Path
) -> Iterator[Serve]:
    """`serve(oidc_only=True)`: the service, over HTTP, with settings of its own."""
    running = []

    def run(**changes: object) -> None:
        settings = {
            "base_url": address,
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret_file": secret_file,
            "oidc_label": "Østerby",
            **changes,
        }
        port = urlsplit(address).port or 0
        server = make_server("127.0.0.1", port, make_app(**settings), threaded=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        running.append(server)

    yield run
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def visitor(serve: Serve, address: str) -> Visitor:
    """Somebody at the service with its usual settings."""
    serve()
    return Visitor(address)


def is_signed_in(visitor: Visitor, name: str) -> bool:
    """Whether pages show this person's name."""
    page = visitor.get("/")
    return page.status_code == 200 and full_name_of(name) in page.text


def changed(address: str, **fields: str) -> str:
    """The address with other values in its query."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **fields}
    return urlunsplit(parts._replace(query=urlencode(query)))


def sessions_in(database: Database) -> list[str | None]:
    """The marks of all sign-ins there are."""
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(SignInSession.provider_session)))


def acts_in(database: Database) -> list[str]:
    """What the audit log says was done."""
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(AuditEvent.act)))


@pytest.mark.asvs("6.8.4")
def test_a_role_that_needs_two_factors_is_asked_for_the_second_here(
    visitor: Visitor, database: Database, cast: Cast, clock: Clock, provider: RunningProvider
) -> None:
    page = visitor.sign_in("lis", "/sign-in/provider?next=/leader")
    assert urlsplit(page.url).path == "/sign-in/set-up"
    assert "next=/leader" in page.url
    assert not is_signed_in(visitor, "Lis")
    with database.writing(Reach.SIGN_IN) as session:
        begun = single_sign_on.sign_in_with_identity(
            session,
            Identity(provider.issuer, "lis", "another", {}),
            single_sign_on.Recognition(),
            has_second_factor=True,
            rules=SignInRules(8, frozenset({"leader"})),
            now=clock.now(),
        )
    assert not begun.awaits_second_factor, "the provider asked for both"


@on_both_databases
@pytest.mark.asvs("7.6.1", "7.6.2", "10.2.3")
def test_the_whole_way_in_and_out(visitor: Visitor, database: Database, cast: Cast) -> None:
    door = visitor.get("/sign-in")
    assert "Østerby" in door.text
    sent = parse_qs(urlsplit(visitor.go_to_provider("/sign-in/provider?next=/me")).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    assert sent["scope"] == ["openid profile email"]
    page = visitor.sign_in("eva", "/sign-in/provider?next=/me")
    assert urlsplit(page.url).path == "/me"
    assert is_signed_in(visitor, "Eva")
    assert acts_in(database) == ["identity.linked"]
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(ExternalIdentity.person_id)).all() == [cast.people["Eva"]]

    out = visitor.submit(visitor.get("/me"), {}, action="/sign-out")
    assert 'http-equiv="refresh"' in out.text
    assert sessions_in(database) == []
    confirm = visitor.get("/sign-in/provider/leave")
    assert "id_token_hint" in visitor.last_address("/session/end")
    left = visitor.submit(confirm, {"logout": "yes"}, action="/session/end/confirm")
    assert urlsplit(left.url).path == "/sign-in"
    assert "left=both" in left.url
    assert 'name="login"' in visitor.get(visitor.go_to_provider()).text, "still signed in there"


@pytest.mark.asvs("6.8.1", "10.5.2")
def test_a_second_sign_in_is_recognised_by_the_link_alone(
    visitor: Visitor, database: Database, cast: Cast
) -> None:
    visitor.sign_in("eva")
    with database.writing(Reach.EVERYTHING) as session:
        session.get_one(Person, cast.people["Eva"]).email = "another@osterhus.example"
    assert Visitor(visitor.service).sign_in("eva").status_code == 200
    assert acts_in(database) == ["identity.linked"]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("eva-unverified", "kender dig ikke"),
        ("eva-text", "kender dig ikke"),
        ("nobody", "kender dig ikke"),
        ("dan", "er lukket"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    who: str, said: str, visitor: Visitor, database: Database
) -> None:
    page = visitor.sign_in(who)
    assert page.status_code == 403
    assert said in page.text
    assert sessions_in(database) == []
    assert acts_in(database) == []


def test_a_person_belongs_to_one_account_of_a_provider_until_it_is_unlinked(
    visitor: Visitor, database: Database, cast: Cast, clock: Clock
) -> None:
    visitor.sign_in("eva")
    twin = Visitor(visitor.service)
    assert twin.sign_in("eva-twin").status_code == 403
    with database.writing(Reach.ADMIN) as session:
        by = Actor.person(cast.people["Adam"])
        single_sign_on.unlink(session, cast.people["Eva"], by=by, now=clock.now())
    assert not is_signed_in(visitor, "Eva")
    assert is_signed_in_after(twin, "eva-twin", "Eva")
    assert acts_in(database) == ["identity.linked", "identity.unlinked", "identity.linked"]


@pytest.mark.asvs("7.4.5")
def test_an_administrator_unlinks_a_work_account(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    adam, eva = client_of("Adam"), cast.people["Eva"]
    assert "Løsn arbejdskontoen" not in adam.get("/admin").text
    with database.writing(Reach.EVERYTHING) as session:
        session.add(ExternalIdentity(issuer="https://a.example", subject="x", person_id=eva))
    assert "Løsn arbejdskontoen" in adam.get("/admin?q=eva").text
    adam.post(f"/admin/people/{eva}/unlink")
    assert "Løsn arbejdskontoen" not in adam.get("/admin").text
    adam.post(f"/admin/people/{eva}/unlink")
    assert acts_in(database) == ["identity.unlinked"]
    adam.post(f"/admin/people/{cast.units['team_a']}/unlink", status=404)


def is_signed_in_after(visitor: Visitor, who: str, name: str) -> bool:
    """Whether signing in again as `who` lets `name` in."""
    visitor.sign_in(who)
    return is_signed_in(visitor, name)


def test_an_invited_person_needs_no_password_of_ours(
    visitor: Visitor, database: Database, cast: Cast
) -> None:
    visitor.sign_in("ida")
    assert is_signed_in(visitor, "Ida")
    with database.reading(Reach.EVERYTHING) as session:
        assert session.get_one(Person, cast.people["Ida"]).status is PersonStatus.ACTIVE


def test_an_old_password_stays_unusable_after_the_provider_let_somebody_in_again(
    visitor: Visitor, database: Database, cast: Cast, clock: Clock
) -> None:
    by = Actor.person(cast.people["Adam"])
    with database.writing(Reach.EVERYTHING) as session:
        accounts.disable(session, cast.people["Eva"], by=by, now=clock.now())
        accounts.enable(session, cast.people["Eva"], by=by, now=clock.now())
    visitor.sign_in("eva")
    other = Visitor(visitor.service)
    try_password(other, "Eva")
    assert not is_signed_in(other, "Eva")


@pytest.mark.asvs("10.1.2", "10.2.1", "10.2.2", "10.5.1")
def test_what_was_not_begun_here_or_was_changed_on_the_way_is_refused(
    visitor: Visitor, database: Database
) -> None:
    stranger = Visitor(visitor.service)
    for tamper in (
        {"nonce": "of somebody else"},
        {"code_challenge": "x" * 43},
        {"state": "made up"},
    ):
        page = visitor.log_in(changed(visitor.go_to_provider(), **tamper), "eva")
        assert page.status_code == 400, tamper
        assert "kan ikke bruges" in page.text
    back = visitor.last_address("/sign-in/provider/return")
    assert stranger.get(back).status_code == 400, "another browser has not begun it"
    visitor.sign_in("eva")
    again = visitor.last_address("/sign-in/provider/return")
    assert visitor.get(again).status_code == 400, "it is ended once"
    unended = visitor.step(visitor.go_to_provider()).headers["Location"]
    other = changed(unended, iss="http://localhost:1")
    assert visitor.get(other).status_code == 400, "another provider answers"
    unended = visitor.step(visitor.go_to_provider()).headers["Location"]
    stopped = changed(unended, code="", error="access_denied")
    assert "afbrudt" in visitor.get(stopped).text
    assert len(sessions_in(database)) == 1


def test_a_code_is_worth_something_once(visitor: Visitor, database: Database) -> None:
    visitor.sign_in("eva")
    begun = visitor.go_to_provider()
    answer = str(visitor.step(begun).headers["Location"])
    kept = visitor.session.cookies.copy()
    assert visitor.step(answer).status_code == 302
    visitor.session.cookies = kept  # whoever stole the cookies beside the address
    page = visitor.get(answer)
    assert page.status_code == 400


def test_two_windows_at_once_do_not_disturb_each_other(visitor: Visitor) -> None:
    first, second = visitor.go_to_provider(), visitor.go_to_provider("/sign-in/provider?next=/me")
    assert visitor.log_in(first, "eva").status_code == 200
    page = visitor.log_in(second, "eva")
    assert (page.status_code, urlsplit(page.url).path) == (200, "/me")


def test_a_sign_in_that_took_too_long_is_begun_anew(visitor: Visitor, clock: Clock) -> None:
    answer = str(visitor.go_to_provider())
    clock.forward(minutes=11)
    assert visitor.log_in(answer, "eva").status_code == 400


def test_a_new_key_of_the_provider_is_fetched_when_it_is_first_seen(
    visitor: Visitor, provider: RunningProvider, clock: Clock
) -> None:
    visitor.sign_in("eva")
    provider.change_keys()
    clock.forward(seconds=31)
    other = Visitor(visitor.service)
    other.sign_in("tom")
    assert is_signed_in(other, "Tom")
    provider.change_keys()
    third = Visitor(visitor.service)
    assert third.sign_in("eva").status_code == 400, "asked again too soon"


@pytest.mark.asvs("7.4.1", "7.6.1")
def test_the_provider_ends_a_sign_in_by_itself(visitor: Visitor, database: Database) -> None:
    visitor.sign_in("eva")
    elsewhere = Visitor(visitor.service)
    elsewhere.sign_in("eva")
    at_provider = visitor.get(f"{issuer(visitor)}/session/end")
    visitor.submit(at_provider, {"logout": "yes"}, action="/session/end/confirm")
    assert not is_signed_in(visitor, "Eva")
    assert is_signed_in(elsewhere, "Eva"), "another session at the provider goes on"


def issuer(visitor: Visitor) -> str:
    """The provider this visitor was at."""
    parts = urlsplit(visitor.last_address("/auth"))
    return f"{parts.scheme}://{parts.netloc}"


def test_a_provider_that_is_down_says_so_and_passwords_still_work(
    visitor: Visitor, provider: RunningProvider
) -> None:
    provider.stop()
    page = visitor.get("/sign-in/provider")
    assert page.status_code == 503
    assert "svarer ikke" in page.text
    try_password(visitor, "Eva")
    assert is_signed_in(visitor, "Eva")


def test_a_provider_that_starts_again_is_only_a_new_sign_in_away(
    visitor: Visitor, provider: RunningProvider, clock: Clock
) -> None:
    visitor.sign_in("eva")
    half_way = visitor.step(visitor.go_to_provider()).headers["Location"]
    provider.stop()
    assert visitor.get(half_way).status_code == 503
    assert is_signed_in(visitor, "Eva"), "who is in stays in"
    provider.start()
    clock.forward(seconds=31)
    other = Visitor(visitor.service)
    other.sign_in("tom")
    assert is_signed_in(other, "Tom")


def test_signing_out_while_the_provider_is_down_still_signs_out_here(
    visitor: Visitor, provider: RunningProvider, clock: Clock
) -> None:
    visitor.sign_in("eva")
    for _ in range(5):  # until what is known of the provider has grown old
        clock.forward(minutes=14)
        visitor.get("/me")
    provider.stop()
    visitor.submit(visitor.get("/me"), {}, action="/sign-out")
    page = visitor.get("/sign-in/provider/leave")
    assert "left=here" in page.url
    assert not is_signed_in(visitor, "Eva")


@pytest.mark.asvs("10.1.1")
def test_no_token_of_the_provider_reaches_a_page_a_readable_cookie_or_the_log(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    page = visitor.sign_in("eva")
    kept = " ".join(cookie.value or "" for cookie in visitor.session.cookies)
    for text in (
        page.text,
        kept,
        " ".join(r.message for r in caplog.records if "wellbeing" in r.name),
    ):
        assert "eyJ" not in text  # how every JSON Web Token begins
        assert email_of("Eva") not in text


def test_by_employee_number_where_the_settings_say_so(
    serve: Serve, address: str, database: Database
) -> None:
    serve(oidc_match="employee_number", oidc_only=True)
    visitor = Visitor(address)
    visitor.sign_in("tom")
    assert is_signed_in(visitor, "Tom")
    other = Visitor(address)
    assert other.sign_in("eva-twin").status_code == 403, "an address is not asked for"
    door = other.get("/sign-in")
    assert 'name="password"' not in door.text
    assert urlsplit(other.get("/forgot-password").url).path == "/sign-in"
    assert urlsplit(other.get("/link/abc").url).path == "/sign-in"
    assert 'name="password"' not in try_password(other, "Eva")
    kiosk = Visitor(address)
    kiosk.submit(kiosk.get("/kiosk"), {"go": "start"}, action="/kiosk")
    assert 'name="password"' not in try_password(kiosk, "Eva"), "a shared screen neither"
    own = visitor.get("/me/security/password")
    assert urlsplit(own.url).path == "/me/security"
    assert "/me/security/password" not in own.text
    assert len(sessions_in(database)) == 1


def try_password(visitor: Visitor, name: str) -> str:
    """What the service shows somebody who sends their password."""
    token = _token(visitor.get("/sign-in").text)
    data = {"csrf_token": token, "email": email_of(name), "password": PASSWORD}
    return visitor.session.post(f"{visitor.service}/sign-in", data=data, timeout=10).text


def _token(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_answers_of_a_check_in_survive_a_new_sign_in_in_a_second_window(
    serve: Serve, address: str, database: Database, tmp_path: Path, clock: Clock
) -> None:
    round_id = RoundRunner(database, tmp_path, clock.now()).open()
    serve()
    visitor = Visitor(address)
    visitor.sign_in("eva")
    path = f"/check-in/{round_id}"
    start = visitor.get(path)
    questions = visitor.submit(start, {}, action=path)
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(SignInSession))
    door = visitor.submit(questions, {"item1": "4", "item2": "2", "go": "next"}, action=path)
    assert 'target="_blank"' in door.text
    not_yet = visitor.submit(door, {"go": "signed-in"}, action="/sign-in")
    assert "ikke logget ind endnu" in not_yet.text
    second = visitor.sign_in("eva", "/sign-in/provider?next=/sign-in/again")
    assert "det vindue, du kom fra" in second.text
    back = visitor.submit(not_yet, {"go": "signed-in"}, action="/sign-in")
    assert back.status_code == 200
    assert 'name="item1" value="4"' in back.text
    assert "Du er logget ind igen" in back.text
