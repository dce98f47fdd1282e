"""docs/asvs.md claims nothing that no test proves, and leaves nothing out."""

from collections import Counter
from pathlib import Path

import pytest

from tests.asvs.document import DOCUMENT, by_requirement, what_it_is, write
from tests.asvs.marks import Proof, find_proofs
from tests.asvs.requirements import Answer, read_chapters, read_level_3

CHAPTERS = read_chapters()
REQUIREMENTS = [each for chapter in CHAPTERS for each in chapter.requirements]
PROOFS = by_requirement(find_proofs())
LEAST_COVERED = 100


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == write(CHAPTERS, PROOFS), (
        "write it anew with: python -m tests.asvs"
    )


def test_every_requirement_of_levels_1_and_2_is_there() -> None:
    assert len(read_level_3()) == 92
    assert Counter(each.level for each in REQUIREMENTS) == {1: 70, 2: 183}
    numbers = [tuple(map(int, each.id.split("."))) for each in REQUIREMENTS]
    assert numbers == sorted(set(numbers))
    assert [chapter.number for chapter in CHAPTERS] == sorted({number[0] for number in numbers})
    for chapter in CHAPTERS:
        assert {each.id.split(".")[0] for each in chapter.requirements} == {str(chapter.number)}


def test_every_mark_is_a_requirement() -> None:
    assert set(PROOFS) - {each.id for each in REQUIREMENTS} <= set(read_level_3())


def test_every_requirement_has_a_test_or_a_reason() -> None:
    open_ends = [each.id for each in REQUIREMENTS if not PROOFS.get(each.id) and not each.reason]
    assert open_ends == []


def test_what_does_not_apply_has_no_test() -> None:
    not_applicable = {each.id for each in REQUIREMENTS if each.answer is Answer.NOT_APPLICABLE}
    assert not_applicable & set(PROOFS) == set()


def test_at_least_a_hundred_are_covered_by_tests() -> None:
    headings = Counter(what_it_is(each, PROOFS) for each in REQUIREMENTS)
    assert headings["Covered by tests"] >= LEAST_COVERED


def test_a_gist_is_a_few_words() -> None:
    assert [each.id for each in REQUIREMENTS if not 5 <= len(each.gist) <= 80] == []


def test_marks_are_found_and_those_of_tests_that_never_run_are_not(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "@pytest.mark.asvs('1.1.1', '1.1.2')\n@pytest.mark.parametrize('x', [1])\n"
        "def test_one(x): ...\n"
        "class TestMore:\n    @pytest.mark.asvs('1.1.1')\n    def test_two(self): ...\n"
        "@pytest.mark.skip\n@pytest.mark.asvs('9.9.9')\ndef test_three(): ...\n"
    )
    file = f"{tmp_path.name}/test_some.py"
    assert find_proofs(tmp_path) == [
        Proof("1.1.1", file, "test_one"),
        Proof("1.1.1", file, "test_two"),
        Proof("1.1.2", file, "test_one"),
    ]


def test_a_mark_on_what_is_no_test_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("@pytest.mark.asvs('1.1.1')\ndef helper(): ...\n")
    with pytest.raises(ValueError, match="helper is marked and is no test"):
        find_proofs(tmp_path)
