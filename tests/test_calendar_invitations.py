"""Invitations as calendar programs read them: RFC 5545 line by line, RFC 5546 by method."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from wellbeing.calendar_invitations import CalendarEvent, Method, host_of, make_invitation

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
EVENT = CalendarEvent(
    session_id=UUID(int=7),
    host="trivsel.example.dk",
    method=Method.REQUEST,
    sequence=0,
    title="Tid til faglig refleksion",
    place="Mødelokale 2; Strandvejen 4, kælderen – følg de røde pile hele vejen gennem gården",
    starts_at=datetime(2026, 2, 9, 12, 0, tzinfo=UTC),
    ends_at=datetime(2026, 2, 9, 13, 30, tzinfo=UTC),
    zone=COPENHAGEN,
    organiser_name='Østerhus, "Bostøtte"; København',
    organiser_address="trivsel@osterhus.example",
    attendee_name="Eva Holm",
    attendee_address="eva@osterhus.example",
    written_at=datetime(2026, 2, 2, 9, 0, tzinfo=UTC),
)


def parsed(event: CalendarEvent) -> Calendar:
    """The invitation as the library reads it back."""
    found = Calendar.from_ical(make_invitation(event))
    assert isinstance(found, Calendar)
    return found


def lines(event: CalendarEvent) -> list[str]:
    """The unfolded content lines, read by hand."""
    unfolded = make_invitation(event).decode().replace("\r\n ", "")
    return unfolded.removesuffix("\r\n").split("\r\n")


def values(event: CalendarEvent, name: str) -> list[str]:
    """Whatever follows the name on each of its lines inside the event."""
    inside = lines(event)
    inside = inside[inside.index("BEGIN:VEVENT") : inside.index("END:VEVENT")]
    return [line[len(name) + 1 :] for line in inside if re.match(rf"{name}[:;]", line)]


def test_every_line_ends_with_crlf_and_no_line_is_longer_than_75_octets() -> None:
    raw = make_invitation(EVENT)
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    for line in raw.split(b"\r\n"):
        line.decode()


def test_every_component_that_begins_ends() -> None:
    waiting: list[str] = []
    for line in lines(EVENT):
        name, _, value = line.partition(":")
        if name == "BEGIN":
            waiting.append(value)
        elif name == "END":
            assert waiting.pop() == value
    assert waiting == []


def test_a_request_carries_what_rfc_5546_demands_exactly_once() -> None:
    assert "METHOD:REQUEST" in lines(EVENT)
    assert "VERSION:2.0" in lines(EVENT)
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "SEQUENCE"):
        assert len(values(EVENT, name)) == 1, name
    assert values(EVENT, "STATUS") == ["CONFIRMED"]
    assert values(EVENT, "DTSTAMP") == ["20260202T090000Z"]


def test_there_is_one_attendee_and_nobody_is_asked_to_answer() -> None:
    (attendee,) = values(EVENT, "ATTENDEE")
    assert attendee.endswith(":mailto:eva@osterhus.example")
    assert "ROLE=OPT-PARTICIPANT" in attendee
    assert "RSVP=FALSE" in attendee


def test_a_cancellation_reaches_the_same_event_with_a_higher_sequence() -> None:
    cancelled = replace(EVENT, method=Method.CANCEL, sequence=1)
    assert "METHOD:CANCEL" in lines(cancelled)
    assert values(cancelled, "UID") == values(EVENT, "UID")
    assert values(cancelled, "SEQUENCE") == ["1"]
    assert values(cancelled, "STATUS") == ["CANCELLED"]
    assert len(values(cancelled, "ATTENDEE")) == 1


def test_the_uid_depends_on_session_and_host_alone() -> None:
    other = replace(
        EVENT, attendee_name="Tom Bæk", place="Et andet sted", written_at=EVENT.ends_at, sequence=3
    )
    assert values(other, "UID") == values(EVENT, "UID")
    assert EVENT.uid == f"session-{UUID(int=7)}@trivsel.example.dk"


def test_special_characters_come_through_whole() -> None:
    event = parsed(EVENT).walk("VEVENT")[0]
    assert event["LOCATION"] == EVENT.place
    assert event["SUMMARY"] == EVENT.title
    assert "Mødelokale 2\\; Strandvejen 4\\, kælderen" in values(EVENT, "LOCATION")[0]


@pytest.mark.asvs("1.3.3")
def test_a_name_cannot_smuggle_a_line_into_the_calendar() -> None:
    line = "Eva\r\nATTENDEE:mailto:x@x.example\r\nEND:VEVENT"
    event = replace(EVENT, place=line, title=line, attendee_name=line, organiser_name=line)
    assert len(values(event, "ATTENDEE")) == 1
    assert lines(event).count("END:VEVENT") == 1


def test_the_event_is_private_and_says_nothing_about_why() -> None:
    assert values(EVENT, "CLASS") == ["PRIVATE"]
    assert values(EVENT, "DESCRIPTION") == []


DAYS = [
    (datetime(2026, 2, 9, 13, 0, tzinfo=COPENHAGEN), "before the clocks go forward"),
    (datetime(2026, 3, 28, 9, 0, tzinfo=COPENHAGEN), "the day before the clocks go forward"),
    (datetime(2026, 3, 29, 9, 0, tzinfo=COPENHAGEN), "the day the clocks go forward"),
    (datetime(2026, 7, 1, 9, 0, tzinfo=COPENHAGEN), "in summer"),
    (datetime(2026, 10, 24, 9, 0, tzinfo=COPENHAGEN), "the day before the clocks go back"),
    (datetime(2026, 10, 25, 9, 0, tzinfo=COPENHAGEN), "the day the clocks go back"),
    (datetime(2026, 12, 31, 23, 0, tzinfo=COPENHAGEN), "over the turn of the year"),
]


@pytest.mark.parametrize("local", [day for day, _ in DAYS], ids=[name for _, name in DAYS])
def test_the_wall_clock_time_is_right_by_the_rules_inside_the_invitation(local: datetime) -> None:
    starts_at = local.astimezone(UTC)
    event = replace(EVENT, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    zone = tzical(StringIO("\n".join(lines(event)))).get("Europe/Copenhagen")
    for name, moment in (("DTSTART", event.starts_at), ("DTEND", event.ends_at)):
        parameter, _, text = values(event, name)[0].partition(":")
        assert parameter == "TZID=Europe/Copenhagen"
        told = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        assert told.astimezone(UTC) == moment


@pytest.mark.parametrize(
    "key", ["Europe/Copenhagen", "America/New_York", "Europe/Dublin", "Asia/Kolkata"]
)
def test_the_rules_inside_the_invitation_agree_with_the_zone_for_the_whole_year(key: str) -> None:
    event = replace(EVENT, zone=ZoneInfo(key))
    zone = tzical(StringIO("\n".join(lines(event)))).get(key)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year == 2026:
        local = moment.astimezone(ZoneInfo(key)).replace(tzinfo=None)
        expected = local.replace(tzinfo=ZoneInfo(key))
        is_plain = expected.utcoffset() == expected.replace(fold=1).utcoffset()
        if is_plain:
            assert local.replace(tzinfo=zone).utcoffset() == expected.utcoffset(), local
        moment += timedelta(hours=1)


def test_summer_time_begins_at_the_moment_rfc_5545_counts_from() -> None:
    text = "\n".join(lines(EVENT))
    assert "BEGIN:DAYLIGHT\nDTSTART:20250330T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert (
        "BEGIN:STANDARD\nDTSTART:20251026T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text
    )


def test_a_zone_without_a_yearly_rule_lists_each_change() -> None:
    event = replace(EVENT, zone=ZoneInfo("Africa/Casablanca"))
    assert not any(line.startswith("RRULE") for line in lines(event))
    assert sum(line == "BEGIN:DAYLIGHT" for line in lines(event)) == 3


def test_the_host_is_taken_from_the_address_of_the_service() -> None:
    assert host_of("https://trivsel.example.dk:8443/x") == "trivsel.example.dk"
    assert host_of("") == "localhost"
