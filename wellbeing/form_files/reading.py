"""Reads the official form out of a PDF, a CSV file or a FHIR Questionnaire, or says why not."""

from collections.abc import Callable
from pathlib import Path

from wellbeing.domain.errors import BadInput
from wellbeing.domain.official_form import FoundForm, OfficialForm, check_form

MAX_BYTES = 5_000_000


def read_form_file(path: Path, locale: str) -> OfficialForm:
    """The form in a file; BadInput in one sentence when it is none."""
    try:
        if not path.is_file():
            raise BadInput("There is no file '{name}'.", name=str(path))
        if path.stat().st_size > MAX_BYTES:
            raise _too_large()
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            "The file '{name}' cannot be read: {reason}.", name=str(path), reason=error.strerror
        ) from error
    return read_form(path.name, content, locale)


def read_form(name: str, content: bytes, locale: str) -> OfficialForm:
    """The form in the bytes of a file with this name, for people who read this language."""
    if len(content) > MAX_BYTES:
        raise _too_large()
    if not content.strip():
        raise BadInput("The file is empty.")
    return check_form(_reader_of(name, content)(content, locale))


def _reader_of(name: str, content: bytes) -> Callable[[bytes, str], FoundForm]:
    """By what the file is; its name only has to agree. A reader is imported when it is needed."""
    kind = Path(name).suffix.casefold()
    if kind == ".pdf" or content.lstrip()[:5] == b"%PDF-":
        from wellbeing.form_files.pdf import read_pdf

        return read_pdf
    if kind == ".json":
        from wellbeing.form_files.questionnaire import read_questionnaire

        return read_questionnaire
    if kind == ".csv":
        from wellbeing.form_files.table import read_table

        return read_table
    raise BadInput("Only .pdf, .csv and .json files can be read. Save the form as one of them.")


def _too_large() -> BadInput:
    return BadInput(
        "The file is larger than {size} MB. Save the form alone.", size=MAX_BYTES // 10**6
    )
