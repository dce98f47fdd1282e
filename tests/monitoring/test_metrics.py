"""Metrics: counted over all workers, for whoever shows the token, and no clock of who answers."""

import os
import re
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from tests.cast import PASSWORD, email_of, make_cast
from tests.rounds import STEADY, RoundRunner
from tests.served import Server, free_port, served
from tests.web.browser import Browser
from wellbeing.actions.health.findings import Patient
from wellbeing.actions.health.measures import OVERDUE, measure
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.app import create_app
from wellbeing.clock import utc_now
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.monitoring import metrics
from wellbeing.monitoring.job_runs import JobRuns
from wellbeing.monitoring.quiet import LOT
from wellbeing.settings import Settings
from wellbeing.store.org import Round
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

ROOT = Path(__file__).parents[2]
TOKEN = "t0ken" * 8
Samples = dict[tuple[str, ...], float]


def read(text: str, name: str) -> Samples:
    """The samples of a name, by the values of their labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """A file with the token."""
    file = tmp_path / "metrics.token"
    file.write_text(f"{TOKEN}\n")
    return file


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process counts from nothing, and no more afterwards."""
    monkeypatch.setattr(metrics, "_counting", False)
    monkeypatch.setattr(metrics, "_lots", metrics._Lots())
    metrics._counters.cache_clear()
    metrics.begin_counting()
    yield
    metrics._counters.cache_clear()


def written() -> str:
    """What is told now."""
    return metrics.write_metrics().decode()


def test_pages_of_offices_are_counted_one_by_one(counting: None) -> None:
    metrics.count_request("leader.unit", 200, 0.03)
    metrics.count_request("leader.unit", 404, 0.01)
    found = read(written(), "wellbeing_requests_total")
    assert found == {("leader", "leader.unit", "200"): 1, ("leader", "leader.unit", "404"): 1}
    buckets = read(written(), "wellbeing_request_seconds_bucket")
    assert buckets["leader", "leader.unit", "0.025"] == 1
    assert buckets["leader", "leader.unit", "0.05"] == 2


def test_no_number_moves_when_somebody_answers(counting: None) -> None:
    before = written()
    for _ in range(LOT - 1):
        metrics.count_request("employee.checkin", 200, 0.02)
        metrics.count_request("shared.sign_in", 302, 0.04)
    assert written() == before
    metrics.count_request("employee.home", 302, 0.02)
    found = read(written(), "wellbeing_requests_total")
    assert found == {("employee", "all", "2xx"): LOT - 1, ("employee", "all", "3xx"): 1}
    assert read(written(), "wellbeing_request_seconds_count") == {("employee", "all"): LOT}


def test_what_breaks_is_told_at_once(counting: None) -> None:
    metrics.count_request("employee.checkin", 500, 0.02)
    assert read(written(), "wellbeing_requests_total") == {("employee", "all", "5xx"): 1}


def test_nothing_is_counted_unless_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_counting", False)
    metrics._counters.cache_clear()
    metrics.count_request("leader.unit", 200, 0.03)
    metrics.count_failed_sign_in("password")
    assert metrics._counters.cache_info().currsize == 0


@pytest.mark.asvs("8.2.1")
def test_metrics_are_for_whoever_shows_the_token(
    tmp_path: Path, sqlite_database: Database, token_file: Path
) -> None:
    url = sqlite_database.url.render_as_string(hide_password=False)
    settings = Settings(data=tmp_path, database_url=url, base_url="http://localhost")
    short = tmp_path / "short.token"
    short.write_text("short")
    for file, shown, status in (
        (None, TOKEN, 401),
        (token_file, "", 401),
        (token_file, TOKEN[:-1], 401),
        (short, "short", 401),
        (token_file, TOKEN, 200),
    ):
        app = create_app(settings.model_copy(update={"metrics_token_file": file}))
        browser = Browser(app)
        browser.get("/metrics", status, headers={"Authorization": f"Bearer {shown}"})
        if shown:
            browser.get("/metrics", 401, headers={"Authorization": shown})
        app.extensions["wellbeing"].database.close()


def test_a_process_without_the_administrator_s_area_tells_only_what_it_counted(
    tmp_path: Path, sqlite_database: Database, token_file: Path
) -> None:
    url = sqlite_database.url.render_as_string(hide_password=False)
    settings = Settings(
        data=tmp_path, database_url=url, base_url="http://localhost", metrics_token_file=token_file
    )
    for areas, has_gauges in ((("leader",), False), (("admin",), True)):
        app = create_app(settings, areas=areas)
        header = {"Authorization": f"Bearer {TOKEN}"}
        shown = Browser(app).get("/metrics", headers=header).response.get_data(as_text=True)
        assert ("wellbeing_check_state" in shown) is has_gauges
        app.extensions["wellbeing"].database.close()


def test_gauges_say_how_the_service_is_and_nothing_of_answers(
    tmp_path: Path, sqlite_database: Database
) -> None:
    now = utc_now()
    url = sqlite_database.url.render_as_string(hide_password=False)
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
        for minutes in (1, 90):
            due = now - timedelta(minutes=minutes)
            letter = Letter(MailKind.RESET, cast.people["Eva"], str(minutes), due, now + OVERDUE)
            post(session, [letter])
    rounds = RoundRunner(sqlite_database, tmp_path, now)
    rounds.answer_all(rounds.open(), cast.members_of("team_a"))
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        session.execute(update(Round).values(opens_at=now, closes_at=now - timedelta(hours=1)))
    JobRuns(tmp_path / "jobs").note_done("retention", at=now)
    settings = Settings(data=tmp_path, database_url=url)
    patient = Patient(settings, sqlite_database, now, Reach.ADMIN)
    found = {each.name: each.values for each in measure(patient)}
    assert found["wellbeing_outbox_overdue_messages"] == {"": 1}
    assert 5000 < found["wellbeing_outbox_oldest_seconds"][""] < 6000
    assert found["wellbeing_rounds_late"] == {"open": 0, "close": 1, "publish": 0}
    assert found["wellbeing_job_done_timestamp_seconds"] == {"retention": now.timestamp()}
    assert found["wellbeing_check_state"]["rounds"] == 2


def _metrics(server: Server) -> str:
    asked = Request(f"{server.address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with build_opener(ProxyHandler({})).open(asked, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_server_counts_over_its_workers_and_beyond_the_death_of_one(
    tmp_path: Path, sqlite_database: Database, token_file: Path
) -> None:
    database = Database(sqlite_database.url.render_as_string(), make_field_keys(tmp_path / "keys"))
    with database.writing(Reach.EVERYTHING) as session:
        make_cast(session)
    round_id = RoundRunner(database, tmp_path, utc_now()).open()
    database.close()
    port = free_port()
    stale = tmp_path / "metrics" / f"127_0_0_1_{port}" / "counter_1.db"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"left by a server that was killed")
    options = ("--workers", "2")
    with served(tmp_path, port, *options, metrics_token_file=token_file) as server:
        assert not stale.exists()
        server.answer(email_of("Eva"), PASSWORD, round_id, STEADY)
        assert read(_metrics(server), "wellbeing_requests_total") == {}
        for _ in range(24):
            server.visit("/hr", CookieJar())
        refused = ("admin", "admin.status", "302")
        server.visit("/admin/status", CookieJar())
        found = read(_metrics(server), "wellbeing_requests_total")
        assert (found["hr", "hr.home", "302"], found[refused]) == (24, 1)
        counted_by = {file.stem.split("_")[1] for file in stale.parent.glob("counter_*.db")}
        for worker in counted_by:
            os.kill(int(worker), signal.SIGKILL)
        for _ in range(100):
            if server.read_log().count("Booting worker") >= 2 + len(counted_by):
                break
            time.sleep(0.1)
        assert read(_metrics(server), "wellbeing_requests_total")["hr", "hr.home", "302"] == 24
        assert "wellbeing_check_state" in _metrics(server)


def test_the_document_names_every_metric_and_no_other(counting: None) -> None:
    text = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(wellbeing_\w+)` \|", text, flags=re.MULTILINE))
    counted = {
        f"{metric._name}_total" if metric._type == "counter" else metric._name
        for metric in (
            metrics._counters().requests,
            metrics._counters().seconds,
            metrics._counters().failed_sign_ins,
            metrics._counters().refusals,
        )
    }
    source = (ROOT / "wellbeing" / "actions" / "health" / "measures.py").read_text("utf-8")
    assert named == counted | set(re.findall(r'"(wellbeing_\w+)"', source))
