"""Delivers the outbox: claims a mail, asks again whether it is still wanted, renders and sends it.

A mail is claimed with a lease. Should the process die while sending, nobody can know whether the
server took it: an invitation or reminder is then not sent again (at most one a person), all other
mail is, under the same Message-ID.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from wellbeing.actions.letter_contents import Contents, Occasion, describe
from wellbeing.actions.outbox import MailKind
from wellbeing.mail import Mail, MailRenderer, Postman, postman
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

LEASE = timedelta(minutes=15)
MOST_AT_ONCE = 200
AT_MOST_ONCE = (MailKind.INVITATION, MailKind.REMINDER, MailKind.ROUND_PUBLISHED)
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass did: sent, no longer wanted, and to be tried again."""

    sent: int = 0
    unwanted: int = 0
    postponed: int = 0


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
        self._counts = _Counts()

    def run(self) -> Delivered:
        """Sends what is due; a server that does not answer postpones the rest, losing nothing."""
        self._settle_abandoned()
        while claimed := self._claim():
            try:
                with postman(self._settings) as to:
                    for message_id in claimed:
                        self._deliver(message_id, to)
            except (OSError, smtplib.SMTPException):
                self._postpone(claimed)
                break
        return Delivered(self._counts.sent, self._counts.unwanted, self._counts.postponed)

    def _settle_abandoned(self) -> None:
        abandoned = (OutboxMessage.state == MailState.SENDING) & (
            OutboxMessage.due_at <= self._clock()
        )
        once = OutboxMessage.kind.in_([kind.value for kind in AT_MOST_ONCE])
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(
                update(OutboxMessage).where(abandoned, once).values(state=MailState.ENDED)
            )
            session.execute(update(OutboxMessage).where(abandoned).values(state=MailState.WAITING))

    def _claim(self) -> list[UUID]:
        now = self._clock()
        due = (
            select(OutboxMessage.id)
            .where(OutboxMessage.state == MailState.WAITING, OutboxMessage.due_at <= now)
            .order_by(OutboxMessage.due_at)
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

    def _deliver(self, message_id: UUID, to: Postman) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            mail = self._prepare(session, message_id)
        if mail is None:
            self._counts.unwanted += 1
            self._end(message_id)
            return
        try:
            to.send(self._renderer.render(mail, now=self._clock()))
        except smtplib.SMTPResponseException as refusal:
            if refusal.smtp_code < 500:
                raise
            self._counts.unwanted += 1  # refused for good: sending again would not help
        except smtplib.SMTPRecipientsRefused:
            self._counts.unwanted += 1
        else:
            self._counts.sent += 1
        self._end(message_id)

    def _prepare(self, session: Session, message_id: UUID) -> Mail | None:
        message = session.get_one(OutboxMessage, message_id)
        person = session.get_one(Person, message.person_id)
        wanted = message.expires_at > self._clock() and person.status is not PersonStatus.DISABLED
        if not wanted or not person.email:
            return None
        contents = describe(Occasion(session, message, person, self._settings, self._clock()))
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

    def _end(self, message_id: UUID) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == message_id)
                .values(state=MailState.ENDED, context={})
            )

    def _postpone(self, claimed: list[UUID]) -> None:
        now = self._clock()
        with self._database.writing(Reach.EVERYTHING) as session:
            waiting = session.scalars(
                select(OutboxMessage).where(
                    OutboxMessage.id.in_(claimed), OutboxMessage.state == MailState.SENDING
                )
            )
            for message in waiting:
                message.state = MailState.WAITING
                message.due_at = now + min(timedelta(minutes=2**message.attempts), _LONGEST_WAIT)
                self._counts.postponed += 1
