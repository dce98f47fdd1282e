"""A wording of the official form: its sentences unchanged, credits around, one word replaced."""

from pathlib import Path
from typing import Any

import pytest

from tests.forms import ANCHORS_DA, sentences, wording_of
from wellbeing.domain.checked_table import CheckedTable
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import build_wording, load_wording
from wellbeing.domain.official_wording import (
    check_occupation,
    document_of,
    get_frame,
    official_locales,
    with_occupation,
)

LOCALES = pytest.mark.parametrize("locale", ["da", "en"])


def test_there_is_a_frame_for_every_language_of_ours() -> None:
    assert official_locales() == ("da", "en")


def test_a_language_with_questions_of_its_own_need_not_have_a_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "proqol5-adapted.nb.toml").touch()
    for module in ("instrument", "official_wording"):
        monkeypatch.setattr(f"wellbeing.domain.{module}.folder", lambda _: tmp_path)
    assert official_locales() == ()


@LOCALES
def test_the_sentences_are_unchanged_and_the_rest_is_ours(locale: str) -> None:
    made, ours = wording_of(locale), load_wording(locale)
    assert made.items == sentences(locale)
    assert (made.anchors, made.prefer_not, made.link) == (ours.anchors, ours.prefer_not, ours.link)
    assert made.intro == get_frame(locale).intro
    assert made.instrument_id == ours.instrument_id


@LOCALES
def test_it_is_called_by_its_name_and_credits_both_owners(locale: str) -> None:
    made = wording_of(locale)
    assert made.title == made.label == "ProQOL 5"
    said = " ".join(made.credits)
    assert "Center for Victims of Torture" in said
    assert "www.ProQOL.org" in said
    assert "B. Hudnall Stamm, 2009–2012" in said
    assert "adapted" not in said
    assert "tilpasset" not in said


def test_our_own_wording_is_still_called_adapted() -> None:
    assert load_wording("en").title == "ProQOL 5, adapted from the ProQOL"


def test_answers_and_instructions_of_the_form_go_before_ours() -> None:
    made = wording_of(anchors=ANCHORS_DA, intro="Læs først.")
    assert (made.anchors, made.intro) == (ANCHORS_DA, "Læs først.")


def test_the_id_names_language_and_hash() -> None:
    made = wording_of()
    assert made.id == f"proqol5-official-da-{made.sha256[:8]}"


@pytest.mark.parametrize("changed", [{"anchors": ANCHORS_DA}, {"intro": "Læs først."}])
def test_every_word_that_is_asked_is_in_the_hash(changed: dict[str, Any]) -> None:
    assert wording_of(**changed).sha256 != wording_of().sha256


def test_a_kept_document_gives_the_same_wording() -> None:
    made = wording_of(anchors=ANCHORS_DA)
    assert build_wording(CheckedTable(document_of(made), "kept")) == made


@pytest.mark.parametrize(("given", "wanted"), [("en", "da"), ("da", "en")])
def test_a_form_in_the_other_language_is_refused(given: str, wanted: str) -> None:
    with pytest.raises(BadInput, match=f"language '{given}', not in '{wanted}'"):
        wording_of(wanted, items=sentences(given))


def test_a_language_without_a_frame_is_refused() -> None:
    with pytest.raises(BadInput, match=r"cannot be used in the language 'sv'\. .* da, en"):
        get_frame("sv")


@pytest.mark.parametrize(
    ("occupation", "said"),
    [
        ("pædagog", "Som pædagog har jeg"),
        (None, "Som hjælper har jeg"),
        (r"<b>\1", r"Som <b>\1 har jeg"),
    ],
)
def test_the_occupation_stands_where_the_form_says_helper(
    occupation: str | None, said: str
) -> None:
    made = wording_of()
    shown = with_occupation(made, occupation)
    assert shown.items[2].startswith(said)
    assert shown.sha256 == made.sha256
    assert shown.items[:2] == made.items[:2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Jeg er [helper].", "Jeg er læge."),
        ("Jeg er [ Hjælper ].", "Jeg er læge."),
        ("Jeg [hjælper til] her.", "Jeg [hjælper til] her."),
        ("Jeg er hjælper.", "Jeg er hjælper."),
        ("Jeg kan [help].", "Jeg kan [help]."),
    ],
)
def test_no_other_word_is_replaced(text: str, shown: str) -> None:
    made = wording_of(items=(text, *sentences()[1:]), intro=text)
    filled = with_occupation(made, "læge")
    assert (filled.items[0], filled.intro) == (shown, shown)


def test_our_own_wording_has_no_place_for_it() -> None:
    for locale in official_locales():
        ours = load_wording(locale)
        assert with_occupation(ours, "pædagog") == ours


@pytest.mark.parametrize(
    ("given", "kept"), [("  social \n worker ", "social worker"), ("", ""), ("æ" * 60, "æ" * 60)]
)
def test_an_occupation_is_one_plain_line(given: str, kept: str) -> None:
    assert check_occupation(given) == kept


@pytest.mark.parametrize(
    ("given", "said"), [("æ" * 61, "60 characters"), ("[helper]", "without brackets")]
)
def test_an_occupation_that_cannot_be_one_is_refused(given: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_occupation(given)
