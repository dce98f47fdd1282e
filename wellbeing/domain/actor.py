"""Who did something, as the audit log names them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a job, a command or another system; `str()` is the form kept in the log."""

    name: str

    @classmethod
    def person(cls, person_id: UUID) -> "Actor":
        """A signed-in person."""
        return cls(f"person:{person_id}")

    @classmethod
    def job(cls, name: str) -> "Actor":
        """A job of the timetable."""
        return cls(f"job:{name}")

    @classmethod
    def command(cls, name: str) -> "Actor":
        """Somebody at the command line."""
        return cls(f"command:{name}")

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Another system, by the name of its token."""
        return cls(f"system:{name}")

    @classmethod
    def unnamed(cls) -> "Actor":
        """Whoever asked for support: the log may say what happened, never to whom."""
        return cls("somebody")

    def __str__(self) -> str:
        return self.name
