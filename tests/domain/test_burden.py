"""No quarter asks more of anybody than the burden budget allows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.burden import MOST_MINUTES, BurdenBudget, load_burden_budget
from wellbeing.domain.errors import BadInput

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
BUDGET = BurdenBudget(minutes_per_check_in=5, most_minutes_a_quarter=20)


@pytest.mark.parametrize(
    ("rhythms", "minutes"), [([], 0), ([3], 5), ([1], 15), ([2], 10), ([12], 5), ([1, 3], 20)]
)
def test_the_fullest_quarter_counts(rhythms: list[int], minutes: int) -> None:
    assert BUDGET.minutes_of(rhythms) == minutes


@given(
    gaps=st.lists(st.integers(0, 120), max_size=8),
    at=st.integers(0, 400),
    most=st.integers(1, 4),
)
def test_what_is_allowed_keeps_every_stretch_of_91_days(
    gaps: list[int], at: int, most: int
) -> None:
    others, day = list[datetime](), START
    for gap in gaps:
        day += timedelta(days=gap)
        others.append(day)
    opens_at = START + timedelta(days=at)
    budget = BurdenBudget(5, 5 * most)
    fullest = max(
        sum(first <= one < first + timedelta(days=91) for one in [*others, opens_at])
        for first in (opens_at - timedelta(days=days) for days in range(91))
    )
    assert budget.allows(opens_at, others) is (fullest <= most)


def test_the_installed_budget_is_within_what_the_code_allows() -> None:
    assert load_burden_budget().most_minutes_a_quarter <= MOST_MINUTES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "minutes_per_check_in = 5",
        "minutes_per_check_in = 5\nmost_minutes_a_quarter = 25",
        "minutes_per_check_in = 0\nmost_minutes_a_quarter = 5",
        "minutes_per_check_in = 6\nmost_minutes_a_quarter = 5",
        "minutes_per_check_in = true\nmost_minutes_a_quarter = 5",
        "minutes_per_check_in = 5.5\nmost_minutes_a_quarter = 20",
        "minutes_per_check_in = ",
    ],
)
def test_a_budget_that_cannot_be_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "burden.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"burden\.toml"):
        load_burden_budget(path)
