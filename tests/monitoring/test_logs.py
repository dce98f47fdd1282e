"""A process writes its log as JSON with nothing of anybody in it, whoever wrote the line."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from wellbeing.monitoring.logs import json_formatter, say_event, write_json_logs
from wellbeing.monitoring.redaction import ALLOWED, keep_allowed
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

SECRETS = (
    "eva.holm@example.dk",
    "010190-1234",
    "+45 12 34 56 78",
    "3f0f9a52-0b8e-4f60-9f1d-1f9a35a5a1b7",
    "KQ7M-2XPA-9RTW",
    "/link/hLkq93hf82hf9aa",
    "/diary?code=123456",
    "session=eyJfdXNlcl9pZCI6",
    "Eva Holm",
    "97.25",
)


class Log:
    """What a logger has written so far."""

    def __init__(self, name: str) -> None:
        self.stream = StringIO()
        self.logger = logging.getLogger(f"{name}.{uuid4().hex}")
        self.logger.propagate = False
        self.logger.setLevel(logging.DEBUG)
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(json_formatter())
        self.logger.addHandler(handler)

    def last(self) -> dict[str, object]:
        """The newest line."""
        found: dict[str, object] = json.loads(self.stream.getvalue().splitlines()[-1])
        return found


@pytest.fixture
def ours() -> Log:
    """A logger of the program."""
    return Log("wellbeing.test")


@pytest.fixture
def theirs() -> Log:
    """A logger of a library."""
    return Log("library")


@pytest.mark.asvs("16.2.5")
@pytest.mark.parametrize("secret", SECRETS)
def test_a_value_is_in_no_line_however_it_was_logged(ours: Log, theirs: Log, secret: str) -> None:
    for log in (ours, theirs):
        logger = log.logger
        logger.warning("A mail to %s was refused by %r.", secret, {"to": secret})
        logger.warning("One of %(who)s.", {"who": secret})
        say_event(
            logger, logging.INFO, "Said.", account=secret, job=secret, who=secret, frames=[secret]
        )
        logger.info("With more.", extra={"who": secret, "fields": {"endpoint": f"x {secret}"}})
        try:
            raise ValueError(secret)
        except ValueError:
            logger.exception("It failed: %s.", secret)
        assert secret not in log.stream.getvalue()
        assert len(log.stream.getvalue().splitlines()) == 5


@pytest.mark.asvs("16.2.5")
@pytest.mark.parametrize("secret", SECRETS[:8])
def test_a_value_that_a_library_has_put_into_its_text_is_taken_out(
    theirs: Log, secret: str
) -> None:
    theirs.logger.warning("Cannot answer " + secret + " at once")
    assert secret not in theirs.stream.getvalue()
    assert str(theirs.last()["event"]).startswith("Cannot answer")


def test_a_line_says_when_what_and_from_where(ours: Log) -> None:
    say_event(
        ours.logger,
        logging.INFO,
        "A request was answered.",
        endpoint="leader.unit",
        status=200,
        milliseconds=12.5,
        request=uuid4().hex,
    )
    said = ours.last()
    assert said["endpoint"] == "leader.unit"
    assert (said["status"], said["milliseconds"], said["level"]) == (200, 12.5, "info")
    assert str(said["at"]).endswith("+00:00")
    assert "left_out" not in said


def test_a_word_of_ours_stays_and_a_word_of_a_library_s_does_not(ours: Log, theirs: Log) -> None:
    for log in (ours, theirs):
        log.logger.warning("%s: %s", "deliver-mail", "3 sent, 2 unwanted.")
    assert ours.last()["event"] == "deliver-mail: …"
    assert theirs.last()["event"] == "…: …"


@pytest.mark.asvs("16.3.4")
def test_a_fault_is_told_by_its_kind_and_the_lines_it_came_through(ours: Log) -> None:
    def deep() -> None:
        raise KeyError(SECRETS[0])

    try:
        try:
            deep()
        except KeyError as fault:
            raise RuntimeError(SECRETS[1]) from fault
    except RuntimeError:
        ours.logger.exception("A request failed.")
    said = ours.last()
    assert (said["exception"], said["causes"]) == ("RuntimeError", ["KeyError"])
    frames = said["frames"]
    assert isinstance(frames, list)
    assert frames[-1].startswith("tests/monitoring/test_logs.py:")


def test_a_fault_of_the_database_does_not_repeat_what_was_to_be_stored(
    ours: Log, sqlite_database: Database
) -> None:
    with pytest.raises(SQLAlchemyError) as raised, sqlite_database.writing(Reach.EVERYTHING) as s:
        s.execute(text("INSERT INTO job_claim (job) VALUES (:job)"), {"job": SECRETS[0]})
    ours.logger.error("It could not be stored: %s.", raised.value, exc_info=raised.value)
    said = ours.stream.getvalue()
    assert SECRETS[0] not in said
    assert "job_claim" not in said
    assert str(ours.last()["exception"]).startswith("sqlalchemy.exc.")


@pytest.mark.asvs("16.4.1")
def test_nothing_makes_a_second_line(ours: Log) -> None:
    ours.logger.warning('First\n{"event": "forged"}\r\n%s', "x\ny")
    assert len(ours.stream.getvalue().splitlines()) == 1


def test_a_field_that_is_not_on_the_list_is_counted_and_not_shown() -> None:
    assert keep_allowed({"status": 200, "person": "Eva", "job": 3}) == {
        "status": 200,
        "left_out": 2,
    }
    assert "person" not in ALLOWED


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    found = logging.getLogger()
    before = (list(found.handlers), found.level)
    levels = {name: logging.getLogger(name).level for name in ("wellbeing", "jobs")}
    yield found
    found.handlers, found.level = before[0], before[1]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_a_process_writes_everything_in_this_form_once(root: logging.Logger) -> None:
    stream = StringIO()
    write_json_logs(StringIO())
    write_json_logs(stream)
    logging.getLogger("wellbeing.mail").info("A mail was not sent: %s.", TimeoutError("eva"))
    logging.getLogger("urllib3").info("GET /%s", "secret")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["A mail was not sent: TimeoutError."]
