"""Every `wellbeing …` in a document is a command we have, with options it takes."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.operations.command_lines import check_taken, words_of

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "law").rglob("*.md")),
)
_LINE = re.compile(r"^(?: {4}|\t)?(?:[A-Z_]+=\S+ )*wellbeing [a-z-].*$", re.M)
_GOES_ON = re.compile(r" \\\n\s*")
_SPAN = re.compile(r"`((?:[A-Z_]+=\S+ )*wellbeing [^`]+)`")
_FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def mentions(text: str) -> Iterator[tuple[str, bool]]:
    """Every command, and whether it stands as a line to be typed."""
    blocks = [found[0] for found in _FENCE.finditer(text)]
    blocks += re.findall(r"(?:^ {4}.*\n)+", text, re.M)
    for block in blocks:
        for line in _LINE.findall(_GOES_ON.sub(" ", block)):
            yield line.strip(), True
    for span in _SPAN.findall(text):
        yield span, False


def spelled_out(command: str) -> Iterator[str]:
    """`a|b [--c]` as `a --c` and `b --c`."""
    plain = command.replace("\\|", "|").replace("[", "").replace("]", "").replace("…", "")
    words = plain.split()
    choices = [word.split("|") if word[0].islower() else [word] for word in words]
    for number in range(max(map(len, choices))):
        yield " ".join(choice[min(number, len(choice) - 1)] for choice in choices)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_in_documents_exist_and_take_their_options(document: Path) -> None:
    refused = []
    for command, whole in mentions(document.read_text(encoding="utf-8")):
        for spelled in spelled_out(command):
            try:
                check_taken(words_of(spelled), whole=whole)
            except (click.UsageError, ValueError) as fault:
                refused.append(f"{command}: {fault}")
    assert refused == []


def test_the_check_finds_a_wrong_command_option_and_argument() -> None:
    for line in (
        "wellbeing dance",
        "wellbeing serve --speed 3",
        "wellbeing job",
        "wellbeing db go",
    ):
        with pytest.raises(click.UsageError):
            check_taken(words_of(line))
    check_taken(words_of("A=1 wellbeing job invite --at 2026-03-02T09:00+01:00 && ls # now"))
    check_taken(words_of("wellbeing job"), whole=False)
    text = "Run `wellbeing dance`:\n\n    wellbeing serve & # x\n\n```\nwellbeing job invite\n```\n"
    assert sorted(mentions(text)) == [
        ("wellbeing dance", False),
        ("wellbeing job invite", True),
        ("wellbeing serve & # x", True),
    ]
