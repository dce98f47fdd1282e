"""Reads the form out of a PDF: its form fields, or else the text on its pages.

A PDF says where letters stand, not what they mean. What cannot be read reliably is refused, and
whoever reads it in sees every sentence before it is asked.
"""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pypdf import PdfReader, apply_configuration

from wellbeing.domain.errors import BadInput
from wellbeing.domain.form_lines import read_lines
from wellbeing.domain.instrument import ITEM_COUNT
from wellbeing.domain.official_form import FoundForm

MAX_PAGES = 20
MAX_CHARACTERS = 200_000
MAX_FIELDS = 1_000

_LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 10_000_000,
    "lzw_maximum_output_length": 10_000_000,
    "run_length_maximum_output_length": 10_000_000,
    "array_based_stream_maximum_output_length": 10_000_000,
    "stream_parsing_work_maximum_count": 200_000,
    "xform_maximum_invocations_per_extraction": 200,
    "page_tree_maximum_page_entries": 10_000,
    "form_fields_maximum_entries": 5_000,
    "form_fields_maximum_depth": 20,
}
_FIELD_NUMBER = re.compile(r"(?:^|\D)([1-9][0-9]?)$")
_LEADING_NUMBER = re.compile(r"^\s*([1-9][0-9]?)\s*[.):]\s+(?=\S)")
_FEWEST_LETTERS = 8


def read_pdf(content: bytes, _locale: str) -> FoundForm:
    """The sentences of the form; BadInput where the document cannot be read reliably."""
    with _reading():
        reader = _open(content)
        fields = list(_read_fields(reader))
        if len({number for number, _ in fields}) == ITEM_COUNT == len(fields):
            return FoundForm(tuple(fields))
        pages = [page.extract_text() for page in reader.pages]
        _check_text(pages)
        return read_lines(pages)


@contextmanager
def _reading() -> Iterator[None]:
    """Says in our words whatever a damaged file makes the reader say; keeps it quiet meanwhile."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with apply_configuration(**_LIMITS):
            yield
    except BadInput:
        raise
    except Exception as error:  # a foreign file can be wrong in every way there is
        raise BadInput(
            "The PDF is damaged or made in a way that cannot be read. Write the thirty sentences in"
            " a CSV file instead."
        ) from error
    finally:
        logger.setLevel(level)


def _open(content: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not _unlock(reader):
        raise BadInput("The PDF is locked with a password. Save a copy without one.")
    if len(reader.pages) > MAX_PAGES:
        raise BadInput(
            "The PDF has {pages} pages; the most is {most}. Keep the form alone.",
            pages=len(reader.pages),
            most=MAX_PAGES,
        )
    return reader


def _unlock(reader: PdfReader) -> bool:
    """Whether it opens without a password, as most that only forbid changes do."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # a cipher that is not there, or a damaged lock
        return False


def _check_text(pages: list[str]) -> None:
    if sum(map(len, pages)) > MAX_CHARACTERS:
        raise BadInput("The PDF holds too much text for thirty items. Keep the form alone.")
    if not any(letter.isalpha() for page in pages for letter in page):
        raise BadInput(
            "There is no text in the PDF, only pictures. Write the thirty sentences in a CSV file"
            " instead."
        )


def _read_fields(reader: PdfReader) -> Iterator[tuple[int, str]]:
    """Number and sentence of each form field that has both: in its value, or in its tooltip."""
    fields = reader.get_fields() or {}
    if len(fields) > MAX_FIELDS:
        raise BadInput("The PDF has too many form fields. Keep the form alone.")
    for name, field in fields.items():
        texts = [text for key in ("/V", "/TU") if isinstance(text := field.get(key), str)]
        sentence = next(filter(_is_sentence, texts), "")
        leading = _LEADING_NUMBER.match(sentence)
        found = leading or _FIELD_NUMBER.search(name)
        if sentence and found:
            yield int(found[1]), _LEADING_NUMBER.sub("", sentence)


def _is_sentence(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= _FEWEST_LETTERS
