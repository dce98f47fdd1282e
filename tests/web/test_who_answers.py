"""Log, metrics and security log are the same whoever of two people answers."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from flask import Flask

from tests.cast import PASSWORD, Cast, email_of
from tests.rounds import RoundRunner
from tests.web.browser import Browser
from tests.web.code_visits import CodeVisits
from tests.web.conftest import Clock
from wellbeing.monitoring import metrics
from wellbeing.monitoring.logs import json_formatter
from wellbeing.settings import Settings
from wellbeing.store.personal import Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """What the process writes as its log, everything that any part of it says."""
    written, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(json_formatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process counts."""
    monkeypatch.setattr(metrics, "_counting", False)
    metrics._counters.cache_clear()
    metrics.begin_counting()
    yield
    metrics._counters.cache_clear()


class Watcher:
    """Reads along everywhere, a second after each thing that somebody does."""

    def __init__(self, app: Flask, visits: CodeVisits, clock: Clock, stream: StringIO) -> None:
        self._app, self._visits, self._clock, self._stream = app, visits, clock, stream

    def watch(self, who_answers: str) -> list[str]:
        """Eva comes at a quarter past, Tom at half past; one answers, the other reads."""
        metrics._lots = metrics._Lots()
        seen = list[str]()
        for name in ("Eva", "Tom"):
            self._clock.forward(minutes=15)
            browser = Browser(self._app)
            browser.post("/sign-in", {"email": email_of(name), "password": PASSWORD})
            seen.append(self._look())
            if name == who_answers:
                self._visits.send(browser)
            else:
                browser.get("/diary")
            seen.append(self._look())
        return seen

    def _look(self) -> str:
        folder = self._app.extensions["wellbeing"].settings.security_folder
        files = "".join(file.read_text() for file in sorted(folder.iterdir()))
        return "\n".join((self._stream.getvalue(), metrics.write_metrics().decode(), files))


@pytest.mark.asvs("16.2.5")
def test_whoever_reads_all_of_it_cannot_tell_which_of_two_has_answered(
    app: Flask, database: Database, cast: Cast, settings: Settings, clock: Clock, stream: StringIO
) -> None:
    start = clock.moment
    seen = []
    rounds = RoundRunner(database, settings.data, clock.now())
    visits = CodeVisits(app, cast, rounds, rounds.open())
    for who in ("Eva", "Tom"):
        clock.moment = start
        for file in settings.security_folder.glob("*"):
            file.unlink()
        stream.truncate(0)
        stream.seek(0)
        seen.append(Watcher(app, visits, clock, stream).watch(who))
    with database.reading(Reach.EVERYTHING) as session:
        answered = [
            session.get_one(Participation, (visits.round_id, cast.people[name])).done
            for name in ("Eva", "Tom")
        ]
    assert answered == [True, True], "each of them has answered once, in one of the two histories"
    assert seen[0] == seen[1]
    lines = [json.loads(line) for line in seen[0][-1].splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines] == ["sign_in", "sign_in"]
    assert {line["at"] for line in lines} == {start.isoformat()}


def test_what_would_give_it_away_is_seen(
    app: Flask, database: Database, cast: Cast, settings: Settings, clock: Clock, stream: StringIO
) -> None:
    """The proof above compares closely enough: one line more is a difference."""
    rounds = RoundRunner(database, settings.data, clock.now())
    visits = CodeVisits(app, cast, rounds, rounds.open())
    watcher = Watcher(app, visits, clock, stream)
    before = watcher.watch("nobody")
    metrics.count_request("employee.checkin", 500, 0.1)
    assert watcher._look() != before[-1]
