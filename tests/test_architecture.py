"""The shape of the code: what may import what, what lies where, and who reads the clock."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wellbeing
from wellbeing.app import AREAS
from wellbeing.resources import folder
from wellbeing.store.reach import REACH_OF_AREA

PACKAGE = Path(wellbeing.__file__).parent
ROOT = PACKAGE.parent
LAYERS = {
    "actions", "commands", "crypto", "demo", "domain", "form_files", "monitoring", "single_sign_on",
    "static", "store", "translations", "web",
}  # fmt: skip
MODULES = {
    "__init__", "app", "apv_workbook", "calendar_invitations", "cli", "clock", "csv_files",
    "gunicorn", "mail",
    "pdf", "resources", "settings", "sms", "staff_files", "staff_sheets", "texts", "webhook_posts",
    "by_host", "organisations", "buffered_worker",
}  # fmt: skip
EMPTY_PACKAGES = (
    "wellbeing/actions", "wellbeing/actions/health", "wellbeing/commands", "wellbeing/crypto",
    "wellbeing/domain", "wellbeing/monitoring", "wellbeing/store", "wellbeing/web",
    "wellbeing/web/support_pages", "wellbeing/web/team_page",
    *(f"wellbeing/web/{area}" for area in (*AREAS, "shared")), "jobs",
)  # fmt: skip
# What several areas show is in a package of its own, which is no area: it has no address.
BETWEEN = {"support_pages", "team_page"}
# Other systems come here, and nobody with a browser.
WITHOUT_PAGES = {"api", "provisioning"}
CLOCK_READERS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"),
    ("time", "ctime"),
}  # fmt: skip
# A module that reads the clock itself, and why it has to.
MAY_READ_THE_CLOCK = {"wellbeing/clock.py": "it is the clock"}
REQUIRED_CONTRACTS = {"layers": 2, "independence": 1, "forbidden": 2, "protected": 1}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the program with its path from the root."""
    for top in ("wellbeing", "jobs"):
        for path in sorted((ROOT / top).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def templates() -> list[Path]:
    """Every template."""
    return [path for path in sorted(folder("templates").rglob("*")) if path.is_file()]


def test_every_import_contract_holds() -> None:
    # A process of its own: the linter switches off every logger of the one that it runs in.
    program = Path(sys.executable).with_name("lint-imports")
    arguments = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_import_contract_has_gone_missing() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    kinds = re.findall(r'^type = "(\w+)"$', text, flags=re.MULTILINE)
    assert {kind: kinds.count(kind) for kind in REQUIRED_CONTRACTS} == REQUIRED_CONTRACTS


def test_everything_in_the_package_has_a_known_place() -> None:
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py"}
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert found == MODULES
    assert folders == LAYERS


def test_every_area_has_routes_templates_and_a_reach() -> None:
    for area in AREAS:
        assert (PACKAGE / "web" / area / "routes.py").is_file(), area
        assert (folder("templates") / area).is_dir() or area in WITHOUT_PAGES, area
    assert set(REACH_OF_AREA) == set(AREAS)


def test_every_folder_of_pages_and_of_templates_is_an_area_or_what_areas_show() -> None:
    web = {p.name for p in (PACKAGE / "web").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert web == {*AREAS, *BETWEEN, "shared"}
    shown = {*AREAS, *BETWEEN, "shared", "email"} - WITHOUT_PAGES
    assert {p.name for p in folder("templates").iterdir()} == shown


@pytest.mark.parametrize("package", EMPTY_PACKAGES)
def test_the_front_of_a_package_is_empty(package: str) -> None:
    assert (ROOT / package / "__init__.py").read_text(encoding="utf-8") == ""


def test_a_template_uses_its_own_areas_templates_and_what_areas_share() -> None:
    asked = re.compile(r"""{%-?\s*(?:extends|include|from|import)\s+['"]([\w-]+)/""")
    for path in templates():
        area = path.parent.name
        used = set(asked.findall(path.read_text(encoding="utf-8")))
        below = {"shared"} if area in BETWEEN else {*BETWEEN, "shared"}
        assert used <= {area, *below}, path.name


@pytest.mark.asvs("1.1.2", "1.2.1")
@pytest.mark.parametrize("path", templates(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_turns_escaping_off(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe\b|autoescape|Markup", text) == []


@pytest.mark.asvs("1.1.2", "1.2.1")
def test_no_code_turns_escaping_off() -> None:
    turned_off = [
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markup"
    ]
    assert turned_off == []


def test_nothing_but_the_clock_reads_the_time() -> None:
    readers = {name for name, tree in sources() for _ in _readings(tree)}
    assert readers == set(MAY_READ_THE_CLOCK)


def test_reading_the_time_is_recognised_however_it_is_written() -> None:
    for line in (
        "import time; time.time()",
        "from time import time; time()",
        "from datetime import datetime; datetime.now(UTC)",
        "import datetime; datetime.datetime.utcnow()",
        "from datetime import date; f(today=date.today)",
    ):
        assert list(_readings(ast.parse(line))), line
    assert not list(_readings(ast.parse("clock.now(); services().now(); session.time()")))


def _readings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = getattr(owner, "attr", None) or getattr(owner, "id", None)
            if (name, node.attr) in CLOCK_READERS:
                yield node
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (a for a in node.names if ("time", a.name) in CLOCK_READERS)
