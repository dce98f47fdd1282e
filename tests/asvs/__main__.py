"""`python -m tests.asvs` writes docs/asvs.md anew and says what is covered."""

import sys

from tests.asvs.document import DOCUMENT, by_requirement, what_it_is, write
from tests.asvs.marks import find_proofs
from tests.asvs.requirements import Answer, read_chapters


def main() -> None:
    """Writes the document; names what has no answer and what is no longer open."""
    chapters = read_chapters()
    proofs = by_requirement(find_proofs())
    DOCUMENT.write_text(write(chapters, proofs), encoding="utf-8")
    requirements = [each for chapter in chapters for each in chapter.requirements]
    covered = [each for each in requirements if proofs.get(each.id)]
    lines = [f"{len(covered)} of {len(requirements)} requirements are covered by tests."]
    for each in requirements:
        if what_it_is(each, proofs) == "Without an answer":
            lines.append(f"{each.id} has neither a test nor a reason: {each.gist}")
        if each in covered and each.answer is Answer.OPEN:
            lines.append(f"{each.id} is said to be open and has a test: take the reason out.")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
