"""The statement of accessibility, drafted from the last check of every page."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from flask import render_template

from wellbeing.domain.errors import BadInput
from wellbeing.resources import folder
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.i18n import current_texts


@dataclass(frozen=True, slots=True)
class AccessibilityCheck:
    """When how many pages were checked by what, what was found, and what is known to lack."""

    checked_on: date
    checker: str
    pages: int
    violations: int
    known_gaps: tuple[dict[str, str], ...]

    def gaps_in(self, language: str) -> list[str]:
        """The known gaps in a language, or in the first one they are written in."""
        return [gap.get(language) or next(iter(gap.values())) for gap in self.known_gaps]


@blueprint.get("/accessibility")
def accessibility() -> str:
    """How accessible the pages are, how that was found out, and whom to tell what is missing."""
    check = load_accessibility_check()
    gaps = check.gaps_in(current_texts().locale)
    return render_template("shared/accessibility.html", check=check, gaps=gaps)


@cache
def load_accessibility_check() -> AccessibilityCheck:
    """What config/accessibility.toml says; BadInput when it cannot be read."""
    path = folder("config") / "accessibility.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return AccessibilityCheck(**{**found, "known_gaps": tuple(found["known_gaps"])})
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from error
