"""Writes down outside the database how far the log has come, and tells those who keep a copy.

Without it nobody could see that the end of the log was cut off, or that the whole chain was made
anew. What was not mailed because the mail server was away goes with the next mail.
"""

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from wellbeing.actions.anchor_file import AnchorFile
from wellbeing.actions.audit_check import LogState, check_log
from wellbeing.actions.audit_log import ANCHORED, LOG_SUBJECT, record
from wellbeing.domain.actor import Actor
from wellbeing.domain.log_anchors import AnchorLines, LogAnchor
from wellbeing.mail import HandoverUnclear, Mail, MailRenderer, postman
from wellbeing.settings import Settings
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.texts import Texts

MAIL = "log_anchor"
_MOST_IN_ONE_MAIL = 31
log = logging.getLogger("wellbeing.audit")


@dataclass(frozen=True, slots=True)
class Anchored:
    """The anchor that was written, if any, and what the check before it found."""

    anchor: LogAnchor | None
    state: LogState | None


class LogAnchoring:
    """Anchors one log in one file."""

    def __init__(
        self, database: Database, settings: Settings, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self.file = AnchorFile(settings.anchor_path)

    def anchor_today(self, *, by: Actor) -> Anchored:
        """An anchor unless this file has one of this day on the organisation's wall clock."""
        newest, zone = self.file.read_last(), self._settings.zone
        today = self._clock().astimezone(zone).date()
        if newest and newest.at and newest.at.astimezone(zone).date() == today:
            return Anchored(None, None)
        return self.anchor(by=by)

    def anchor(self, *, by: Actor) -> Anchored:
        """Checks the log, writes its last event to the file, and then into the log that it did.

        A log that does not fit is anchored too, and said not to: more evidence is better than less.
        """
        lines = self.file.read()
        with self._database.reading(Reach.EVERYTHING) as session:
            state = check_log(session, lines.anchors)
        if state.last == 0:
            return Anchored(None, state)
        now = self._clock()
        anchor = LogAnchor(state.last, state.last_hash, now, self._settings.organisation)
        self.file.append(anchor)
        with self._database.writing(Reach.EVERYTHING) as session:
            record(
                session,
                ANCHORED,
                LOG_SUBJECT,
                by=by,
                now=now,
                number=anchor.number,
                hash=anchor.hash,
                whole=state.is_whole and not lines.faults,
            )
        return Anchored(anchor, state)

    def mail_what_waits(self) -> tuple[int, int]:
        """Mails each address the anchors it has not had; how many were mailed, and still wait."""
        addresses = self._settings.anchor_addresses
        if not addresses:
            return 0, 0
        lines, mailed = self.file.read(), self.file.read_mailed()
        there = len(lines.anchors)
        waiting = {to: there - min(mailed.get(to, 0), there) for to in addresses}
        wanted = {to: count for to, count in waiting.items() if count}
        sent = self._mail(lines, wanted, mailed) if wanted else 0
        return sent, sum(wanted.values()) - sent

    def _mail(self, lines: AnchorLines, wanted: dict[str, int], mailed: dict[str, int]) -> int:
        sent = 0
        with self._database.reading(Reach.EVERYTHING) as session:
            state = check_log(session, lines.anchors)
        faults = (*(fault.said for fault in state.faults), *lines.faults)
        renderer = MailRenderer(self._settings)
        try:
            with postman(self._settings) as to:
                for address, count in wanted.items():
                    unsent = lines.anchors[-count:]
                    to.send(
                        renderer.render(self._letter(address, unsent, faults), now=self._clock())
                    )
                    mailed[address] = len(lines.anchors)
                    self.file.write_mailed(mailed)
                    sent += count
        except (OSError, smtplib.SMTPException, HandoverUnclear) as fault:
            # It may have arrived or not: an anchor that comes twice does no harm.
            log.warning("An anchor was not mailed: %s.", type(fault).__name__)
        return sent

    def _letter(self, address: str, unsent: tuple[LogAnchor, ...], faults: tuple[str, ...]) -> Mail:
        settings = self._settings
        texts, newest = Texts(settings.default_language), unsent[-1]
        host = urlsplit(settings.base_url).hostname or "localhost"
        mark = sha256(f"{newest.hash}|{address}".encode()).hexdigest()[:32]
        return Mail(
            to_name="",
            to_address=address,
            kind=MAIL,
            locale=settings.default_language,
            variables={
                "anchors": [
                    (
                        texts.format_moment(anchor.at, settings.zone) if anchor.at else "",
                        f"{anchor.number}:{anchor.hash}",
                    )
                    for anchor in reversed(unsent[-_MOST_IN_ONE_MAIL:])
                ],
                "number": newest.number,
                "faults": faults,
            },
            message_id=f"<anchor-{mark}@{host}>",
        )
