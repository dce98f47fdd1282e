"""The one timetable: what runs when, in UTC, and how a run is claimed so that it happens once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jobs.anchor_log import anchor_log
from jobs.announce import announce_published
from jobs.ask_key_holders import ask_key_holders
from jobs.ask_useful import ask_whether_sessions_were_useful
from jobs.close_and_publish import close_and_publish
from jobs.context import JobContext
from jobs.deliver_mail import deliver_mail
from jobs.deliver_webhooks import deliver_webhooks
from jobs.invite import invite_open_rounds
from jobs.open_rounds import open_due_rounds
from jobs.read_replies import read_replies
from jobs.remind import remind_open_rounds
from jobs.remind_support import remind_of_support
from jobs.retain import delete_what_is_due
from jobs.shorten_log import shorten_audit_log

Job = Callable[[JobContext], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A job and the seconds between its runs; it says in a few words what it did."""

    name: str
    run: Job
    every_seconds: int


TIMETABLE = (
    Entry("open-rounds", open_due_rounds, 60),
    Entry("invite", invite_open_rounds, 60),
    Entry("remind", remind_open_rounds, 60),
    Entry("close-and-publish", close_and_publish, 60),
    Entry("ask-key-holders", ask_key_holders, 600),
    Entry("announce", announce_published, 60),
    Entry("ask-useful", ask_whether_sessions_were_useful, 600),
    Entry("remind-support", remind_of_support, 600),
    Entry("read-replies", read_replies, 60),
    Entry("deliver-mail", deliver_mail, 20),
    Entry("deliver-webhooks", deliver_webhooks, 60),
    Entry("retention", delete_what_is_due, 3600),
    Entry("anchor-log", anchor_log, 3600),
    Entry("shorten-log", shorten_audit_log, 86_400),
)
JOBS = {entry.name: entry for entry in TIMETABLE}


def slot_of(entry: Entry, now: datetime) -> datetime:
    """The start of the slot that a moment falls into."""
    seconds = int(now.timestamp()) // entry.every_seconds * entry.every_seconds
    return datetime.fromtimestamp(seconds, ZoneInfo("UTC"))
