"""Every kind of calendar object against the tables of RFC 5546, opened by a second parser."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from tests.test_calendar_invitations import EVENT
from wellbeing.actions.session_letters import form_label, neutral_title
from wellbeing.calendar_invitations import (
    CalendarEvent,
    Meeting,
    Method,
    find_web_address,
    make_feed,
    make_invitation,
)
from wellbeing.domain.support_forms import SupportForm
from wellbeing.texts import Texts

LATER = timedelta(days=1)
MOVED = replace(
    EVENT,
    sequence=1,
    starts_at=EVENT.starts_at + LATER,
    ends_at=EVENT.ends_at + LATER,
    written_at=EVENT.written_at + LATER,
)
CANCELLED = replace(MOVED, method=Method.CANCEL, sequence=2, written_at=MOVED.written_at + LATER)
RELEASED = replace(CANCELLED, is_release=True)
MEETING = Meeting(**{field.name: getattr(EVENT, field.name) for field in fields(Meeting)})
FEED = make_feed([MEETING], name=EVENT.title, zone=EVENT.zone, year=2026)
EMPTY_FEED = make_feed([], name=EVENT.title, zone=EVENT.zone, year=2026)
KINDS: Mapping[str, bytes] = {
    "invitation": make_invitation(EVENT),
    "move": make_invitation(MOVED),
    "cancellation": make_invitation(CANCELLED),
    "release": make_invitation(RELEASED),
    "feed": FEED,
}
ONE, NONE = 1, 0
# How often each property stands in the VEVENT; what is not named here stands there at most once,
# and nothing outside ALLOWED at all.
REQUEST = {"UID": ONE, "DTSTAMP": ONE, "DTSTART": ONE, "SEQUENCE": ONE, "SUMMARY": ONE}
INVITED = {"ORGANIZER": ONE, "ATTENDEE": ONE}
RULES: Mapping[str, Mapping[str, int]] = {
    "invitation": {**REQUEST, **INVITED, "STATUS": ONE},
    "move": {**REQUEST, **INVITED, "STATUS": ONE},
    "cancellation": {**REQUEST, **INVITED, "STATUS": ONE},
    "release": {**REQUEST, **INVITED, "STATUS": NONE},
    "feed": {**REQUEST, "ORGANIZER": NONE, "ATTENDEE": NONE, "STATUS": ONE},
}
FORBIDDEN = ("REQUEST-STATUS", "RECURRENCE-ID", "DURATION", "RRULE", "DESCRIPTION", "COMMENT")
ALLOWED = {*REQUEST, *INVITED, "DTEND", "LOCATION", "CLASS", "STATUS", "TRANSP"}
METHODS = {
    "invitation": "REQUEST",
    "move": "REQUEST",
    "cancellation": "CANCEL",
    "release": "CANCEL",
}


def opened(raw: bytes) -> Any:
    """The calendar as the second parser reads it; a warning is a fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = vobject.readComponents(raw.decode())
        found.validate(raiseException=True)
    return found


def content_lines(raw: bytes) -> list[str]:
    """The unfolded lines, read by hand."""
    return raw.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def properties(raw: bytes) -> Counter[str]:
    """How often each property stands in the event."""
    lines = content_lines(raw)
    inside = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    return Counter(line.partition(":")[0].partition(";")[0] for line in inside)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_parser_opens_it_and_finds_one_event(kind: str) -> None:
    calendar = opened(KINDS[kind])
    assert len(calendar.vevent_list) == 1
    assert len(calendar.vtimezone_list) == 1
    assert calendar.vevent.location.value == EVENT.place


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_stands_there_as_often_as_rfc_5546_says(kind: str) -> None:
    found = properties(KINDS[kind])
    assert {name: found[name] for name in RULES[kind]} == RULES[kind]
    assert not [name for name in FORBIDDEN if found[name]]
    assert set(found) <= ALLOWED
    assert max(found.values()) == 1
    assert b"VALARM" not in KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_method_is_that_of_the_kind_and_a_feed_has_none(kind: str) -> None:
    lines = [line for line in content_lines(KINDS[kind]) if line.startswith("METHOD")]
    assert lines == ([f"METHOD:{METHODS[kind]}"] if kind in METHODS else [])
    assert content_lines(KINDS[kind]).count("VERSION:2.0") == 1


def test_all_kinds_are_about_the_same_event() -> None:
    assert {opened(raw).vevent.uid.value for raw in KINDS.values()} == {EVENT.uid}


def test_what_comes_later_is_newer_by_sequence_and_by_stamp() -> None:
    events = [opened(make_invitation(event)).vevent for event in (EVENT, MOVED, CANCELLED)]
    order = [(int(event.sequence.value), event.dtstamp.value) for event in events]
    assert order == sorted(set(order))
    assert [number for number, _ in order] == [0, 1, 2]


class _CalendarProgram:
    """What RFC 5546 (2.1.5) asks of a receiver: newest wins, by UID; a CANCEL takes it out."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, datetime]] = {}
        self.shown: dict[str, datetime] = {}

    def take(self, raw: bytes) -> None:
        """Reads one message."""
        calendar = opened(raw)
        event = calendar.vevent
        uid = event.uid.value
        stamp = (int(event.sequence.value), event.dtstamp.value)
        if uid in self.known and stamp <= self.known[uid]:
            return
        self.known[uid] = stamp
        if calendar.method.value == "CANCEL":
            self.shown.pop(uid, None)
        else:
            self.shown[uid] = event.dtstart.value


def test_an_update_replaces_and_never_duplicates() -> None:
    program = _CalendarProgram()
    for event in (EVENT, MOVED):
        program.take(make_invitation(event))
    assert program.shown == {EVENT.uid: MOVED.starts_at}


@pytest.mark.parametrize("last", [CANCELLED, RELEASED], ids=["cancelled", "released"])
def test_messages_in_the_wrong_order_end_as_the_newest_says(last: CalendarEvent) -> None:
    for late in (EVENT, MOVED):
        program = _CalendarProgram()
        for event in (EVENT, MOVED, last, late):
            program.take(make_invitation(event))
        assert program.shown == {}
    program = _CalendarProgram()
    for event in (MOVED, EVENT):
        program.take(make_invitation(event))
    assert program.shown == {EVENT.uid: MOVED.starts_at}


def test_whoever_comes_back_after_a_release_has_it_in_the_calendar_again() -> None:
    back = replace(
        RELEASED,
        method=Method.REQUEST,
        is_release=False,
        written_at=RELEASED.written_at + timedelta(seconds=1),
    )
    program = _CalendarProgram()
    for event in (EVENT, RELEASED, back):
        program.take(make_invitation(event))
    assert program.shown == {EVENT.uid: back.starts_at}


def test_a_release_says_nothing_about_the_meeting_itself() -> None:
    assert "status" not in opened(KINDS["release"]).vevent.contents
    assert opened(KINDS["cancellation"]).vevent.status.value == "CANCELLED"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "feed"])
def test_it_names_one_attendee_and_the_organiser_and_nobody_else(kind: str) -> None:
    event = opened(KINDS[kind]).vevent
    (attendee,) = event.attendee_list
    assert attendee.value == "mailto:eva@osterhus.example"
    assert attendee.params["CN"] == ["Eva Holm"]
    assert event.organizer.value == "mailto:trivsel@osterhus.example"
    assert KINDS[kind].decode().replace("\r\n ", "").count("mailto:") == 2


def test_a_feed_names_nobody_at_all() -> None:
    assert b"mailto:" not in FEED
    assert b"Eva" not in FEED
    assert b"conference" not in FEED.lower()


def test_a_feed_without_sessions_is_a_calendar_too() -> None:
    calendar = opened(EMPTY_FEED)
    assert "vevent" not in calendar.contents
    assert calendar.vtimezone.tzid.value == "Europe/Copenhagen"


def test_an_answer_is_asked_for_only_where_one_can_be_read() -> None:
    for may_reply in (False, True):
        event = opened(make_invitation(replace(EVENT, may_reply=may_reply))).vevent
        assert event.attendee.params["RSVP"] == [str(may_reply).upper()]
    for event in (CANCELLED, RELEASED):
        assert b"RSVP=FALSE" in make_invitation(replace(event, may_reply=True)).replace(
            b"\r\n ", b""
        )


@pytest.mark.parametrize("locale", ["da", "en"])
def test_the_title_says_nothing_of_unit_form_or_reason(locale: str) -> None:
    texts = Texts(locale)
    title = neutral_title(texts)
    assert (
        title
        == {
            "da": "Tid til faglig refleksion",
            "en": "Time for professional reflection",
        }[locale]
    )
    for form in SupportForm:
        assert form_label(form, texts).lower() not in title.lower()


ZONES = ("Europe/Copenhagen", "Asia/Kolkata")
CHANGES = [
    datetime(2026, 3, 28, 11, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 30, 11, tzinfo=UTC),
    datetime(2026, 10, 24, 11, tzinfo=UTC),
    datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    datetime(2026, 10, 26, 11, tzinfo=UTC),
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("starts_at", CHANGES, ids=lambda moment: f"{moment:%d.%m. %H.%M}")
def test_the_second_parser_finds_the_right_local_time_by_rules_of_its_own(
    zone: str, starts_at: datetime
) -> None:
    ends_at = starts_at + timedelta(minutes=90)
    about: dict[str, Any] = {"zone": ZoneInfo(zone), "starts_at": starts_at, "ends_at": ends_at}
    meetings = [replace(MEETING, **about)]
    for raw in (
        make_invitation(replace(EVENT, **about)),
        make_feed(meetings, name="x", zone=ZoneInfo(zone), year=2026),
    ):
        event = opened(raw).vevent
        for found, moment in ((event.dtstart.value, starts_at), (event.dtend.value, ends_at)):
            assert found.astimezone(UTC) == moment
            assert found.replace(tzinfo=None) == moment.astimezone(ZoneInfo(zone)).replace(
                tzinfo=None
            )


def test_a_feed_over_both_clock_changes_keeps_each_sessions_own_time() -> None:
    noon = [datetime(2026, month, 20, 12, tzinfo=EVENT.zone) for month in range(1, 13)]
    meetings = [
        replace(MEETING, starts_at=day.astimezone(UTC), ends_at=day.astimezone(UTC) + LATER / 24)
        for day in noon
    ]
    calendar = opened(make_feed(meetings, name="x", zone=EVENT.zone, year=2026))
    assert {event.dtstart.value.hour for event in calendar.vevent_list} == {12}
    assert [event.dtstart.value.astimezone(UTC) for event in calendar.vevent_list] == [
        day.astimezone(UTC) for day in noon
    ]


ODD = (
    'Rød grød med fløde 🌱🧑‍🤝‍🧑, "kælder"; trin\\2\r\nATTENDEE:mailto:x@x.example\nEND:VEVENT ' * 3
)


@given(place=st.one_of(st.just(ODD), st.text(max_size=200)))
def test_whatever_a_place_is_called_it_stays_one_property_in_lines_of_75_octets(
    place: str,
) -> None:
    raw = make_invitation(replace(EVENT, place=place, title=place or "x", attendee_name=place))
    lines = raw.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    assert properties(raw)["ATTENDEE"] == 1
    assert properties(raw).keys() <= ALLOWED


def test_danish_letters_emoji_and_escapes_come_through_the_second_parser() -> None:
    place = 'Rød grød med fløde 🌱🧑‍🤝‍🧑, "kælder"; trin\\2 – ' * 3
    event = opened(make_invitation(replace(EVENT, place=place))).vevent
    assert event.location.value == place


def test_quotes_in_the_name_of_the_organisation_are_read_as_they_are_meant() -> None:
    (name,) = opened(KINDS["invitation"]).vevent.organizer.params["CN"]
    assert name == "Østerhus, 'Bostøtte'; København"


LINK = "https://video.example/rum/abc?kode=1"


def test_a_video_link_is_told_to_old_and_new_calendars_but_not_to_whoever_is_off() -> None:
    event = opened(make_invitation(replace(EVENT, video_link=LINK))).vevent
    assert event.url.value == LINK
    assert event.conference.value == LINK
    assert event.conference.params == {"VALUE": ["URI"], "FEATURE": ["VIDEO"]}
    assert LINK.encode() not in make_invitation(replace(CANCELLED, video_link=LINK))


@pytest.mark.asvs("1.2.2")
@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://[x",
        "https://a.example/\r\nATTENDEE:mailto:x@x.example",
        "https://a.example/ b",
        "",
    ],
)
def test_what_is_no_address_of_a_web_page_is_left_out(link: str) -> None:
    assert find_web_address(link) == ""
    assert properties(make_invitation(replace(EVENT, video_link=link))).keys() <= ALLOWED


def test_without_a_place_there_is_no_empty_one() -> None:
    assert properties(make_invitation(replace(EVENT, place="")))["LOCATION"] == 0
