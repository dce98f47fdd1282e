"""Imported once by the process that the suite's processes are forked from: they start quickly.

The clock is replaced before anything has taken it over by name, and the timetable runs often enough
for minutes to be enough.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.base import BaseScheduler

from tests.faults import invented_time

invented_time.follow()

from jobs import timetable  # noqa: E402

TICK_SECONDS, SELDOM_SECONDS = 0.5, 4
_MINUTE = 60
timetable.TIMETABLE = tuple(
    replace(
        entry,
        every_seconds=TICK_SECONDS if entry.every_seconds <= _MINUTE else SELDOM_SECONDS,  # type: ignore[arg-type]
    )
    for entry in timetable.TIMETABLE
)

_add_job = BaseScheduler.add_job


def _add_job_now(self: Any, *given: Any, **named: Any) -> Any:
    """The library counts in the machine's own time, where an invented moment is months away."""
    if named.get("next_run_time"):
        named["next_run_time"] = datetime.now(UTC)
    return _add_job(self, *given, **named)


BaseScheduler.add_job = _add_job_now

import jobs.scheduler  # noqa: E402
import wellbeing.app  # noqa: E402
import wellbeing.cli  # noqa: E402
import wellbeing.commands.db  # noqa: E402
import wellbeing.commands.scheduler  # noqa: E402
import wellbeing.commands.serve  # noqa: E402
import wellbeing.web.admin.routes  # noqa: E402
import wellbeing.web.employee.routes  # noqa: E402
import wellbeing.web.hr.routes  # noqa: E402
import wellbeing.web.leader.routes  # noqa: E402
import wellbeing.web.provisioning.routes  # noqa: E402
import wellbeing.web.supervisor.routes  # noqa: E402,F401
