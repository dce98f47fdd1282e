"""Mail that can wait is not sent in the evening, at night, on weekends and on public holidays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.danish_holidays import is_working_day
from wellbeing.domain.quiet_hours import QuietHours
from wellbeing.settings import Settings

ZONE = ZoneInfo("Europe/Copenhagen")
HOURS = QuietHours(time(7), time(20), ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [
        ("2026-02-02T06:59:59", True),
        ("2026-02-02T07:00", False),
        ("2026-02-02T19:59:59", False),
        ("2026-02-02T20:00", True),
        ("2026-02-07T12:00", True),
        ("2026-04-06T12:00", True),
        ("2026-12-24T12:00", True),
        ("2026-03-30T07:00", False),
        ("2026-10-26T06:59", True),
    ],
)
def test_quiet_is_every_hour_that_is_not_of_a_working_day(moment: str, is_quiet: bool) -> None:
    assert HOURS.is_quiet(at(moment)) is is_quiet


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-02-02T12:00", "2026-02-02T12:00"),
        ("2026-02-02T03:00", "2026-02-02T07:00"),
        ("2026-02-06T20:00", "2026-02-09T07:00"),
        ("2026-04-01T21:00", "2026-04-07T07:00"),
        ("2026-03-28T12:00", "2026-03-30T07:00"),
    ],
)
def test_quiet_ends_on_the_next_working_morning(moment: str, end: str) -> None:
    assert HOURS.end_after(at(moment)) == at(end)


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    clock=st.times(),
)
def test_the_end_is_never_quiet_and_everything_before_it_is(day: date, clock: time) -> None:
    now = datetime.combine(day, clock, ZONE)
    end = HOURS.end_after(now)
    assert not HOURS.is_quiet(end)
    assert is_working_day(end.astimezone(ZONE).date())
    if end > now:
        assert HOURS.is_quiet(end - timedelta(seconds=1))


@pytest.mark.parametrize("wrong", [("07:00", "07:00"), ("06:00", "20:00")])
def test_hours_that_leave_none_for_mail_are_refused(wrong: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="quiet_until must come before quiet_from"):
        Settings.model_validate({"quiet_from": wrong[0], "quiet_until": wrong[1]})
