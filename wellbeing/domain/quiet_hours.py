"""When mail that can wait is not sent: evenings, nights, weekends and Danish public holidays."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from wellbeing.domain.cycles import moment_of
from wellbeing.domain.danish_holidays import is_working_day


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall-clock times of a working day: quiet before `until` and from `since` on."""

    until: time
    since: time
    zone: ZoneInfo

    def is_quiet(self, now: datetime) -> bool:
        """Whether mail that can wait waits now."""
        here = now.astimezone(self.zone)
        return not (is_working_day(here.date()) and self.until <= here.time() < self.since)

    def end_after(self, now: datetime) -> datetime:
        """The first moment from `now` on that is not quiet, in UTC."""
        if not self.is_quiet(now):
            return now
        here = now.astimezone(self.zone)
        day = here.date() if here.time() < self.until else here.date() + timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
        return moment_of(day, self.until, self.zone)
