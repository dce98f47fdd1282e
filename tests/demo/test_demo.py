"""The demo: what it shows, and that its folder is made once, made anew, or left alone."""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, or_, select

from tests.web.browser import Browser
from wellbeing.actions.figures import find_rounds, find_series, find_withheld
from wellbeing.actions.incident_reads import find_incidents
from wellbeing.actions.record import read_records
from wellbeing.actions.units import find_paths
from wellbeing.app import create_app
from wellbeing.commands.demo import demo
from wellbeing.crypto.field_keys import FieldKeys
from wellbeing.demo.history import DIARY_CODE, EVERY_MONTHS, ROUNDS, find_first_day
from wellbeing.demo.incident import DETAILS
from wellbeing.demo.organisation import (
    BURNOUT_TEAM,
    HELPED_TEAM,
    INCIDENT_TEAM,
    SHARED_LEADER_TEAM,
    SMALL_TEAM,
    path_of,
)
from wellbeing.demo.prepare import demo_settings
from wellbeing.demo.server import check_port
from wellbeing.domain.audit import check_promise
from wellbeing.domain.cycles import add_months, day_outside_pauses
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import Refused
from wellbeing.domain.flag_rules import FlagKind, load_flag_rules
from wellbeing.domain.identifying_text import find_identifying
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.roles import Role
from wellbeing.domain.trends import Verdict, find_trend
from wellbeing.store.accounts import Person, RoleGrant, has_address
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Participation
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import OfferState, SessionState, SupportSession

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Made:
    """A demo that has been prepared."""

    folder: Path
    said: str
    accounts: list[dict[str, str]]
    database: Database
    app: Flask

    def browser(self, role: str) -> Browser:
        """A browser signed in as the account of this role."""
        account = next(a for a in self.accounts if a["role"] == role)
        browser = Browser(self.app)
        browser.post("/sign-in", {"email": account["email"], "password": account["password"]})
        return browser

    def unit_id(self, team: str) -> UUID:
        """The id of a team by its name."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return next(u for u, path in find_paths(session).items() if path == path_of(team))


def run(*arguments: str) -> Result:
    """`wellbeing demo` with these arguments."""
    return CliRunner().invoke(demo, arguments)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The demo, prepared once for all these tests."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    accounts = folder.parent / "accounts.json"
    result = run("--prepare-only", "--data", str(folder), "--accounts-json", str(accounts))
    assert result.exit_code == 0, result.output
    settings = demo_settings(folder, 8000)
    database = Database(settings.effective_database_url, FieldKeys(settings.key_folder))
    told = json.loads(accounts.read_text(encoding="utf-8"))
    app = create_app(settings)
    yield Made(folder, result.output, told, database, app)
    app.extensions["wellbeing"].database.close()
    database.close()


def test_about_120_people_work_there(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        assert 110 <= (session.scalar(select(func.count()).select_from(Person)) or 0) <= 130


def test_there_are_14_units_on_three_levels(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        paths = find_paths(session).values()
    assert len(paths) == 14
    assert {path.count(" / ") for path in paths} == {0, 1, 2}


def test_six_rounds_are_published_and_one_is_open(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        states = session.scalars(select(Round.state).order_by(Round.opens_at)).all()
    assert states == [RoundState.PUBLISHED] * 6 + [RoundState.OPEN, RoundState.PLANNED]


def test_the_open_round_is_answered_by_some_and_awaits_others(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        done = session.scalars(select(Participation.done)).all()
    assert 0.1 < sum(done) / len(done) < 0.95


def test_whoever_tries_the_demo_has_not_answered_the_open_round_yet(made: Made) -> None:
    triers = or_(*(has_address(account["email"]) for account in made.accounts))
    query = select(Participation.done).join(Person).where(triers)
    with made.database.reading(Reach.EVERYTHING) as session:
        done = session.scalars(query).all()
    assert len(done) == len(made.accounts)
    assert not any(done)


def test_one_team_is_never_shown(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        withheld = find_withheld(session, made.unit_id(SMALL_TEAM))
        assert set(withheld) == {shown.round_id for shown in find_rounds(session)}


def test_one_leader_leads_two_teams(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        led = select(RoleGrant.person_id, RoleGrant.unit_id).where(RoleGrant.role == Role.LEADER)
        leader_of = {row.unit_id: row.person_id for row in session.execute(led)}
    both = {leader_of[made.unit_id(team)] for team in (SHARED_LEADER_TEAM, SMALL_TEAM)}
    assert len(both) == 1


@pytest.mark.parametrize(
    ("team", "kind"),
    [
        (BURNOUT_TEAM, FlagKind.OFFER_SUPERVISION),
        (INCIDENT_TEAM, FlagKind.OFFER_DEBRIEFING),
        (HELPED_TEAM, FlagKind.OFFER_SUPERVISION),
    ],
)
def test_each_story_raised_its_flag(made: Made, team: str, kind: FlagKind) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        kinds = session.scalars(select(Flag.kind).where(Flag.unit_id == made.unit_id(team))).all()
    assert kind in kinds


def test_the_worn_team_is_said_to_be_worse(made: Made) -> None:
    assert _verdict(made, BURNOUT_TEAM, Scale.BO) in {Verdict.WORSE, Verdict.PROBABLY_WORSE}


def test_the_helped_team_had_its_session_and_got_better(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        held = session.scalars(select(SupportSession.state)).all()
        series = find_series(session, {made.unit_id(HELPED_TEAM)})
    assert SessionState.HELD in held
    burnout = [point.point for point in series[made.unit_id(HELPED_TEAM)][Scale.BO] if point]
    assert max(burnout[1:4]) - burnout[-1] >= 4


def test_the_helped_team_s_ledger_tells_what_came_of_it(made: Made) -> None:
    text = made.browser("employee 2").get("/my-unit/support").text
    for words in ("Arbejdspres og prioritering", "mandagsmødet", "9 personer", ": nyttigt"):
        assert words in text


def test_one_wish_is_overdue_and_one_request_waits(made: Made) -> None:
    hr = made.browser("hr")
    assert "Kollegial supervision" in hr.get("/hr/ledger").text
    assert "Over tiden" in hr.get("/hr/ledger").text
    assert "Gerne telefon efter kl. 14" in hr.get("/hr/requests").text


def test_everything_the_demo_published_keeps_the_promise(made: Made) -> None:
    with made.database.reading(Reach.WORKPLACE) as session:
        records = read_records(session)
    assert len(records) == 6
    check_promise(records, load_rules())


def test_night_staff_without_e_mail_got_a_text_message_whose_link_opens_the_check_in(
    made: Made,
) -> None:
    page = Browser(made.app).get("/demo/outbox")
    (link, *_) = re.findall(r'href="http://127.0.0.1:8000(/code/\w+)"', page.html)
    browser = Browser(made.app)
    code = re.search(r'name="code"[^>]* value="([^"]+)"', browser.get(link).html)
    assert code
    assert browser.post("/code", {"code": code[1]}).location.startswith("/check-in/")


def test_the_outbox_page_shows_mail(made: Made) -> None:
    assert "@fjordhjem.example" in Browser(made.app).get("/demo/outbox").text


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("employee", "/"),
        ("leader", "/teams"),
        ("leader of two teams", "/teams"),
        ("safety representative", "/teams"),
        ("hr", "/hr"),
        ("administrator", "/admin"),
        ("dpo", "/admin/audit"),
        ("supervisor", "/supervisor"),
    ],
)
def test_every_account_signs_in_and_sees_its_page(made: Made, role: str, path: str) -> None:
    browser = made.browser(role)
    answer = browser.client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    answer.close()


def test_the_accounts_file_names_role_address_and_password(made: Made) -> None:
    assert len(made.accounts) >= 8
    assert all({"role", "email", "password"} <= set(account) for account in made.accounts)
    assert all(account["email"] in made.said for account in made.accounts)


def test_a_second_run_uses_what_is_there(made: Made) -> None:
    before = (made.folder / "demo.json").stat().st_mtime_ns
    result = run("--prepare-only", "--data", str(made.folder))
    assert result.exit_code == 0
    assert "Round 1" not in result.output
    assert (made.folder / "demo.json").stat().st_mtime_ns == before


class Stopped(Exception):
    """The history is cut short here."""


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders a history was begun in; it is cut short as soon as it begins."""
    begun: list[Path] = []

    def write(self: object, *_: object) -> None:
        begun.append(self._settings.data)  # type: ignore[attr-defined]
        raise Stopped

    monkeypatch.setattr("wellbeing.demo.history.History.write", write)
    return begun


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_folder_left_half_made_is_made_anew(tmp_path: Path, brief: list[Path]) -> None:
    folder = tmp_path / "half"
    for _ in range(2):
        assert isinstance(run("--prepare-only", "--data", str(folder)).exception, Stopped)
        assert not (folder / "left behind").exists()
        (folder / "left behind").write_text("by a run that was cut short")
    assert brief == [folder, folder]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_fresh_throws_an_earlier_demo_away(tmp_path: Path, brief: list[Path]) -> None:
    (tmp_path / "demo").write_text("")
    (tmp_path / "demo.json").write_text("{}")
    run("--fresh", "--prepare-only", "--data", str(tmp_path))
    assert brief == [tmp_path]
    assert not (tmp_path / "demo.json").exists()


@pytest.mark.parametrize("options", [[], ["--fresh"]])
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    tmp_path: Path, brief: list[Path], options: list[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    result = run("--prepare-only", "--data", str(tmp_path), *options)
    assert isinstance(result.exception, Refused)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert brief == []


def test_a_port_in_use_is_refused_before_anything_is_made(
    tmp_path: Path, brief: list[Path]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--port", str(port), "--data", str(tmp_path / "demo"))
    assert isinstance(result.exception, Refused)
    assert re.search(rf"\b{port}\b", str(result.exception))
    assert brief == []
    check_port(port)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_on_any_day_the_last_round_opened_between_three_and_ten_days_ago(year: int) -> None:
    for number in range(365):
        today = date(year, 1, 1) + timedelta(days=number)
        day = find_first_day(today)
        for _ in range(ROUNDS - 1):
            day = day_outside_pauses(add_months(day, EVERY_MONTHS), ())
        assert 3 <= (today - day).days <= 10


def _verdict(made: Made, team: str, scale: Scale) -> Verdict:
    unit = made.unit_id(team)
    with made.database.reading(Reach.WORKPLACE) as session:
        series = find_series(session, {unit})
    rules = load_flag_rules().trend
    return find_trend(series[unit][scale], scale, load_instrument(), rules).verdict


def test_the_incident_team_has_an_incident_whose_timeline_has_begun(made: Made) -> None:
    with made.database.reading(Reach.EVERYTHING) as session:
        (incident,) = find_incidents(session, {made.unit_id(INCIDENT_TEAM)})
    states = [step.state for step in incident.steps]
    assert states[0] is OfferState.HELD
    assert states[3] is OfferState.OFFERED
    page = made.browser("hr").get(f"/hr/incidents/{incident.id}")
    assert "Trusler" in page.text
    assert DETAILS in page.text


def test_the_words_of_the_incident_name_nobody() -> None:
    found = find_identifying(DETAILS)
    assert found.person_numbers == found.names == ()


def test_the_employee_keeps_a_diary_that_opens_with_the_code_on_the_screen(made: Made) -> None:
    assert DIARY_CODE in made.said
    shown = made.browser("employee").post("/diary", {"code": DIARY_CODE}, 200)
    assert shown.html.count("<polyline") >= 3
