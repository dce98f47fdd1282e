"""kill −9 between a booking and its mail: both are there or neither is, and the mail goes out."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.actions.desk import Desk, at
from tests.actions.post_office import PostOffice
from tests.mail_server import MailServer
from wellbeing.actions.outbox import MailKind
from wellbeing.store.reach import Reach
from wellbeing.store.support import Booking, SupportSession

ROOT = Path(__file__).parents[2]
BOOK = """
import os, signal, sys
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo
from sqlalchemy import event
from sqlalchemy.orm import Session
from tests.field_keys import use_test_keys
from wellbeing.actions import own_talks, session_mail
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

use_test_keys()
url, supervisor, first, now, where, *people = sys.argv[1:]
database, moment = Database(url), datetime.fromisoformat(first)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if where == "after the booking, before the letters":
    own_talks.write_to_all = die
if where == "after the letters, before the commit":
    event.listen(Session, "before_commit", die)
if where == "after the commit":
    event.listen(Session, "after_commit", die)

for number, person in enumerate(people):
    starts_at = moment + timedelta(days=number // 6, hours=number % 6)
    wanted = own_talks.WantedTime(SupportForm.CRISIS_HELP, UUID(supervisor), starts_at)
    with database.writing(Reach.EMPLOYEE) as session:
        made = own_talks.book_slot(session, UUID(person), wanted,
            zone=ZoneInfo("Europe/Copenhagen"), now=datetime.fromisoformat(now))
    print(made.id, flush=True)
"""


def start(desk: Desk, where: str, names: list[str]) -> subprocess.Popen[str]:
    """A process that books hour after hour with Susan, one for each of these people."""
    url = desk.database.url.render_as_string(hide_password=False)
    first = at("2026-02-03", "09:00").isoformat()
    people = [str(desk.cast.people[name]) for name in names]
    arguments = [url, str(desk.susan), first, desk.now.isoformat(), where, *people]
    return subprocess.Popen(
        [sys.executable, "-c", BOOK, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )


def count(desk: Desk, table: type) -> int:
    """How many rows there are."""
    with desk.database.reading(Reach.EVERYTHING) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.asvs("2.3.3")
@pytest.mark.parametrize(
    ("where", "is_there"),
    [
        ("after the booking, before the letters", False),
        ("after the letters, before the commit", False),
        ("after the commit", True),
    ],
)
def test_killed_between_booking_and_mail_both_are_there_or_neither(
    desk: Desk, office: PostOffice, mail_server: MailServer, where: str, *, is_there: bool
) -> None:
    child = start(desk, where, ["Eva"])
    _, said = child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL, said
    assert count(desk, Booking) == count(desk, SupportSession) == int(is_there)
    assert len(desk.letters(MailKind.SESSION_INVITATION)) == 2 * int(is_there)
    # Whoever presses again, not knowing, has one talk, and one mail each goes out.
    again = start(desk, "never", ["Eva"])
    _, said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert count(desk, Booking) == 1
    assert office.deliver().sent == 2
    assert sorted(mail_server.receivers) == ["eva@osterhus.example", "susan@osterhus.example"]


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_every_acknowledged_booking_is_there_with_its_letters(
    desk: Desk, seed: int
) -> None:
    team = ["Eva", "Tom", "Sara", "Anne", "Bent", "Carl", "Gry", "Jens"]
    child = start(desk, "never", team * 3)
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().strip()]
    time.sleep(random.Random(seed).random() * 0.5)
    child.kill()
    rest, said = child.communicate(timeout=120)
    assert "Traceback" not in said
    acknowledged += [line for line in rest.split() if len(line) == 36]
    with desk.database.reading(Reach.EVERYTHING) as session:
        sessions = [str(found) for found in session.scalars(select(SupportSession.id))]
        booked = [str(found) for found in session.scalars(select(Booking.session_id))]
    assert set(acknowledged) <= set(sessions)
    assert sorted(sessions) == sorted(booked)
    assert len(desk.letters(MailKind.SESSION_INVITATION)) == 2 * len(sessions)
