"""Fixtures for every test: both databases, a fixed moment, and the named cast."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nacl.pwhash.argon2id as argon2id
import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from tests.compiled_once import compile_once
from tests.databases import (
    PostgreSQLServer,
    copied_postgresql,
    find_quick_folder,
    postgresql_server,
)
from tests.field_keys import use_test_keys
from tests.mail_server import MailServer, running_mail_server
from tests.operations.nginx import NO_NGINX
from wellbeing.crypto import diaries
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

# A busy machine is slow, which says nothing about the code.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("unhurried")

use_test_keys()
compile_once()

if quick := find_quick_folder():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick))

NO_POSTGRESQL = (
    "PostgreSQL is not installed: every test on PostgreSQL was SKIPPED. "
    "Install it (Debian: apt-get install postgresql) for the full proof."
)
NO_BROWSER = (
    "Chromium is not installed: every test in a real browser was SKIPPED. "
    "Install it (Debian: apt-get install chromium) for the full proof."
)

# What a guess of a diary's code costs; tests open too many diaries to pay it each time.
REAL_COST = (diaries._OPS, diaries._MEMORY)


@pytest.fixture(scope="session", autouse=True)
def cheap_diary_codes() -> Iterator[None]:
    """Codes are derived at the lowest cost there is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diaries, "_OPS", argon2id.OPSLIMIT_MIN)
        patch.setattr(diaries, "_MEMORY", argon2id.MEMLIMIT_MIN)
        yield


@pytest.fixture(scope="session", autouse=True)
def applications_made_quickly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Templates are compiled once for the applications of a process, and what builds an address
    when it is first asked for: both would be done anew for each of some thousand applications.
    """
    compile_builder = Rule._compile_builder

    def compile_later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def build(*bound: Any, **values: Any) -> Any:
            if not made:
                made.append(compile_builder(rule, append_unknown))
            return made[0](*bound, **values)

        return build

    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": compiled})
        patch.setattr(Rule, "_compile_builder", compile_later)
        yield


@pytest.fixture
def now() -> datetime:
    """A Monday morning in winter."""
    return datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer | None]:
    """The throw-away server of this test process; None where it is not installed."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database at the newest version, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}", durable=False)
    upgrade(database)
    database.scrub()
    database.close()
    return path


@pytest.fixture
def sqlite_database(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    """An empty SQLite database of one's own."""
    path = tmp_path / "wellbeing.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}", durable=False)
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql: PostgreSQLServer | None) -> Iterator[Database]:
    """An empty PostgreSQL database of one's own."""
    if postgresql is None:
        pytest.skip(NO_POSTGRESQL)
    with copied_postgresql(postgresql) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database of one's own; the test runs once on each kind."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, Database)
    return found


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server of one's own on this machine."""
    with running_mail_server() as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says loudly what had to be skipped, so that green is never taken for proof."""
    reasons = {str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])}
    for said in (NO_POSTGRESQL, NO_BROWSER, NO_NGINX):
        if any(said in reason for reason in reasons):
            terminalreporter.write_line("!" * 100, red=True, bold=True)
            terminalreporter.write_line(said, red=True, bold=True)
            terminalreporter.write_line("!" * 100, red=True, bold=True)
