"""Reads the form out of a FHIR Questionnaire, R4 or R5, as JSON.

Only what is needed is modelled, and strictly: a field that is used must have its right kind. What
FHIR allows besides (extensions, codes, dates) is passed over.
"""

import json
import re
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wellbeing.domain.errors import BadInput
from wellbeing.domain.official_form import FoundForm, tidy

MAX_DEPTH = 8
MAX_ITEMS = 500

_TRAILING_NUMBER = re.compile(r"(?:^|\D)([1-9][0-9]?)$")
_LEADING_NUMBER = re.compile(r"^\s*([1-9][0-9]?)\s*[.):]\s+(?=\S)")
_NOT_ASKED = ("group", "display")


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Coding(_Model):
    """One value of a code system, with the words to show."""

    display: str | None = None
    code: str | None = None


class AnswerOption(_Model):
    """One answer that may be chosen."""

    value_coding: Coding | None = Field(None, alias="valueCoding")
    value_string: str | None = Field(None, alias="valueString")
    value_integer: int | None = Field(None, alias="valueInteger")

    @property
    def words(self) -> str:
        """What is shown; "" where there is a number only."""
        return (self.value_coding.display if self.value_coding else self.value_string) or ""


class QuestionnaireItem(_Model):
    """A question, a group of them, or text to read."""

    link_id: str = Field(alias="linkId", min_length=1)
    type: Literal[
        "group", "display", "question", "boolean", "decimal", "integer", "date", "dateTime",
        "time", "string", "text", "url", "choice", "open-choice", "coding", "attachment",
        "reference", "quantity",
    ]  # fmt: skip
    text: str | None = None
    prefix: str | None = None
    answer_option: list[AnswerOption] = Field([], alias="answerOption")
    item: list["QuestionnaireItem"] = []


class Questionnaire(_Model):
    """The resource itself."""

    resource_type: Literal["Questionnaire"] = Field(alias="resourceType")
    language: str | None = None
    item: list[QuestionnaireItem] = Field(min_length=1)


def read_questionnaire(content: bytes, locale: str) -> FoundForm:
    """The questions with their numbers; BadInput where it is no Questionnaire in this language."""
    found = _parse(content)
    if found.language and found.language.casefold().partition("-")[0] != locale:
        raise BadInput(
            "The questionnaire says that its language is '{found}', not '{wanted}'.",
            found=found.language[:20],
            wanted=locale,
        )
    items = list(_flatten(found.item))
    asked = [item for item in items if item.type not in _NOT_ASKED]
    if len(items) > MAX_ITEMS:
        raise BadInput(
            "The questionnaire has more than {items} items. Keep the form alone.", items=MAX_ITEMS
        )
    before = items[: items.index(asked[0])] if asked else []
    intro = "\n\n".join(item.text for item in before if item.type == "display" and item.text)
    return FoundForm(tuple(_number(asked)), _read_anchors(asked), intro)


def _parse(content: bytes) -> Questionnaire:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise BadInput("The file is not JSON that can be read.") from None
    if not isinstance(data, dict) or data.get("resourceType") != "Questionnaire":
        raise BadInput("The file is JSON, but no FHIR Questionnaire.")
    _check_depth(data, MAX_DEPTH)
    try:
        return Questionnaire.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadInput(
            "The questionnaire does not keep to FHIR at '{where}'.", where=where[:80]
        ) from None


def _check_depth(data: object, left: int) -> None:
    items = data.get("item") if isinstance(data, dict) else None
    if left == 0:
        raise BadInput("The questionnaire is nested too deeply. Keep the form alone.")
    for item in items if isinstance(items, list) else []:
        _check_depth(item, left - 1)


def _flatten(items: list[QuestionnaireItem]) -> Iterator[QuestionnaireItem]:
    for item in items:
        yield item
        yield from _flatten(item.item)


def _number(asked: list[QuestionnaireItem]) -> list[tuple[int, str]]:
    """Each question with the number in its prefix, its words or its link id.

    Where only some have a number, those without are taken to be something else that is asked.
    """
    for number_of in (_number_in_prefix, _number_in_text, _number_in_link_id):
        numbered = [(number_of(item), item) for item in asked]
        if any(number for number, _ in numbered):
            return [(number, _words(item)) for number, item in numbered if number]
    return [(place, _words(item)) for place, item in enumerate(asked, start=1)]


def _number_in_prefix(item: QuestionnaireItem) -> int | None:
    found = re.fullmatch(r"\D{0,12}([1-9][0-9]?)\D{0,3}", item.prefix or "")
    return int(found[1]) if found else None


def _number_in_text(item: QuestionnaireItem) -> int | None:
    found = _LEADING_NUMBER.match(item.text or "")
    return int(found[1]) if found else None


def _number_in_link_id(item: QuestionnaireItem) -> int | None:
    found = _TRAILING_NUMBER.search(item.link_id)
    return int(found[1]) if found else None


def _words(item: QuestionnaireItem) -> str:
    return _LEADING_NUMBER.sub("", item.text or "")


def _read_anchors(asked: list[QuestionnaireItem]) -> tuple[str, ...]:
    """The answers, if every question that lists its answers lists the same."""
    offered = {tuple(tidy(o.words) for o in q.answer_option) for q in asked if q.answer_option}
    if len(offered) > 1:
        raise BadInput("The questions do not all have the same five answers, as in ProQOL 5.")
    anchors = next(iter(offered), ())
    return anchors if any(anchors) else ()
