"""Mail reaches whom it should, once, through a real SMTP server that may misbehave."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import event, select, text, update

from jobs.deliver_mail import deliver_mail
from tests.actions.post_office import BASE_URL, PostOffice
from tests.cast import Cast, email_of
from tests.mail_server import AfterData, MailServer, make_certificate, running_mail_server
from tests.rounds import RoundRunner
from wellbeing import mail
from wellbeing.actions import delivery
from wellbeing.actions.bounces import count_unreached, find_unreached
from wellbeing.actions.delivery import LEASE, Delivery
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.outbox_outcomes import Delivered, Outcomes
from wellbeing.actions.reminders import stop_reminders
from wellbeing.actions.sign_in import find_link, post_link
from wellbeing.store.accounts import BounceReason, Person, PersonStatus
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.org import Membership, Pause, Programme
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

EVA = email_of("Eva")
IDA = email_of("Ida")
REMINDER_DAY = 4
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def invited(office: PostOffice, rounds: RoundRunner) -> UUID:
    """A round that is open, with its invitations in the outbox."""
    round_id = rounds.open()
    office.invite()
    return round_id


@pytest.fixture
def reminded(office: PostOffice, rounds: RoundRunner) -> UUID:
    """A round that is open, with its reminders in the outbox."""
    round_id = rounds.open()
    office.clock.forward(days=REMINDER_DAY, minutes=5)
    rounds.now = office.clock.now()
    office.remind()
    return round_id


@pytest.fixture
def activation(office: PostOffice, cast: Cast) -> UUID:
    """An activation mail to Ida in the outbox, and nothing else."""
    with office.database.writing(Reach.EVERYTHING) as session:
        post_link(
            session, cast.people["Ida"], PersonStatus.INVITED, occasion="1", now=office.clock.now()
        )
    return cast.people["Ida"]


def roster(office: PostOffice) -> list[str]:
    with office.database.reading(Reach.EVERYTHING) as session:
        query = select(Person.email).join(Membership, Membership.person_id == Person.id)
        return sorted(email for email in session.scalars(query) if email)


@on_sqlite
class TestContents:
    @pytest.mark.parametrize(
        ("name", "language", "subject", "greeting"),
        [
            ("Eva", "da", "Check-in er åbent til 16. februar 2026 kl. 10.00", "Hej Eva Holm"),
            ("Otto", "en", "The check-in is open until 16 February 2026", "Hello Otto Winther,"),
        ],
    )
    def test_an_invitation_arrives_in_the_receivers_language_as_text_and_html(
        self,
        office: PostOffice,
        invited: UUID,
        mail_server: MailServer,
        name: str,
        language: str,
        subject: str,
        greeting: str,
    ) -> None:
        office.deliver()
        received = mail_server.mail_to(email_of(name))
        assert received.message["Subject"].startswith(subject)
        for kind in ("plain", "html"):
            assert greeting in received.body(kind)
            assert f"{BASE_URL}/check-in/{invited}" in received.body(kind)
        assert f'<html lang="{language}">' in received.body("html")

    def test_it_comes_from_the_organisation_and_names_one_receiver_only(
        self, office: PostOffice, invited: UUID, mail_server: MailServer
    ) -> None:
        office.deliver()
        message = mail_server.mail_to(EVA).message
        (sender,) = message["From"].addresses
        assert (sender.display_name, sender.addr_spec) == ("Østerhus", "trivsel@osterhus.example")
        assert [one.addr_spec for one in message["To"].addresses] == [EVA]
        assert message["Auto-Submitted"] == "auto-generated"
        assert not message.defects

    def test_a_reminder_can_be_stopped_with_one_click(
        self, office: PostOffice, reminded: UUID, mail_server: MailServer, cast: Cast
    ) -> None:
        office.deliver()
        received = mail_server.mail_to(EVA)
        url = received.raw_header("List-Unsubscribe")
        assert url.startswith(f"<{BASE_URL}/reminders/stop/")
        assert url.endswith(">")
        assert url[1:-1] in received.body("plain")
        assert received.raw_header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
        with office.database.writing(Reach.SIGN_IN) as session:
            token = url[1:-1].rpartition("/")[2]
            stop_reminders(session, token, folder=office.settings.key_folder)
            assert session.get_one(Person, cast.people["Eva"]).reminders_stopped

    @pytest.mark.parametrize("base_url", [BASE_URL, f"https://{'trivsel.' * 20}example"])
    def test_the_stop_address_travels_whole_however_long(
        self, office: PostOffice, reminded: UUID, mail_server: MailServer, base_url: str
    ) -> None:
        office.settings = office.settings.model_copy(update={"base_url": base_url})
        office.deliver()
        url = mail_server.mail_to(EVA).raw_header("List-Unsubscribe")
        assert url.startswith(f"<{base_url}/reminders/stop/")

    @pytest.mark.asvs("1.3.11")
    @pytest.mark.parametrize(
        ("written", "arrives"),
        [
            ("Øster, Åse", "Øster, Åse"),
            ('Bo "Bosse" Æbelø', 'Bo "Bosse" Æbelø'),
            ("Eva\r\nBcc: chef@osterhus.example", "Eva Bcc: chef@osterhus.example"),
            ("Eva <chef@osterhus.example>", "Eva <chef@osterhus.example>"),
            ("Å" * 200, "Å" * 200),
        ],
    )
    def test_a_name_stays_a_name_in_the_header(
        self,
        office: PostOffice,
        activation: UUID,
        mail_server: MailServer,
        written: str,
        arrives: str,
    ) -> None:
        office.change(activation, name=written)
        office.deliver()
        message = mail_server.mail_to(IDA).message
        (to,) = message["To"].addresses
        assert (to.display_name, to.addr_spec) == (arrives, IDA)
        assert message["Bcc"] is None

    def test_an_address_with_danish_letters_is_written_to(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        office.change(activation, email="søren@østerhus.example")
        assert office.deliver() == Delivered(sent=1)
        assert mail_server.receivers == ["søren@østerhus.example"]

    def test_the_secret_of_an_activation_is_in_no_table_in_clear(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        office.deliver()
        plain = mail_server.mail_to(IDA).body("plain")
        (link,) = (line for line in plain.splitlines() if line.startswith(BASE_URL))
        secret = link.removeprefix(f"{BASE_URL}/link/").strip()
        assert len(secret) >= 43
        with office.database.writing(Reach.EVERYTHING) as session:
            found = find_link(session, secret, now=office.clock.now())
            assert found is not None
            assert found.person_id == activation
        assert secret not in _dump(office)


class TestOnce:
    def test_jobs_run_three_times_write_one_mail_a_person_and_occasion(
        self, office: PostOffice, invited: UUID, mail_server: MailServer
    ) -> None:
        office.deliver()
        for _ in range(2):
            assert office.invite() == "0 invitations."
            assert office.deliver() == Delivered()
        assert mail_server.receivers == roster(office)

    def test_reminders_too_are_written_once(
        self, office: PostOffice, reminded: UUID, mail_server: MailServer
    ) -> None:
        for _ in range(3):
            assert office.remind() == "0 reminders."
            office.deliver()
            office.clock.forward(hours=5)
        assert mail_server.receivers == roster(office)

    def test_a_job_that_asks_again_writes_nothing(self, office: PostOffice, invited: UUID) -> None:
        statements = list[str]()
        engine = office.database.engine(Reach.EVERYTHING)
        event.listen(
            engine, "before_cursor_execute", lambda *said: statements.append(said[2].split()[0])
        )
        office.invite()
        assert "SELECT" in statements
        assert "INSERT" not in statements

    def test_jobs_that_invite_at_once_write_one_mail_each(
        self, office: PostOffice, rounds: RoundRunner
    ) -> None:
        rounds.open()
        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(lambda _: office.invite(), range(4)))
        people = len(roster(office))
        assert len(office.rows()) == people
        assert sum(int(one.split()[0]) for one in said) == people

    def test_two_deliverers_at_once_send_each_mail_once(
        self,
        office: PostOffice,
        invited: UUID,
        mail_server: MailServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(delivery, "MOST_AT_ONCE", 3)
        engine = office.database.engine(Reach.EVERYTHING)
        event.listen(engine, "commit", lambda _: sleep(0.005))  # so that they do meet
        together, done = Barrier(2), list[Delivered]()

        def run() -> None:
            together.wait()
            done.append(office.deliver())

        threads = [Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert mail_server.receivers == roster(office)
        assert sum(one.sent for one in done) == len(mail_server.received)
        assert all(one.sent for one in done), "one of them did all the work"

    @pytest.mark.parametrize(("days", "mails"), [(14 - 3, 1), (14, 0)])
    def test_a_waiting_invitation_is_sent_until_the_round_closes_and_not_after(
        self,
        office: PostOffice,
        invited: UUID,
        mail_server: MailServer,
        days: int,
        mails: int,
    ) -> None:
        office.clock.forward(days=days)
        office.deliver()
        assert mail_server.receivers.count(EVA) == mails


class TestWanted:
    def test_a_reminder_is_not_sent_to_who_answered_between_posting_and_sending(
        self,
        office: PostOffice,
        reminded: UUID,
        mail_server: MailServer,
        rounds: RoundRunner,
        cast: Cast,
    ) -> None:
        rounds.answer(reminded, cast.people["Eva"])
        office.deliver()
        assert mail_server.receivers == [one for one in roster(office) if one != EVA]

    def test_a_reminder_is_not_sent_after_closing(
        self, office: PostOffice, reminded: UUID, mail_server: MailServer
    ) -> None:
        office.clock.forward(days=14 - REMINDER_DAY)
        assert office.deliver().sent == 0
        assert mail_server.received == []
        assert office.states() == {MailState.ENDED}

    @pytest.mark.parametrize(
        "change", [{"reminders_stopped": True}, {"status": PersonStatus.DISABLED}, {"email": None}]
    )
    def test_a_reminder_is_not_sent_to_who_stopped_it_or_left_or_has_no_address(
        self,
        office: PostOffice,
        reminded: UUID,
        mail_server: MailServer,
        cast: Cast,
        change: dict[str, object],
    ) -> None:
        office.change(cast.people["Eva"], **change)
        office.deliver()
        assert EVA not in mail_server.receivers
        assert len(mail_server.received) > 1

    def test_who_stopped_reminders_is_still_invited(
        self, office: PostOffice, invited: UUID, mail_server: MailServer, cast: Cast
    ) -> None:
        office.change(cast.people["Eva"], reminders_stopped=True)
        office.deliver()
        assert EVA in mail_server.receivers

    def test_nobody_is_reminded_during_a_pause(self, office: PostOffice, invited: UUID) -> None:
        office.clock.forward(days=REMINDER_DAY, minutes=5)
        today = office.clock.now().date()
        with office.database.writing(Reach.EVERYTHING) as session:
            session.add(
                Pause(from_day=today, until_day=today + timedelta(days=1), reason="Helligdag")
            )
        assert office.remind() == "0 reminders."
        office.clock.forward(days=1)
        assert office.remind() != "0 reminders."

    def test_nobody_is_reminded_in_a_pause_that_was_added_after_posting(
        self, office: PostOffice, reminded: UUID, mail_server: MailServer
    ) -> None:
        today = office.clock.now().date()
        with office.database.writing(Reach.EVERYTHING) as session:
            session.add(Pause(from_day=today, until_day=today + timedelta(days=1), reason="Sorg"))
        assert office.deliver().sent == 0
        assert mail_server.received == []

    def test_a_reminder_that_waited_gives_way_to_the_next_one(
        self, office: PostOffice, rounds: RoundRunner, mail_server: MailServer
    ) -> None:
        rounds.open()
        with office.database.writing(Reach.EVERYTHING) as session:
            session.execute(update(Programme).values(reminder_days="4,10"))
        for days in (4, 6):
            office.clock.forward(days=days, minutes=5)
            assert office.remind() != "0 reminders."
        office.deliver()
        assert mail_server.receivers.count(EVA) == 1

    def test_an_activation_is_not_sent_to_who_has_a_password_by_now(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        office.change(activation, status=PersonStatus.ACTIVE)
        assert office.deliver() == Delivered(unwanted=1)
        assert mail_server.received == []

    @pytest.mark.parametrize("disturbed", [False, True])
    def test_the_outbox_does_not_tell_afterwards_who_got_a_reminder(
        self,
        office: PostOffice,
        reminded: UUID,
        mail_server: MailServer,
        rounds: RoundRunner,
        cast: Cast,
        disturbed: bool,
    ) -> None:
        rounds.answer(reminded, cast.people["Eva"])
        if disturbed:
            mail_server.refusals[email_of("Tom")] = "450 Try again"
            office.deliver()
            mail_server.refusals.clear()
            office.clock.forward(hours=1)
        office.deliver()
        assert email_of("Tom") in mail_server.receivers
        reminders = [row for row in office.rows() if row.kind == MailKind.REMINDER]
        told = {(r.state, r.attempts, str(r.context), r.due_at, r.expires_at) for r in reminders}
        assert len(reminders) == len(roster(office))
        assert len(told) == 1


@on_sqlite
class TestTrouble:
    @pytest.mark.asvs("16.5.2")
    def test_a_server_that_is_down_postpones_everything_and_later_all_arrives(
        self, office: PostOffice, invited: UUID, mail_server: MailServer
    ) -> None:
        mail_server.stop()
        assert office.deliver() == Delivered(postponed=len(roster(office)))
        assert office.deliver() == Delivered(), "it must wait before it tries again"
        mail_server.start()
        office.clock.forward(minutes=3)
        assert office.deliver().sent == len(roster(office))
        assert mail_server.receivers == roster(office)

    def test_the_waits_double_up_to_six_hours_and_end_after_three_days(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        mail_server.refusals[IDA] = "450 4.2.2 Mailbox full"
        let_it_expire_late(office)
        start, waits = office.clock.now(), list[float]()
        while office.deliver() == Delivered(postponed=1):
            due_at = office.row().due_at
            waits.append((due_at - office.clock.now()) / timedelta(minutes=1))
            office.clock.moment = due_at
        shortest = [2, 4, 8, 16, 32, 64, 128, 256, *[360] * 11]
        assert len(waits) == len(shortest)
        assert all(
            least <= wait <= least * 1.25 for least, wait in zip(shortest, waits, strict=True)
        )
        waited, at_least = office.clock.now() - start, timedelta(minutes=sum(shortest))
        assert timedelta(hours=72) <= at_least <= waited <= at_least * 1.25
        assert office.row().state is MailState.ENDED
        with office.database.reading(Reach.ADMIN) as session:
            (marked,) = find_unreached(session).values()
        assert (marked.person_id, marked.reason) == (activation, BounceReason.GIVEN_UP)
        assert marked.since == office.clock.now().date()

    def test_a_server_that_is_away_for_a_week_gives_nothing_up(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        mail_server.stop()
        let_it_expire_late(office)
        for _ in range(7 * 24):
            assert office.deliver() == Delivered(postponed=1)
            assert office.row().due_at - office.clock.now() <= timedelta(minutes=3)
            office.clock.forward(hours=1)
        mail_server.start()
        mail_server.refusals[IDA] = "450 Greylisted"
        assert office.deliver() == Delivered(postponed=1)
        mail_server.refusals.clear()
        office.clock.forward(minutes=3)
        assert office.deliver() == Delivered(sent=1)

    def test_what_is_refused_together_does_not_come_back_together(
        self, office: PostOffice, invited: UUID, mail_server: MailServer
    ) -> None:
        mail_server.data_refusal = "451 Try again"
        office.deliver()
        assert len({row.due_at for row in office.rows()}) > 1

    @pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "450 Mailbox busy", "550 Who?"])
    def test_one_refused_receiver_holds_up_nobody_else(
        self, office: PostOffice, invited: UUID, mail_server: MailServer, answer: str
    ) -> None:
        mail_server.refusals[EVA] = answer
        office.deliver()
        assert mail_server.receivers == [one for one in roster(office) if one != EVA]

    def test_an_address_that_does_not_exist_is_not_tried_again(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        mail_server.refusals[IDA] = "550 5.1.1 No such user"
        assert office.deliver() == Delivered(undeliverable=1)
        assert office.row().state is MailState.ENDED

    @pytest.mark.parametrize("answer", ["550 relay not permitted", "554 5.7.1 Relay denied"])
    def test_a_refusal_that_may_be_about_us_is_tried_again(
        self, office: PostOffice, invited: UUID, mail_server: MailServer, answer: str
    ) -> None:
        mail_server.refusals = dict.fromkeys(roster(office), answer)
        assert office.deliver() == Delivered(postponed=len(roster(office)))
        mail_server.refusals.clear()
        office.clock.forward(minutes=3)
        assert office.deliver().sent == len(roster(office))
        with office.database.reading(Reach.ADMIN) as session:
            assert count_unreached(session) == 0

    @pytest.mark.parametrize("trouble", ["receiver", "sender", "sender for good", "data"])
    def test_a_mail_refused_for_now_is_tried_again(
        self, office: PostOffice, activation: UUID, mail_server: MailServer, trouble: str
    ) -> None:
        mail_server.refusals = {IDA: "450 Try again"} if trouble == "receiver" else {}
        mail_server.sender_refusal = {
            "sender": "451 Try again",
            "sender for good": "550 We do not know you",
        }.get(trouble)
        mail_server.data_refusal = "452 Full" if trouble == "data" else None
        assert office.deliver() == Delivered(postponed=1)
        mail_server.refusals, mail_server.sender_refusal = {}, None
        mail_server.data_refusal = None
        office.clock.forward(minutes=3)
        assert office.deliver() == Delivered(sent=1)
        assert mail_server.receivers == [IDA]

    def test_a_mail_that_cannot_be_written_keeps_nobody_elses(
        self, office: PostOffice, invited: UUID, mail_server: MailServer, cast: Cast
    ) -> None:
        office.change(cast.people["Eva"], language="xx")
        done = office.deliver()
        assert (done.sent, done.postponed) == (len(roster(office)) - 1, 1)
        office.clock.forward(days=14)
        assert office.deliver() == Delivered(unwanted=1)

    @pytest.mark.asvs("16.2.5", "16.3.4")
    def test_what_goes_wrong_is_logged_without_the_address(
        self,
        office: PostOffice,
        activation: UUID,
        mail_server: MailServer,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        mail_server.refusals[IDA] = f"550 5.1.1 <{IDA}> is unknown"
        office.deliver()
        assert caplog.messages == ["A mail was not sent: SMTPRecipientsRefused."]
        assert IDA not in caplog.text

    def test_a_slow_server_does_not_use_up_the_lease(
        self, office: PostOffice, invited: UUID, mail_server: MailServer
    ) -> None:
        asked = office.clock.now

        def slow() -> datetime:
            office.clock.forward(seconds=20)
            return asked()

        office.clock.now = slow  # type: ignore[method-assign]
        done = office.deliver()
        office.clock.now = asked  # type: ignore[method-assign]
        assert done.sent > 0
        assert done.postponed == len(roster(office)) - done.sent
        assert {row.state for row in office.rows()} == {MailState.ENDED, MailState.WAITING}

    @pytest.mark.parametrize("after_data", [AfterData.DIE, AfterData.HANG])
    def test_an_invitation_that_may_have_arrived_is_not_sent_again(
        self,
        office: PostOffice,
        invited: UUID,
        mail_server: MailServer,
        monkeypatch: pytest.MonkeyPatch,
        after_data: AfterData,
    ) -> None:
        monkeypatch.setattr(mail, "_TIMEOUT_SECONDS", 0.3)
        mail_server.after_data = after_data
        done = office.deliver()
        assert (done.sent, done.postponed) == (0, len(roster(office)) - 1)
        mail_server.after_data = AfterData.ANSWER
        office.clock.forward(hours=1)
        office.deliver()
        assert mail_server.receivers == roster(office)

    def test_an_activation_that_may_have_arrived_is_sent_again_under_the_same_id(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        mail_server.after_data = AfterData.DIE
        assert office.deliver() == Delivered(postponed=1)
        mail_server.after_data = AfterData.ANSWER
        office.clock.forward(minutes=3)
        assert office.deliver() == Delivered(sent=1)
        first, second = mail_server.received
        assert first.message["Message-ID"] == second.message["Message-ID"]
        assert first.message["Message-ID"] == f"<{office.row().id}@trivsel.osterhus.example>"

    @pytest.mark.asvs("12.3.1", "12.3.2")
    @pytest.mark.parametrize("trusted", [True, False])
    def test_mail_goes_encrypted_to_a_server_with_a_trusted_certificate_only(
        self,
        office: PostOffice,
        activation: UUID,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        trusted: bool,
    ) -> None:
        tls, certificate = make_certificate(tmp_path)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with running_mail_server(tls) as server:
            office.settings = office.settings.model_copy(
                update={"smtp_port": server.port, "smtp_starttls": True}
            )
            assert office.deliver() == Delivered(sent=int(trusted), postponed=int(not trusted))
        assert len(server.received) == int(trusted)


def let_it_expire_late(office: PostOffice) -> None:
    with office.database.writing(Reach.EVERYTHING) as session:
        session.execute(
            text("UPDATE outbox_message SET expires_at = :end"),
            {"end": datetime(2030, 1, 1, tzinfo=UTC)},
        )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_five_connections_to_the_mail_server_send_each_mail_once(
    office: PostOffice, invited: UUID, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_AT_ONCE", 2)
    office.settings = office.settings.model_copy(update={"mail_connections": 5})
    assert deliver_mail(office.context).startswith(f"{len(roster(office))} sent, ")
    assert mail_server.receivers == roster(office)


class TestKilled:
    def test_an_invitation_handed_over_by_a_killed_process_is_not_doubled(
        self, office: PostOffice, cast: Cast, rounds: RoundRunner, mail_server: MailServer
    ) -> None:
        round_id = rounds.open()
        _post_invitation(office, round_id, cast.people["Eva"])
        _deliver_in_a_child_that_dies(office)
        assert mail_server.receivers == [EVA]
        assert office.deliver() == Delivered(), "the lease still runs"
        office.clock.forward(seconds=LEASE.total_seconds())
        assert office.deliver() == Delivered()
        assert mail_server.receivers == [EVA]
        assert office.row().state is MailState.ENDED

    def test_an_activation_handed_over_by_a_killed_process_is_sent_again(
        self, office: PostOffice, activation: UUID, mail_server: MailServer
    ) -> None:
        _deliver_in_a_child_that_dies(office)
        office.clock.forward(seconds=LEASE.total_seconds())
        assert office.deliver() == Delivered(sent=1)
        assert mail_server.receivers == [IDA, IDA]
        assert office.row().state is MailState.ENDED

    def test_what_the_killed_process_had_claimed_and_not_begun_is_sent_by_the_next(
        self, office: PostOffice, invited: UUID, mail_server: MailServer
    ) -> None:
        _deliver_in_a_child_that_dies(office)
        assert len(mail_server.received) == 1
        office.clock.forward(seconds=LEASE.total_seconds())
        assert office.deliver().sent == len(roster(office)) - 1
        assert mail_server.receivers == roster(office)


def _post_invitation(office: PostOffice, round_id: UUID, person_id: UUID) -> None:
    now = office.clock.now()
    letter = Letter(
        MailKind.INVITATION, person_id, "1", now, now + timedelta(days=9), round_id=round_id
    )
    with office.database.writing(Reach.EVERYTHING) as session:
        post(session, [letter])


def _die(*_: object, **__: object) -> None:
    """After the server took a mail and before anything is noted about it."""
    os.kill(os.getpid(), signal.SIGKILL)


def _deliver_in_a_child_that_dies(office: PostOffice) -> None:
    child = os.fork()
    if child == 0:
        try:
            database = Database(office.settings.database_url)
            Outcomes.end = _die  # type: ignore[method-assign]
            Delivery(database, office.settings, clock=office.clock.now).run()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def _dump(office: PostOffice) -> str:
    """Every value of every column of every table, as text."""
    with office.database.reading(Reach.EVERYTHING) as session:
        return "\n".join(
            str(
                [
                    bytes(value).hex() + str(value) if isinstance(value, bytes) else value
                    for value in row
                ]
            )
            for table in OutboxMessage.metadata.sorted_tables
            for row in session.execute(select(table))
        )


def test_the_dump_finds_what_is_there(office: PostOffice, cast: Cast) -> None:
    assert "Østerhus" in _dump(office)
    assert "Eva Holm" not in _dump(office)
    assert date(2024, 1, 1).isoformat() not in "".join(roster(office))


@on_sqlite
def test_a_new_password_does_not_wait_behind_invitations(
    office: PostOffice, invited: UUID, cast: Cast, mail_server: MailServer
) -> None:
    with office.database.writing(Reach.EVERYTHING) as session:
        later = office.clock.now() + timedelta(seconds=1)
        post_link(session, cast.people["Eva"], PersonStatus.ACTIVE, occasion="1", now=later)
    office.clock.forward(minutes=1)
    office.deliver()
    first, *rest = mail_server.received
    assert "/link/" in first.body("plain")
    assert len(rest) == len(roster(office))
