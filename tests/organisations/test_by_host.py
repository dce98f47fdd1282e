"""Many organisations in one process: what is one's at its own host is nothing at another's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import Client

from tests.cast import Cast, email_of
from tests.organisations.front import Browser, Web, is_signed_in, served, visit
from tests.organisations.houses import NORD, SYD, Houses
from tests.rounds import RoundRunner
from tests.served import free_port
from tests.served import served as a_server
from wellbeing import by_host
from wellbeing.actions.api_tokens import Scope, issue
from wellbeing.actions.calendar_feeds import make_address
from wellbeing.actions.codes import keep_codes, make_codes
from wellbeing.actions.sign_in import issue_link
from wellbeing.crypto.codes import show_code
from wellbeing.crypto.secrets import get_app_keys
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput
from wellbeing.store.accounts import LinkPurpose
from wellbeing.store.reach import Reach

BY = Actor.command("test")


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Houses:
    """Two organisations with an SQLite file each."""
    made = Houses(tmp_path_factory.mktemp("organisations"))
    for name in (NORD, SYD):
        made.add(name)
    return made


@pytest.fixture(scope="module")
def casts(houses: Houses) -> dict[str, Cast]:
    """The same people, with the same addresses and passwords, in both."""
    return {name: houses.cast(name) for name in (NORD, SYD)}


@pytest.fixture(scope="module")
def rounds(houses: Houses, casts: dict[str, Cast]) -> dict[str, UUID]:
    """An open round in both."""
    found = {}
    for name in casts:
        with houses.opened(name) as database:
            runner = RoundRunner(database, houses.folder / name, datetime.now(UTC))
            found[name] = runner.open()
    return found


@pytest.fixture
def web(houses: Houses) -> Iterator[Web]:
    """The pages of all, in one process."""
    with served(houses) as made:
        yield made


class TestWhoAnswers:
    @pytest.mark.parametrize("host", ["nord.example", "NORD.example", "nord.example:80"])
    def test_the_host_says_whose_pages_they_are(self, web: Web, host: str) -> None:
        assert "<dd>nord" in Client(web).get("/privacy", headers={"Host": host}).text
        assert "<dd>nord" not in visit(web, SYD, "/privacy").text

    @pytest.mark.parametrize("host", ["vest.example", "nord.example.vest.example", "127.0.0.1", ""])
    def test_nobody_answers_at_another_host(self, web: Web, host: str) -> None:
        answer = Client(web).get("/privacy", headers={"Host": host})
        assert answer.status_code == 404
        assert "nord" not in answer.text
        assert Client(web).get("/healthz", headers={"Host": host}).status_code == 200

    def test_what_a_visitor_says_of_a_proxy_changes_nothing(self, houses: Houses) -> None:
        claimed = {"Host": "nord.example", "X-Forwarded-Host": "syd.example"}
        with served(houses) as web:
            assert "<dd>nord" in Client(web).get("/privacy", headers=claimed).text
        with served(houses, WELLBEING_PROXIES="1") as web:
            assert "<dd>syd" in Client(web).get("/privacy", headers=claimed).text

    def test_threads_do_not_mix_them(self, web: Web) -> None:
        names = [NORD, SYD] * 12
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda name: visit(web, name, "/privacy").text, names))
        assert [NORD if "<dd>nord" in page else SYD for page in pages] == names


@pytest.mark.usefixtures("casts")
class TestAttacks:
    @pytest.fixture
    def eva(self, web: Web) -> Browser:
        """Signed in at nord; the same person with the same password is known at syd."""
        return Browser(web, NORD).sign_in()

    def test_a_cookie_of_one_is_none_of_another(self, web: Web, eva: Browser) -> None:
        header = {"Cookie": eva.cookies()}
        assert is_signed_in(visit(web, NORD, "/me", headers=header))
        assert not is_signed_in(visit(web, SYD, "/me", headers=header))

    def test_a_form_of_one_is_not_taken_by_another(self, web: Web, eva: Browser) -> None:
        other = Browser(web, SYD).sign_in()
        for token, status in ((eva.token("/me"), 400), (other.token("/me"), 302)):
            answer = other.open("/sign-out", method="POST", data={"csrf_token": token})
            assert answer.status_code == status

    def test_an_id_of_one_leads_nowhere_at_another(
        self, web: Web, eva: Browser, rounds: dict[str, UUID]
    ) -> None:
        other = Browser(web, SYD).sign_in()
        path = f"/check-in/{rounds[NORD]}"
        assert eva.open(path).status_code == 200
        assert other.open(path).status_code == 404

    def test_signing_out_at_one_leaves_the_other_signed_in(self, web: Web, eva: Browser) -> None:
        other = Browser(web, SYD).sign_in()
        other.open("/sign-out", method="POST", data={"csrf_token": other.token("/me")})
        assert not is_signed_in(other.open("/me"))
        assert is_signed_in(eva.open("/me"))

    def test_too_many_failures_at_one_are_none_at_another(self, web: Web) -> None:
        browser = Browser(web, NORD)
        for _ in range(11):
            fields = {"csrf_token": browser.token(), "email": email_of("Tom"), "password": "x" * 15}
            answer = browser.open("/sign-in", method="POST", data=fields)
        assert answer.status_code == 429
        Browser(web, SYD).sign_in("Tom")

    @pytest.mark.parametrize("secret", ["token", "calendar", "link", "code"])
    def test_a_secret_of_one_opens_nothing_at_another(
        self, secret: str, houses: Houses, web: Web, casts: dict[str, Cast], rounds: dict[str, UUID]
    ) -> None:
        opens = OPENS[secret](houses, casts[NORD].people["Eva"], rounds[NORD])
        assert not opens(web, SYD)
        assert opens(web, NORD)


Opens = Callable[[Web, str], bool]


def _token(houses: Houses, _person: UUID, _round: UUID) -> Opens:
    with houses.opened(NORD) as database, database.writing(Reach.ADMIN) as session:
        token = issue(session, "Entra", Scope.SCIM, days=9, by=BY, now=datetime.now(UTC))
    header = {"Authorization": f"Bearer {token}"}
    return lambda web, name: visit(web, name, "/scim/v2/Users", headers=header).status_code == 200


def _calendar(houses: Houses, person: UUID, _round: UUID) -> Opens:
    with houses.opened(NORD) as database, database.writing(Reach.EMPLOYEE) as session:
        secret = make_address(session, person, by=BY, now=datetime.now(UTC))
    return lambda web, name: visit(web, name, f"/calendar/{secret}.ics").status_code == 200


def _link(houses: Houses, person: UUID, _round: UUID) -> Opens:
    with houses.opened(NORD) as database, database.writing(Reach.SIGN_IN) as session:
        secret = issue_link(session, person, LinkPurpose.RESET, hours=1, now=datetime.now(UTC))
    return lambda web, name: 'name="password"' in visit(web, name, f"/link/{secret}").text


def _code(houses: Houses, person: UUID, round_id: UUID) -> Opens:
    codes = make_codes([person])
    key = get_app_keys(houses.folder / NORD / "keys")[0]
    with houses.opened(NORD) as database, database.writing(Reach.WORKPLACE) as session:
        keep_codes(session, round_id, codes, app_key=key)

    def opens(web: Web, name: str) -> bool:
        browser = Browser(web, name)
        fields = {"csrf_token": browser.token("/code"), "code": show_code(codes[person])}
        return browser.open("/code", method="POST", data=fields).status_code == 302

    return opens


OPENS = {"token": _token, "calendar": _calendar, "link": _link, "code": _code}


class TestTrouble:
    def test_what_is_wrong_with_one_is_said_in_the_log_and_closes_that_one_alone(
        self,
        houses: Houses,
        web: Web,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        key = houses.folder / NORD / "keys" / "index.key"
        aside = key.rename(key.with_name("aside"))
        answer = visit(web, NORD, "/privacy")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert "nord cannot be served: The key file" in caplog.text
        assert str(houses.folder) not in answer.text
        assert visit(web, SYD, "/privacy").status_code == 200
        aside.rename(key)
        assert visit(web, NORD, "/privacy").status_code == 503  # it is not tried at each request
        monkeypatch.setattr(by_host, "_RETRY_SECONDS", 0)
        assert visit(web, NORD, "/privacy").status_code == 200

    def test_one_whose_database_is_older_waits_for_its_upgrade(self, houses: Houses) -> None:
        assert houses.run("--org", SYD, "db", "downgrade", "0005").code == 0
        with served(houses) as web:
            assert visit(web, SYD, "/privacy").status_code == 503
            assert visit(web, NORD, "/privacy").status_code == 200
        assert houses.run("db", "upgrade", "--all-organisations").code == 0
        with served(houses) as web:
            assert visit(web, SYD, "/privacy").status_code == 200

    def test_organisations_come_and_go_while_it_runs(self, houses: Houses, web: Web) -> None:
        assert visit(web, "vest", "/privacy").status_code == 404
        houses.add("vest")
        assert visit(web, "vest", "/privacy").status_code == 200
        assert houses.run("org", "remove", "vest", "--confirm", "vest").code == 0
        assert visit(web, "vest", "/privacy").status_code == 404

    def test_the_one_longest_unused_goes_and_none_that_answers_just_now(
        self, houses: Houses
    ) -> None:
        with served(houses, ready=1) as web:
            make, names = web._make, list[str]()

            def make_and_note(name: str) -> Flask:
                names.append(name)
                return make(name)

            web._make = make_and_note
            unread = Client(web).get(
                "/privacy", base_url="http://nord.example", buffered=False
            )  # its answer is not read to the end yet
            visit(web, SYD, "/privacy")
            visit(web, NORD, "/privacy")
            assert names == [NORD, SYD]
            unread.close()
            visit(web, SYD, "/privacy")
            visit(web, NORD, "/privacy")
            assert names == [NORD, SYD, SYD, NORD]


def test_the_command_serves_each_at_its_host(houses: Houses, tmp_path: Path) -> None:
    folder = {"organisations_folder": houses.folder}
    with a_server(tmp_path, free_port(), "--all-organisations", **folder) as server:
        for name in (NORD, SYD):
            asked = Request(f"{server.address}/privacy", headers={"Host": f"{name}.example"})
            with build_opener(ProxyHandler({})).open(asked, timeout=30) as answer:
                assert f"<dd>{name}" in answer.read().decode()
        assert "Traceback" not in server.read_log()


class TestApart:
    def test_two_at_one_address_are_refused(self, houses: Houses) -> None:
        said = houses.run("org", "add", "vest", "--base-url", "http://NORD.example:80/")
        assert (said.code, "nord and vest: address nord.example" in said.err) == (2, True)
        assert not (houses.folder / "vest").exists()

    @pytest.mark.parametrize("setting", ["keys", "data", "deletion_log", "mac_keys"])
    def test_two_with_files_in_common_are_refused(self, houses: Houses, setting: str) -> None:
        file = houses.folder / SYD / "settings.toml"
        before = file.read_text()
        nords = {"keys": "nord/keys", "data": "nord"}.get(setting, "x")
        line = f'{setting} = "{houses.folder / nords}"\n'
        file.write_text(before + line)
        other = houses.folder / NORD / "settings.toml"
        others = other.read_text()
        if nords == "x":
            other.write_text(others + line)
        try:
            with pytest.raises(BadInput, match="not apart"), served(houses):
                pass
        finally:
            file.write_text(before)
            other.write_text(others)

    def test_one_folder_under_two_names_is_refused(self, houses: Houses, tmp_path: Path) -> None:
        again = houses.folder / "again"
        again.symlink_to(houses.folder / NORD)
        try:
            with pytest.raises(BadInput, match="not apart"), served(houses):
                pass
        finally:
            again.unlink()
