"""Where in its work a process can be killed: it notes the moments it passes, or dies at one.

A moment is "job/what/number": the second commit of a job, before or after; a step of publication;
a key file written or shredded; a mail handed over. They are noted in one undisturbed run, so that
every one there is can be tried, also those that are new.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import local
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from jobs import close_and_publish
from jobs.context import JobContext
from jobs.timetable import Entry
from wellbeing.crypto import key_files
from wellbeing.mail import Postman

NOTED, FATAL = "FAULTS_NOTE_MOMENTS", "FAULTS_DIE_AT"
_here = local()


@dataclass
class Moments:
    """What the process passes: written down in a file, and at one of them it dies."""

    noted: Path | None
    fatal: str | None
    seen: Counter[str] = field(default_factory=Counter)

    def pass_by(self, what: str) -> None:
        """Called at each moment; outside jobs it is none."""
        job = getattr(_here, "job", None)
        if job is None:
            return
        self.seen[f"{job}/{what}"] += 1
        name = f"{job}/{what}/{self.seen[f'{job}/{what}']}"
        if self.noted:
            with self.noted.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
        if name == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, what: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """The act with a moment before and one after it."""

        def wrapped(*given: Any, **named: Any) -> Any:
            self.pass_by(f"before {what}")
            done = act(*given, **named)
            self.pass_by(f"after {what}")
            return done

        return wrapped


def install() -> None:
    """Where the environment asks for it."""
    noted, fatal = os.environ.get(NOTED), os.environ.get(FATAL)
    if not noted and not fatal:
        return
    moments = Moments(Path(noted) if noted else None, fatal)
    event.listen(Session, "before_commit", lambda _session: moments.pass_by("before commit"))
    event.listen(Session, "after_commit", lambda _session: moments.pass_by("after commit"))
    for name in ("write_secret", "shred"):
        words = name.replace("_secret", " of a key").replace("shred", "shredding of a key")
        setattr(key_files, name, moments.around(words, getattr(key_files, name)))
    setattr(Postman, "send", moments.around("handing over", Postman.send))  # noqa: B010
    _hear_steps(moments)


def heard(entry: Entry) -> Callable[[JobContext], str]:
    """The job; what happens in its thread meanwhile is known to be its doing."""

    def run(context: JobContext) -> str:
        _here.job = entry.name
        try:
            return entry.run(context)
        finally:
            _here.job = None

    return run


def _hear_steps(moments: Moments) -> None:
    publisher = getattr(close_and_publish, "Publisher")  # noqa: B009

    def made(*given: Any, on_step: Callable[[Any], None], **named: Any) -> Any:
        def hear(step: Any) -> None:
            moments.pass_by(f"step {step}")
            on_step(step)

        return publisher(*given, on_step=hear, **named)

    setattr(close_and_publish, "Publisher", made)  # noqa: B010
