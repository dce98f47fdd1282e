"""The page of one unit, as its leader, HR, the safety representative and its people see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.actions.figures import RoundShown
from wellbeing.actions.units import PATH_SEPARATOR, find_paths
from wellbeing.actions.wordings import find_credited_wording
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Reference, Wording, wording_locales
from wellbeing.store.org import Round
from wellbeing.texts import SOURCE_LOCALE
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.reference_words import say_averages, say_source
from wellbeing.web.team_page import queries, words
from wellbeing.web.team_page.flag_cards import FlagCard, describe_flag
from wellbeing.web.team_page.flag_queries import FlagShown, find_flags
from wellbeing.web.team_page.groups import (
    Behind,
    WithheldShown,
    find_behind,
    find_withheld_shown,
)
from wellbeing.web.team_page.queries import UnitHistory
from wellbeing.web.team_page.sections import ScaleSection, describe_scales, say_point

ROUNDS_OF_EARLIER_FLAGS = 4


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit by the last part of its path, and where it lies."""

    name: str
    above: str

    @classmethod
    def of(cls, path: str) -> "UnitName":
        """The name in a path."""
        above, _, name = path.rpartition(PATH_SEPARATOR)
        return cls(name, above)


@dataclass(frozen=True, slots=True)
class FiguresOfRound:
    """The figures of one round in page order."""

    closed_on: date
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceShown:
    """The sample that levels are compared with: its averages in words, and their source."""

    averages: str
    source: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    """Everything published of one unit, in words.

    `drawn_group` names the reporting group whose trends `sections` show in the unit's place, or is
    ""; what was published of the unit alone before that is then in `alone`, newest first.
    """

    unit: UnitName
    flags: list[FlagCard]
    snoozed: list[FlagCard]
    earlier: list[FlagCard]
    rounds: Sequence[RoundShown]
    behind: Behind | None
    withheld: WithheldShown | None
    drawn_group: str
    sections: list[ScaleSection]
    alone: list[FiguresOfRound]
    is_whole: bool
    rounds_drawn: int
    rounds_asked: int
    scales: list[str]
    reference: ReferenceShown
    rule: str
    awaited: Round | None
    wording: Wording

    @property
    def query(self) -> dict[str, Any]:
        """What an address needs to ask for the rounds that this page shows."""
        return {"rounds": queries.ALL_ROUNDS} if self.is_whole else {}

    @property
    def latest_round_id(self) -> UUID | None:
        """The round the page speaks of; None before the first."""
        return self.rounds[-1].round_id if self.rounds else None


def read_page(
    session: Session,
    unit_id: UUID,
    *,
    own_only: bool,
    whole: bool,
    zone: tzinfo,
    now: datetime,
) -> TeamPage:
    """The page of an open unit or reporting group; KeyError for any other.

    With `own_only` it names no figure of the units below, as for people who read none of those.
    It shows the latest rounds, or the `whole` record.
    """
    own = queries.find_history(session, unit_id)
    drawn = queries.find_drawn_history(session, own)
    withheld = find_withheld_shown(session, own)
    flags = find_flags(session, {own.unit_id, drawn.unit_id})
    is_own, today = drawn is own, now.astimezone(zone).date()
    say = partial(describe_flag, zone=zone, now=now)
    return TeamPage(
        unit=UnitName.of(find_paths(session)[unit_id]),
        flags=[say(flag) for flag in flags if flag.is_open and not flag.is_snoozed(today)],
        snoozed=[say(flag) for flag in flags if flag.is_snoozed(today)],
        earlier=[say(flag) for flag in list_earlier_flags(flags, own)],
        rounds=own.rounds,
        behind=find_behind(session, own, own_only=own_only),
        withheld=withheld,
        drawn_group=withheld.group.name if withheld and withheld.group and not is_own else "",
        sections=describe_scales(drawn, zone, whole=whole),
        alone=[] if is_own else _list_figures(own, whole=whole),
        is_whole=whole,
        rounds_drawn=max(len(history.list_drawn(whole=whole)) for history in (own, drawn)),
        rounds_asked=max(len(history.asked) for history in (own, drawn)),
        scales=scale_names(),
        reference=describe_reference(drawn.reference),
        rule=words.say_rule(load_flag_rules().trend),
        awaited=queries.find_awaited_round(session, unit_id),
        wording=find_credited_wording(session, _wording_locale(), own.latest_round_id),
    )


def list_earlier_flags(flags: Iterable[FlagShown], history: UnitHistory) -> list[FlagShown]:
    """Flags of the latest rounds that were answered or closed, newest first."""
    recent = {shown.round_id for shown in history.rounds[-ROUNDS_OF_EARLIER_FLAGS:]}
    return [flag for flag in flags if not flag.is_open and flag.round_id in recent]


def scale_names() -> list[str]:
    """The short names of the scales in page order."""
    return [words.say_short(scale) for scale in words.PAGE_ORDER]


def describe_reference(reference: Reference) -> ReferenceShown:
    """The sample behind every comparison."""
    return ReferenceShown(say_averages(reference), say_source(reference))


def _list_figures(history: UnitHistory, *, whole: bool) -> list[FiguresOfRound]:
    rows = (
        FiguresOfRound(
            history.rounds[i].closed_on,
            tuple(say_point(history.series[scale][i]) for scale in words.PAGE_ORDER),
        )
        for i in history.list_drawn(whole=whole)
    )
    return [row for row in rows if any(row.figures)][::-1]


def _wording_locale() -> str:
    locale = current_texts().locale
    return locale if locale in wording_locales() else SOURCE_LOCALE
