"""The security log: signing in and being refused, without names and without when one answers."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from jobs.context import JobContext
from jobs.retain import delete_what_is_due
from tests.cast import PASSWORD, Cast, email_of, full_name_of
from tests.rounds import RoundRunner
from tests.web.browser import Browser
from tests.web.code_visits import CodeVisits
from tests.web.conftest import ClientOf, Clock, MakeApp
from tests.web.two_steps import TwoSteps
from wellbeing.settings import Settings
from wellbeing.store.sessions import Database

EXACT, HOUR = "2026-02-02T09:17:31+00:00", "2026-02-02T09:00:00+00:00"


@pytest.fixture(autouse=True)
def _not_on_the_hour(clock: Clock) -> None:
    clock.forward(minutes=17, seconds=31)


class SecurityLines:
    """What the security log holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[dict[str, Any]]:
        """Every line, oldest first."""
        files = sorted(self.folder.glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def take(self) -> list[dict[str, Any]]:
        """Every line; afterwards there is none."""
        found = self.all()
        for file in self.folder.glob("*"):
            file.unlink()
        return found


@pytest.fixture
def lines(settings: Settings) -> SecurityLines:
    """The log of the app."""
    return SecurityLines(settings.security_folder)


def _sign_in(browser: Browser, name: str, password: str, status: int = 302) -> None:
    browser.post("/sign-in", {"email": email_of(name), "password": password}, status)


@pytest.mark.asvs("16.3.1")
def test_signing_in_is_written_down_whether_it_succeeds_or_fails(
    stranger: Browser, lines: SecurityLines, clock: Clock
) -> None:
    _sign_in(stranger, "Eva", "forkert kodeord her", 422)
    _sign_in(stranger, "Eva", PASSWORD)
    stranger.post("/sign-in", {"email": "nobody@example.dk", "password": PASSWORD}, 422)
    failed, succeeded, unknown = lines.take()
    assert failed == {
        "at": HOUR,
        "event": "sign_in",
        "account": succeeded["account"],
        "area": "employee",
        "way": "password",
        "outcome": "failure",
        "reason": "does_not_fit",
    }
    assert (succeeded["outcome"], succeeded["second_factor"]) == ("success", False)
    assert (unknown["area"], unknown["outcome"]) == ("unknown", "failure")
    assert "account" not in unknown


@pytest.mark.asvs("16.3.1")
def test_both_steps_of_whoever_holds_an_office_are_written_down_to_the_second(
    stranger: Browser, lines: SecurityLines, clock: Clock
) -> None:
    hanne = TwoSteps(stranger, "Hanne", clock)
    hanne.password()
    hanne.set_up()
    half, whole = lines.take()
    assert (half["outcome"], half["at"], half["area"]) == ("half", EXACT, "office")
    assert (whole["outcome"], whole["way"], whole["second_factor"]) == (
        "success", "second_factor", True,
    )  # fmt: skip
    assert half["account"] == whole["account"]
    stranger.post("/sign-out")
    hanne.password()
    hanne.second(422, code="000000")
    assert [line["outcome"] for line in lines.take()] == ["half", "failure"]


@pytest.mark.asvs("16.3.1")
def test_a_passkey_and_a_password_asked_again_that_do_not_fit_are_written_down(
    stranger: Browser, client_of: ClientOf, lines: SecurityLines
) -> None:
    stranger.post("/sign-in/passkey", {"answer": "{}"}, 422)
    eva = client_of("Eva")
    eva.post("/me/security/confirm", {"password": "forkert kodeord her"}, 422)
    eva.post("/me/security/confirm", {"password": PASSWORD})
    found = [(line["way"], line["outcome"]) for line in lines.take()]
    assert found == [("passkey", "failure"), ("again", "failure"), ("again", "success")]


@pytest.mark.asvs("16.3.1")
def test_a_code_that_opens_a_check_in_is_written_down_without_an_account(
    app: Flask,
    database: Database,
    cast: Cast,
    settings: Settings,
    clock: Clock,
    lines: SecurityLines,
) -> None:
    rounds = RoundRunner(database, settings.data, clock.now())
    code = CodeVisits(app, cast, rounds, rounds.open()).issue("Eva")
    browser = Browser(app)
    browser.post("/code", {"code": "AAAA-BBBB-CCCC"}, 422)
    browser.post("/code", {"code": code})
    failed, opened = lines.take()
    assert (failed["way"], failed["outcome"]) == ("code", "failure")
    assert opened == {
        "at": HOUR,
        "event": "sign_in",
        "area": "employee",
        "way": "code",
        "outcome": "success",
        "second_factor": False,
    }


@pytest.mark.asvs("16.3.2")
def test_who_is_refused_a_page_of_an_office_is_written_down(
    client_of: ClientOf, lines: SecurityLines, cast: Cast
) -> None:
    client_of("Eva").get("/hr", 404)
    client_of("Lis").get(f"/teams/{cast.units['team_b']}", 404)
    client_of("Lis").get("/admin/status", 404)
    role, unit, office = lines.take()
    assert (role["endpoint"], role["reason"], role["at"]) == ("hr.home", "role", HOUR)
    assert (unit["endpoint"], unit["reason"], unit["at"]) == ("leader.unit", "not_theirs", EXACT)
    assert (office["endpoint"], office["reason"]) == ("admin.status", "role")
    assert unit["account"] == office["account"] != role["account"]


@pytest.mark.asvs("16.3.2")
def test_a_token_that_does_not_fit_and_too_many_guesses_are_written_down(
    stranger: Browser, lines: SecurityLines
) -> None:
    stranger.get("/scim/v2/Users", 401)
    for _ in range(10):
        _sign_in(stranger, "Eva", "forkert kodeord her", 422)
    lines.take()
    stranger.get("/scim/v2/Users", 401)
    _sign_in(stranger, "Eva", PASSWORD, 429)
    token, paused = lines.take()
    assert (token["area"], token["reason"]) == ("provisioning", "token")
    assert (paused["area"], paused["reason"]) == ("shared", "too_many")


@pytest.mark.asvs("16.3.2")
def test_what_somebody_was_refused_of_their_own_pages_names_nobody(
    client_of: ClientOf, lines: SecurityLines
) -> None:
    client_of("Eva").get(f"/check-in/{uuid4()}", 404)
    assert lines.take() == [
        {"at": HOUR, "event": "access_refused", "area": "employee", "reason": "not_theirs"}
    ]


def test_pages_that_are_opened_and_addresses_that_are_none_are_not_written_down(
    client_of: ClientOf, stranger: Browser, lines: SecurityLines
) -> None:
    client_of("Eva").get("/diary")
    stranger.get("/diary", 302)
    stranger.get("/wp-login.php", 404)
    assert lines.all() == []


@pytest.mark.asvs("16.2.5")
def test_nothing_of_a_person_is_in_it_and_another_key_makes_other_names(
    make_app: MakeApp, cast: Cast, tmp_path: Path
) -> None:
    accounts = set()
    for place in ("one", "two"):
        app = make_app(keys=tmp_path / place, security_log=tmp_path / f"{place}-log")
        try:
            _sign_in(Browser(app), "Lis", "forkert kodeord her", 422)
        finally:
            written = "".join(f.read_text() for f in (tmp_path / f"{place}-log").iterdir())
        accounts.add(json.loads(written)["account"])
        for unwanted in (email_of("Lis"), full_name_of("Lis"), str(cast.people["Lis"]), "forkert"):
            assert unwanted not in written
    assert len(accounts) == 2


@pytest.mark.asvs("16.4.2")
def test_its_files_are_closed_to_others_and_go_in_their_time(
    app: Flask, stranger: Browser, settings: Settings, database: Database, clock: Clock
) -> None:
    _sign_in(stranger, "Eva", "forkert kodeord her", 422)
    (file,) = settings.security_folder.iterdir()
    assert (settings.security_folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (
        0o700, 0o600,
    )  # fmt: skip
    day = timedelta(days=settings.security_log_days)
    first = clock.moment
    for at, left in ((first + day, 1), (first + day + timedelta(days=1), 0)):
        delete_what_is_due(JobContext(database, settings, lambda at=at: at))  # type: ignore[misc]
        assert len(list(settings.security_folder.iterdir())) == left


@pytest.mark.asvs("16.5.2")
def test_a_log_that_cannot_be_written_keeps_nobody_out_and_is_told(
    make_app: MakeApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in-the-way").write_text("a file, and no folder")
    app = make_app(security_log=tmp_path / "in-the-way")
    _sign_in(Browser(app), "Eva", PASSWORD)
    assert "An event of the security log could not be written" in caplog.text
