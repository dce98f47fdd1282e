"""A third language is added by files alone, and no page or mail has a text outside of it."""

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tests.cast import PEOPLE, UNITS, full_name_of
from tests.third_language import LOCALE, add_language
from wellbeing.domain.instrument import load_wording

ROOT = Path(__file__).resolve().parent.parent
_INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)

# Addresses, identities and days.
_NO_WORDS = re.compile(r"\S+@\S+|https?://\S+|\w+dag \d+ \w+ \d{4}|\d+ \w+ \d{4}")
# Sources are named as they name themselves.
_TITLE = re.compile(r'^title = "(.+)"', re.MULTILINE)
# What people called things and themselves, what the settings of the workplace say in its own
# languages, and how a language names itself.
_DATA = {
    *(full_name_of(name) for name, _, _ in PEOPLE),
    *(name for _, name, _ in UNITS),
    *(
        title
        for path in (ROOT / "config").glob("*.toml")
        for title in _TITLE.findall(path.read_text(encoding="utf-8"))
    ),
    *("AT-vejledning 1.3.1", "Wellbeing", "ProQOL", "Trivsel", "Dansk", "English", "Svenska"),
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages and mails of the copy, by who saw what."""
    folder = tmp_path_factory.mktemp("third")
    copy, data = folder / "copy", folder / "data"
    add_language(ROOT, copy)
    data.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.third_language", str(data)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    pages: dict[str, str] = json.loads(done.stdout)
    return pages


def test_it_can_be_chosen_by_everybody(shown: dict[str, str]) -> None:
    assert "Svenska" in shown["Eva /me"]
    assert f'lang="{LOCALE}"' in shown["None /sign-in"]


def test_the_questions_are_asked_in_it(shown: dict[str, str]) -> None:
    assert f"⟦{load_wording('en').items[0]}⟧" in unescape(shown["questions"])


def test_mails_are_written_in_it(shown: dict[str, str]) -> None:
    (mail,) = (words for name, words in shown.items() if name.startswith("mail: ⟦"))
    assert "⟦Open the check-in:⟧" in mail


def test_no_text_of_a_page_is_outside_of_the_translations(shown: dict[str, str]) -> None:
    found = {
        f"{name}: {left}"
        for name, html in shown.items()
        if not name.startswith("mail")
        for left in _untranslated(html)
    }
    assert found == set()


def _untranslated(html: str) -> list[str]:
    text = unescape(_TAG.sub(" ¦ ", html))
    while _INNERMOST.search(text):
        text = _INNERMOST.sub(" ", text)
    text = _NO_WORDS.sub(" ", text)
    for known in sorted(_DATA, key=len, reverse=True):
        text = text.replace(known, " ")
    return [part.strip() for part in text.split("¦") if re.search(r"[^\W\d_]{3}", part)]
