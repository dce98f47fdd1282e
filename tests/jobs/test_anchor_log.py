"""The head of the log is written outside the database once a day and mailed; nothing is lost."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.anchor_log import anchor_log
from jobs.context import JobContext
from jobs.shorten_log import shorten_audit_log
from tests.clock import InventedClock
from tests.logs import check, cut_off, said, write_log
from tests.mail_server import MailServer
from wellbeing.actions.anchor_file import AnchorFile
from wellbeing.actions.audit_log import ANCHORED
from wellbeing.domain.errors import Refused
from wellbeing.settings import Settings
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

DPO = "dpo@osterhus.example"


@pytest.fixture
def context(
    sqlite_database: Database, tmp_path: Path, mail_server: MailServer, clock: InventedClock
) -> JobContext:
    """A log of one event, and somebody to mail anchors to."""
    settings = Settings(
        organisation="Østerhus",
        data=tmp_path,
        smtp_port=mail_server.port,
        anchor_mail=f"{DPO}, {DPO}",
        default_language="en",
    )
    write_log(sqlite_database, [clock.now()])
    return JobContext(sqlite_database, settings, clock.now)


@pytest.fixture
def clock(now: datetime) -> InventedClock:
    """A clock of one's own."""
    return InventedClock(now)


def file_of(context: JobContext) -> AnchorFile:
    """The file of anchors."""
    return AnchorFile(context.settings.anchor_path)


def body(message: EmailMessage) -> str:
    """The text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.asvs("16.4.3")
def test_one_anchor_a_day_in_file_log_and_mail(
    context: JobContext, clock: InventedClock, mail_server: MailServer
) -> None:
    assert anchor_log(context) == "event 1 anchored, 1 mailed, 0 to be mailed."
    assert anchor_log(context) == "nothing to anchor, 0 mailed, 0 to be mailed."
    clock.forward(days=1)
    assert anchor_log(context) == "event 2 anchored, 1 mailed, 0 to be mailed."
    anchors = file_of(context).read().anchors
    assert [anchor.number for anchor in anchors] == [1, 2]
    assert check(context.database, *anchors).fitting == 2
    with context.database.reading(Reach.ADMIN) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.act == ANCHORED)).all()
    assert [event.details["hash"] for event in events] == [anchor.hash for anchor in anchors]
    first, _ = (received.message for received in mail_server.received)
    assert first["To"].addresses[0].addr_spec == DPO
    assert first["Subject"] == "The audit log of Østerhus: event 1"
    assert f"1:{anchors[0].hash}" in body(first)


def test_a_mail_server_that_is_away_gets_all_of_it_later(
    context: JobContext, clock: InventedClock, mail_server: MailServer
) -> None:
    away = context.settings.model_copy(update={"smtp_port": 1})
    away_context = JobContext(context.database, away, clock.now)
    for _ in range(2):
        said_ = anchor_log(away_context)
        clock.forward(days=1)
    assert said_ == "event 2 anchored, 0 mailed, 2 to be mailed."
    assert anchor_log(context).endswith("3 mailed, 0 to be mailed.")
    (mail,) = mail_server.received
    text = body(mail.message)
    assert all(anchor.hash in text for anchor in file_of(context).read().anchors)


def test_a_log_that_does_not_fit_is_anchored_all_the_same_and_the_mail_says_so(
    context: JobContext, clock: InventedClock, mail_server: MailServer
) -> None:
    anchor_log(context)
    clock.forward(days=1)
    cut_off(context.database, after=0)
    write_log(context.database, [clock.now()])
    anchor_log(context)
    mail = mail_server.received[-1].message
    assert mail["Subject"] == "The audit log of Østerhus does not fit together"
    assert "written anew" in body(mail)
    with context.database.reading(Reach.ADMIN) as session:
        query = select(AuditEvent).where(AuditEvent.act == ANCHORED)
        assert [event.details["whole"] for event in session.scalars(query)] == [False]


def test_a_full_disk_leaves_the_old_anchors_and_is_said(
    context: JobContext, clock: InventedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor_log(context)
    before = context.settings.anchor_path.read_bytes()
    clock.forward(days=1)
    real = os.write

    def half(file: int, line: bytes) -> int:
        real(file, line[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wellbeing.actions.anchor_file.os.write", half)
    with pytest.raises(Refused, match="No space left on device"):
        anchor_log(context)
    assert context.settings.anchor_path.read_bytes() == before
    monkeypatch.undo()
    anchor_log(context)
    assert file_of(context).read().faults == ()


def test_a_line_that_a_power_cut_left_unfinished_is_taken_away(
    context: JobContext, clock: InventedClock
) -> None:
    anchor_log(context)
    with context.settings.anchor_path.open("ab") as file:
        file.write(b'{"number": 2, "ha')
    clock.forward(days=1)
    anchor_log(context)
    lines = file_of(context).read()
    assert (lines.faults, len(lines.anchors)) == ((), 2)


def test_two_machines_anchor_in_files_of_their_own_and_both_fit(
    context: JobContext, clock: InventedClock, tmp_path: Path
) -> None:
    other = context.settings.model_copy(update={"anchor_file": tmp_path / "other" / "a.jsonl"})
    for _ in range(2):
        anchor_log(context)
        anchor_log(JobContext(context.database, other, clock.now))
        clock.forward(days=1)
    both = (file_of(context).read(), AnchorFile(other.anchor_path).read())
    anchors = [anchor for lines in both for anchor in lines.anchors]
    state = check(context.database, *anchors)
    assert (said(state), state.fitting) == ("", 4)


def test_several_processes_that_write_to_one_file_make_one_chain_of_lines(tmp_path: Path) -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from wellbeing.actions.anchor_file import AnchorFile\n"
        "from wellbeing.domain.log_anchors import LogAnchor\n"
        "for n in range(1, 21): AnchorFile(Path(sys.argv[1])).append("
        "LogAnchor(n, 'a' * 64, datetime.now(UTC)))"
    )
    path = tmp_path / "anchors.jsonl"
    running = [subprocess.Popen([sys.executable, "-c", program, path]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    lines = AnchorFile(path).read()
    assert (lines.faults, len(lines.anchors)) == ((), 60)


def test_the_log_is_shortened_by_its_job_once_it_is_anchored(
    context: JobContext, clock: InventedClock
) -> None:
    clock.forward(days=6 * 366)
    write_log(context.database, [clock.now()])
    assert "No anchor vouches" in shorten_audit_log(context)
    anchor_log(context)
    assert shorten_audit_log(context) == "1 events removed."
    assert shorten_audit_log(context) == "0 events removed."
    assert check(context.database, *file_of(context).read().anchors).is_whole


def test_killed_while_shortening_the_log_is_as_before(
    context: JobContext, clock: InventedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.forward(days=6 * 366)
    write_log(context.database, [clock.now()])
    anchor_log(context)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("wellbeing.actions.audit_expiry.record", die)
        with pytest.raises(KeyboardInterrupt):
            shorten_audit_log(context)
    assert check(context.database, *file_of(context).read().anchors).first == 1
    clock.forward(seconds=timedelta(hours=1).seconds)
    assert shorten_audit_log(context) == "1 events removed."
