"""Charts: the same bytes always, from any thread, with gaps and open classes to be seen."""

import re
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from wellbeing.domain.trends import PointKind
from wellbeing.web.team_page import charts
from wellbeing.web.team_page.charts import (
    CACHED_CHARTS,
    ChartLabels,
    ChartMark,
    ChartPoint,
    MarkKind,
    ReferenceBand,
    Theme,
    TrendChart,
    chart_key,
    draw_trend,
    draw_uncached,
)

LABELS = ChartLabels(
    figure="Published figure",
    interval="Very likely range",
    withheld="Not shown",
    or_more="This or more",
    or_less="This or less",
    session="Session held",
    incident="Incident",
    series_break="New wording or new team",
)


def points(values: list[int | None]) -> tuple[ChartPoint, ...]:
    return tuple(
        ChartPoint(
            on=date(2024 + i // 4, 2 + 3 * (i % 4), 20),
            label=f"Q{i % 4 + 1} {24 + i // 4}",
            value=value,
            level=None if value is None else value + 0.3,
            low=None if value is None else value - 1.5,
            high=None if value is None else value + 2.1,
        )
        for i, value in enumerate(values)
    )


CHART = TrendChart(
    title="Udbrændthed",
    points=points([23, 22, 24, 23, 22, 27]),
    labels=LABELS,
    reference=ReferenceBand(20.1, 25.5, "Where most teams lie"),
)


def elements_named(svg: bytes, prefix: str) -> list[str]:
    found = (element.get("id", "") for element in ElementTree.fromstring(svg).iter())
    return [name for name in found if name.startswith(prefix)]


def with_kind(chart: TrendChart, at: int, kind: PointKind) -> TrendChart:
    changed = list(chart.points)
    changed[at] = replace(changed[at], kind=kind)
    return replace(chart, points=tuple(changed))


def many_charts() -> list[TrendChart]:
    return [
        replace(CHART, title=f"Team {i}", points=points([20 + i % 9, None, 22, 23, 24 + i % 5]))
        for i in range(40)
    ]


def test_a_chart_is_valid_xml_with_a_size() -> None:
    root = ElementTree.fromstring(draw_trend(CHART))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox")


def test_the_same_chart_is_the_same_bytes() -> None:
    assert draw_uncached(CHART) == draw_uncached(replace(CHART))


def test_a_chart_carries_no_date_of_drawing() -> None:
    assert b"dc:date" not in draw_trend(CHART)


def test_eight_threads_draw_what_one_thread_draws() -> None:
    forty = many_charts()
    serial = [draw_uncached(chart) for chart in forty]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(draw_uncached, forty)) == serial


def test_a_chart_drawn_before_is_the_same_object() -> None:
    assert draw_trend(replace(CHART, title="Once")) is draw_trend(replace(CHART, title="Once"))


def test_the_cache_forgets_the_oldest_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "draw_uncached", lambda chart: chart.title.encode() * 100)
    first = draw_trend(replace(CHART, title="Oldest"))
    for i in range(CACHED_CHARTS):
        draw_trend(replace(CHART, title=f"Later {i}"))
    assert draw_trend(replace(CHART, title="Oldest")) is not first


def test_each_withheld_round_has_a_mark_and_no_figure() -> None:
    svg = draw_trend(replace(CHART, points=points([23, None, 24, None, 22])))
    assert elements_named(svg, "withheld-") == ["withheld-1", "withheld-3"]
    assert elements_named(svg, "figure-") == ["figure-0", "figure-2", "figure-4"]


def test_a_withheld_round_interrupts_the_line_and_its_interval() -> None:
    svg = draw_trend(replace(CHART, points=points([23, 22, None, 24, 22])))
    assert len(elements_named(svg, "level-")) == 2
    assert len(elements_named(svg, "interval-")) == 2


def test_a_break_interrupts_the_line_and_is_marked() -> None:
    mark = ChartMark(date(2024, 10, 1), MarkKind.BREAK)
    svg = draw_trend(replace(CHART, marks=(mark,)))
    assert len(elements_named(svg, "level-")) == 2
    assert elements_named(svg, "break-") == ["break-0"]


@pytest.mark.parametrize("kind", ["or_more", "or_less"])
def test_an_open_class_has_its_own_mark(kind: PointKind) -> None:
    svg = draw_trend(with_kind(CHART, 2, kind))
    assert elements_named(svg, f"{kind}-") == [f"{kind}-2"]
    assert "figure-2" not in elements_named(svg, "figure-")


def test_sessions_and_incidents_are_marked() -> None:
    marks = (
        ChartMark(date(2024, 6, 1), MarkKind.SESSION),
        ChartMark(date(2024, 9, 1), MarkKind.INCIDENT),
        ChartMark(date(2024, 10, 1), MarkKind.SESSION),
    )
    svg = draw_trend(replace(CHART, marks=marks))
    assert elements_named(svg, "session-") == ["session-0", "session-2"]
    assert elements_named(svg, "incident-") == ["incident-1"]


def test_the_reference_band_is_drawn_only_if_given() -> None:
    assert elements_named(draw_trend(CHART), "reference") == ["reference"]
    assert elements_named(draw_trend(replace(CHART, reference=None)), "reference") == []


def test_a_chart_without_rounds_or_with_withheld_rounds_only_can_be_drawn() -> None:
    none_shown: list[list[int | None]] = [[], [None], [None, None, None]]
    for values in none_shown:
        ElementTree.fromstring(draw_trend(replace(CHART, points=points(values))))


def test_a_single_round_can_be_drawn() -> None:
    assert elements_named(draw_trend(replace(CHART, points=points([23]))), "figure-") == [
        "figure-0"
    ]


def test_a_chart_needs_no_style_that_a_strict_policy_would_block() -> None:
    svg = draw_trend(CHART).decode()
    assert "style=" not in svg
    assert "<style" not in svg
    assert "<script" not in svg


def test_a_chart_loads_nothing_from_elsewhere() -> None:
    links = re.findall(rb'href="([^"]*)"', draw_trend(CHART))
    assert all(link.startswith(b"#") for link in links)


def test_signs_in_a_title_are_text_and_no_markup() -> None:
    ElementTree.fromstring(draw_trend(replace(CHART, title='<b>"R&D" $x_1$</b> æøå')))


def test_the_key_changes_with_every_part_of_the_chart() -> None:
    others = [
        replace(CHART, title="Other"),
        replace(CHART, theme=Theme.DARK),
        replace(CHART, reference=None),
        replace(CHART, points=points([23, 22, 24, 23, 22, 26])),
        replace(CHART, marks=(ChartMark(date(2024, 6, 1), MarkKind.SESSION),)),
        replace(CHART, labels=replace(LABELS, withheld="Ikke vist")),
        with_kind(CHART, 0, "or_more"),
    ]
    assert len({chart_key(chart) for chart in [CHART, *others]}) == len(others) + 1


def test_the_key_is_the_same_for_equal_charts() -> None:
    assert chart_key(CHART) == chart_key(replace(CHART))


def test_light_and_dark_differ_in_paper() -> None:
    assert draw_trend(CHART) != draw_trend(replace(CHART, theme=Theme.DARK))
