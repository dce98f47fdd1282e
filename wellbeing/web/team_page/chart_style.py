"""Colours and marks of the charts, for light and dark paper."""

from dataclasses import dataclass
from typing import Any

from wellbeing.web.team_page.trend_chart import MarkKind, Theme


@dataclass(frozen=True)
class Palette:
    """Colours that colour-blind people tell apart (Okabe and Ito's, lightened for dark)."""

    paper: str
    ink: str
    quiet: str
    grid: str
    line: str
    interval: str
    reference: str
    session: str
    incident: str


PALETTES = {
    Theme.LIGHT: Palette(
        paper="#ffffff",
        ink="#2b2f33",
        quiet="#6b7278",
        grid="#e3e6e8",
        line="#0072b2",
        interval="#bfdcec",
        reference="#efe9d8",
        session="#007a59",
        incident="#c04f00",
    ),
    Theme.DARK: Palette(
        paper="#1f2428",
        ink="#e6e8ea",
        quiet="#a4acb3",
        grid="#343b41",
        line="#6bbdf0",
        interval="#2a4a5e",
        reference="#3d3a2e",
        session="#45d0a2",
        incident="#ff9a5c",
    ),
}


def marker_of(kind: str, palette: Palette) -> dict[str, Any]:
    """How a kind of point or mark is drawn, as matplotlib line properties."""
    hollow = {"markersize": 9, "markerfacecolor": palette.paper, "markeredgewidth": 1.6}
    shapes: dict[str, dict[str, Any]] = {
        "exact": {"marker": "o", "color": palette.line},
        "or_more": {"marker": "^", "color": palette.line} | hollow,
        "or_less": {"marker": "v", "color": palette.line} | hollow,
        "withheld": {"marker": "x", "color": palette.quiet},
        MarkKind.SESSION: {"marker": "s", "color": palette.session},
        MarkKind.INCIDENT: {"marker": "D", "color": palette.incident},
    }
    return {"linestyle": "none", "markersize": 6} | shapes[kind]


def break_line_of(palette: Palette) -> dict[str, Any]:
    """How a break between two series is drawn, as matplotlib line properties."""
    return {"color": palette.quiet, "linewidth": 1.2, "linestyle": (0, (4, 3))}
