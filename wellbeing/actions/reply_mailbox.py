"""Empties the mailbox that answers to invitations arrive in; a mail server delivers into it.

Reports of mail servers about mail that did not arrive come here, too, and mark the address. Both
are deleted once what they do is committed: cut short in between, they are read again and do
nothing more. What else machines write by themselves is deleted, for it may quote our mail.
Everything else is moved to a folder beside, as it came, for a person to read.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from mailbox import Maildir
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from wellbeing.actions.bounce_reading import is_automatic, read_report
from wellbeing.actions.bounces import take_report
from wellbeing.actions.reply_reading import read_reply
from wellbeing.actions.session_replies import Taken, take_reply
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

MAX_BYTES = 256 * 1024
MOST_AT_ONCE = 500
ASIDE, ASIDE_DAYS = "aside", load_retention_table().days_of("replies")
log = logging.getLogger("wellbeing.mail")


class ReplyMailbox:
    """The Maildir, and what to do with an answer; `host` is that of the service's address."""

    def __init__(
        self, folder: Path, database: Database, *, host: str, clock: Callable[[], datetime]
    ) -> None:
        self._folder = folder
        self._database = database
        self._host = host
        self._clock = clock

    def empty(self) -> Counter[Taken]:
        """Reads what has arrived and says how much of it did what.

        mailbox.NoSuchMailboxError or OSError: there is none. A database that does not answer
        raises its error and leaves the rest for the next time.
        """
        box = Maildir(self._folder, create=False)
        aside = box.add_folder(ASIDE)
        counted: Counter[Taken] = Counter()
        for key in box.keys()[:MOST_AT_ONCE]:
            try:
                counted[self._empty_one(box, aside, key)] += 1
            except (KeyError, OSError) as fault:  # taken by another run, or not ours to read
                log.warning("An answer was left where it is: %s.", type(fault).__name__)
        self._delete_old()
        return counted

    def _empty_one(self, box: Maildir, aside: Maildir, key: str) -> Taken:
        with box.get_file(key) as file:
            taken = self._take(file.read(MAX_BYTES + 1))
            if taken is Taken.NOT_OURS:
                file.seek(0)
                aside.add(file)
        box.discard(key)
        return taken

    def _take(self, raw: bytes) -> Taken:
        if len(raw) > MAX_BYTES:
            return _otherwise(raw)
        try:
            reply = read_reply(raw, host=self._host)
            if reply is not None:
                with self._database.writing(Reach.EVERYTHING) as session:
                    return take_reply(session, reply, now=self._clock())
            report = read_report(raw, host=self._host)
            if report is None:
                return _otherwise(raw)
            with self._database.writing(Reach.EVERYTHING) as session:
                is_marked = take_report(session, report, today=self._clock().date())
                return Taken.BOUNCED if is_marked else Taken.NOTHING
        except (DBAPIError, OSError):
            raise
        except Exception as fault:
            # Anybody can send anything here: one mail must not keep everyone else's.
            log.warning("An answer could not be read: %s.", type(fault).__name__)
            return _otherwise(raw)

    def _delete_old(self) -> None:
        before = self._clock() - timedelta(days=ASIDE_DAYS)
        for file in (self._folder / f".{ASIDE}").glob("[cn]*/*"):
            if datetime.fromtimestamp(file.stat().st_mtime, UTC) < before:
                file.unlink(missing_ok=True)


def _otherwise(raw: bytes) -> Taken:
    return Taken.NOTHING if is_automatic(raw) else Taken.NOT_OURS
