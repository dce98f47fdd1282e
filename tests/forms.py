"""Thirty invented sentences for tests, in files of every kind; none is of the official form."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from wellbeing.domain.instrument import Wording
from wellbeing.domain.official_form import FoundForm, check_form
from wellbeing.domain.official_wording import make_wording

_DA = (
    "Jeg har set en hejre stå på ét ben ved {} den her måned, og det har gjort mig rolig",
    "Det er mit indtryk, at æblerne ved {} smager bedre, når jeg har plukket dem selv",
    "Som [hjælper] har jeg båret blå spande til {} uden at spilde",
)
_EN = (
    "I have watched a heron stand on one leg by {}, and that has kept me calm",
    "It is my belief that the apples by {} taste better when picked by hand",
    "As a [helper] I have carried blue buckets to {} with the lids on",
)
_PLACES = (
    "åen", "broen", "møllen", "søen", "kæret", "laden", "skoven", "havnen", "fyret", "torvet",
)  # fmt: skip


def sentences(locale: str = "da") -> tuple[str, ...]:
    """Thirty different sentences; ten of them have a place for the occupation."""
    patterns = _DA if locale == "da" else _EN
    return tuple(f"{patterns[n % 3].format(_PLACES[n // 3])}." for n in range(30))


ANCHORS_DA = ("slet ikke", "en gang", "et par gange", "mange gange", "hver dag")
ANCHORS_EN = ("not once", "once", "twice", "many times", "every day")


def wording_of(locale: str = "da", **changed: Any) -> Wording:
    """An imported wording of the invented sentences; `items` or `anchors` may be others."""
    items = changed.pop("items", sentences(locale))
    found = FoundForm(tuple(enumerate(items, start=1)), **changed)
    return make_wording(check_form(found), locale)


def csv_form(
    items: Sequence[str] = sentences(),
    more: Mapping[str, str] | None = None,
    *,
    headers: tuple[str, str] = ("item", "text"),
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """A CSV file with a row an item, and others below."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(headers)
    writer.writerows(enumerate(items, start=1))
    writer.writerows((more or {}).items())
    return made.getvalue().encode(encoding)


def questionnaire(
    items: Sequence[str] = sentences(), anchors: Sequence[str] = ANCHORS_DA, **changed: Any
) -> dict[str, Any]:
    """A FHIR Questionnaire with a group of questions in it."""
    options = [{"valueCoding": {"code": str(n), "display": a}} for n, a in enumerate(anchors, 1)]
    asked = [
        {
            "linkId": f"proqol-{number}",
            "prefix": f"{number}.",
            "text": text,
            "type": "choice",
            "answerOption": options,
        }
        for number, text in enumerate(items, start=1)
    ]
    return {
        "resourceType": "Questionnaire",
        "status": "active",
        "language": "da",
        "item": [{"linkId": "all", "type": "group", "item": asked}],
        **changed,
    }


def json_form(**changed: Any) -> bytes:
    """The same as bytes."""
    return json.dumps(questionnaire(**changed)).encode()


def pdf_page(body: str, css: str = "") -> bytes:
    """A PDF of a page of HTML."""
    import weasyprint

    made: bytes = weasyprint.HTML(string=f"<style>{css}</style>{body}").write_pdf()
    return made


def pdf_form(
    items: Sequence[str] = sentences(), before: str = "", after: str = "", css: str = ""
) -> bytes:
    """A PDF with a numbered line an item."""
    lines = "".join(f"<p>____ {number}. {text}</p>" for number, text in enumerate(items, start=1))
    return pdf_page(f"{before}<main>{lines}</main>{after}", css)


def pdf_fields(
    texts: Mapping[str, str], key: str = "/V", password: str = "", pages: int = 1
) -> bytes:
    """A PDF with form fields by name, the sentence in the value or in the tooltip."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    fields = ArrayObject()
    for name, text in texts.items():
        field = DictionaryObject(
            {
                NameObject("/FT"): NameObject("/Tx"),
                NameObject("/T"): TextStringObject(name),
                NameObject(key): TextStringObject(text),
                NameObject("/Ff"): NumberObject(1),
            }
        )
        fields.append(writer._add_object(field))
    form = DictionaryObject({NameObject("/Fields"): fields})
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
