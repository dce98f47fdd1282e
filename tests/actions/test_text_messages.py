"""Whoever has no e-mail is invited and reminded by text message, once, with their own code."""

import json
import os
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.actions.post_office import BASE_URL, PostOffice
from tests.cast import Cast, email_of
from tests.mail_server import MailServer
from tests.rounds import ZONE, RoundRunner
from tests.sms_receiver import Receiver, running_receiver
from wellbeing import sms
from wellbeing.actions.codes import open_with_code
from wellbeing.actions.delivery import LEASE, Delivery
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.outbox_outcomes import Delivered, Outcomes
from wellbeing.actions.text_messages import BY_SMS, say
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.errors import Refused
from wellbeing.domain.sms_text import PLACES, count_places
from wellbeing.store.accounts import CheckInCode, Person, PersonStatus
from wellbeing.store.audit import MailState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.texts import available_locales, translations_for

REMINDER_DAY = 4
EVA_S_NUMBER, OTTO_S_NUMBER = "+4510001001", "+4510001002"
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A gateway on this machine."""
    with running_receiver() as running:
        yield running


@pytest.fixture
def office(office: PostOffice, cast: Cast, receiver: Receiver) -> PostOffice:
    """Eva and Otto have a telephone and no e-mail, and there is a gateway."""
    office.settings = office.settings.model_copy(
        update={"sms_gateway": "http", "sms_url": receiver.url}
    )
    office.change(cast.people["Eva"], email=None, mobile=EVA_S_NUMBER)
    office.change(cast.people["Otto"], email=None, mobile=OTTO_S_NUMBER)
    return office


@pytest.fixture
def invited(office: PostOffice, rounds: RoundRunner) -> UUID:
    """A round that is open, with its invitations in the outbox."""
    round_id = rounds.open()
    office.invite()
    return round_id


def messages(receiver: Receiver, number: str = EVA_S_NUMBER) -> list[str]:
    """The texts that a number got."""
    return [one["text"] for one in receiver.taken if one["to"] == number]


def code_in(text: str) -> str:
    """The code of the link in a text."""
    found = re.search(rf"{re.escape(BASE_URL)}/code/(\w+)$", text)
    assert found, text
    return found[1]


def opens(office: PostOffice, code: str) -> bool:
    """Whether the code opens a check-in now."""
    key = get_or_make_app_key(office.settings.key_folder)
    try:
        with office.database.writing(Reach.SIGN_IN) as session:
            open_with_code(session, code, app_key=key, now=office.clock.now())
    except Refused:
        return False
    return True


def to_reminder(office: PostOffice) -> None:
    """On to the morning of the reminder, which is posted."""
    office.clock.forward(days=REMINDER_DAY, minutes=5)
    office.remind()


def test_who_has_no_e_mail_gets_a_message_with_a_link_that_opens_the_check_in(
    office: PostOffice, invited: UUID, receiver: Receiver, mail_server: MailServer
) -> None:
    office.deliver()
    (text,) = messages(receiver)
    assert text.startswith("Et check-in om dit arbejde er åbent til 16. februar.")
    assert opens(office, code_in(text))
    (english,) = messages(receiver, OTTO_S_NUMBER)
    assert english.startswith("A check-in about your work is open until 16 February.")
    assert code_in(english) != code_in(text)
    assert {email_of("Eva"), email_of("Otto")}.isdisjoint(mail_server.receivers)
    assert email_of("Tom") in mail_server.receivers


@on_sqlite
def test_the_code_is_in_no_table(office: PostOffice, invited: UUID, receiver: Receiver) -> None:
    office.deliver()
    code = code_in(messages(receiver)[0])
    with office.database.reading(Reach.EVERYTHING) as session:
        tables = CheckInCode.metadata.sorted_tables
        dump = "\n".join(str(row) for table in tables for row in session.execute(select(table)))
    assert "Østerhus" in dump
    assert EVA_S_NUMBER not in dump
    assert code not in dump


@on_sqlite
def test_jobs_run_again_send_nothing_twice(
    office: PostOffice, invited: UUID, receiver: Receiver
) -> None:
    for _ in range(3):
        office.invite()
        office.deliver()
    assert len(messages(receiver)) == 1


@on_sqlite
def test_a_reminder_brings_a_new_link_that_replaces_the_old_one(
    office: PostOffice, invited: UUID, receiver: Receiver
) -> None:
    office.deliver()
    to_reminder(office)
    office.deliver()
    first, second = messages(receiver)
    assert second.startswith("Check-in er åbent til 16. februar.")
    assert "påmindelser" in second
    assert not opens(office, code_in(first))
    assert opens(office, code_in(second))


@on_sqlite
@pytest.mark.parametrize("change", [{"reminders_stopped": True}, {"mobile": None}, {"left": True}])
def test_who_stopped_reminders_has_no_number_or_has_left_is_not_reminded(
    office: PostOffice, invited: UUID, receiver: Receiver, cast: Cast, change: dict[str, object]
) -> None:
    to_reminder(office)
    values = {"status": PersonStatus.DISABLED} if "left" in change else change
    office.change(cast.people["Eva"], **values)
    office.deliver()
    assert all("påmindelser" not in text for text in messages(receiver))
    assert any("reminders" in text for text in messages(receiver, OTTO_S_NUMBER))


def test_who_has_answered_is_not_reminded_and_the_outbox_does_not_tell(
    office: PostOffice, invited: UUID, receiver: Receiver, rounds: RoundRunner, cast: Cast
) -> None:
    office.deliver()
    rounds.answer(invited, cast.people["Eva"])
    to_reminder(office)
    office.deliver()
    assert len(messages(receiver)) == 1
    assert len(messages(receiver, OTTO_S_NUMBER)) == 2
    rows = [row for row in office.rows() if row.kind == MailKind.REMINDER]
    told = {(r.state, r.attempts, str(r.context), r.due_at, r.expires_at) for r in rows}
    assert len(told) == 1
    assert {cast.people["Eva"], cast.people["Otto"]} <= {row.person_id for row in rows}


@on_sqlite
def test_without_a_gateway_nothing_is_sent_and_nothing_waits(
    office: PostOffice, invited: UUID, receiver: Receiver, database: Database
) -> None:
    office.settings = office.settings.model_copy(update={"sms_gateway": ""})
    assert office.deliver().unwanted == 2
    assert receiver.received == []
    assert office.states() == {MailState.ENDED}
    with database.reading(Reach.EVERYTHING) as session:
        assert session.scalars(select(CheckInCode)).all() == []


@on_sqlite
def test_the_file_gateway_does_the_same(office: PostOffice, invited: UUID) -> None:
    office.settings = office.settings.model_copy(update={"sms_gateway": "file"})
    office.deliver()
    lines = (office.settings.data / sms.FILE).read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["to"] for line in lines} == {EVA_S_NUMBER, OTTO_S_NUMBER}


@on_sqlite
def test_a_mail_server_that_is_down_does_not_hold_up_text_messages(
    office: PostOffice, invited: UUID, receiver: Receiver, mail_server: MailServer
) -> None:
    mail_server.stop()
    assert office.deliver().sent == 2
    mail_server.start()


@pytest.mark.asvs("16.5.2")
@on_sqlite
@pytest.mark.parametrize("status", [503, 429, 401, 302])
def test_a_gateway_in_trouble_holds_up_no_mail_and_gets_the_message_later(
    office: PostOffice,
    invited: UUID,
    receiver: Receiver,
    mail_server: MailServer,
    status: int,
) -> None:
    receiver.status = status
    assert office.deliver().postponed == 2
    assert email_of("Tom") in mail_server.receivers
    receiver.status = 202
    office.clock.forward(minutes=3)
    assert office.deliver() == Delivered(sent=2)
    assert opens(office, code_in(messages(receiver)[0]))


@on_sqlite
def test_one_number_that_is_refused_holds_up_nobody_else(
    office: PostOffice, invited: UUID, receiver: Receiver
) -> None:
    receiver.statuses_by_number[EVA_S_NUMBER] = 422
    office.deliver()
    assert len(messages(receiver, OTTO_S_NUMBER)) == 1
    assert office.states() == {MailState.ENDED}


@on_sqlite
def test_a_message_that_may_have_arrived_is_not_sent_again(
    office: PostOffice, invited: UUID, receiver: Receiver
) -> None:
    receiver.dies = True
    assert office.deliver().postponed == 1
    receiver.dies = False
    office.clock.forward(hours=1)
    assert office.deliver() == Delivered(sent=1)
    assert len(messages(receiver)) == len(messages(receiver, OTTO_S_NUMBER)) == 1


def _die(self: Outcomes, message_id: UUID, *, sent: bool = False) -> None:
    """After the gateway took a message and before anything is noted about it."""
    if sent:
        os.kill(os.getpid(), signal.SIGKILL)


@on_sqlite
def test_a_message_handed_over_by_a_killed_process_is_not_doubled_and_its_link_works(
    office: PostOffice, invited: UUID, tmp_path: Path, cast: Cast
) -> None:
    office.settings = office.settings.model_copy(update={"sms_gateway": "file", "smtp_port": 1})
    office.change(cast.people["Otto"], mobile=None)
    child = os.fork()
    if child == 0:
        try:
            Outcomes.end = _die  # type: ignore[method-assign]
            Delivery(
                Database(office.settings.database_url), office.settings, clock=office.clock.now
            ).run()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    office.clock.forward(seconds=LEASE.total_seconds())
    office.deliver()
    (line,) = (office.settings.data / sms.FILE).read_text(encoding="utf-8").splitlines()
    assert opens(office, code_in(json.loads(line)["text"]))


@pytest.mark.asvs("16.2.5")
@on_sqlite
def test_numbers_and_codes_are_in_no_log(
    office: PostOffice,
    invited: UUID,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    for status in (503, 422):
        receiver.status = status
        office.deliver()
        office.clock.forward(minutes=3)
    sent = receiver.received
    assert len(sent) == 4
    assert "SmsRefused" in caplog.text
    for one in sent:
        assert one["to"][3:] not in caplog.text
        assert code_in(one["text"]) not in caplog.text


@pytest.mark.parametrize("locale", available_locales())
@pytest.mark.parametrize("kind", BY_SMS)
@pytest.mark.parametrize("host", ["x.dk", "trivsel.osterhus.example", "trivsel.stor-kommune.dk"])
def test_a_message_fits_into_one_on_the_longest_day_of_a_calendar(
    kind: MailKind, locale: str, host: str
) -> None:
    link = f"https://{host}/code/ABCDEFGHJKMN"
    for month in range(1, 13):
        closes_at = datetime(2026, month, 28, 9, tzinfo=UTC)
        text = say(kind, translations_for(locale), link=link, closes_at=closes_at, zone=ZONE)
        places = count_places(text)
        assert places is not None
        assert places <= PLACES
        assert text.endswith(f" {link}")
        assert "28" in text


def test_a_very_long_address_gets_fewer_words() -> None:
    link = f"https://{'trivsel.' * 8}dk/code/ABCDEFGHJKMN"
    closes_at = datetime(2026, 2, 16, 9, tzinfo=UTC)
    text = say(
        MailKind.INVITATION, translations_for("da"), link=link, closes_at=closes_at, zone=ZONE
    )
    assert text == f"Check-in til 16. februar: {link}"


@on_sqlite
def test_nobody_is_named_in_a_message(
    office: PostOffice, invited: UUID, receiver: Receiver, cast: Cast
) -> None:
    office.deliver()
    with office.database.reading(Reach.EVERYTHING) as session:
        name = session.get_one(Person, cast.people["Eva"]).name
    assert all(part not in messages(receiver)[0] for part in (*name.split(), "Østerhus"))
