"""The groups behind a unit's latest figure, or the one its people are counted in without one."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.web.shared.flag_words import say_value
from wellbeing.web.team_page import queries, words
from wellbeing.web.team_page.queries import GroupShown, UnitHistory, Value


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in a table: its name, its figures in page order, and how many answers, roughly."""

    unit_id: UUID
    name: str
    figures: tuple[str, ...]
    size: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What a unit's latest figure rests on; `response` only where it is a single group's.

    `groups` are those of a roll-up, or with `own_only` the one of them that the people placed in
    the unit itself are counted in.
    """

    size: str
    response: str
    groups: list[GroupRow]
    own_only: bool


@dataclass(frozen=True, slots=True)
class WithheldShown:
    """Why a unit has no figure, and the group its people are counted in, with its figures."""

    why: str
    group: GroupRow | None
    is_small_team: bool


def find_behind(session: Session, history: UnitHistory, *, own_only: bool) -> Behind | None:
    """What the latest figure of a unit rests on; None where it has none.

    Nothing is listed where it is the figure of a single group which is the unit itself.
    """
    round_id, unit_id = history.latest_round_id, history.unit_id
    groups = queries.find_own_groups(session, round_id, unit_id) if round_id else []
    if round_id is None or not groups:
        return None
    size = words.say_size(sum(group.size for group in groups))
    first = groups[0]
    if len(groups) == 1 and first.unit_id == unit_id and not first.is_others:
        return Behind(size, words.say_response(first.response_class), [], own_only=False)
    listed = queries.find_groups_of_people(session, round_id, unit_id) if own_only else groups
    return Behind(size, "", list_groups(listed), own_only=own_only)


def find_withheld_shown(session: Session, history: UnitHistory) -> WithheldShown | None:
    """Why the latest round has no figure of the unit; None where it has one.

    Whoever reads the unit reads the group its people are counted in as well, wherever it lies.
    """
    round_id, mark = history.latest_round_id, history.latest_mark
    if round_id is None or mark is None:
        return None
    group = queries.find_counting_group(session, round_id, history.unit_id)
    return WithheldShown(
        why=words.say_why_withheld(mark.reason, queries.find_min_group_size(session, round_id)),
        group=list_groups([group])[0] if group else None,
        is_small_team=mark.reason in words.TOO_SMALL,
    )


def list_groups(groups: Iterable[GroupShown]) -> list[GroupRow]:
    """Groups with their shown values, as rows of a table."""
    return [
        GroupRow(
            unit_id=group.unit_id,
            name=words.say_group(group.unit_path, is_others=group.is_others),
            figures=tuple(_say(group.values.get(scale)) for scale in words.PAGE_ORDER),
            size=words.say_size(group.size),
        )
        for group in groups
    ]


def _say(value: Value | None) -> str:
    return say_value(value.point, value.kind) if value else ""
