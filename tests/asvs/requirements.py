"""The requirements of levels 1 and 2 with our own gist of each, from requirements.toml."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_FILE = Path(__file__).with_name("requirements.toml")


class Answer(StrEnum):
    """Why a requirement has no test, or what a test leaves over. Keys of requirements.toml."""

    NOT_APPLICABLE = "not_applicable"
    KEPT_BY = "kept_by"
    ORGANISATION = "organisation"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: what it asks for in our words, and the answer where no test can be it."""

    id: str
    level: int
    gist: str
    answer: Answer | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter with its requirements in their order."""

    number: int
    title: str
    requirements: tuple[Requirement, ...]


def read_chapters() -> tuple[Chapter, ...]:
    """All chapters; a word that is no answer is an error."""
    chapters = tomllib.loads(_FILE.read_text(encoding="utf-8"))["chapter"]
    return tuple(
        Chapter(number, chapter["title"], tuple(map(_read, chapter["requirements"])))
        for number, chapter in enumerate(chapters, 1)
    )


def read_level_3() -> tuple[str, ...]:
    """The numbers of level 3, of which some are proved besides."""
    return tuple(tomllib.loads(_FILE.read_text(encoding="utf-8"))["level_3"])


def _read(row: dict[str, object]) -> Requirement:
    rest = {key: value for key, value in row.items() if key not in ("id", "level", "gist")}
    answers = [(Answer(key), str(reason)) for key, reason in rest.items()]
    answer, reason = answers[0] if answers else (None, "")
    if len(answers) > 1:
        raise ValueError(f"{row['id']} has more than one answer")
    return Requirement(str(row["id"]), int(str(row["level"])), str(row["gist"]), answer, reason)
