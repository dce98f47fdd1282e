"""Answers count at home, or above everything the person leads."""

from uuid import UUID

import pytest

from wellbeing.domain.reporting import find_reporting_unit, path_up, units_below

HOUSE, DEPARTMENT, TEAM, OTHER = (UUID(int=number) for number in range(1, 5))
PARENT_OF: dict[UUID, UUID | None] = {
    HOUSE: None,
    DEPARTMENT: HOUSE,
    TEAM: DEPARTMENT,
    OTHER: DEPARTMENT,
}


def test_the_path_goes_from_the_unit_to_the_top() -> None:
    assert path_up(TEAM, PARENT_OF) == [TEAM, DEPARTMENT, HOUSE]
    assert path_up(HOUSE, PARENT_OF) == [HOUSE]


@pytest.mark.parametrize(
    ("home", "led", "counts_in"),
    [
        (TEAM, set(), TEAM),
        (TEAM, {TEAM}, DEPARTMENT),
        (DEPARTMENT, {TEAM}, DEPARTMENT),
        (TEAM, {DEPARTMENT}, HOUSE),
        (TEAM, {TEAM, DEPARTMENT}, HOUSE),
        (TEAM, {OTHER}, TEAM),
        (HOUSE, {TEAM}, HOUSE),
        (TEAM, {HOUSE}, None),
        (HOUSE, {HOUSE}, None),
        (TEAM, {TEAM, HOUSE}, None),
    ],
)
def test_where_answers_count(home: UUID, led: set[UUID], counts_in: UUID | None) -> None:
    assert find_reporting_unit(home, led, PARENT_OF) == counts_in


def test_no_leader_counts_in_or_below_what_they_lead() -> None:
    for home in PARENT_OF:
        for led in PARENT_OF:
            counts_in = find_reporting_unit(home, {led}, PARENT_OF)
            assert counts_in is None or led not in path_up(counts_in, PARENT_OF)


def test_the_units_below_include_the_unit_itself() -> None:
    assert units_below({DEPARTMENT}, PARENT_OF) == {DEPARTMENT, TEAM, OTHER}
    assert units_below({TEAM, OTHER}, PARENT_OF) == {TEAM, OTHER}
    assert units_below(set(), PARENT_OF) == set()
