"""A unit above is flagged only where no unit below it is, in a tree of any shape."""

from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from wellbeing.actions.flagging import find_above_flagged
from wellbeing.domain.flag_rules import FlagKind
from wellbeing.domain.reporting import path_up


@pytest.mark.parametrize("seed", range(20))
def test_walking_up_finds_what_comparing_every_pair_finds(seed: int) -> None:
    random = Random(seed)
    units = [UUID(int=random.getrandbits(128)) for _ in range(30)]
    parent_of: dict[UUID, UUID | None] = {
        unit: random.choice(units[:at]) if at and random.random() < 0.95 else None
        for at, unit in enumerate(units)
    }
    kinds = list(FlagKind)
    found: dict[UUID, Any] = {
        unit: tuple(SimpleNamespace(kind=kind) for kind in kinds if random.random() < 0.15)
        for unit in units
    }
    by_pairs = {
        (unit, kind)
        for unit in units
        for kind in kinds
        for below, flags in found.items()
        if below != unit
        and any(flag.kind == kind for flag in flags)
        and unit in path_up(below, parent_of)
    }
    assert find_above_flagged(found, parent_of) == by_pairs
    assert by_pairs
