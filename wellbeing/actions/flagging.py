"""Raises flags from published figures: once a rule and unit, and at the most specific unit."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.figures import RoundShown, UnitSeries, find_rounds_of, find_series
from wellbeing.actions.references import find_level_reference
from wellbeing.domain import flags as domain
from wellbeing.domain.actor import Actor
from wellbeing.domain.flag_rules import FlagKind, load_flag_rules
from wellbeing.domain.instrument import Reference, load_instrument
from wellbeing.domain.reporting import path_up
from wellbeing.store.org import RoundUnit
from wellbeing.store.published import Flag, FlagState

QUIET_ROUNDS = 2


def raise_flags(session: Session, round_id: UUID, *, now: datetime, by: Actor) -> int:
    """Adds the flags that the newest round calls for; returns how many.

    A unit that was flagged for the same reason in one of the last two rounds, or whose flag is
    still open, is left alone: support needs time to happen. A unit above is flagged only where no
    unit below it is: the nearer one says more.
    """
    parent_of = _find_parents(session, round_id)
    rounds_of = find_rounds_of(session, set(parent_of), with_unreleased=True)
    series = find_series(session, set(parent_of), rounds_of=rounds_of)
    found = _find_all(series, find_level_reference(session))
    quiet = _find_quiet(session, round_id, rounds_of)
    has_nearer = find_above_flagged(found, parent_of)
    raised = 0
    for unit, flags in found.items():
        for flag in flags:
            if (unit, flag.kind) in has_nearer or (unit, flag.kind) in quiet:
                continue
            session.add(_row(flag, unit, round_id, series[unit], now))
            quiet.add((unit, flag.kind))
            raised += 1
    session.flush()
    record(session, "flags.raised", str(round_id), by=by, now=now, count=raised)
    return raised


def find_above_flagged(
    found: Mapping[UUID, tuple[domain.Flag, ...]], parent_of: Mapping[UUID, UUID | None]
) -> set[tuple[UUID, FlagKind]]:
    """Units and kinds for which some unit below is flagged for the same kind."""
    return {
        (above, flag.kind)
        for unit, flags in found.items()
        for flag in flags
        for above in path_up(unit, parent_of)[1:]
    }


def _find_parents(session: Session, round_id: UUID) -> dict[UUID, UUID | None]:
    units = select(RoundUnit.unit_id, RoundUnit.parent_unit_id).where(
        RoundUnit.round_id == round_id
    )
    return {row.unit_id: row.parent_unit_id for row in session.execute(units)}


def _find_all(
    series: Mapping[UUID, UnitSeries], reference: Reference
) -> dict[UUID, tuple[domain.Flag, ...]]:
    instrument, rules = load_instrument(), load_flag_rules()
    found: dict[UUID, tuple[domain.Flag, ...]] = {}
    for unit, by_scale in series.items():
        if all(points and points[-1] is not None for points in by_scale.values()):
            found[unit] = domain.find_flags(by_scale, instrument, rules, reference)
    return found


def _find_quiet(
    session: Session, round_id: UUID, rounds_of: Mapping[UUID, Sequence[RoundShown]]
) -> set[tuple[UUID, str]]:
    """Units and kinds flagged lately, each by the rounds that asked the unit."""
    recent = {
        unit: {round_id, *(shown.round_id for shown in rounds[-1 - QUIET_ROUNDS :])}
        for unit, rounds in rounds_of.items()
    }
    flags = session.execute(select(Flag.unit_id, Flag.kind, Flag.state, Flag.round_id))
    return {
        (row.unit_id, row.kind)
        for row in flags
        if row.state is FlagState.RAISED or row.round_id in recent.get(row.unit_id, ())
    }


def _row(
    flag: domain.Flag, unit_id: UUID, round_id: UUID, series: UnitSeries, now: datetime
) -> Flag:
    return Flag(
        unit_id=unit_id,
        round_id=round_id,
        rule_id=flag.rule_id,
        kind=flag.kind.value,
        figures=_figures(flag, series),
        state=FlagState.RAISED,
        raised_on=now.date(),
    )


def _figures(flag: domain.Flag, series: UnitSeries) -> dict[str, Any]:
    """Whole points only: a decimal beside rounded values would give more away than they do."""
    latest = series[flag.scale][-1]
    assert latest is not None
    return {
        "scale": flag.scale.value,
        "reason": flag.reason.value,
        "before": round(flag.change.before) if flag.change else None,
        "now": latest.point,
        "now_kind": latest.kind,
        "rounds": flag.change.rounds if flag.change else None,
        "severity": flag.severity,
        "reference": round(flag.level.reference_mean) if flag.level else None,
        "sample": flag.level.reference.id if flag.level else None,
        "actions": [action.value for action in flag.actions],
        "guidance": [asdict(guidance) for guidance in flag.guidance],
    }
