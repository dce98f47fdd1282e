"""Every test that the documents of trust name is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("threat-model.md", "compromise.md")
NAMED = r"`(tests/[\w/]+\.py)((?:::\w+)*)`"
ATTACKERS = (
    "curious leader", "HR", "colleague", "ex-leader", "database operator", "stolen backup",
    "live server", "phished link", "network", "malicious employee", "reshapes units", "supervisor",
    "telephone", "Another organisation", "malicious dependency", "mail server", "single sign-on",
    "logs and metrics",
)  # fmt: skip
PARTS = ("Move", "Defence", "Tests", "Remains")
NEVER_SAID = ("zero knowledge", "zero-knowledge", "100 % anonym", "completely anonym", "impossible")


def read(name: str) -> str:
    """A document."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@cache
def find_tests(file: str) -> set[str]:
    """The names of the tests of a file; empty where there is none."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_is_named_exists(document: str) -> None:
    for file, parts in re.findall(NAMED, read(document)):
        assert find_tests(file), file
        test = parts.rpartition("::")[2]
        assert not test or test in find_tests(file), f"{file}::{test}"


def test_each_attacker_has_a_move_a_defence_tests_and_what_remains() -> None:
    sections = re.split(r"^### ", read("threat-model.md"), flags=re.MULTILINE)[1:]
    for words in ATTACKERS:
        (section,) = (each for each in sections if words in each.partition("\n")[0])
        assert re.findall(r"^- \*\*(\w+)\*\*:", section, flags=re.MULTILINE) == list(PARTS)
        assert "tests/" in section
    assert len(sections) == len(ATTACKERS)


@pytest.mark.parametrize("document", [*DOCUMENTS, "limits.md", "dependencies.md"])
def test_no_more_is_promised_than_holds(document: str) -> None:
    text = read(document).casefold()
    assert [word for word in NEVER_SAID if word in text] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, "limits.md", "dependencies.md"])
def test_links_between_documents_lead_somewhere(document: str) -> None:
    for address in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", read(document)):
        assert (ROOT / "docs" / address).exists(), address
