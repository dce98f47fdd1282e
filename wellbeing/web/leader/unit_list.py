"""The list of units: each with its latest figures, and where support is suggested."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wellbeing.actions.figures import UnitSeries
from wellbeing.actions.units import PATH_SEPARATOR
from wellbeing.web.leader.queries import CountedIn
from wellbeing.web.shared.i18n import LazyText
from wellbeing.web.team_page import words
from wellbeing.web.team_page.flag_queries import FlagShown
from wellbeing.web.team_page.page import UnitName
from wellbeing.web.team_page.sections import say_point

# As deep as the style sheet indents.
DEEPEST_LEVEL = 5


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the list: its figures in page order, or why it has none.

    `depth` counts the units above it in this very list; `flags` are open, the most urgent first.
    """

    id: UUID
    unit: UnitName
    depth: int
    figures: tuple[str, ...]
    withheld: LazyText | None
    counted_in: str
    flags: tuple[FlagShown, ...]
    snoozed: tuple[FlagShown, ...]

    @property
    def is_arranged(self) -> bool:
        """Whether a session is agreed for every flag."""
        return all(flag.session is not None for flag in self.flags)


def list_units(
    paths: Mapping[UUID, str],
    latest: Mapping[UUID, UnitSeries],
    withheld: Mapping[UUID, CountedIn],
    flags: Collection[FlagShown],
    *,
    today: date,
) -> list[UnitRow]:
    """The units in the order of the tree, each with its latest figures and its open flags, those
    that are put off apart.
    """
    listed = set(paths.values())
    return [
        UnitRow(
            id=unit_id,
            unit=UnitName.of(path),
            depth=min(sum(above in listed for above in _paths_above(path)), DEEPEST_LEVEL),
            figures=_latest_figures(latest[unit_id]),
            withheld=_short_reason(withheld.get(unit_id)),
            counted_in=_counted_in(withheld.get(unit_id)),
            flags=tuple(
                sorted(
                    (
                        flag
                        for flag in flags
                        if flag.unit_id == unit_id and flag.is_open and not flag.is_snoozed(today)
                    ),
                    key=lambda flag: flag.urgency,
                )
            ),
            snoozed=tuple(
                flag for flag in flags if flag.unit_id == unit_id and flag.is_snoozed(today)
            ),
        )
        for unit_id, path in paths.items()
    ]


def list_flagged(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """The units with an open flag, by their most urgent one: those without an answer first, then
    the furthest beyond its rule, then the oldest.
    """
    return sorted((row for row in rows if row.flags), key=lambda row: row.flags[0].urgency)


def _paths_above(path: str) -> Iterator[str]:
    while PATH_SEPARATOR in path:
        path = path.rpartition(PATH_SEPARATOR)[0]
        yield path


def _latest_figures(series: UnitSeries) -> tuple[str, ...]:
    latest = [series[scale][-1] if series[scale] else None for scale in words.PAGE_ORDER]
    return tuple(say_point(point) for point in latest) if any(latest) else ()


def _short_reason(mark: CountedIn | None) -> LazyText | None:
    return words.WITHHELD_SHORT[mark.reason] if mark else None


def _counted_in(mark: CountedIn | None) -> str:
    if mark is None or mark.unit_path is None:
        return ""
    return words.say_group(mark.unit_path, is_others=mark.is_others)
