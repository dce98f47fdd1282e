"""Makes iCalendar invitations and cancellations, each for one receiver, and feeds to subscribe to.

RFC 5545 has the format, RFC 5546 what a REQUEST and a CANCEL must carry. Knows no tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDatetime,
    vDuration,
    vRecur,
)

from wellbeing.domain.plain_text import one_line

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_ASK_AGAIN = timedelta(hours=6)
_EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - VTIMEZONE counts in naive local time


class Method(StrEnum):
    """What a calendar object asks the receiver's calendar to do."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A session as one person's calendar shows it; nobody is named in it.

    `host` is that of the service's address: with `session_id` it makes a UID that stays the same.
    """

    session_id: UUID
    host: str
    sequence: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    written_at: datetime

    @property
    def uid(self) -> str:
        """Equal for every message about the same session, and for its entry in a feed."""
        return f"session-{self.session_id}@{self.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent(Meeting):
    """A meeting that one person is asked to, or that is taken out of their calendar again.

    `is_release` marks a CANCEL that reaches this person only: the meeting itself goes on.
    """

    method: Method
    organiser_name: str
    organiser_address: str
    attendee_name: str
    attendee_address: str
    video_link: str = ""
    may_reply: bool = False
    is_release: bool = False


def host_of(base_url: str) -> str:
    """The host of an address, without its port."""
    return urlsplit(base_url).hostname or "localhost"


def make_invitation(event: CalendarEvent) -> bytes:
    """The iCalendar object: CRLF, folded at 75 octets, times in the zone with its own rules."""
    calendar = _make_calendar()
    calendar.add("method", event.method.value)
    calendar.add_component(make_timezone(event.zone, event.starts_at.year))
    calendar.add_component(_make_event(event))
    return bytes(calendar.to_ical())


def make_feed(meetings: Iterable[Meeting], *, name: str, zone: ZoneInfo, year: int) -> bytes:
    """A calendar to subscribe to: no METHOD, no organiser, no attendees; equal for equal meetings.

    Times are right from the year before `year` to the year after it.
    """
    calendar = _make_calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_ASK_AGAIN))
    calendar.add_component(make_timezone(zone, year))
    for meeting in meetings:
        item = _make_meeting(meeting)
        item.add("status", "CONFIRMED")
        item.add("transp", "OPAQUE")
        calendar.add_component(item)
    return bytes(calendar.to_ical())


def _make_calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Wellbeing//Sessions//EN")
    calendar.add("version", "2.0")
    return calendar


def _make_meeting(meeting: Meeting) -> Event:
    item = Event()
    item.add("uid", meeting.uid)
    item.add("sequence", meeting.sequence)
    item.add("dtstamp", meeting.written_at.astimezone(UTC))
    item.add("dtstart", meeting.starts_at.astimezone(meeting.zone))
    item.add("dtend", meeting.ends_at.astimezone(meeting.zone))
    item.add("summary", meeting.title)
    if meeting.place:
        item.add("location", meeting.place)
    item.add("class", "PRIVATE")
    return item


def _make_event(event: CalendarEvent) -> Event:
    item = _make_meeting(event)
    is_cancelled = event.method is Method.CANCEL
    if not event.is_release:  # RFC 5546, 3.2.5: no status where one person is taken off
        item.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    item.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    item.add("organizer", _address(event.organiser_name, event.organiser_address))
    item.add("attendee", _attendee(event))
    link = find_web_address(event.video_link)
    if link and not is_cancelled:
        # CONFERENCE is what a video link is for; many calendars know the older URL only.
        item.add("url", link)
        item.add("conference", link, parameters={"VALUE": "URI", "FEATURE": "VIDEO"})
    return item


def find_web_address(text: str) -> str:
    """The address if it is one that a calendar may open, else nothing."""
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return text if is_one and text.isprintable() and " " not in text else ""


def _address(name: str, address: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    # Quotes in a parameter need an escape (RFC 6868) that half of all calendars show as it is.
    found.params["CN"] = one_line(name).replace('"', "'")
    return found


def _attendee(event: CalendarEvent) -> vCalAddress:
    attendee = _address(event.attendee_name, event.attendee_address)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "OPT-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    # Coming is voluntary and a refusal is not recorded: an answer is taken where one can be read,
    # and never asked for elsewhere.
    is_asked = event.may_reply and event.method is Method.REQUEST
    attendee.params["RSVP"] = "TRUE" if is_asked else "FALSE"
    return attendee


@lru_cache(maxsize=64)
def make_timezone(zone: ZoneInfo, year: int) -> Timezone:
    """The zone's rules, right from the year before `year` to the year after it.

    A change that falls on the same weekday of its month in all of them becomes a yearly rule, the
    form that calendar programs read best. The library's own version starts summer an hour late.
    """
    component = Timezone()
    component.add("tzid", zone.key)
    changes = _find_changes(zone, year - 1, year + 1)
    if not changes:
        component.add_component(_observance(zone, datetime(year, 1, 1, tzinfo=UTC), None))
    for kind in {change.astimezone(zone).dst(): None for change in changes}:
        of_kind = [change for change in changes if change.astimezone(zone).dst() == kind]
        rule = _find_rule([_wall_before(change, zone).date() for change in of_kind])
        for change in of_kind[:1] if rule else of_kind:
            component.add_component(_observance(zone, change, rule))
    return component


def _find_changes(zone: ZoneInfo, first_year: int, last_year: int) -> list[datetime]:
    """The moments at which the zone's clock changes, in UTC, to the second."""
    changes = []
    moment = datetime(first_year, 1, 1, tzinfo=UTC)
    while moment.year <= last_year:
        if _offset(moment, zone) != _offset(moment + _DAY, zone):
            changes.append(_bisect(moment, moment + _DAY, zone))
        moment += _DAY
    return changes


def _bisect(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return after


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None
    return found


def _wall_before(change: datetime, zone: tzinfo) -> datetime:
    """The wall clock of a change by the rules that ended there, as RFC 5545 wants it."""
    before = _offset(change - timedelta(seconds=1), zone)
    return change.replace(tzinfo=None) + before


def _find_rule(days: list[date]) -> vRecur | None:
    patterns = {(day.month, day.weekday(), _week_of(day)) for day in days}
    if len(days) < 3 or len(patterns) != 1:
        return None
    month, weekday, week = patterns.pop()
    return vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": f"{week}{_WEEKDAYS[weekday]}"})


def _week_of(day: date) -> int:
    """Which of its weekdays in the month it is; -1 for the last."""
    return -1 if (day + timedelta(days=7)).month != day.month else (day.day - 1) // 7 + 1


def _observance(zone: ZoneInfo, change: datetime, rule: vRecur | None) -> Component:
    local = change.astimezone(zone)
    part: Component = TimezoneDaylight() if local.dst() else TimezoneStandard()
    is_change = _offset(change - timedelta(seconds=1), zone) != _offset(change, zone)
    part["DTSTART"] = vDatetime(_wall_before(change, zone) if is_change else _EARLIEST)
    part.add("tzoffsetfrom", _offset(change - timedelta(seconds=1), zone))
    part.add("tzoffsetto", _offset(change, zone))
    part.add("tzname", local.tzname() or zone.key)
    if rule:
        part.add("rrule", rule)
    return part
