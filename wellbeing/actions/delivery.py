"""Delivers the outbox: claims a mail, asks again whether it is still wanted, renders and sends it.

Whoever has no address gets invitations and reminders as a text message instead, where a gateway is
set up. The two ways do not wait for each other.

Several deliver at once: each claims messages of its own (SKIP LOCKED on PostgreSQL), with a lease.
Should the process die, or the connection break, while a mail is handed over, nobody can know
whether the server took it: an invitation or reminder is then not sent again (at most one a person),
all other mail is, under the same Message-ID. What was claimed and not begun is sent by the next.

A server that does not answer says nothing about a message: the rest waits some minutes, as often as
it must. What is refused for itself waits ever longer and is given up after three days. An address
that does not exist is marked at once (`bounces`), and mail to it waits until it is corrected.

In quiet hours what can wait waits; an invitation goes all the same where its round would close
first.
"""

import logging
import smtplib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.orm import Session

from wellbeing.actions.bounces import is_held
from wellbeing.actions.letter_contents import Contents, Occasion, describe
from wellbeing.actions.outbox import CAN_WAIT, MailKind
from wellbeing.actions.outbox_outcomes import ENDED, GOES_ONCE, Delivered, Outcomes
from wellbeing.actions.text_messages import write_sms
from wellbeing.domain.quiet_hours import QuietHours
from wellbeing.mail import HandoverUnclear, Mail, MailRenderer, postman
from wellbeing.settings import Settings
from wellbeing.sms import Sms, SmsHandoverUnclear, SmsRefused, find_gateway
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

LEASE = timedelta(minutes=15)
MOST_AT_ONCE = 200
_WAITS = OutboxMessage.kind.in_([kind.value for kind in CAN_WAIT])
_UNCLEAR = (HandoverUnclear, SmsHandoverUnclear)
HandOver = Callable[[Mail | Sms], None]
log = logging.getLogger("wellbeing.mail")


class _Left(Enum):
    """Why a batch was left before its end."""

    NOTHING = "nothing is left"
    NO_TIME = "the lease is half used"
    NO_SERVER = "the server has gone"


@dataclass(frozen=True, slots=True)
class _Way:
    """How messages go, and to whom."""

    to_whom: ColumnElement[bool]
    open: Callable[[], AbstractContextManager[HandOver]]


def deliver(database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> Delivered:
    """Sends what is due over as many connections as the settings allow."""

    def run(_number: int) -> Delivered:
        return Delivery(database, settings, clock=clock).run()

    with ThreadPoolExecutor(settings.mail_connections) as threads:
        done = list(threads.map(run, range(settings.mail_connections)))
    return Delivered(*(sum(column) for column in zip(*map(astuple, done), strict=True)))


class Delivery:
    """One pass over the mail that is due."""

    def __init__(
        self, database: Database, settings: Settings, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._renderer = MailRenderer(settings)
        self._gateway = find_gateway(settings)
        self._outcomes = Outcomes(database, settings.zone, clock=clock)

    def run(self) -> Delivered:
        """Sends what is due; a server that does not answer postpones the rest, losing nothing."""
        self._settle_abandoned()
        has_address = OutboxMessage.person_id.in_(
            select(Person.id).where(Person.email.is_not(None))
        )
        for way in (_Way(has_address, self._open_mail), _Way(~has_address, self._open_sms)):
            while claimed := self._claim(way):
                left = self._deliver_all(claimed, way)
                if left is not _Left.NOTHING:
                    self._outcomes.give_back(claimed, is_away=left is _Left.NO_SERVER)
                    break
        return self._outcomes.counted

    def _settle_abandoned(self) -> None:
        begun = OutboxMessage.state == MailState.HANDING_OVER
        abandoned = (begun | (OutboxMessage.state == MailState.SENDING)) & (
            OutboxMessage.due_at <= self._clock()
        )
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(update(OutboxMessage).where(abandoned, begun, GOES_ONCE).values(ENDED))
            session.execute(update(OutboxMessage).where(abandoned).values(state=MailState.WAITING))

    @contextmanager
    def _open_mail(self) -> Iterator[HandOver]:
        with postman(self._settings) as to:

            def hand_over(mail: Mail | Sms) -> None:
                assert isinstance(mail, Mail)
                to.send(self._renderer.render(mail, now=self._clock()))

            yield hand_over

    @contextmanager
    def _open_sms(self) -> Iterator[HandOver]:
        def hand_over(sms: Mail | Sms) -> None:
            assert isinstance(sms, Sms)
            assert self._gateway is not None
            self._gateway.send(sms)

        yield hand_over

    def _claim(self, way: _Way) -> list[UUID]:
        now = self._clock()
        due = (
            select(OutboxMessage.id)
            .where(OutboxMessage.state == MailState.WAITING, OutboxMessage.due_at <= now)
            .where(self._may_go(now), way.to_whom)
            .where(or_(~is_held(OutboxMessage.person_id), OutboxMessage.expires_at <= now))
            # A new password need not wait for invitations.
            .order_by(GOES_ONCE, OutboxMessage.due_at)
            .limit(MOST_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing(Reach.EVERYTHING) as session:
            ids = list(session.scalars(due))
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id.in_(ids))
                .values(
                    state=MailState.SENDING,
                    due_at=now + LEASE,
                    attempts=OutboxMessage.attempts + 1,
                )
            )
        return ids

    def _may_go(self, now: datetime) -> ColumnElement[bool]:
        settings = self._settings
        quiet = QuietHours(settings.quiet_until, settings.quiet_from, settings.zone)
        if not quiet.is_quiet(now):
            return true()
        is_last_chance = OutboxMessage.expires_at <= quiet.end_after(now)
        return ~_WAITS | ((OutboxMessage.kind == MailKind.INVITATION.value) & is_last_chance)

    def _deliver_all(self, claimed: Sequence[UUID], way: _Way) -> _Left:
        enough = self._clock() + LEASE / 2
        try:
            with way.open() as hand_over:
                for message_id in claimed:
                    if self._clock() >= enough:
                        return _Left.NO_TIME
                    self._deliver(message_id, hand_over)
        except (OSError, *_UNCLEAR) as fault:
            _log(fault)
            return _Left.NO_SERVER
        return _Left.NOTHING

    def _deliver(self, message_id: UUID, hand_over: HandOver) -> None:
        """Raises only where the connection is of no more use."""
        try:
            sent = self._send_if_wanted(message_id, hand_over)
        except _UNCLEAR:
            self._outcomes.end_unclear(message_id)
            raise
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, SmsRefused) as refusal:
            _log(refusal)
            self._outcomes.end_refused(message_id, refusal)
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
            raise
        except Exception as fault:
            # One mail that cannot be written must not keep everyone else's.
            if isinstance(fault, OSError) and not isinstance(fault, smtplib.SMTPException):
                raise
            _log(fault)
            self._outcomes.try_later(message_id)
        else:
            self._outcomes.end(message_id, sent=sent)

    def _send_if_wanted(self, message_id: UUID, hand_over: HandOver) -> bool:
        with self._database.writing(Reach.EVERYTHING) as session:
            prepared = self._prepare(session, message_id)
        if prepared is None:
            return False
        hand_over(prepared)
        return True

    def _prepare(self, session: Session, message_id: UUID) -> Mail | Sms | None:
        message = session.get_one(OutboxMessage, message_id)
        person = session.get_one(Person, message.person_id)
        wanted = message.expires_at > self._clock() and person.status is not PersonStatus.DISABLED
        # Also what nobody wants, or it would tell who has not answered.
        message.state = MailState.HANDING_OVER
        if not wanted:
            return None
        occasion = Occasion(session, message, person, self._settings, self._clock())
        if not person.email:
            return write_sms(occasion) if self._gateway else None
        contents = describe(occasion)
        return None if contents is None else self._mail(message, person, contents)

    def _mail(self, message: OutboxMessage, person: Person, contents: Contents) -> Mail:
        host = urlsplit(self._settings.base_url).hostname or "localhost"
        assert person.email is not None
        return Mail(
            to_name=person.name,
            to_address=person.email,
            kind=message.kind,
            locale=person.language,
            variables={"person_name": person.name, **contents.variables},
            message_id=f"<{message.id}@{host}>",
            headers=contents.headers,
            calendar=contents.calendar,
        )


def _log(fault: Exception) -> None:
    # The kind of fault and no more: a server's answer often repeats the address.
    log.warning("A mail was not sent: %s.", type(fault).__name__)
