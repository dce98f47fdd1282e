"""`wellbeing import-form` shows thirty sentences beside the key, and stores what was looked at."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.forms import csv_form, sentences, wording_of
from wellbeing.actions.wordings import find_imported
from wellbeing.commands.import_form import import_form
from wellbeing.domain.errors import BadInput
from wellbeing.store.org import WordingState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

FORM = wording_of()


@pytest.fixture
def form(tmp_path: Path, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the form, beside a database that the command finds."""
    monkeypatch.setenv("WELLBEING_DATA", str(tmp_path))
    path = tmp_path / "form.csv"
    path.write_bytes(csv_form())
    return path


def run(form: Path, *options: str, answer: str = "", locale: str = "da") -> Result:
    """The command as typed, with what is typed when it asks."""
    arguments = [str(form), "--locale", locale, *options]
    return CliRunner().invoke(import_form, arguments, input=answer)


def states(database: Database) -> list[tuple[str, WordingState, str]]:
    """Every form kept, how far it has come, and who read it in."""
    with database.reading(Reach.EVERYTHING) as session:
        return [(form.id, form.state, form.imported_by) for form in find_imported(session)]


def test_it_prints_every_sentence_beside_its_scale(form: Path) -> None:
    lines = run(form, "--dry-run").output.splitlines()
    assert lines[:2] == [f"ProQOL 5, da: {FORM.id}", f"SHA-256 {FORM.sha256}"]
    rows = [line for line in lines if line[:4].strip().isdigit()]
    assert [int(row[:4]) for row in rows] == list(range(1, 31))
    assert [row[6:10].strip() for row in rows[:3]] == ["BO", "STS", "CS"]
    assert [int(row[:4]) for row in rows if row[11] == "R"] == [1, 4, 15, 17, 29]
    shown = " ".join(" ".join(lines).split())
    assert all(" ".join(text.split()[:6]) in shown for text in sentences())


def test_a_dry_run_stores_nothing_and_needs_no_database(
    form: Path, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELLBEING_DATA", str(form.parent / "nowhere"))
    said = run(form, "--dry-run")
    assert said.output.endswith("Dry run: nothing was stored.\n")
    assert states(sqlite_database) == []


@pytest.mark.parametrize(
    ("options", "answer", "state", "said"),
    [
        ([], "", WordingState.WAITING, "It waits for an administrator"),
        (["--approve"], "y\n", WordingState.APPROVED, "It is asked from the next round"),
        (["--approve"], "n\n", WordingState.WAITING, "It waits for an administrator"),
        (["--approve"], "", WordingState.WAITING, "It waits for an administrator"),
    ],
)
def test_it_waits_unless_somebody_says_yes(
    form: Path,
    sqlite_database: Database,
    options: list[str],
    answer: str,
    state: WordingState,
    said: str,
) -> None:
    result = run(form, *options, answer=answer)
    assert result.exit_code == 0
    assert said in result.output
    assert states(sqlite_database) == [(FORM.id, state, "command:import-form")]


def test_a_form_in_use_is_not_asked_about_again(form: Path, sqlite_database: Database) -> None:
    run(form, "--approve", answer="y\n")
    again = run(form, "--approve")
    assert again.exit_code == 0
    assert "in use already" in again.output
    assert len(states(sqlite_database)) == 1


@pytest.mark.parametrize(
    ("content", "locale", "said"),
    [
        (csv_form(sentences()[:28]), "da", "28 items were found; 29 and 30 are missing."),
        (csv_form(), "en", "seem to be in the language 'da', not in 'en'"),
        (csv_form(), "sv", "cannot be used in the language 'sv'"),
    ],
)
def test_a_mistake_is_one_sentence_and_stores_nothing(
    form: Path, sqlite_database: Database, content: bytes, locale: str, said: str
) -> None:
    form.write_bytes(content)
    result = run(form, locale=locale)
    assert isinstance(result.exception, BadInput)
    assert said in str(result.exception)
    assert result.output == ""
    assert states(sqlite_database) == []
