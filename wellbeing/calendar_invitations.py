"""Makes iCalendar invitations and cancellations, each for one receiver. Knows no tables.

RFC 5545 has the format, RFC 5546 what a REQUEST and a CANCEL must carry.
"""

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
    vRecur,
)

from wellbeing.domain.plain_text import one_line

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - VTIMEZONE counts in naive local time


class Method(StrEnum):
    """What a calendar object asks the receiver's calendar to do."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A meeting as one person's calendar shows it; nobody else is named in it.

    `host` is that of the service's address: with `session_id` it makes a UID that stays the same.
    """

    session_id: UUID
    host: str
    method: Method
    sequence: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    organiser_name: str
    organiser_address: str
    attendee_name: str
    attendee_address: str
    written_at: datetime

    @property
    def uid(self) -> str:
        """Equal for every message about the same session, from invitation to cancellation."""
        return f"session-{self.session_id}@{self.host}"


def host_of(base_url: str) -> str:
    """The host of an address, without its port."""
    return urlsplit(base_url).hostname or "localhost"


def make_invitation(event: CalendarEvent) -> bytes:
    """The iCalendar object: CRLF, folded at 75 octets, times in the zone with its own rules."""
    calendar = Calendar()
    calendar.add("prodid", "-//Wellbeing//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", event.method.value)
    calendar.add_component(make_timezone(event.zone, event.starts_at.year))
    calendar.add_component(_make_event(event))
    return bytes(calendar.to_ical())


def _make_event(event: CalendarEvent) -> Event:
    item = Event()
    item.add("uid", event.uid)
    item.add("sequence", event.sequence)
    item.add("dtstamp", event.written_at.astimezone(UTC))
    item.add("dtstart", event.starts_at.astimezone(event.zone))
    item.add("dtend", event.ends_at.astimezone(event.zone))
    item.add("summary", event.title)
    item.add("location", event.place)
    is_cancelled = event.method is Method.CANCEL
    item.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    item.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    item.add("class", "PRIVATE")
    item.add("organizer", _address(event.organiser_name, event.organiser_address))
    item.add("attendee", _attendee(event))
    return item


def _address(name: str, address: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    found.params["CN"] = one_line(name)
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
