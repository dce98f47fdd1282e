"""What becomes of a message after an attempt: ended, tried again later, or given up."""

import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from wellbeing.actions.bounces import arrived, mark
from wellbeing.actions.outbox import MailKind
from wellbeing.domain.mail_status import (
    find_status,
    is_given_up,
    is_no_such_address,
    wait_before,
)
from wellbeing.sms import SmsRefused
from wellbeing.store.accounts import BounceReason
from wellbeing.store.audit import MailState, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

AT_MOST_ONCE = (
    MailKind.INVITATION,
    MailKind.REMINDER,
    MailKind.ROUND_PUBLISHED,
    MailKind.SUPPORT_OVERDUE,
    MailKind.FEEDBACK_ASKED,
    MailKind.SHARE_WANTED,
)
GOES_ONCE = OutboxMessage.kind.in_([kind.value for kind in AT_MOST_ONCE])
# Nothing may tell afterwards whom a reminder was sent to: how often it was tried would.
ENDED: dict[str, Any] = {
    "state": MailState.ENDED,
    "context": {},
    "attempts": 0,
    "due_at": OutboxMessage.expires_at,
}
# That somebody was taken off a session is kept nowhere.
_LEAVES_NOTHING = OutboxMessage.kind == MailKind.SESSION_RELEASED.value
_UNDER_WAY = (MailState.SENDING, MailState.HANDING_OVER)
_WHILE_AWAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was sent, no longer wanted, to be tried again, and cannot be delivered."""

    sent: int = 0
    unwanted: int = 0
    postponed: int = 0
    undeliverable: int = 0


class Outcomes:
    """Notes each outcome in a transaction of its own, and counts."""

    def __init__(
        self, database: Database, zone: ZoneInfo, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._zone = zone
        self._clock = clock
        self.counted = Delivered()

    def end(self, message_id: UUID, *, sent: bool = False) -> None:
        this = OutboxMessage.id == message_id
        with self._database.writing(Reach.EVERYTHING) as session:
            if sent:
                arrived(session, session.get_one(OutboxMessage, message_id))
            session.execute(delete(OutboxMessage).where(this, _LEAVES_NOTHING))
            session.execute(update(OutboxMessage).where(this).values(ENDED))
        self._count(sent=int(sent), unwanted=int(not sent))

    def end_unclear(self, message_id: UUID) -> None:
        with self._database.writing(Reach.EVERYTHING) as session:
            this = update(OutboxMessage).where(OutboxMessage.id == message_id, GOES_ONCE)
            session.execute(this.values(ENDED))
        self.try_later(message_id)

    def end_refused(self, message_id: UUID, refusal: Exception) -> None:
        if isinstance(refusal, SmsRefused) and refusal.is_final:
            self._give_up(message_id, None)
        elif is_no_such_address(_status_of(refusal)):
            self._give_up(message_id, BounceReason.NO_SUCH_ADDRESS)
        else:
            self.try_later(message_id)

    def _give_up(self, message_id: UUID, reason: BounceReason | None) -> None:
        today = self._clock().astimezone(self._zone).date()
        with self._database.writing(Reach.EVERYTHING) as session:
            if reason is not None:
                mark(session, session.get_one(OutboxMessage, message_id), reason, today=today)
            session.execute(
                update(OutboxMessage).where(OutboxMessage.id == message_id).values(ENDED)
            )
        self._count(undeliverable=1)

    def try_later(self, message_id: UUID) -> None:
        """Waits longer than the last time; after three days of attempts no more."""
        with self._database.writing(Reach.EVERYTHING) as session:
            message = session.get_one(OutboxMessage, message_id)
            if message.state not in _UNDER_WAY:
                return
            is_last = is_given_up(message.attempts)
            if not is_last:
                wait = wait_before(message.attempts, spread=_spread(message_id))
                message.state, message.due_at = MailState.WAITING, self._clock() + wait
                self._count(postponed=1)
        if is_last:
            self._give_up(message_id, BounceReason.GIVEN_UP)

    def give_back(self, claimed: Sequence[UUID], *, is_away: bool) -> None:
        """What was not tried: at once to whoever has time, or in some minutes."""
        now = self._clock()
        untried = OutboxMessage.state.in_(_UNDER_WAY) & OutboxMessage.id.in_(claimed)
        with self._database.writing(Reach.EVERYTHING) as session:
            for message in session.scalars(select(OutboxMessage).where(untried)):
                wait = _WHILE_AWAY * (1 + _spread(message.id) / 4)
                message.state, message.attempts = MailState.WAITING, message.attempts - 1
                message.due_at = now + wait if is_away else now
                self._count(postponed=1)

    def _count(self, **more: int) -> None:
        values = {name: getattr(self.counted, name) + number for name, number in more.items()}
        self.counted = replace(self.counted, **values)


def _spread(message_id: UUID) -> float:
    """From 0 to 1, by chance and always the same for a message: its id is random."""
    return (message_id.int >> 80) % 1000 / 1000


def _status_of(refusal: Exception) -> str:
    """The enhanced status of the only receiver's refusal; "" for all else."""
    if not isinstance(refusal, smtplib.SMTPRecipientsRefused):
        return ""
    ((_code, answer),) = refusal.recipients.values()
    return find_status(answer.decode("utf-8", "replace")) or ""
