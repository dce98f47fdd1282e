"""The wheel holds all it needs: it runs from an empty folder, far from any checkout."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ANSWERS = ",".join(["3"] * 30)
RENDER = """
import wellbeing
from pathlib import Path
from wellbeing.app import create_app
from wellbeing.settings import Settings
app = create_app(Settings())
client = app.test_client()
for path in ("/sign-in", "/privacy", "/static/wellbeing.css"):
    answer = client.get(path, headers={"Accept-Language": "da"})
    assert answer.status_code == 200, path
    if path == "/sign-in":
        assert "Log ind" in answer.text, answer.text
    answer.close()
app.extensions["wellbeing"].database.close()
print(Path(wellbeing.__file__).parent)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built now."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and the locked packages, and no checkout."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # A path named here brings its packages, but not what its own .pth files add: our checkout.
    (packages / "locked.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    options = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, *options, "--force-reinstall", str(wheel)], check=True)
    return home / "bin"


def run(installed: Path, folder: Path, *command: str) -> str:
    """What a program of the environment prints, run in this folder with no settings of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WELLBEING_", "PYTHON"))}
    program, *arguments = command
    done = subprocess.run(
        [str(installed / program), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=kept,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_what_lies_beside_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "migrations", "config"):
        expected = {
            f"wellbeing/_bundled/{path.relative_to(ROOT)}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert expected
        assert expected <= names
    kinds = (".py", ".po", ".css", ".svg")
    package = (ROOT / "wellbeing").rglob("*")
    assert {str(path.relative_to(ROOT)) for path in package if path.suffix in kinds} <= names


def test_the_wheel_carries_the_design_system_and_its_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    for name in ("dkfds.css", "dkfds-licence.md"):
        assert archive.getinfo(f"wellbeing/static/vendor/{name}").file_size > 1_000


@pytest.mark.asvs("13.4.1", "15.2.3")
def test_the_wheel_carries_no_tests_and_nothing_of_a_checkout(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"wellbeing", "jobs"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".db", ".pyc"))]


def test_it_says_what_it_can_do(installed: Path, tmp_path: Path) -> None:
    assert "score" in run(installed, tmp_path, "wellbeing", "--help")


def test_it_scores_a_file(installed: Path, tmp_path: Path) -> None:
    header = ",".join(f"item{number}" for number in range(1, 31))
    (tmp_path / "answers.csv").write_text(f"{header}\n{ANSWERS}\n")
    printed = run(installed, tmp_path, "wellbeing", "score", "answers.csv")
    assert printed.splitlines()[0].endswith("CS,BO,STS,CS_band,BO_band,STS_band")
    assert ",30,30,30," in printed


def test_it_sets_up_a_database_and_renders_pages_in_danish(installed: Path, tmp_path: Path) -> None:
    assert "Database ready" in run(installed, tmp_path, "wellbeing", "init")
    current, _, newest = run(installed, tmp_path, "wellbeing", "db", "current").partition(" ")
    assert newest.strip() == f"(newest: {current})"
    where = Path(run(installed, tmp_path, "python", "-c", RENDER).strip())
    assert where.is_relative_to(installed.parent)
    assert (tmp_path / "wellbeing-data" / "keys" / "app.secret").exists()


def test_it_makes_the_demo(installed: Path, tmp_path: Path) -> None:
    printed = run(installed, tmp_path, "wellbeing", "demo", "--prepare-only")
    assert "Round 7 of 7" in printed
    assert (tmp_path / "wellbeing-demo" / "demo.json").exists()
