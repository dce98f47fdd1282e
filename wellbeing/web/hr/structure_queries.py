"""What the page about units reads: the tree, what changed in it, and whether that waits."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.structure import (
    Node,
    Tree,
    can_approve,
    find_changes,
    find_digest,
    find_last_tree,
    find_tree,
    is_approved,
)
from wellbeing.actions.units import PATH_SEPARATOR, find_groups, find_parents
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Missing
from wellbeing.domain.reporting import find_reporting_unit
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership, ReportingGroup, Round, RoundState
from wellbeing.web.hr.scope import Scope
from wellbeing.web.hr.structure_words import Change, ChangeKind


@dataclass(frozen=True, slots=True)
class UnitShown:
    """A unit or reporting group with what stands below it; no people where they are not shown."""

    id: UUID
    name: str
    people: int | None
    is_group: bool
    below: tuple["UnitShown", ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Changed units that nobody else has approved, and the round that waits for it."""

    opens_at: datetime | None
    is_due: bool
    can_approve: bool


def find_units(session: Session, scope: Scope, *, today: date) -> tuple[UnitShown, ...]:
    """The tree as the next round would have it; numbers of people for units in reach only."""
    tree, groups = find_tree(session), find_formed(session)
    counted = count_people(session, today=today)
    below: dict[UUID | None, list[UUID]] = {}
    for unit, node in tree.items():
        below.setdefault(node.parent_id, []).append(unit)

    def show(unit: UUID) -> UnitShown:
        people = sum(counted.get(one, 0) for one in groups.get(unit, {unit}))
        return UnitShown(
            id=unit,
            name=name_of(tree[unit].path),
            people=people if unit in scope else None,
            is_group=unit in groups,
            below=tuple(show(child) for child in below.get(unit, [])),
        )

    return tuple(show(top) for top in below.get(None, []))


def count_people(session: Session, *, today: date) -> dict[UUID, int]:
    """How many people a round that opened today would count in each unit; leaders count above."""
    parents, led = find_parents(session), _find_led(session)
    counted: dict[UUID, int] = {}
    homes = select(Membership.person_id, Membership.unit_id).join(
        Person, Person.id == Membership.person_id
    )
    present = (
        Person.status != PersonStatus.DISABLED,
        Membership.from_day <= today,
        or_(Membership.until_day.is_(None), Membership.until_day > today),
    )
    for person, home in session.execute(homes.where(*present)):
        unit = (
            find_reporting_unit(home, led.get(person, set()), parents) if home in parents else None
        )
        if unit is not None:
            counted[unit] = counted.get(unit, 0) + 1
    return counted


def find_changed(session: Session) -> list[Change]:
    """What changed since the last round opened, each change once: a new name of a unit above, or
    membership of a group that came or went, is not told again for everything below it.
    """
    before, after = find_last_tree(session) or {}, find_tree(session)
    groups = {*find_formed(session), *(n.parent_id for n in before.values() if n.pooled)}
    found = (
        _tell(change.unit_id, change.before, change.after, groups, before, after)
        for change in find_changes(session)
    )
    return [change for change in found if change is not None]


def find_waiting(session: Session, *, by: Actor, now: datetime) -> Waiting | None:
    """What waits for a second person's approval; None when nothing does."""
    if is_approved(session):
        return None
    opens_at = session.scalar(
        select(func.min(Round.opens_at)).where(Round.state == RoundState.PLANNED)
    )
    is_due = opens_at is not None and opens_at <= now
    return Waiting(opens_at, is_due, can_approve(session, by))


def has_opened(session: Session) -> bool:
    """Whether there has been a round at all: before the first nothing needs approval."""
    return find_last_tree(session) is not None


def is_seen(session: Session, digest: str) -> bool:
    """Whether the tree is still the one that this digest names."""
    return find_digest(session) == digest


def check_group(session: Session, group_id: UUID) -> None:
    """Missing unless there is such a reporting group."""
    if session.get(ReportingGroup, group_id) is None:
        raise Missing("That group does not exist.")


def find_formed(session: Session) -> dict[UUID, set[UUID]]:
    """Every reporting group and its open teams, also one whose teams have all closed."""
    formed = {group: set[UUID]() for group in session.scalars(select(ReportingGroup.id))}
    return {**formed, **find_groups(session)}


def name_of(path: str) -> str:
    """The last part of a path."""
    return path.rsplit(PATH_SEPARATOR, 1)[-1]


def _find_led(session: Session) -> dict[UUID, set[UUID]]:
    led: dict[UUID, set[UUID]] = {}
    grants = select(RoleGrant.person_id, RoleGrant.unit_id).where(RoleGrant.role == Role.LEADER)
    for person, unit in session.execute(grants):
        if unit is not None:
            led.setdefault(person, set()).add(unit)
    return led


def _tell(
    unit: UUID,
    before: Node | None,
    after: Node | None,
    groups: set[UUID | None],
    old: Tree,
    new: Tree,
) -> Change | None:
    is_group = unit in groups
    if before is None and after is not None:
        kind = ChangeKind.TOGETHER if is_group else ChangeKind.NEW
        return Change(kind, name_of(after.path), _above(after.path))
    if after is None and before is not None:
        kind = ChangeKind.APART if is_group else ChangeKind.GONE
        return Change(kind, name_of(before.path), _above(before.path))
    assert before is not None
    assert after is not None
    if _real_parent(before, old) != _real_parent(after, new):
        return Change(ChangeKind.MOVED, name_of(after.path), _above(after.path))
    if name_of(before.path) != name_of(after.path):
        return Change(ChangeKind.RENAMED, name_of(after.path), name_of(before.path))
    return None


def _real_parent(node: Node, tree: Tree) -> UUID | None:
    """The unit above, not the reporting group between."""
    if node.pooled and node.parent_id is not None and node.parent_id in tree:
        return tree[node.parent_id].parent_id
    return node.parent_id


def _above(path: str) -> str:
    return path.rpartition(PATH_SEPARATOR)[0]
