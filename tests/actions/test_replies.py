"""Answers to invitations, through a real mail server into a Maildir, and what they may do."""

import logging
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from mailbox import Maildir
from pathlib import Path
from signal import SIGKILL
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from jobs.read_replies import read_replies
from tests.actions.post_office import PostOffice
from tests.actions.test_session_mail import Desk, story
from tests.cast import Cast
from tests.mail_server import MailServer
from tests.reply_mails import WRITERS, Answer, like_apple, like_google, like_outlook
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.reply_mailbox import MAX_BYTES
from wellbeing.actions.reply_reading import read_reply
from wellbeing.demo.mail_server import mail_server as maildir_server
from wellbeing.store.audit import AuditEvent
from wellbeing.store.reach import Reach
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession

HOST = "trivsel.osterhus.example"
_ANY = datetime(2026, 2, 9, 9, tzinfo=UTC)
DONE, NOTHING, ASIDE = "1 places free again", "1 with nothing to do", "1 put aside"


class Mailbox:
    """The mailbox for answers with a real server before it, and the job that reads it."""

    def __init__(self, desk: Desk, folder: Path, port: int) -> None:
        self.desk = desk
        self.folder = folder
        self.port = port
        settings = desk.office.settings
        desk.office.settings = settings.model_copy(update={"reply_maildir": folder})

    @property
    def answer(self) -> Answer:
        """Eva's no to the session as it is."""
        uid = f"session-{self.desk.session_id}@{HOST}"
        return Answer(uid, self.desk.starts_at)

    def receive(self, raw: bytes) -> None:
        """Somebody sends it by SMTP."""
        with smtplib.SMTP("127.0.0.1", self.port) as server:
            server.sendmail("x@x.example", ["svar@osterhus.example"], raw)

    def read(self) -> str:
        """Runs the job."""
        return read_replies(self.desk.office.context)

    def take(self, raw: bytes) -> str:
        """Receives and reads."""
        self.receive(raw)
        return self.read()

    @property
    def waiting(self) -> int:
        """How many are still to be read."""
        return len(Maildir(self.folder, create=False))

    @property
    def aside(self) -> list[bytes]:
        """What was put aside."""
        box = Maildir(self.folder, create=False).get_folder("aside")
        return [box.get_bytes(key) for key in list(box.iterkeys())]

    def has_place(self, name: str) -> bool:
        """Whether the person still has a row."""
        key = (self.desk.session_id, self.desk.cast.people[name])
        with self.desk.office.database.reading(Reach.EVERYTHING) as session:
            return session.get(Booking, key) is not None


@pytest.fixture
def box(
    office: PostOffice, cast: Cast, mail_server: MailServer, tmp_path: Path
) -> Iterator[Mailbox]:
    """The desk's session, to which Eva and Tom are invited, and an empty mailbox."""
    with maildir_server(tmp_path / "svar") as port:
        yield Mailbox(Desk.open(office, cast, mail_server), tmp_path / "svar", port)


@pytest.mark.parametrize("program", WRITERS)
def test_a_no_from_any_program_frees_the_place_and_is_not_kept(box: Mailbox, program: str) -> None:
    assert DONE in box.take(WRITERS[program](box.answer))
    assert not box.has_place("Eva")
    assert box.has_place("Tom")
    assert (box.waiting, box.aside) == (0, [])


@pytest.mark.parametrize("program", WRITERS)
@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "DELEGATED", "X-?"])
def test_every_other_answer_changes_nothing_and_is_not_kept(
    box: Mailbox, program: str, partstat: str
) -> None:
    assert NOTHING in box.take(WRITERS[program](box.answer.but(partstat=partstat)))
    assert box.has_place("Eva")
    assert (box.waiting, box.aside) == (0, [])


@pytest.mark.parametrize("state", [BookingState.BOOKED, BookingState.WAITING])
def test_a_booked_place_and_one_in_the_line_are_given_back_too(
    box: Mailbox, state: BookingState
) -> None:
    box.desk.book("Anne", state)
    anne = "anne@osterhus.example"
    assert DONE in box.take(like_google(box.answer.but(attendee=anne, sender=anne)))
    assert not box.has_place("Anne")


def test_a_refusal_is_recorded_nowhere(box: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        box.take(like_outlook(box.answer))
        box.desk.deliver("Eva")
    eva = box.desk.cast.people["Eva"]
    with box.desk.office.database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None
        acts = list(session.scalars(select(AuditEvent)))
    assert acts == []
    assert box.desk.rows("Eva") == []
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("wellbeing", "jobs"))]
    assert not [line for line in ours if "eva@" in line.lower() or str(eva) in line]


def test_whoever_said_no_gets_the_session_taken_out_of_the_calendar(box: Mailbox) -> None:
    box.desk.write_to("Eva")
    box.desk.deliver("Eva")
    box.take(like_google(box.answer))
    assert story(box.desk.deliver("Eva")) == ["REQUEST", "CANCEL"]


def test_the_same_answer_twice_is_once(box: Mailbox) -> None:
    for _ in range(2):
        box.receive(like_apple(box.answer))
    assert f"{DONE}, {NOTHING}" in box.read()
    assert (box.waiting, box.aside) == (0, [])


def test_an_answer_about_a_time_that_was_moved_changes_nothing(box: Mailbox) -> None:
    old = box.answer
    box.desk.move("Eva")
    for writer in (like_outlook, like_google):
        assert NOTHING in box.take(writer(old))
    assert box.has_place("Eva")
    assert DONE in box.take(like_outlook(box.answer.but(sequence=1)))


@pytest.mark.parametrize("days", [7, 8])
def test_a_no_to_a_session_that_has_begun_or_is_over_changes_nothing(
    box: Mailbox, days: int
) -> None:
    box.desk.office.clock.forward(days=days)
    assert NOTHING in box.take(like_google(box.answer))
    assert box.has_place("Eva")


@pytest.mark.parametrize("state", [SessionState.HELD, SessionState.CANCELLED])
def test_a_no_to_a_session_that_was_held_or_cancelled_changes_nothing(
    box: Mailbox, state: SessionState
) -> None:
    with box.desk.office.database.writing(Reach.EVERYTHING) as session:
        session.get_one(SupportSession, box.desk.session_id).state = state
    assert NOTHING in box.take(like_google(box.answer))
    assert box.has_place("Eva")


def test_whoever_leads_cannot_leave_by_calendar_and_somebody_reads_it(box: Mailbox) -> None:
    susan = "susan@osterhus.example"
    assert ASIDE in box.take(like_google(box.answer.but(attendee=susan, sender=susan)))
    assert len(box.aside) == 1


FORGED: dict[str, dict[str, str]] = {
    "another sender": {"sender": "tom@osterhus.example"},
    "another attendee": {"attendee": "tom@osterhus.example"},
    "a stranger": {"sender": "x@x.example", "attendee": "x@x.example"},
    "two senders": {"sender": "eva@osterhus.example>, <tom@osterhus.example"},
    "a name that looks like an address": {"sender": "x@x.example> (eva@osterhus.example"},
    "another host": {"uid": f"session-{UUID(int=1)}@elsewhere.example"},
    "a session there never was": {"uid": f"session-{UUID(int=1)}@{HOST}"},
    "no uid of ours": {"uid": "040000008200E00074C5B7101A82E008"},
    "a request": {"method": "REQUEST"},
    "a counter proposal": {"method": "COUNTER"},
}


@pytest.mark.parametrize("program", WRITERS)
@pytest.mark.parametrize("how", FORGED)
def test_what_does_not_fit_is_put_aside_and_changes_nothing(
    box: Mailbox, how: str, program: str
) -> None:
    raw = WRITERS[program](box.answer.but(**FORGED[how]))
    assert ASIDE in box.take(raw)
    assert box.has_place("Eva")
    assert box.has_place("Tom")
    assert (box.waiting, len(box.aside)) == (0, 1)


def test_two_from_lines_are_put_aside(box: Mailbox) -> None:
    raw = b"From: eva@osterhus.example\r\n" + like_google(box.answer)
    assert ASIDE in box.take(raw)
    assert box.has_place("Eva")


def _garbled(raw: bytes) -> dict[str, bytes]:
    head = b"From: eva@osterhus.example\r\nTo: svar@osterhus.example\r\n"
    calendar = b"Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n"
    return {
        "empty": b"",
        "a letter": head + b"Subject: Jeg er syg\r\n\r\nKan ikke komme.\r\n",
        "cut short": raw[: len(raw) // 2],
        "not text": head + calendar + b"\r\n" + bytes(range(256)),
        "an encoding nobody knows": head + calendar.replace(b"utf-8", b"klingon") + b"\r\nx",
        "base64 that is none": head
        + calendar
        + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
        "a thousand levels": head
        + b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n'
        + b'--a\r\nContent-Type: multipart/mixed; boundary="a"\r\n\r\n' * 1500,
        "a calendar of nothing": head + calendar + b"\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "components without an end": head + calendar + b"\r\n" + b"BEGIN:VEVENT\r\n" * 2000,
        "two attendees": raw.replace(
            b"DTSTAMP:", b"ATTENDEE;PARTSTAT=DECLINED:mailto:tom@osterhus.example\r\nDTSTAMP:"
        ),
        "two events": raw.replace(
            b"END:VCALENDAR", b"BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\nEND:VCALENDAR"
        ),
        "a NUL in the address": raw.replace(b"mailto:eva", b"mailto:e\x00va"),
        "in a mail that was forwarded": head + b"Content-Type: message/rfc822\r\n\r\n" + raw,
        "too large": raw + b"x" * MAX_BYTES,
    }


GARBLED = tuple(_garbled(b""))


@pytest.mark.parametrize("how", GARBLED)
def test_what_cannot_be_read_is_put_aside_and_stops_nothing(box: Mailbox, how: str) -> None:
    new = box.folder / "new"
    box.receive(like_apple(box.answer.but(partstat="ACCEPTED")))
    (new / "0.garbled").write_bytes(_garbled(like_apple(box.answer))[how])
    (new / "9.good").write_bytes(like_google(box.answer))
    assert f"{DONE}, {NOTHING}, {ASIDE}" in box.read()
    assert not box.has_place("Eva")
    assert (box.waiting, len(box.aside)) == (0, 1)


def test_what_was_put_aside_is_whole_and_is_deleted_after_a_month(box: Mailbox) -> None:
    box.receive(b"Subject: Hej\r\n\r\nKan ikke komme.\r\n")
    box.read()
    (kept,) = box.aside
    assert b"Kan ikke komme." in kept
    (file,) = (box.folder / ".aside" / "new").iterdir()
    now = box.desk.office.clock.now()
    for days, is_kept in ((29, True), (31, False)):
        moment = (now - timedelta(days=days)).timestamp()
        os.utime(file, (moment, moment))
        box.read()
        assert file.exists() is is_kept


def test_mail_that_somebody_has_already_looked_at_is_read_too(box: Mailbox) -> None:
    box.receive(like_google(box.answer))
    (file,) = (box.folder / "new").iterdir()
    file.rename(box.folder / "cur" / f"{file.name}:2,S")
    assert DONE in box.read()


def test_a_database_that_does_not_answer_loses_no_answer(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.receive(like_google(box.answer))

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr("wellbeing.actions.reply_mailbox.take_reply", gone)
        with pytest.raises(OperationalError):
            box.read()
    assert (box.waiting, box.aside) == (1, [])
    assert DONE in box.read()


def test_without_the_setting_nothing_is_read(box: Mailbox) -> None:
    box.receive(like_google(box.answer))
    settings = box.desk.office.settings
    box.desk.office.settings = settings.model_copy(update={"reply_maildir": None})
    assert "no mailbox" in box.read()
    assert (box.waiting, box.has_place("Eva")) == (1, True)


def test_a_folder_that_is_no_mailbox_is_said_and_stops_nothing(
    box: Mailbox, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "nowhere", tmp_path / "empty"):
        settings = box.desk.office.settings
        box.desk.office.settings = settings.model_copy(update={"reply_maildir": folder})
        assert "no Maildir" in box.read()


_KILLED = """
import sys
from mailbox import Maildir
from pathlib import Path
from tests.clock import InventedClock
from tests.field_keys import use_test_keys
from datetime import datetime
from jobs.context import JobContext
from jobs.read_replies import read_replies
from wellbeing.settings import Settings
from wellbeing.store.sessions import Database
import time

def hang(self, key):
    Path(sys.argv[4]).write_text("committed")
    time.sleep(60)

use_test_keys()
Maildir.discard = hang
settings = Settings(
    database_url=sys.argv[1], reply_maildir=sys.argv[2], base_url="https://trivsel.osterhus.example"
)
clock = InventedClock(datetime.fromisoformat(sys.argv[3]))
read_replies(JobContext(Database(sys.argv[1], durable=False), settings, clock.now))
"""


def test_killed_between_commit_and_deletion_it_reads_again_and_does_no_more(
    box: Mailbox, tmp_path: Path
) -> None:
    box.receive(like_google(box.answer))
    url = box.desk.office.settings.database_url
    sign = tmp_path / "committed"
    arguments = [url, str(box.folder), box.desk.office.clock.now().isoformat(), str(sign)]
    with subprocess.Popen([sys.executable, "-c", _KILLED, *arguments]) as process:
        while not sign.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(SIGKILL)
    assert sign.exists()
    assert (box.waiting, box.has_place("Eva")) == (1, False)
    assert NOTHING in box.read()
    assert (box.waiting, box.aside) == (0, [])
    kinds = [row.kind for row in box.desk.office.rows()]
    assert kinds == [MailKind.SESSION_RELEASED]


def test_an_answer_of_each_program_is_read_to_the_last_field(box: Mailbox) -> None:
    for program, writer in WRITERS.items():
        reply = read_reply(writer(box.answer), host=HOST)
        assert reply is not None
        assert reply.session_id == box.desk.session_id
        assert reply.address == "eva@osterhus.example"
        assert reply.is_refusal
        assert reply.starts_at == (None if program == "apple" else box.desk.starts_at)


def test_no_mail_of_random_bytes_is_an_answer_or_an_end_of_the_job() -> None:
    base = like_google(Answer(f"session-{uuid4()}@{HOST}", _ANY))
    for step in range(7, len(base), 97):
        broken = base[:step] + b"\xff\x00\r\n" + base[step + 5 :]
        with suppress(ValueError, AssertionError, LookupError):
            reply = read_reply(broken, host=HOST)
            assert reply is None or reply.address == "eva@osterhus.example"
