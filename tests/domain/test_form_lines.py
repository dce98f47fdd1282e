"""Numbered sentences are found in the lines of a page, and nothing is guessed."""

import pytest

from tests.forms import ANCHORS_DA, sentences
from wellbeing.domain.errors import BadInput
from wellbeing.domain.form_lines import read_lines

THIRTY = tuple(enumerate(sentences(), start=1))
KEY = ["My score", "3. ____", "6. ____", "*12. ____ = ____", "Total: _____"]


def page(pattern: str = "{n}. {text}", *, before: str = "", after: str = "") -> str:
    """A line an item, after a pattern."""
    lines = (pattern.format(n=number, text=text) for number, text in THIRTY)
    return "\n".join([before, *lines, after])


def items_in(*pages: str) -> tuple[tuple[int, str], ...]:
    """The numbered sentences found."""
    return read_lines(pages).sentences


@pytest.mark.parametrize(
    "pattern",
    [
        "{n}. {text}",
        "{n}) {text}",
        "{n}: {text}",
        "____ {n}. {text}",
        "☐ {n}.   {text}",
        "{n}.\n{text}",
        "{n} {text}",
        "{n}\n{text}",
        "{n}. {text} 1 2 3 4 5",
        "{n}. {text} ☐ ☐ ☐ ☐ ☐",
        "{n}. {text} ______",
        "{n}. {text}\n1 2 3 4 5",
        "{n}. {text}\n\n",
        "{n}. {text}\naldrig sjældent ofte",
    ],
)
def test_an_item_begins_with_its_number(pattern: str) -> None:
    assert items_in(page(pattern)) == THIRTY


def test_an_item_goes_on_below_until_the_next_number() -> None:
    assert items_in(page().replace(" og ", "\nog ").replace(" uden ", "\n  uden ")) == THIRTY


def test_an_item_goes_on_across_pages_after_its_number() -> None:
    first, second = page("{n}. {text}").split("16. ")
    assert items_in(f"{first}16.", second) == THIRTY


def test_scoring_tables_and_owners_do_no_harm() -> None:
    owner = "© B. Hudnall Stamm, 2009. www.proqol.org"
    answers = "1. aldrig\n2. sjældent\n3. ofte"
    found = items_in(page(before=answers, after=owner), "\n".join(KEY), "1. Læs.\n2. Tæl.")
    assert found == THIRTY


def test_the_last_item_ends_with_its_full_stop() -> None:
    assert items_in(page(after="Hvad er min score?")) == THIRTY


def test_two_columns_are_read_whichever_way_they_run() -> None:
    numbered = [f"{number}. {text}" for number, text in THIRTY]
    rows = list(zip(numbered[:15], numbered[15:], strict=True))
    for between in ("   ", "\n"):
        found = items_in("\n".join(between.join(row) for row in rows))
        assert tuple(sorted(found)) == THIRTY


def test_the_same_form_twice_is_one_form() -> None:
    assert items_in(page(), page()) == THIRTY


@pytest.mark.parametrize("missing", [1, 7, 30])
def test_a_gap_leaves_its_item_out(missing: int) -> None:
    lines = [line for line in page().splitlines() if not line.startswith(f"{missing}. ")]
    assert items_in("\n".join(lines)) == tuple(i for i in THIRTY if i[0] != missing)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (page() + "\n" + page().replace("hejre", "stork"), "more than once, with different words"),
        (page("{n}.") + "\n" + "\n".join(sentences()), "stand apart"),
        (page().replace("9. ", "9. x\n\nHvad hører det til?\n", 1), "Below item 9 stands “Hvad"),
        (page().replace("plukket", "pluk-\nket", 1), "broken with a hyphen"),
        (page().replace("\n", " ").replace(". ", "."), "run together"),
    ],
    ids=["two forms", "apart", "stray text", "hyphen", "one line"],
)
def test_what_cannot_be_told_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_lines([text])


@pytest.mark.parametrize(
    "line",
    [
        "1 = slet ikke 2 = en gang 3 = et par gange 4 = mange gange 5 = hver dag",
        "1=slet ikke, 2=en gang, 3=et par gange, 4=mange gange, 5=hver dag.",
        "1 = slet ikke\n2 = en gang\n3 = et par gange\n4 = mange gange\n5 = hver dag",
    ],
)
def test_answers_are_those_the_form_explains(line: str) -> None:
    assert read_lines([page(before=line)]).anchors == ANCHORS_DA


@pytest.mark.parametrize("line", ["", "1 = nej 2 = ja", "1 = a 2 = a 3 = a 4 = a 5 = a"])
def test_without_an_explanation_there_are_no_answers(line: str) -> None:
    assert read_lines([page(before=line)]).anchors == ()
