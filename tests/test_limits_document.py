"""docs/limits.md says what the code does."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from wellbeing.settings import Settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| `([\w.]+)` `(\w+)` \|$", TEXT, flags=re.MULTILINE)
PLACES = re.findall(r"`((?:wellbeing|jobs)/[\w/]+\.py)`", TEXT)


@pytest.mark.asvs("2.1.3", "5.1.1", "6.1.1", "7.1.1", "15.1.3")
@pytest.mark.parametrize(("what", "said", "module", "name"), ROWS)
def test_a_limit_is_what_the_document_says(what: str, said: str, module: str, name: str) -> None:
    assert said == _written(_find(module, name)), what


@pytest.mark.asvs("2.1.1", "2.1.2")
def test_every_place_that_is_named_exists() -> None:
    assert len(PLACES) >= 10
    assert [place for place in PLACES if not (ROOT / place).is_file()] == []


def test_there_is_a_limit_of_every_kind() -> None:
    assert len(ROWS) >= 20
    headings = re.findall(r"^## (.+)$", TEXT, flags=re.MULTILINE)
    assert headings == [
        "Guessing",
        "Passwords",
        "Ways in",
        "How long a sign-in lasts",
        "Size",
        "What input must look like",
        "What is slow, and why it cannot hurt",
        "Connections",
        "Logs of the processes",
    ]


def _find(module: str, name: str) -> object:
    if module == "wellbeing.settings.Settings":
        return Settings.model_fields[name].default
    return getattr(import_module(module), name)


def _written(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
