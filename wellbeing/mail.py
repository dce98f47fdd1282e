"""Renders mails from templates/email and hands them to a real SMTP server. Knows no tables."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from wellbeing.resources import folder
from wellbeing.settings import Settings
from wellbeing.texts import Texts

_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person; `calendar` is an iCalendar object and its METHOD."""

    to_name: str
    to_address: str
    kind: str
    locale: str
    variables: dict[str, Any]
    message_id: str
    headers: dict[str, str] = field(default_factory=dict)
    calendar: tuple[bytes, str] | None = None


class MailRenderer:
    """Turns a Mail into a message with text and HTML in the receiver's language."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environments: dict[str, Environment] = {}

    def render(self, mail: Mail, *, now: datetime) -> EmailMessage:
        """The message; StrictUndefined makes a missing variable an error, not a blank."""
        environment = self._environment(mail.locale)
        variables = {"organisation": self._settings.organisation, **mail.variables}
        message = EmailMessage()
        subject = environment.get_template(f"email/{mail.kind}.subject.txt").render(variables)
        message["Subject"] = " ".join(subject.split())
        message["From"] = formataddr((self._settings.organisation, self._settings.mail_from))
        message["To"] = formataddr((mail.to_name, mail.to_address))
        message["Date"] = format_datetime(now)
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"
        for name, value in mail.headers.items():
            message[name] = value
        message.set_content(environment.get_template(f"email/{mail.kind}.txt").render(variables))
        html = environment.get_template(f"email/{mail.kind}.html").render(variables)
        message.add_alternative(html, subtype="html")
        if mail.calendar:
            _attach_calendar(message, *mail.calendar)
        return message

    def _environment(self, locale: str) -> Environment:
        if locale not in self._environments:
            environment = Environment(
                loader=FileSystemLoader(folder("templates")),
                undefined=StrictUndefined,
                autoescape=select_autoescape(["html"]),
                trim_blocks=True,
                lstrip_blocks=True,
            )
            Texts(locale).install(environment)
            self._environments[locale] = environment
        return self._environments[locale]


def _attach_calendar(message: EmailMessage, calendar: bytes, method: str) -> None:
    # As an alternative for clients that show invitations, and as a file for those that do not.
    message.add_alternative(calendar.decode(), subtype="calendar", params={"method": method})
    message.add_attachment(
        calendar, maintype="application", subtype="ics", filename="invitation.ics"
    )


class Postman:
    """An open connection to the SMTP server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """Hands over one message; raises smtplib.SMTPException or OSError."""
        self._server.send_message(message)


@contextmanager
def postman(settings: Settings) -> Iterator[Postman]:
    """A connection for a batch of mails; raises OSError or smtplib.SMTPException at once."""
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
        if settings.smtp_starttls:
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield Postman(server)
