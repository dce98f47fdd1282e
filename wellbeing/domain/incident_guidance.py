"""The law and guidance behind the timeline of an incident, read from config/incidents.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.resources import folder


@dataclass(frozen=True, slots=True)
class Source:
    """A law or a guidance; `link` is "" where no address is stable enough."""

    title: str
    link: str
    about: Mapping[str, str]

    def about_in(self, language: str) -> str:
        """What it says, in a language or in the first one it is written in."""
        return self.about.get(language) or next(iter(self.about.values()))


def load_sources(path: Path | None = None) -> tuple[Source, ...]:
    """The sources of a TOML file, by default config/incidents.toml; BadInput says what is wrong."""
    return _load(path or folder("config") / "incidents.toml")


@cache
def _load(path: Path) -> tuple[Source, ...]:
    return tuple(_source(entry) for entry in CheckedTable.of_file(path).tables("sources"))


def _source(entry: CheckedTable) -> Source:
    entry.check_names("title", "link", "about")
    link = entry.text("link") if entry.data["link"] else ""
    if link and not link.startswith("https://"):
        raise entry.fault("'link' must begin with https://.")
    about = entry.table("about")
    if not about.data:
        raise entry.fault("'about' has no language.")
    return Source(entry.text("title"), link, {name: about.text(name) for name in about.data})
