"""What is taken for the official form, and the one sentence that says why something is not."""

import pytest

from tests.forms import ANCHORS_DA, sentences
from wellbeing.domain.errors import BadInput
from wellbeing.domain.official_form import FoundForm, OfficialForm, check_form

THIRTY = tuple(enumerate(sentences(), start=1))


def without(*numbers: int) -> FoundForm:
    """The thirty sentences but these."""
    return FoundForm(tuple((n, text) for n, text in THIRTY if n not in numbers))


def with_item_7(text: str) -> FoundForm:
    """The thirty sentences with another seventh."""
    return FoundForm(tuple((n, text if n == 7 else kept) for n, kept in THIRTY))


def test_thirty_sentences_are_the_form_word_for_word() -> None:
    assert check_form(FoundForm(THIRTY)) == OfficialForm(sentences(), (), "")


def test_the_order_in_the_file_does_not_matter() -> None:
    assert check_form(FoundForm(THIRTY[::-1])).items == sentences()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ((7,), "29 items were found; 7 is missing."),
        ((7, 19), "28 items were found; 7 and 19 are missing."),
        ((3, 7, 19, 20), "26 items were found; 3, 7, 19 and 20 are missing."),
        ((2, 3, 4, 5, 30), "25 items were found; 2–5 and 30 are missing."),
        (tuple(range(1, 31)), "No numbered items were found."),
    ],
)
def test_what_is_missing_is_named(missing: tuple[int, ...], said: str) -> None:
    with pytest.raises(BadInput) as fault:
        check_form(without(*missing))
    assert str(fault.value).startswith(said)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((31, "En sætning for meget."), "31 items were found, also one with the number 31"),
        ((7, "En anden sætning."), "Number 7 stands twice"),
        ((7, sentences()[6]), "Number 7 stands twice"),
    ],
)
def test_what_is_too_much_is_named(more: tuple[int, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_form(FoundForm((*THIRTY, more)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12 % …", "Item 7 has no words"),
        ("ord " * 101, "Item 7 is 403 characters long"),
        ("Jeg har s\ufffdt en hejre.", "letters of item 7"),
        ("Jeg har s\ue012t en hejre.", "letters of item 7"),
        ("J e g h a r s e t", "letters of item 7"),
        (sentences()[2].upper(), "Items 3 and 7 have the same words"),
    ],
)
def test_a_sentence_that_cannot_be_one_is_named(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_form(with_item_7(text))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("  Jeg  har\tset\nen\u00a0hejre. ", "Jeg har set en hejre."),
        ("Det er ﬁnt og ﬂot.", "Det er fint og flot."),
        ("Det er sam\u00admen\u200bhængende.", "Det er sammenhængende."),
        ("Pa\u030a en ø er jeg [helper] – “altid”!", "På en ø er jeg [helper] – “altid”!"),
    ],
)
def test_only_white_space_and_joined_letters_are_made_even(text: str, asked: str) -> None:
    assert check_form(with_item_7(text)).items[6] == asked


@pytest.mark.parametrize(
    ("anchors", "said"),
    [
        (ANCHORS_DA[:4], "4 different answers were found"),
        ((*ANCHORS_DA[:4], ANCHORS_DA[0].upper()), "different answers were found"),
        ((*ANCHORS_DA[:4], "x" * 61), "words of the five answers cannot be read"),
        ((*ANCHORS_DA[:4], ""), "words of the five answers cannot be read"),
    ],
)
def test_answers_are_five_or_none(anchors: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_form(FoundForm(THIRTY, anchors))


def test_instructions_keep_their_paragraphs() -> None:
    found = check_form(FoundForm(THIRTY, ANCHORS_DA, " Læs  først. \r\n\r\n\nSvar  så.\n"))
    assert found.intro == "Læs først.\n\nSvar så."


@pytest.mark.parametrize(
    ("intro", "said"), [("ord " * 501, "2000 characters"), ("\ufffd", "letters of the instr")]
)
def test_instructions_that_cannot_be_read_are_refused(intro: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_form(FoundForm(THIRTY, (), intro))
