"""What would make a suite of minutes one of hours, shortened in its processes where asked."""

import os

from jobs import scheduler, timetable
from wellbeing import mail

MAIL_SECONDS, ONLY_JOBS = "FAULTS_MAIL_SECONDS", "FAULTS_JOBS"
# What a round needs; the others would only take the machine's time.
JOBS_OF_A_ROUND = "open-rounds,invite,close-and-publish,announce,deliver-mail"


def install() -> None:
    """How long a mail server may take to answer, and which jobs run, as the environment says."""
    if seconds := os.environ.get(MAIL_SECONDS):
        setattr(mail, "_TIMEOUT_SECONDS", float(seconds))  # noqa: B010
    if only := os.environ.get(ONLY_JOBS):
        kept = tuple(entry for entry in timetable.TIMETABLE if entry.name in only.split(","))
        setattr(timetable, "TIMETABLE", kept)  # noqa: B010
        setattr(scheduler, "TIMETABLE", kept)  # noqa: B010
