"""The stylesheet is small, ours alone, and readable by day and by night."""

import re
from pathlib import Path

import pytest

import wellbeing

CSS = (Path(wellbeing.__file__).parent / "static" / "wellbeing.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
)
MODES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
TEXT_ON = [
    *((text, ground) for text in ("text", "muted", "accent") for ground in ("ground", "surface")),
    *(("text", ground) for ground in ("sunken", "info", "kind", "warning")),
    *(("accent", ground) for ground in ("info", "sunken")),
    *(("error", ground) for ground in ("ground", "surface")),
    ("muted", "sunken"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "info"),
]
SHAPES_ON = [
    *((shape, ground) for shape in ("edge", "accent", "error") for ground in ("ground", "surface")),
    ("kind-edge", "kind"),
    ("warning-edge", "warning"),
    ("accent", "info"),
]


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@MODES
def test_every_colour_has_a_value_by_day_and_by_night(colours: dict[str, str]) -> None:
    assert colours.keys() == LIGHT.keys()
    assert len(colours) >= 15


@MODES
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(colours: dict[str, str], text: str, ground: str) -> None:
    assert _contrast(colours[text], colours[ground]) >= 4.5


@MODES
@pytest.mark.parametrize(("shape", "ground"), SHAPES_ON)
def test_a_shape_stands_out_from_its_ground(
    colours: dict[str, str], shape: str, ground: str
) -> None:
    assert _contrast(colours[shape], colours[ground]) >= 3


def test_contrast_is_measured_as_defined() -> None:
    assert _contrast("#ffffff", "#000000") == pytest.approx(21)
    assert _contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_the_stylesheet_is_small() -> None:
    assert len(CSS.encode()) < 17_000


def test_the_stylesheet_loads_nothing() -> None:
    assert "@import" not in CSS
    assert "url(" not in CSS
