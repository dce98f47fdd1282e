"""The small charts of a diary: where the points stand, and what the shaded stretch says."""

from datetime import UTC, datetime, timedelta

from wellbeing.actions.diary import Entry
from wellbeing.domain.instrument import load_instrument
from wellbeing.web.employee.diary_chart import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Chart,
    draw_charts,
    height_of,
)
from wellbeing.web.employee.result import Change

INSTRUMENT = load_instrument()
FIRST = datetime(2026, 2, 2, 9, tzinfo=UTC)


def draw(*scores: tuple[int, int, int], days: int = 90) -> list[Chart]:
    """The charts of check-ins so many days apart, given oldest first."""
    entries = [
        Entry(FIRST + timedelta(days=days * number), each, (3,) * 30, None)
        for number, each in enumerate(scores)
    ]
    return draw_charts(entries[::-1], INSTRUMENT)


def test_the_scale_fills_the_drawing_and_nothing_leaves_it() -> None:
    assert (height_of(10), height_of(50)) == (BOTTOM, TOP)
    assert (height_of(3), height_of(57)) == (BOTTOM, TOP)


def test_one_check_in_makes_no_chart() -> None:
    assert draw() == draw((30, 30, 30)) == []


def test_each_scale_has_a_chart_from_its_second_score_on() -> None:
    charts = draw((40, 20, 0), (38, 22, 15))
    assert [str(chart.name) for chart in charts] == ["Compassion satisfaction", "Burnout"]


def test_points_stand_in_time_order_with_the_newest_at_the_right() -> None:
    (_, burnout, _) = draw((40, 20, 15), (38, 22, 17), (36, 31, 16))
    assert [point.score for point in burnout.points] == [20, 22, 31]
    places = [point.x for point in burnout.points]
    assert places == sorted(places)
    assert places[0] >= LEFT
    assert places[-1] == RIGHT


def test_two_check_ins_at_one_moment_are_drawn_too() -> None:
    assert len(draw((40, 20, 15), (38, 22, 17), days=0)) == 3


def test_the_line_has_a_gap_where_a_scale_was_not_scored() -> None:
    (_, burnout, stress) = draw((40, 20, 15), (38, 22, 17), (36, 24, 0), (33, 31, 24), (33, 30, 25))
    assert len(burnout.lines) == 1
    assert [len(line.split()) for line in stress.lines] == [2, 2]


def test_a_score_in_the_shaded_stretch_is_no_change_and_one_outside_is() -> None:
    for score, change in (
        (27, Change.UNCLEAR),
        (28, Change.UP),
        (13, Change.UNCLEAR),
        (12, Change.DOWN),
    ):
        (_, burnout, _) = draw((40, 20, 15), (40, score, 15))
        newest = burnout.points[-1].y
        is_inside = burnout.band_top <= newest <= burnout.band_bottom
        assert (burnout.newest.change, is_inside) == (change, change is Change.UNCLEAR)


def test_a_slow_drift_is_seen_against_the_first_time() -> None:
    (_, burnout, _) = draw((40, 20, 15), (40, 24, 15), (40, 29, 15))
    assert (burnout.newest.change, burnout.since_first) == (Change.UNCLEAR, Change.UP)
    (_, of_two, _) = draw((40, 20, 15), (40, 29, 15))
    assert of_two.since_first is None
