"""Draws a trend as SVG: the same bytes for the same chart, in any thread.

Drawn for 360 px so that its text is readable on a telephone, and scaled up elsewhere. Every text
comes from the caller. The SVG has no style attribute, so a strict policy cannot blacken it.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from io import BytesIO

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from wellbeing.web.team_page.chart_style import PALETTES, Palette, break_line_of, marker_of
from wellbeing.web.team_page.trend_chart import (
    ChartLabels,
    ChartMark,
    ChartPoint,
    MarkKind,
    ReferenceBand,
    Theme,
    TrendChart,
    chart_key,
)

__all__ = [
    "ChartLabels",
    "ChartMark",
    "ChartPoint",
    "MarkKind",
    "ReferenceBand",
    "Theme",
    "TrendChart",
    "chart_key",
    "draw_trend",
    "draw_uncached",
]

# Set once: rc_context is not thread-safe.
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "wellbeing",
        "svg.fonttype": "path",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.parse_math": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
    }
)

CACHED_CHARTS = 256
WIDTH_INCHES, PLOT_INCHES, KEY_ROW_INCHES = 4.3, 2.2, 0.22
DOTS_PER_INCH = 72
LEFT_INCHES, RIGHT_INCHES, TOP_INCHES, DATES_INCHES = 0.38, 0.16, 0.34, 0.32
KEY_COLUMNS = 2
LEAST_SPAN_POINTS = 16
LOWEST_SCORE, HIGHEST_SCORE = 10, 50
MOST_DATE_LABELS = 5
STYLE = re.compile(r'style="([^"]*)"')
STYLE_BLOCK = re.compile(r"<style.*?</style>", re.DOTALL)

KeyEntry = tuple[Artist, str]


def draw_trend(chart: TrendChart) -> bytes:
    """The chart as SVG, drawn or taken from a small cache; the same object while it is kept."""
    return _draw_cached(chart)


@lru_cache(maxsize=CACHED_CHARTS)
def _draw_cached(chart: TrendChart) -> bytes:
    return draw_uncached(chart)


def draw_uncached(chart: TrendChart) -> bytes:
    """The chart as SVG, drawn afresh."""
    palette = PALETTES[chart.theme]
    figure = Figure(dpi=DOTS_PER_INCH, facecolor=palette.paper)
    axes = figure.add_axes((0, 0, 1, 1), facecolor="none")
    _set_up_axes(axes, chart, palette)
    key = [
        *_draw_points(axes, chart, palette),
        *_draw_level(axes, chart, palette),
        *_draw_reference(axes, chart, palette),
        *_draw_marks(axes, chart, palette),
    ]
    _lay_out(figure, axes, key, palette)
    file = BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return _without_style(file.getvalue().decode()).encode()


def _lay_out(figure: Figure, axes: Axes, key: list[KeyEntry], palette: Palette) -> None:
    """The plot keeps its height; the key below takes as many rows as it has entries for."""
    below = DATES_INCHES + KEY_ROW_INCHES * -(-len(key) // KEY_COLUMNS) + 0.08
    height = PLOT_INCHES + TOP_INCHES + below
    figure.set_size_inches(WIDTH_INCHES, height)
    width = WIDTH_INCHES - LEFT_INCHES - RIGHT_INCHES
    axes.set_position(
        (LEFT_INCHES / WIDTH_INCHES, below / height, width / WIDTH_INCHES, PLOT_INCHES / height)
    )
    if key:
        figure.legend(
            [handle for handle, _ in key],
            [text for _, text in key],
            loc="lower left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=KEY_COLUMNS,
            frameon=False,
            fontsize=8.5,
            labelcolor=palette.ink,
            handlelength=1.6,
            columnspacing=1.4,
            labelspacing=0.45,
        )


def _set_up_axes(axes: Axes, chart: TrendChart, palette: Palette) -> None:
    axes.set_title(chart.title, loc="left", color=palette.ink, fontsize=10, fontweight="bold")
    axes.set_ylim(*_span(chart))
    axes.set_xlim(*_days(chart))
    axes.yaxis.set_major_locator(MultipleLocator(5))
    axes.grid(axis="y", color=palette.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    labelled = _labelled_points(chart.points)
    axes.set_xticks([_day(p.on) for p in labelled], [p.label for p in labelled])
    axes.tick_params(colors=palette.ink, length=3)
    for spine in axes.spines.values():
        spine.set_color(palette.quiet)


def _day(on: date) -> float:
    return float(on.toordinal())


def _span(chart: TrendChart) -> tuple[float, float]:
    """The points shown: all that is drawn, at least LEAST_SPAN_POINTS, within the scale."""
    drawn = [y for p in chart.points for y in (p.value, p.low, p.high) if y is not None]
    if chart.reference:
        drawn += [chart.reference.low, chart.reference.high]
    low, high = min(drawn, default=20) - 2, max(drawn, default=36) + 3
    missing = max(0.0, LEAST_SPAN_POINTS - (high - low)) / 2
    return max(low - missing, LOWEST_SCORE - 1), min(high + missing, HIGHEST_SCORE + 1)


def _days(chart: TrendChart) -> tuple[float, float]:
    days = [_day(p.on) for p in chart.points] + [_day(m.on) for m in chart.marks] or [0.0]
    room = max(20.0, (max(days) - min(days)) * 0.07)
    return min(days) - room, max(days) + room


def _labelled_points(points: tuple[ChartPoint, ...]) -> list[ChartPoint]:
    """Few enough rounds to write their dates side by side, always with the latest."""
    step = max(1, -(-len(points) // MOST_DATE_LABELS))
    return list(points[::-1][::step])


def _draw_points(axes: Axes, chart: TrendChart, palette: Palette) -> list[KeyEntry]:
    labels = chart.labels
    words = {
        "exact": labels.figure,
        "or_more": labels.or_more,
        "or_less": labels.or_less,
        "withheld": labels.withheld,
    }
    bottom, used = axes.get_ylim()[0], set()
    for i, point in enumerate(chart.points):
        kind = "withheld" if point.value is None else point.kind
        y = bottom if point.value is None else point.value
        (drawn,) = axes.plot(
            [_day(point.on)], [y], zorder=5, clip_on=False, **marker_of(kind, palette)
        )
        drawn.set_gid(f"{'figure' if kind == 'exact' else kind}-{i}")
        used.add(kind)
    return [
        (Line2D([], [], **marker_of(kind, palette)), text)
        for kind, text in words.items()
        if kind in used
    ]


def _draw_level(axes: Axes, chart: TrendChart, palette: Palette) -> list[KeyEntry]:
    stretches = list(_stretches(chart))
    for i, stretch in enumerate(stretches):
        days = [_day(point.on) for point in stretch]
        low, high = ([getattr(point, end) for point in stretch] for end in ("low", "high"))
        if len(stretch) == 1:
            half = 0.02 * (axes.get_xlim()[1] - axes.get_xlim()[0])
            days, low, high = [days[0] - half, days[0] + half], low * 2, high * 2
        band = axes.fill_between(days, low, high, color=palette.interval, linewidth=0, zorder=2)
        band.set_gid(f"interval-{i}")
        (line,) = axes.plot(
            [_day(point.on) for point in stretch],
            [point.level for point in stretch if point.level is not None],
            color=palette.line,
            linewidth=1.4,
            zorder=3,
        )
        line.set_gid(f"level-{i}")
    return [(Patch(color=palette.interval), chart.labels.interval)] if stretches else []


def _stretches(chart: TrendChart) -> Iterator[list[ChartPoint]]:
    """Runs of rounds that have a level and no withheld round or break between them."""
    breaks = [mark.on for mark in chart.marks if mark.kind is MarkKind.BREAK]
    run: list[ChartPoint] = []
    for point in chart.points:
        broken = bool(run) and any(run[-1].on < on <= point.on for on in breaks)
        if run and (point.level is None or broken):
            yield run
            run = []
        if point.level is not None:
            run.append(point)
    if run:
        yield run


def _draw_reference(axes: Axes, chart: TrendChart, palette: Palette) -> list[KeyEntry]:
    if chart.reference is None:
        return []
    band = axes.axhspan(
        chart.reference.low, chart.reference.high, color=palette.reference, linewidth=0, zorder=0
    )
    band.set_gid("reference")
    return [(Patch(color=palette.reference), chart.reference.label)]


def _draw_marks(axes: Axes, chart: TrendChart, palette: Palette) -> list[KeyEntry]:
    low, high = axes.get_ylim()
    for i, mark in enumerate(chart.marks):
        if mark.kind is MarkKind.BREAK:
            drawn = axes.axvline(_day(mark.on), **break_line_of(palette), zorder=1)
        else:
            (drawn,) = axes.plot(
                [_day(mark.on)],
                [high - 0.05 * (high - low)],
                zorder=4,
                **marker_of(mark.kind, palette),
            )
        drawn.set_gid(f"{mark.kind}-{i}")
    return _key_of_marks(chart, palette)


def _key_of_marks(chart: TrendChart, palette: Palette) -> list[KeyEntry]:
    words = {
        MarkKind.SESSION: chart.labels.session,
        MarkKind.INCIDENT: chart.labels.incident,
        MarkKind.BREAK: chart.labels.series_break,
    }
    used = {mark.kind for mark in chart.marks}
    return [
        (
            Line2D(
                [],
                [],
                **(break_line_of(palette) if kind is MarkKind.BREAK else marker_of(kind, palette)),
            ),
            text,
        )
        for kind, text in words.items()
        if kind in used
    ]


def _without_style(svg: str) -> str:
    """Every style as presentation attributes, which no content security policy blocks."""
    svg = STYLE_BLOCK.sub("", svg)
    svg = svg.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
    return STYLE.sub(lambda found: _as_attributes(found[1]), svg)


def _as_attributes(style: str) -> str:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in pairs)
