"""Reads the mailbox that the demo's own mail server fills, and the file of text messages."""

import email
import email.policy
import json
from dataclasses import dataclass
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

from wellbeing.sms import Sms

NEWEST, NEWEST_SMS = 60, 4


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail as the demo's outbox page shows it."""

    to: str
    subject: str
    sent_at: str
    text: str
    attachments: tuple[str, ...]


def newest_mail(folder: Path) -> list[ShownMail]:
    """The newest mails, latest first; an empty list where none was sent."""
    if not (folder / "new").is_dir():
        return []
    box = Maildir(folder, create=False)
    files = sorted((folder / "new").iterdir(), key=lambda f: f.stat().st_mtime_ns, reverse=True)
    return [_show(box.get_bytes(file.name)) for file in files[:NEWEST]]


def newest_sms(file: Path) -> list[Sms]:
    """The newest text messages, latest first."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()[: -NEWEST_SMS - 1 : -1]
    return [Sms(**json.loads(line)) for line in lines]


def _show(raw: bytes) -> ShownMail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    names = (part.get_filename() for part in message.iter_attachments())
    return ShownMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=str(message["Date"]),
        text=body.get_content() if body else "",
        attachments=tuple(name for name in names if name),
    )
