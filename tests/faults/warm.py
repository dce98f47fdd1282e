"""Imported once by the process that the suite's processes are forked from: they start quickly.

The clock is replaced before anything has taken it over by name, and the timetable runs often enough
for minutes to be enough.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.faults import invented_time

invented_time.follow()

from jobs import timetable  # noqa: E402
from tests.faults import moments  # noqa: E402
from tests.faults.turns import JOBS_OF_A_ROUND  # noqa: E402

TICK_SECONDS, SELDOM_SECONDS = 0.5, 4


def _sooner(entry: timetable.Entry) -> timetable.Entry:
    every: Any = TICK_SECONDS if entry.name in JOBS_OF_A_ROUND else SELDOM_SECONDS
    return replace(entry, run=moments.heard(entry), every_seconds=every)


setattr(timetable, "TIMETABLE", tuple(map(_sooner, timetable.TIMETABLE)))  # noqa: B010

import wellbeing.cli  # noqa: E402
import wellbeing.commands.db  # noqa: E402
import wellbeing.commands.scheduler  # noqa: E402
import wellbeing.commands.serve  # noqa: E402
import wellbeing.monitoring.logs  # noqa: E402
import wellbeing.store.copies  # noqa: E402
import wellbeing.web.admin.routes  # noqa: E402
import wellbeing.web.employee.routes  # noqa: E402
import wellbeing.web.hr.routes  # noqa: E402
import wellbeing.web.leader.routes  # noqa: E402
import wellbeing.web.provisioning.routes  # noqa: E402
import wellbeing.web.supervisor.routes  # noqa: E402,F401
from jobs import scheduler  # noqa: E402
from wellbeing import texts  # noqa: E402

for _locale in texts.available_locales():
    texts.translations_for(_locale)
setattr(scheduler, "TICK_SECONDS", TICK_SECONDS / 2)  # noqa: B010

if _library := getattr(scheduler, "BackgroundScheduler", None):
    _add_job = _library.add_job

    def _add_job_now(self: Any, *given: Any, **named: Any) -> Any:
        """The library counts in the machine's own time, where an invented moment is months away."""
        if named.get("next_run_time"):
            named["next_run_time"] = datetime.now(UTC)
        return _add_job(self, *given, **named)

    _library.add_job = _add_job_now
