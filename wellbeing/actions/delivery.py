"""Delivers the outbox: claims a mail, asks again whether it is still wanted, renders and sends it.

Whoever has no address gets invitations and reminders as a text message instead, where a gateway is
set up. The two ways do not wait for each other.

A mail is claimed with a lease. Should the process die, or the connection break, while a mail is
handed over, nobody can know whether the server took it: an invitation or reminder is then not sent
again (at most one a person), all other mail is, under the same Message-ID.

In quiet hours what can wait waits; an invitation goes all the same where its round would close
first.
"""

import logging
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, true, update
from sqlalchemy.orm import Session

from wellbeing.actions.letter_contents import Contents, Occasion, describe
from wellbeing.actions.outbox import CAN_WAIT, MailKind
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
AT_MOST_ONCE = (
    MailKind.INVITATION,
    MailKind.REMINDER,
    MailKind.ROUND_PUBLISHED,
    MailKind.SUPPORT_OVERDUE,
    MailKind.FEEDBACK_ASKED,
    MailKind.SHARE_WANTED,
)
_LONGEST_WAIT = timedelta(hours=6)
_LONGEST_DOUBLING = 9
# That somebody was taken off a session is kept nowhere.
_LEAVES_NOTHING = OutboxMessage.kind == MailKind.SESSION_RELEASED.value
_ONCE = OutboxMessage.kind.in_([kind.value for kind in AT_MOST_ONCE])
_WAITS = OutboxMessage.kind.in_([kind.value for kind in CAN_WAIT])
# Nothing may tell afterwards whom a reminder was sent to: how often it was tried would.
_ENDED: dict[str, Any] = {
    "state": MailState.ENDED,
    "context": {},
    "attempts": 0,
    "due_at": OutboxMessage.expires_at,
}
_UNCLEAR = (HandoverUnclear, SmsHandoverUnclear)
_REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, SmsRefused)
HandOver = Callable[[Mail | Sms], None]
log = logging.getLogger("wellbeing.mail")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass did: sent, no longer wanted or refused for good, and to be tried again."""

    sent: int = 0
    unwanted: int = 0
    postponed: int = 0


@dataclass(frozen=True, slots=True)
class _Way:
    """How messages go, and to whom."""

    to_whom: ColumnElement[bool]
    open: Callable[[], AbstractContextManager[HandOver]]


@dataclass(slots=True)
class _Counts:
    sent: int = 0
    unwanted: int = 0
    postponed: int = 0


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
        self._counts = _Counts()

    def run(self) -> Delivered:
        """Sends what is due; a server that does not answer postpones the rest, losing nothing."""
        self._settle_abandoned()
        has_address = OutboxMessage.person_id.in_(
            select(Person.id).where(Person.email.is_not(None))
        )
        for way in (_Way(has_address, self._open_mail), _Way(~has_address, self._open_sms)):
            while claimed := self._claim(way):
                if not self._deliver_all(claimed, way):
                    self._postpone(claimed)
                    break
        return Delivered(self._counts.sent, self._counts.unwanted, self._counts.postponed)

    def _settle_abandoned(self) -> None:
        abandoned = (OutboxMessage.state == MailState.SENDING) & (
            OutboxMessage.due_at <= self._clock()
        )
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(update(OutboxMessage).where(abandoned, _ONCE).values(_ENDED))
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
            .order_by(_ONCE, OutboxMessage.due_at)  # a new password need not wait for invitations
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

    def _deliver_all(self, claimed: Sequence[UUID], way: _Way) -> bool:
        """False when the rest must wait: the server has gone, or the lease is half used."""
        enough = self._clock() + LEASE / 2
        try:
            with way.open() as hand_over:
                for message_id in claimed:
                    if self._clock() >= enough:
                        return False
                    self._deliver(message_id, hand_over)
        except (OSError, *_UNCLEAR) as fault:
            _log(fault)
            return False
        return True

    def _deliver(self, message_id: UUID, hand_over: HandOver) -> None:
        """Raises only where the connection is of no more use."""
        try:
            sent = self._send_if_wanted(message_id, hand_over)
        except _UNCLEAR:
            self._settle_unclear(message_id)
            raise
        except _REFUSED as refusal:
            _log(refusal)
            if _is_final(refusal):
                self._end(message_id)
            else:
                self._postpone([message_id])
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
            raise
        except Exception as fault:
            # One mail that cannot be written must not keep everyone else's.
            if isinstance(fault, OSError) and not isinstance(fault, smtplib.SMTPException):
                raise
            _log(fault)
            self._postpone([message_id])
        else:
            self._end(message_id, sent=sent)

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

    def _end(self, message_id: UUID, *, sent: bool = False) -> None:
        this = OutboxMessage.id == message_id
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(delete(OutboxMessage).where(this, _LEAVES_NOTHING))
            session.execute(update(OutboxMessage).where(this).values(_ENDED))
        self._counts.sent += sent
        self._counts.unwanted += not sent

    def _settle_unclear(self, message_id: UUID) -> None:
        # What is not ended here is postponed with the rest of its batch.
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(
                update(OutboxMessage).where(OutboxMessage.id == message_id, _ONCE).values(_ENDED)
            )

    def _postpone(self, claimed: Sequence[UUID]) -> None:
        now = self._clock()
        with self._database.writing(Reach.EVERYTHING) as session:
            waiting = session.scalars(
                select(OutboxMessage).where(
                    OutboxMessage.id.in_(claimed), OutboxMessage.state == MailState.SENDING
                )
            )
            for message in waiting:
                message.state = MailState.WAITING
                doubled = timedelta(minutes=2 ** min(message.attempts, _LONGEST_DOUBLING))
                message.due_at = now + min(doubled, _LONGEST_WAIT)
                self._counts.postponed += 1


def _is_final(refusal: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError | SmsRefused) -> bool:
    if isinstance(refusal, SmsRefused):
        return refusal.is_final
    if isinstance(refusal, smtplib.SMTPDataError):
        return refusal.smtp_code >= 500
    return all(code >= 500 for code, _ in refusal.recipients.values())


def _log(fault: Exception) -> None:
    # The kind of fault and no more: a server's answer often repeats the address.
    log.warning("A mail was not sent: %s.", type(fault).__name__)
