"""Writes docs/asvs.md from the requirements and the marks of the tests."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.asvs.marks import Proof
from tests.asvs.requirements import Answer, Chapter, Requirement

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "asvs.md"

_WORDS = {
    Answer.NOT_APPLICABLE: "Does not apply",
    Answer.KEPT_BY: "Kept by",
    Answer.ORGANISATION: "Left to the organisation",
    Answer.OPEN: "Open",
}
_HEAD = """# OWASP ASVS 5.0.0, levels 1 and 2

Written by `python -m tests.asvs` from the marks `@pytest.mark.asvs("…")` of the tests; a test \
fails when it is out of date. The wording of the requirements is not repeated here: each has a \
gist in our own words, and its number leads to the standard. A requirement counts as covered \
only by a test that runs; whatever else is said about one is a reason to be judged by a reader.
"""

Proofs = Mapping[str, Sequence[Proof]]


def by_requirement(proofs: Sequence[Proof]) -> Proofs:
    """The tests of each requirement."""
    found: dict[str, list[Proof]] = defaultdict(list)
    for proof in proofs:
        found[proof.requirement].append(proof)
    return found


def write(chapters: Sequence[Chapter], proofs: Proofs) -> str:
    """The whole document."""
    parts = [_HEAD, *_summary(chapters, proofs), *_tables(chapters, proofs)]
    return "\n".join([*parts, *_besides(chapters, proofs)]) + "\n"


def what_it_is(requirement: Requirement, proofs: Proofs) -> str:
    """The one heading a requirement is counted under."""
    if proofs.get(requirement.id):
        return "Covered by tests"
    return _WORDS[requirement.answer] if requirement.answer else "Without an answer"


def _summary(chapters: Sequence[Chapter], proofs: Proofs) -> Iterator[str]:
    headings = ["Covered by tests", *(_WORDS[answer] for answer in Answer)]
    headings.sort(key=lambda heading: heading == _WORDS[Answer.NOT_APPLICABLE])
    yield f"| Chapter | {' | '.join(headings)} | All |"
    yield "|---|" + "--:|" * (len(headings) + 1)
    totals = [0] * (len(headings) + 1)
    for chapter in chapters:
        kinds = [what_it_is(requirement, proofs) for requirement in chapter.requirements]
        row = [*map(kinds.count, headings), len(kinds)]
        totals = [total + number for total, number in zip(totals, row, strict=True)]
        yield f"| {chapter.number} {chapter.title} | {' | '.join(map(str, row))} |"
    yield f"| **All** | {' | '.join(f'**{total}**' for total in totals)} |"


def _tables(chapters: Sequence[Chapter], proofs: Proofs) -> Iterator[str]:
    for chapter in chapters:
        yield f"\n## {chapter.number} {chapter.title}\n"
        yield "| | Level | Asks for | Answer |"
        yield "|---|:-:|---|---|"
        for requirement in chapter.requirements:
            answer = "<br>".join(_answers(requirement, proofs.get(requirement.id, ())))
            yield f"| {requirement.id} | {requirement.level} | {requirement.gist} | {answer} |"


def _besides(chapters: Sequence[Chapter], proofs: Proofs) -> Iterator[str]:
    counted = {each.id for chapter in chapters for each in chapter.requirements}
    besides = sorted(
        set(proofs) - counted, key=lambda each: [int(part) for part in each.split(".")]
    )
    yield "\n## Of level 3, besides\n"
    yield "| | Tests |"
    yield "|---|---|"
    for requirement in besides:
        yield f"| {requirement} | {'<br>'.join(map(_written, proofs[requirement]))} |"


def _written(proof: Proof) -> str:
    return f"[{proof.file.removeprefix('tests/')}](../{proof.file}): {proof.sentence}"


def _answers(requirement: Requirement, tests: Sequence[Proof]) -> Iterator[str]:
    yield from map(_written, tests)
    is_overtaken = tests and requirement.answer is Answer.OPEN
    if requirement.answer and not is_overtaken:
        yield f"*{_WORDS[requirement.answer]}:* {requirement.reason}"
