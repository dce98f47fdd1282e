"""Makes a wording of the official form: its sentences unchanged, with credits around them, and the
occupation in the place of [helper].
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from wellbeing.domain.checked_table import CheckedTable
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import (
    ITEM_COUNT,
    Wording,
    build_wording,
    load_wording,
    sha256_of_asked,
    wording_locales,
)
from wellbeing.domain.official_form import OfficialForm
from wellbeing.domain.plain_text import one_line
from wellbeing.resources import folder

MAX_OCCUPATION_LENGTH = 60

_ID_HEX_DIGITS = 8
_FEWEST_OTHER_WORDS = 10
_OTHER_WORDS_TO_ONE_OWN = 3
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the official form in one language."""

    locale: str
    label: str
    intro: str
    note: str
    credits: tuple[str, ...]
    occupation: str
    occupation_places: tuple[str, ...]
    common_words: frozenset[str]


def official_locales() -> tuple[str, ...]:
    """The languages that an official form can be read in for, alphabetically."""
    return _find_official_locales(_instruments_folder())


def make_wording(form: OfficialForm, locale: str) -> Wording:
    """The form as a wording; BadInput where it is in another language of the service."""
    frame = get_frame(locale)
    _check_language(form, frame)
    return build_wording(CheckedTable(_document(form, frame), "The form"))


def document_of(wording: Wording) -> dict[str, Any]:
    """A wording as data that `build_wording` reads."""
    return {
        "id": wording.id,
        "locale": wording.locale,
        "instrument": wording.instrument_id,
        "label": wording.label,
        "intro": wording.intro,
        "anchors": list(wording.anchors),
        "prefer_not": wording.prefer_not,
        "items": {str(number): item for number, item in enumerate(wording.items, start=1)},
        "note": wording.note,
        "credits": list(wording.credits),
        "link": wording.link,
    }


def with_occupation(wording: Wording, occupation: str | None) -> Wording:
    """The wording with the occupation, or a neutral word, where the form says [helper].

    The hash stays that of the form: its owners allow this one word to change.
    """
    if wording.locale not in official_locales() or not any("[" in text for text in _asked(wording)):
        return wording
    frame = get_frame(wording.locale)
    places = "|".join(re.escape(place) for place in frame.occupation_places)
    pattern = re.compile(rf"\[\s*(?:{places})\s*\]", re.IGNORECASE)

    def fill(text: str) -> str:
        return pattern.sub(lambda _: occupation or frame.occupation, text)

    return replace(
        wording, items=tuple(fill(item) for item in wording.items), intro=fill(wording.intro)
    )


def check_occupation(text: str) -> str:
    """An occupation on one line, "" for none; BadInput where it is too long or no plain word."""
    occupation = one_line(text)
    if len(occupation) > MAX_OCCUPATION_LENGTH:
        raise BadInput(
            "The occupation can be {length} characters long.", length=MAX_OCCUPATION_LENGTH
        )
    if set(occupation) & set("[]<>{}"):
        raise BadInput("Write the occupation without brackets, such as social worker.")
    return occupation


def get_frame(locale: str) -> Frame:
    """What stands around the form in a language; BadInput for a language without a frame."""
    if locale not in official_locales():
        raise BadInput(
            "The official form cannot be used in the language '{locale}'. The languages are:"
            " {locales}.",
            locale=locale,
            locales=", ".join(official_locales()),
        )
    return _load_frame(_path(locale), locale)


@cache
def _load_frame(path: Path, locale: str) -> Frame:
    file = CheckedTable.of_file(path)
    return Frame(
        locale=locale,
        label=file.text("label"),
        intro=file.text("intro"),
        note=file.text("note"),
        credits=file.texts("credits"),
        occupation=file.text("occupation"),
        occupation_places=file.texts("occupation_places"),
        common_words=frozenset(file.texts("common_words")),
    )


def _asked(wording: Wording) -> tuple[str, ...]:
    return (wording.intro, *wording.items)


@cache
def _find_official_locales(instruments: Path) -> tuple[str, ...]:
    return tuple(locale for locale in wording_locales() if _path_in(instruments, locale).exists())


def _path(locale: str) -> Path:
    return _path_in(_instruments_folder(), locale)


def _path_in(instruments: Path, locale: str) -> Path:
    return instruments / f"proqol5-official.{locale}.toml"


def _instruments_folder() -> Path:
    return folder("config") / "instruments"


def _document(form: OfficialForm, frame: Frame) -> dict[str, Any]:
    ours = load_wording(frame.locale)
    anchors, intro = form.anchors or ours.anchors, form.intro or frame.intro
    sha256 = sha256_of_asked(form.items, anchors, intro, ours.prefer_not)
    return {
        "id": f"{ours.instrument_id}-official-{frame.locale}-{sha256[:_ID_HEX_DIGITS]}",
        "locale": frame.locale,
        "instrument": ours.instrument_id,
        "label": frame.label,
        "intro": intro,
        "anchors": list(anchors),
        "prefer_not": ours.prefer_not,
        "items": {str(number): form.items[number - 1] for number in range(1, ITEM_COUNT + 1)},
        "note": frame.note,
        "credits": list(frame.credits),
        "link": ours.link,
    }


def _check_language(form: OfficialForm, frame: Frame) -> None:
    words = [word.casefold() for item in form.items for word in _WORD.findall(item)]
    own = sum(word in frame.common_words for word in words)
    for locale in official_locales():
        common = get_frame(locale).common_words
        other = sum(word in common for word in words)
        if other >= _FEWEST_OTHER_WORDS and other > own * _OTHER_WORDS_TO_ONE_OWN:
            raise BadInput(
                "The sentences seem to be in the language '{found}', not in '{wanted}'. Choose that"
                " language, or the form in the one you chose.",
                found=locale,
                wanted=frame.locale,
            )
