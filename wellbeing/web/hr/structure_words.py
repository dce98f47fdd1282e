"""What HR pages say about changed units."""

from dataclasses import dataclass
from enum import StrEnum

from wellbeing.web.shared.i18n import gettext


class ChangeKind(StrEnum):
    """How a unit differs from the last round."""

    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"
    MOVED = "moved"
    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one unit or group; `other` is the unit above, or the former name if renamed."""

    kind: ChangeKind
    name: str
    other: str


def say_change(change: Change) -> str:
    """The change as a sentence."""
    name, other = change.name, change.other
    if change.kind is ChangeKind.RENAMED:
        return str(gettext("“%(before)s” is now called “%(name)s”.", before=other, name=name))
    if change.kind is ChangeKind.TOGETHER:
        return str(
            gettext("Counted together from now on: %(teams)s (%(unit)s).", teams=name, unit=other)
        )
    if change.kind is ChangeKind.APART:
        return str(gettext("Counted apart again: %(teams)s (%(unit)s).", teams=name, unit=other))
    if change.kind is ChangeKind.MOVED:
        return str(gettext("“%(name)s” now belongs to %(unit)s.", name=name, unit=other))
    if not other:
        return _say_top(change)
    if change.kind is ChangeKind.NEW:
        return str(gettext("New: “%(name)s” in %(unit)s.", name=name, unit=other))
    return str(gettext("Gone: “%(name)s” in %(unit)s.", name=name, unit=other))


def _say_top(change: Change) -> str:
    if change.kind is ChangeKind.NEW:
        return str(gettext("New: “%(name)s”.", name=change.name))
    return str(gettext("Gone: “%(name)s”.", name=change.name))
