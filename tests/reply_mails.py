"""Answers to invitations, written as three families of calendar programs write them."""

from base64 import encodebytes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from quopri import encodestring
from zoneinfo import ZoneInfo

_COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@dataclass(frozen=True)
class Answer:
    """What somebody answers: `uid`, from which address, and to which time."""

    uid: str
    starts_at: datetime
    attendee: str = "eva@osterhus.example"
    sender: str = "eva@osterhus.example"
    partstat: str = "DECLINED"
    method: str = "REPLY"
    sequence: int = 0

    def but(self, **changes: object) -> "Answer":
        """The same with something changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def _fold(line: str) -> str:
    """Folded at 75 octets, never inside a letter."""
    parts, room = [""], 75
    for letter in line:
        if len((parts[-1] + letter).encode()) > room:
            parts.append("")
            room = 74
        parts[-1] += letter
    return "\r\n ".join(parts)


def _calendar(lines: list[str]) -> str:
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _outlook_zone() -> list[str]:
    return [
        "BEGIN:VTIMEZONE",
        "TZID:Romance Standard Time",
        "BEGIN:STANDARD",
        "DTSTART:16010101T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:16010101T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    ]


def like_outlook(answer: Answer) -> bytes:
    """Base64, a zone of its own name, capitals, and words in several parts."""
    local = answer.starts_at.astimezone(_COPENHAGEN)
    calendar = _calendar(
        [
            "BEGIN:VCALENDAR",
            f"METHOD:{answer.method}",
            "PRODID:Microsoft Exchange Server 2010",
            "VERSION:2.0",
            *_outlook_zone(),
            "BEGIN:VEVENT",
            f"ATTENDEE;PARTSTAT={answer.partstat};CN=Eva Holm:MAILTO:{answer.attendee.upper()}",
            "COMMENT;LANGUAGE=da-DK:Jeg kan desværre ikke\\n",
            f"UID:{answer.uid}",
            "SUMMARY;LANGUAGE=da-DK:Afvist: Tid til faglig refleksion",
            f"DTSTART;TZID=Romance Standard Time:{local:%Y%m%dT%H%M%S}",
            f"DTEND;TZID=Romance Standard Time:{local:%Y%m%dT%H%M%S}",
            "CLASS:PRIVATE",
            "PRIORITY:5",
            "DTSTAMP:20260203T081500Z",
            "TRANSP:OPAQUE",
            "STATUS:CONFIRMED",
            f"SEQUENCE:{answer.sequence}",
            "LOCATION;LANGUAGE=da-DK:Mødelokale 2",
            "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
    body = encodebytes(calendar.encode()).decode().replace("\n", "\r\n")
    return (
        f"From: =?iso-8859-1?Q?Eva_Holm=2C_B=F8gen?= <{answer.sender}>\r\n"
        "To: =?utf-8?B?w5hzdGVyaHVz?= <svar@osterhus.example>\r\n"
        "Subject: Afvist: Tid til faglig refleksion\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative;\r\n\tboundary="_000_AM0PR_"\r\n\r\n'
        "--_000_AM0PR_\r\n"
        'Content-Type: text/plain; charset="iso-8859-1"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        "Jeg kan desv=E6rre ikke\r\n"
        "--_000_AM0PR_\r\n"
        f'Content-Type: text/calendar; charset="utf-8"; method={answer.method}\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
        f"{body}\r\n"
        "--_000_AM0PR_--\r\n"
    ).encode()


def like_google(answer: Answer) -> bytes:
    """The calendar twice, as a part and as a file, times in UTC, long lines folded."""
    calendar = _calendar(
        [
            "BEGIN:VCALENDAR",
            "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
            "VERSION:2.0",
            "CALSCALE:GREGORIAN",
            f"METHOD:{answer.method}",
            "BEGIN:VEVENT",
            f"DTSTART:{answer.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTEND:{answer.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            "DTSTAMP:20260203T081500Z",
            "ORGANIZER;CN=Østerhus:mailto:svar@osterhus.example",
            f"UID:{answer.uid}",
            f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT={answer.partstat};"
            f"CN={answer.attendee};X-NUM-GUESTS=0:mailto:{answer.attendee}",
            "CREATED:20260202T090000Z",
            "LAST-MODIFIED:20260203T081500Z",
            "LOCATION:Mødelokale 2",
            f"SEQUENCE:{answer.sequence}",
            "STATUS:CONFIRMED",
            "SUMMARY:Tid til faglig refleksion",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
    file = encodebytes(calendar.encode()).decode().replace("\n", "\r\n")
    quoted = encodestring(calendar.replace("\r\n", "\n").encode()).replace(b"\n", b"\r\n").decode()
    return (
        f"From: Eva Holm <{answer.sender}>\r\n"
        "Sender: Google Calendar <calendar-notification@google.example>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "Subject: Afvist: Tid til faglig refleksion\r\n"
        "To: svar@osterhus.example\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="00000abc"\r\n\r\n'
        '--00000abc\r\nContent-Type: multipart/alternative; boundary="00000def"\r\n\r\n'
        '--00000def\r\nContent-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes\r\n\r\n'
        "Eva Holm has declined.\r\n"
        f'--00000def\r\nContent-Type: text/calendar; charset="UTF-8"; method={answer.method}\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{quoted}\r\n--00000def--\r\n"
        '--00000abc\r\nContent-Type: application/ics; name="invite.ics"\r\n'
        'Content-Disposition: attachment; filename="invite.ics"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{file}\r\n--00000abc--\r\n"
    ).encode()


def like_apple(answer: Answer) -> bytes:
    """One part and nothing else, 8 bits, quoted names, no times where none are needed."""
    calendar = _calendar(
        [
            "BEGIN:VCALENDAR",
            "CALSCALE:GREGORIAN",
            f"METHOD:{answer.method}",
            "PRODID:-//Apple Inc.//macOS 14.1//EN",
            "VERSION:2.0",
            "BEGIN:VEVENT",
            'ATTENDEE;CN="Eva Holm";CUTYPE=INDIVIDUAL;EMAIL="'
            f'{answer.attendee}";PARTSTAT={answer.partstat}:mailto:{answer.attendee}',
            "DTSTAMP:20260203T081500Z",
            'ORGANIZER;CN="Østerhus":mailto:svar@osterhus.example',
            f"SEQUENCE:{answer.sequence}",
            f"UID:{answer.uid}",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
    return (
        f"From: {answer.sender}\r\n"
        "To: svar@osterhus.example\r\n"
        "Subject: Eva Holm afviste invitationen\r\n"
        "MIME-Version: 1.0\r\n"
        f"Content-Type: text/calendar; charset=utf-8; method={answer.method}\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
        f"{calendar}"
    ).encode()


WRITERS: Mapping[str, Callable[[Answer], bytes]] = {
    "outlook": like_outlook,
    "google": like_google,
    "apple": like_apple,
}
