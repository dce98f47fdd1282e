"""Every text on the screen has a Danish one that keeps its places."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from wellbeing import texts
from wellbeing.resources import folder
from wellbeing.texts import TRANSLATIONS, available_locales, merge_parts

KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
ERRORS = dict.fromkeys(["BadInput", "Refused", "Missing", "TallyStopped"])
# Other errors name rows and columns of a file; they are said at the command line.
RAISED_FOR_PAGES = (
    "actions/",
    "crypto/",
    "domain/passwords.py",
    "domain/diary_codes.py",
    "domain/cycles.py",
    "domain/form_lines.py",
    "domain/official_form.py",
    "domain/official_wording.py",
    "form_files/",
)
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


class Shown(NamedTuple):
    """A text as the source has it: one form, or a singular and a plural."""

    place: str
    forms: tuple[str, ...]
    context: str | None

    def in_language(self, catalog: Catalog) -> tuple[str, ...]:
        """Its forms in another language; an empty one where it has none."""
        known = catalog.get(self.forms if len(self.forms) > 1 else self.forms[0], self.context)
        return _forms(known.string) if known else ("",)


def _forms(text: object) -> tuple[str, ...]:
    assert isinstance(text, str | tuple | list)
    return (text,) if isinstance(text, str) else tuple(text)


def _extract(
    root: Path, methods: list[tuple[str, str]], keywords: dict[str, Any]
) -> Iterator[Shown]:
    options = {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"}
    for file, line, text, _, context in extract_from_dir(
        root, method_map=methods, options_map={"**": options}, keywords=keywords
    ):
        yield Shown(f"{file}:{line}", _forms(text), context)


TEMPLATE_TEXTS = list(
    _extract(folder("templates"), [("**.html", "jinja2"), ("**.txt", "jinja2")], KEYWORDS)
)
PACKAGE = Path(texts.__file__).parent
PYTHON_TEXTS = list(_extract(PACKAGE, [("**.py", "python")], KEYWORDS))
ERROR_TEXTS = [
    shown
    for shown in _extract(PACKAGE, [("**.py", "python")], ERRORS)
    if shown.place.startswith(RAISED_FOR_PAGES)
]


@pytest.mark.parametrize(
    "source", [TEMPLATE_TEXTS, PYTHON_TEXTS, ERROR_TEXTS], ids=["templates", "python", "errors"]
)
def test_every_text_has_a_danish_one(source: list[Shown]) -> None:
    danish = merge_parts("da")
    missing = [f"{s.place}: {s.forms[0]}" for s in source if not all(s.in_language(danish))]
    assert source
    assert missing == [], "\n" + "\n".join(missing)


def test_a_danish_text_keeps_the_places_of_the_english_one() -> None:
    danish = merge_parts("da")
    wrong = [
        f"{shown.place}: {form}"
        for shown in TEMPLATE_TEXTS + PYTHON_TEXTS + ERROR_TEXTS
        for form in shown.in_language(danish)
        if form and set(PLACES.findall(form)) != set(PLACES.findall(shown.forms[-1]))
    ]
    assert wrong == []


def test_a_percent_sign_in_the_text_of_a_template_is_doubled() -> None:
    danish = merge_parts("da")
    wrong = [
        f"{shown.place}: {form}"
        for shown in TEMPLATE_TEXTS
        for form in shown.forms + shown.in_language(danish)
        if "%" in PLACES.sub("", form).replace("%%", "")
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", available_locales())
def test_no_two_parts_of_a_language_disagree(locale: str) -> None:
    said: dict[tuple[object, str | None], tuple[object, str]] = {}
    for path in sorted((TRANSLATIONS / locale).glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale=locale, abort_invalid=True)
        for message in part:
            key = (message.id, message.context)
            before, where = said.setdefault(key, (message.string, path.name))
            is_header = not message.id
            assert is_header or before == message.string, f"{message.id}: {where}, {path.name}"


def test_what_forms_say_by_themselves_has_a_danish_text() -> None:
    with (files("wtforms") / "locale" / "wtforms.pot").open("rb") as file:
        own = [Shown("wtforms", _forms(m.id), m.context) for m in read_po(file) if m.id]
    danish = merge_parts("da")
    for shown in own:
        for form in shown.in_language(danish):
            assert form, shown.forms
            assert set(PLACES.findall(form)) == set(PLACES.findall(shown.forms[-1]))
