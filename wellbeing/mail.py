"""Renders mails from templates/email and hands them to a real SMTP server. Knows no tables."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from wellbeing.domain.plain_text import one_line
from wellbeing.resources import folder
from wellbeing.settings import LOOPBACK, Settings
from wellbeing.texts import Texts

_TIMEOUT_SECONDS = 20
# Folded at 78 characters, a long address in a header is cut into encoded words that no mail
# program can follow; 998 is the most a line may have. 7bit: not every server takes 8-bit bodies.
_POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")


class HandoverUnclear(Exception):
    """The connection broke while the server was taking a message: it may have it or not."""


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
        message = EmailMessage(policy=_POLICY)
        subject = environment.get_template(f"email/{mail.kind}.subject.txt").render(variables)
        message["Subject"] = " ".join(subject.split())
        message["From"] = _address(self._settings.organisation, self._settings.mail_from)
        message["To"] = _address(mail.to_name, mail.to_address)
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


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    return Address(one_line(name), username, domain)


def _attach_calendar(message: EmailMessage, calendar: bytes, method: str) -> None:
    # As an alternative for clients that show invitations, and as a file for those that do not.
    message.add_alternative(calendar.decode(), subtype="calendar", params={"method": method})
    message.add_attachment(
        calendar, maintype="application", subtype="ics", filename="invitation.ics"
    )


class _Server(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:
        """As in smtplib, but a connection that breaks here raises HandoverUnclear."""
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except OSError as fault:
            raise HandoverUnclear from fault


class Postman:
    """An open connection to the SMTP server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """Hands over one message; raises smtplib.SMTPException, OSError or HandoverUnclear."""
        self._server.send_message(message)


@contextmanager
def postman(settings: Settings) -> Iterator[Postman]:
    """A connection for a batch of mails; raises OSError or smtplib.SMTPException at once."""
    with _Server(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield Postman(server)


class Greeting(StrEnum):
    """How the mail server met us."""

    FINE = "fine"
    AWAY = "away"
    NOT_ENCRYPTED = "not encrypted"
    LOGIN_REFUSED = "login refused"
    OPEN_TO_READ = "open to read"


def greet(settings: Settings, *, timeout_seconds: float) -> Greeting:
    """Connects, encrypts and signs in as for a mail, and leaves without sending any."""
    try:
        with smtplib.SMTP(
            settings.smtp_host, settings.smtp_port, timeout=timeout_seconds
        ) as server:
            server.ehlo_or_helo_if_needed()
            if settings.smtp_starttls and not _is_encrypted(server):
                return Greeting.NOT_ENCRYPTED
            if settings.smtp_user and not _is_let_in(server, settings):
                return Greeting.LOGIN_REFUSED
    except (OSError, smtplib.SMTPException):
        return Greeting.AWAY
    is_near = settings.smtp_host in LOOPBACK
    return Greeting.FINE if settings.smtp_starttls or is_near else Greeting.OPEN_TO_READ


def _is_encrypted(server: smtplib.SMTP) -> bool:
    try:
        server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, ssl.SSLError):
        return False
    return True


def _is_let_in(server: smtplib.SMTP, settings: Settings) -> bool:
    try:
        server.login(settings.smtp_user, settings.smtp_password)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError):
        return False
    return True
