"""Addresses that mail does not reach: marked, told to administrators only, and tried again."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from jobs.read_replies import read_replies
from tests.actions.post_office import PostOffice
from tests.actions.test_delivery import (
    EVA,
    IDA,
    activation,
    invited,
    let_it_expire_late,
    on_sqlite,
    reminded,
    roster,
)
from tests.bounce_mails import SERVERS, Bounce, like_postfix
from tests.cast import Cast
from tests.mail_server import MailServer
from wellbeing.actions.bounce_reading import read_report
from wellbeing.actions.bounces import count_unreached, find_unreached, try_again, try_all_again
from wellbeing.actions.outbox_outcomes import Delivered
from wellbeing.actions.retention import delete_expired
from wellbeing.actions.sign_in import post_link
from wellbeing.domain.actor import Actor
from wellbeing.domain.mail_status import find_status, is_given_up, is_no_such_address, wait_before
from wellbeing.store.accounts import BouncedAddress, BounceReason, PersonStatus
from wellbeing.store.audit import AuditEvent, MailState
from wellbeing.store.reach import Reach

__all__ = ["activation", "invited", "reminded"]
HOST = "trivsel.osterhus.example"
UNREACHED = "1 addresses that mail did not reach"


@on_sqlite
class TestNoSuchAddress:
    @pytest.fixture
    def marked(self, office: PostOffice, invited: UUID, mail_server: MailServer) -> UUID:
        """Eva, whose invitation was refused; the round."""
        mail_server.refusals[EVA] = "550 5.1.1 No such user"
        office.deliver()
        mail_server.received.clear()
        mail_server.refusals.clear()
        return invited

    def _post(self, office: PostOffice, cast: Cast, occasion: str) -> None:
        with office.database.writing(Reach.EVERYTHING) as session:
            now = office.clock.now()
            post_link(session, cast.people["Eva"], PersonStatus.ACTIVE, occasion=occasion, now=now)

    def _unreached(self, office: PostOffice) -> list[UUID]:
        with office.database.reading(Reach.ADMIN) as session:
            assert count_unreached(session) == len(find_unreached(session))
            return list(find_unreached(session))

    def test_further_mail_waits_until_the_address_is_corrected(
        self, office: PostOffice, marked: UUID, cast: Cast, mail_server: MailServer
    ) -> None:
        self._post(office, cast, "1")
        assert self._unreached(office) == [cast.people["Eva"]]
        assert office.deliver() == Delivered()
        office.change(cast.people["Eva"], email="eva.holm@osterhus.example")
        assert self._unreached(office) == []
        assert office.deliver() == Delivered(sent=1)
        assert mail_server.receivers == ["eva.holm@osterhus.example"]

    @pytest.mark.parametrize("for_all", [False, True])
    def test_it_goes_again_when_an_administrator_says_so(
        self,
        office: PostOffice,
        marked: UUID,
        cast: Cast,
        mail_server: MailServer,
        for_all: bool,
    ) -> None:
        self._post(office, cast, "1")
        by, now = Actor.command("test"), office.clock.now()
        for _ in range(2):
            with office.database.writing(Reach.ADMIN) as session:
                if for_all:
                    try_all_again(session, by=by, now=now)
                else:
                    try_again(session, cast.people["Eva"], by=by, now=now)
        assert self._unreached(office) == []
        assert office.deliver() == Delivered(sent=1)
        with office.database.reading(Reach.ADMIN) as session:
            acts = session.scalars(select(AuditEvent.act)).all()
        assert acts.count("person.mail_resumed") == 1

    def test_held_mail_ends_when_its_time_is_over(
        self, office: PostOffice, marked: UUID, cast: Cast, mail_server: MailServer
    ) -> None:
        self._post(office, cast, "1")
        office.clock.forward(days=30)
        office.deliver()
        assert office.states() == {MailState.ENDED}
        assert mail_server.received == []

    def test_a_reminder_marks_nothing_since_only_the_silent_get_one(
        self, office: PostOffice, reminded: UUID, mail_server: MailServer
    ) -> None:
        mail_server.refusals = dict.fromkeys(roster(office), "550 5.1.1 No such user")
        assert office.deliver().undeliverable == len(roster(office))
        assert self._unreached(office) == []

    def test_what_was_given_up_for_three_days_is_over_with_the_next_mail_that_arrives(
        self, office: PostOffice, activation: UUID, mail_server: MailServer, cast: Cast
    ) -> None:
        mail_server.refusals[IDA] = "450 4.2.2 Full"
        let_it_expire_late(office)
        for _ in range(30):
            office.deliver()
            office.clock.forward(hours=8)
        assert self._unreached(office) == [activation]
        mail_server.refusals.clear()
        with office.database.writing(Reach.EVERYTHING) as session:
            now = office.clock.now()
            post_link(session, activation, PersonStatus.INVITED, occasion="2", now=now)
        assert office.deliver() == Delivered(sent=1)
        assert self._unreached(office) == []

    @pytest.mark.parametrize("reach", [Reach.LEADER, Reach.WORKPLACE, Reach.SUPERVISOR])
    def test_no_connection_of_leaders_or_hr_can_read_it(
        self, office: PostOffice, marked: UUID, reach: Reach
    ) -> None:
        with (
            office.database.reading(reach) as session,
            pytest.raises(DatabaseError, match="prohibited"),
        ):
            session.execute(text("SELECT * FROM bounced_address")).all()


@on_sqlite
class TestReports:
    @pytest.fixture
    def maildir(self, office: PostOffice, tmp_path: Path) -> Iterator[Maildir]:
        """Where reports arrive."""
        box = Maildir(tmp_path / "replies", create=True)
        office.settings = office.settings.model_copy(update={"reply_maildir": tmp_path / "replies"})
        yield box
        box.close()

    @pytest.fixture
    def bounce(self, office: PostOffice, invited: UUID, mail_server: MailServer) -> Bounce:
        """Eva's invitation, taken by the first server and refused by the next."""
        office.deliver()
        return Bounce(mail_server.mail_to(EVA).message)

    def _read(self, office: PostOffice, maildir: Maildir, raw: bytes) -> str:
        maildir.add(raw)
        said = read_replies(office.context)
        assert len(maildir) == 0
        return said

    def _marked(self, office: PostOffice) -> dict[UUID, BounceReason]:
        with office.database.reading(Reach.ADMIN) as session:
            return {who: marked.reason for who, marked in find_unreached(session).items()}

    @pytest.mark.parametrize("server", sorted(SERVERS))
    def test_an_address_that_came_back_is_marked_and_the_report_deleted(
        self, office: PostOffice, maildir: Maildir, bounce: Bounce, cast: Cast, server: str
    ) -> None:
        assert UNREACHED in self._read(office, maildir, SERVERS[server](bounce))
        assert self._marked(office) == {cast.people["Eva"]: BounceReason.NO_SUCH_ADDRESS}
        assert len(maildir.get_folder("aside")) == 0
        assert UNREACHED in self._read(office, maildir, SERVERS[server](bounce)), "again is fine"

    @pytest.mark.parametrize(
        "change",
        [
            {"status": "5.2.2"},
            {"status": "4.4.7"},
            {"action": "delayed", "status": "5.1.1"},
            {"status": "nonsense"},
        ],
        ids=str,
    )
    def test_what_says_nothing_final_about_the_address_of_somebody_invited_marks_nothing(
        self, office: PostOffice, maildir: Maildir, bounce: Bounce, change: dict[str, object]
    ) -> None:
        said = self._read(office, maildir, like_postfix(bounce.but(**change)))
        assert "1 with nothing to do" in said
        assert self._marked(office) == {}

    def test_a_full_mailbox_is_told_and_holds_nothing(
        self, office: PostOffice, maildir: Maildir, activation: UUID, mail_server: MailServer
    ) -> None:
        office.deliver()
        full = Bounce(mail_server.mail_to(IDA).message, status="5.2.2")
        assert UNREACHED in self._read(office, maildir, like_postfix(full))
        assert self._marked(office) == {activation: BounceReason.GIVEN_UP}

    def test_a_reminder_that_came_back_leaves_nothing_at_all(
        self, office: PostOffice, maildir: Maildir, reminded: UUID, mail_server: MailServer
    ) -> None:
        office.deliver()
        bounce = Bounce(mail_server.mail_to(EVA).message)
        assert "1 with nothing to do" in self._read(office, maildir, like_postfix(bounce))
        assert self._marked(office) == {}
        assert len(maildir.get_folder("aside")) == 0

    def test_a_report_about_the_old_address_does_not_mark_the_new_one(
        self, office: PostOffice, maildir: Maildir, bounce: Bounce, cast: Cast
    ) -> None:
        office.change(cast.people["Eva"], email="eva.holm@osterhus.example")
        self._read(office, maildir, like_postfix(bounce))
        assert self._marked(office) == {}

    def test_nobody_can_mark_an_address_without_a_mail_that_was_sent_to_it(
        self, office: PostOffice, maildir: Maildir, bounce: Bounce, mail_server: MailServer
    ) -> None:
        for message_id in (f"<{uuid4()}@{HOST}>", self._id_of_another(mail_server)):
            del bounce.original["Message-ID"]
            bounce.original["Message-ID"] = message_id
            self._read(office, maildir, like_postfix(bounce))
        assert self._marked(office) == {}

    def _id_of_another(self, mail_server: MailServer) -> str:
        other = next(mail for mail in mail_server.received if mail.to != EVA)
        return str(other.message["Message-ID"])

    def test_what_a_machine_wrote_is_given_nobody_to_read(
        self, office: PostOffice, maildir: Maildir
    ) -> None:
        heads = (
            "Return-Path: <>",
            "Auto-Submitted: auto-replied (vacation)",
            "X-Failed-Recipients: eva@osterhus.example",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=z",
        )
        for head in heads:
            for times in (1, 10_000):  # also where it is too long to be read
                quoted = "There is still time to answer. " * times
                raw = f"From: a@b.example\r\n{head}\r\n\r\n{quoted}".encode()
                assert "1 with nothing to do" in self._read(office, maildir, raw)
        assert len(maildir.get_folder("aside")) == 0

    def test_what_a_person_wrote_is_still_put_aside(
        self, office: PostOffice, maildir: Maildir, invited: UUID
    ) -> None:
        raw = b"From: eva@osterhus.example\r\nReturn-Path: <eva@x.example>\r\n\r\nKan I ringe?"
        assert "1 put aside" in self._read(office, maildir, raw)


def test_a_damaged_report_does_no_harm() -> None:
    original = EmailMessage()
    sent = uuid4()
    original["Message-ID"], original["To"] = f"<{sent}@{HOST}>", EVA
    original.set_content("Hej Eva")
    for raw in (write(Bounce(original)) for write in SERVERS.values()):
        assert read_report(raw, host=HOST) is not None
        assert read_report(raw, host="elsewhere.example") is None
        for cut in range(0, len(raw), 7):
            for damaged in (raw[:cut], raw[cut:], raw[:cut] + b"\xff\x00" + raw[cut:]):
                found = read_report(damaged, host=HOST)
                assert found is None or found.message_id == sent


@on_sqlite
def test_marks_of_addresses_that_nobody_has_any_more_are_deleted(
    office: PostOffice, invited: UUID, mail_server: MailServer, cast: Cast
) -> None:
    mail_server.refusals = {
        EVA: "550 5.1.1 No",
    }
    office.deliver()
    for address, left in ((EVA, 1), ("new@osterhus.example", 0)):
        office.change(cast.people["Eva"], email=address)
        with office.database.writing(Reach.EVERYTHING) as session:
            delete_expired(session, now=office.clock.now())
            assert len(session.scalars(select(BouncedAddress)).all()) == left


@pytest.mark.parametrize(
    ("answer", "status", "is_unknown"),
    [
        ("5.1.1 <x@y.example>: User unknown", "5.1.1", True),
        ("5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10", True),
        ("5.2.1 The account is disabled", "5.2.1", True),
        ("5.1.8 Your own address is bad", "5.1.8", False),
        ("5.1.11 Something else", "5.1.11", False),
        ("5.7.1 Relay access denied", "5.7.1", False),
        ("4.2.2 Mailbox full", "4.2.2", False),
        ("No such user 5.1.1", None, False),
        ("550", None, False),
        ("", None, False),
    ],
)
def test_what_a_servers_answer_says_of_the_address(
    answer: str, status: str | None, is_unknown: bool
) -> None:
    assert find_status(answer) == status
    assert is_no_such_address(status or "") == is_unknown


def test_three_days_are_counted_in_attempts() -> None:
    last = next(attempt for attempt in range(1, 100) if is_given_up(attempt))
    shortest = sum((wait_before(n, spread=0) for n in range(1, last)), timedelta(0))
    assert timedelta(hours=72) <= shortest < timedelta(hours=78)
    assert wait_before(5, spread=1) == wait_before(5, spread=0) * 1.25
