"""Imported once by the process that the suite's processes are forked from: they start quickly.

The clock is replaced before anything has taken it over by name, and the timetable runs often enough
for minutes to be enough.
"""

from dataclasses import replace

from tests.faults import invented_time

invented_time.follow()

from jobs import timetable  # noqa: E402

TICK_SECONDS = 0.2
timetable.TIMETABLE = tuple(
    replace(entry, every_seconds=TICK_SECONDS)  # type: ignore[arg-type]
    for entry in timetable.TIMETABLE
)

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
