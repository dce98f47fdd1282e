"""Reports of mail that did not arrive, written as three families of mail servers write them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage


@dataclass(frozen=True)
class Bounce:
    """A mail that came back: `original` as it was sent, and what the report says about it."""

    original: EmailMessage
    status: str = "5.1.1"
    action: str = "failed"
    recipient: str = ""

    def but(self, **changes: object) -> "Bounce":
        """The same with something changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Whom it was for."""
        return self.recipient or str(self.original["To"].addresses[0].addr_spec)


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def like_postfix(bounce: Bounce) -> bytes:
    """The whole mail comes back; the first receiver is named as it was asked for."""
    return (
        _lines(
            "Return-Path: <>",
            "From: MAILER-DAEMON@mx.osterhus.example (Mail Delivery System)",
            "Subject: Undelivered Mail Returned to Sender",
            "To: trivsel@osterhus.example",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status;",
            '\tboundary="B1/mx.osterhus.example"',
            "",
            "--B1/mx.osterhus.example",
            "Content-Description: Notification",
            "Content-Type: text/plain; charset=utf-8",
            "",
            "I'm sorry to have to inform you that your message could not be delivered.",
            "",
            "--B1/mx.osterhus.example",
            "Content-Description: Delivery report",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.osterhus.example",
            "Arrival-Date: Mon,  2 Feb 2026 10:00:00 +0100 (CET)",
            "",
            f"Final-Recipient: rfc822; {bounce.address}",
            f"Original-Recipient: rfc822;{bounce.address}",
            f"Action: {bounce.action}",
            f"Status: {bounce.status}",
            "Diagnostic-Code: smtp; 550 5.1.1 User unknown",
            "",
            "--B1/mx.osterhus.example",
            "Content-Description: Undelivered Message",
            "Content-Type: message/rfc822",
            "",
        )
        + bytes(bounce.original)
        + b"\r\n--B1/mx.osterhus.example--\r\n"
    )


def like_exchange(bounce: Bounce) -> bytes:
    """Only the head comes back, and words in the language of the house."""
    head = bytes(bounce.original).partition(b"\r\n\r\n")[0]
    return (
        _lines(
            "From: Microsoft Outlook <MicrosoftExchange329e71ec@osterhus.example>",
            "To: <trivsel@osterhus.example>",
            "Subject: =?utf-8?B?S2FuIGlra2UgbGV2ZXJlcw==?=",
            f"In-Reply-To: {bounce.original['Message-ID']}",
            "X-MS-Exchange-Message-Is-Ndr: yes",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="x9"',
            "",
            "--x9",
            'Content-Type: multipart/alternative; boundary="y9"',
            "",
            '--y9\r\nContent-Type: text/plain; charset="utf-8"\r\n\r\nKan ikke leveres.\r\n--y9--',
            "--x9",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns;AM0PR01MB.eurprd01.example",
            "",
            f"Final-recipient: RFC822;{bounce.address.upper()}",
            f"Action: {bounce.action}",
            f"Status: {bounce.status}",
            "X-Display-Name: Eva Holm",
            "",
            "--x9",
            "Content-Type: text/rfc822-headers",
            "",
        )
        + head
        + b"\r\n--x9--\r\n"
    )


def like_exim(bounce: Bounce) -> bytes:
    """Only the head comes back; a bare failure, and the address in a field of its own."""
    head = bytes(bounce.original).partition(b"\r\n\r\n")[0]
    return (
        _lines(
            "Return-path: <>",
            f"X-Failed-Recipients: {bounce.address}",
            "Auto-Submitted: auto-replied",
            "From: Mail Delivery System <Mailer-Daemon@relay.example>",
            "To: trivsel@osterhus.example",
            f"References: {bounce.original['Message-ID']}",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=1612-eximdsn",
            "MIME-Version: 1.0",
            "",
            "--1612-eximdsn",
            "Content-type: text/plain; charset=us-ascii",
            "",
            f"  {bounce.address}\r\n    Unrouteable address",
            "",
            "--1612-eximdsn",
            "Content-type: message/delivery-status",
            "",
            "Reporting-MTA: dns; relay.example",
            "",
            f"Action: {bounce.action}",
            f"Final-Recipient: rfc822;{bounce.address}",
            f"Status: {bounce.status if bounce.status != '5.1.1' else '5.0.0'}",
            "",
            "--1612-eximdsn",
            "Content-type: text/rfc822-headers",
            "",
        )
        + head
        + b"\r\n--1612-eximdsn--\r\n"
    )


SERVERS: Mapping[str, Callable[[Bounce], bytes]] = {
    "postfix": like_postfix,
    "exchange": like_exchange,
    "exim": like_exim,
}
