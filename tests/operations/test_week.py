"""A day of the simulated week; `python -m tests.operations.week` is the whole."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import NO_POSTGRESQL
from tests.databases import PostgreSQLServer
from tests.operations.week import Plan, live_through

pytestmark = pytest.mark.postgresql
SHORT = Plan(
    days=1,
    step=timedelta(hours=2),
    window_days=5,
    ends={10: signal.SIGKILL},
    web=(3,),
    ask_every_hours=6,
)


def test_every_job_once_and_every_mail_once(
    postgresql: PostgreSQLServer | None, tmp_path: Path
) -> None:
    if postgresql is None:
        pytest.skip(NO_POSTGRESQL)
    figures = live_through(SHORT, postgresql, tmp_path)
    assert not figures.violations, "; ".join(figures.violations)
    assert figures.runs == figures.slots > 140
    assert figures.mails["invitation"] > 15
    assert figures.mails["reset"] == 3
    ((_, seconds),) = figures.takeovers
    assert seconds < 5
