"""The official form out of PDF, CSV and FHIR: read whole, or refused in one sentence."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.forms import (
    ANCHORS_DA,
    ANCHORS_EN,
    csv_form,
    json_form,
    pdf_fields,
    pdf_form,
    pdf_page,
    questionnaire,
    sentences,
)
from wellbeing.domain.errors import BadInput
from wellbeing.domain.official_form import OfficialForm
from wellbeing.form_files.reading import MAX_BYTES, read_form, read_form_file
from wellbeing.form_files.table import example_table
from wellbeing.pdf import can_render_pdf

needs_pdf = pytest.mark.skipif(not can_render_pdf(), reason="No PDF can be made on this machine.")

THIRTY = sentences()
BEGINNINGS = (b"", b"%PDF-1.7\n", b"item,text\n", b'{"resourceType":"Questionnaire","item":[')
NUMBERED = {f"item{number}": text for number, text in enumerate(THIRTY, start=1)}


def refusal_of(name: str, content: bytes, locale: str = "da") -> str:
    """What is said about a file that is refused."""
    with pytest.raises(BadInput) as fault:
        read_form(name, content, locale)
    return str(fault.value)


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
    def test_it_is_read_as_spreadsheets_save_it(self, delimiter: str, encoding: str) -> None:
        content = csv_form(delimiter=delimiter, encoding=encoding)
        assert read_form("form.csv", content, "da").items == THIRTY

    @pytest.mark.parametrize("headers", [("Nummer", "Tekst"), ("NR", "Sætning"), ("no", "wording")])
    def test_headers_are_in_either_language(self, headers: tuple[str, str]) -> None:
        assert read_form("form.CSV", csv_form(headers=headers), "da").items == THIRTY

    def test_it_may_have_no_header(self) -> None:
        content = csv_form().partition(b"\r\n")[2]
        assert read_form("form.csv", content, "da").items == THIRTY

    def test_it_may_bring_answers_and_instructions(self) -> None:
        answers = {f"svar {number}": words for number, words in enumerate(ANCHORS_DA, start=1)}
        content = csv_form(more={**answers, "vejledning": "Læs.\n\nSvar."})
        read = read_form("form.csv", content, "da")
        assert (read.anchors, read.intro) == (ANCHORS_DA, "Læs.\n\nSvar.")

    @pytest.mark.parametrize("locale", ["da", "en"])
    def test_the_example_has_a_row_for_everything_and_no_words(self, locale: str) -> None:
        lines = example_table(locale).splitlines()
        assert len(lines) == 1 + 30 + 5 + 1
        assert "No numbered items" in refusal_of("example.csv", example_table(locale).encode())
        filled = "\n".join([lines[0], *(f"{line}ord for {line[:-1]}" for line in lines[1:])])
        read = read_form("example.csv", filled.encode(), locale)
        assert len(read.anchors) == 5
        assert read.intro

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (csv_form(THIRTY[:28]), "28 items were found; 29 and 30 are missing"),
            (csv_form((*THIRTY, "En til.")), "31 items were found, also one with the number 31"),
            (csv_form(more={"7": "Igen."}), "Number 7 stands twice"),
            (csv_form(more={"x": "y"}), "Row 32 begins with 'x'"),
            (csv_form(more={"svar 1": "nej"}), "Give all five answers"),
            (csv_form(headers=("a", "b")), "The first row must name the two columns"),
            (b'item,text\n1,"Jeg er', "quotation mark without its partner"),
            (b"item,text\n1,Jeg er, som jeg er", "Row 2 has more columns than the first"),
            (b"item,text\n" + b"1,x\n" * 201, "more than 200 rows"),
            (b"item,text\n1,\x00\x01", "not readable text"),
            ("item,text\n1,på ".encode() + b"\xe6", "cannot be told apart"),
            (b" \n ", "The file is empty"),
        ],
    )
    def test_a_fault_is_one_sentence(self, content: bytes, said: str) -> None:
        assert said in refusal_of("form.csv", content)

    def test_an_answer_that_stands_twice_is_named(self) -> None:
        content = csv_form() + b"svar 1,nej\r\nsvar 1,ja\r\n"
        assert "Row 33 gives answer 1 a second time" in refusal_of("form.csv", content)


class TestQuestionnaire:
    def test_questions_in_a_group_are_read_with_their_answers(self) -> None:
        assert read_form("form.json", json_form(), "da") == OfficialForm(THIRTY, ANCHORS_DA, "")

    @pytest.mark.parametrize(
        "place",
        [
            lambda n, text: {"linkId": f"q{n}", "text": text},
            lambda n, text: {"linkId": f"x-{31 - n}", "prefix": f"Item {n}:", "text": text},
            lambda n, text: {"linkId": "same", "text": f"{n}. {text}"},
            lambda _, text: {"linkId": "abc", "text": text},
        ],
        ids=["link id", "prefix", "text", "order"],
    )
    def test_the_number_is_where_the_form_has_it(
        self, place: Callable[[int, str], dict[str, Any]]
    ) -> None:
        asked = [{"type": "coding", **place(n, text)} for n, text in enumerate(THIRTY, start=1)]
        assert read_form("form.json", json_form(item=asked), "da").items == THIRTY

    def test_text_before_the_questions_is_the_instruction(self) -> None:
        before = {"linkId": "i", "type": "display", "text": "Læs  først."}
        asked = questionnaire()["item"]
        assert read_form("f.json", json_form(item=[before, *asked]), "da").intro == "Læs først."

    def test_a_region_of_the_language_is_no_other_language(self) -> None:
        assert read_form("form.json", json_form(language="da-DK"), "da").items == THIRTY

    def test_answers_of_numbers_only_leave_the_words_to_us(self) -> None:
        options = [{"valueInteger": n} for n in range(1, 6)]
        asked = [
            {"linkId": f"q{n}", "text": text, "type": "choice", "answerOption": options}
            for n, text in enumerate(THIRTY, start=1)
        ]
        assert read_form("form.json", json_form(item=asked), "da").anchors == ()

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"{", "not JSON"),
            (b"[" * 100_000, "not JSON"),
            (b'{"resourceType": "Patient"}', "no FHIR Questionnaire"),
            (b"[1]", "no FHIR Questionnaire"),
            (json_form(language="en"), "says that its language is 'en', not 'da'"),
            (json_form(items=THIRTY[:29]), "29 items were found; 30 is missing"),
            (json_form(anchors=ANCHORS_DA[:4]), "4 different answers were found"),
            (json_form(item=[]), "does not keep to FHIR at 'item'"),
            (json_form(item=[{"linkId": "1", "type": "quiz"}]), "FHIR at 'item.0.type'"),
            (json_form(item=[{"linkId": 1, "type": "group"}]), "FHIR at 'item.0.linkId'"),
            (json_form(item=[{"linkId": "g", "type": "display"}]), "No numbered items"),
        ],
    )
    def test_a_fault_is_one_sentence(self, content: bytes, said: str) -> None:
        assert said in refusal_of("form.json", content)

    def test_different_answers_are_refused(self) -> None:
        other = questionnaire(anchors=ANCHORS_EN)["item"][0]["item"][:1]
        asked = [*other, *questionnaire()["item"][0]["item"][1:]]
        assert "do not all have the same" in refusal_of("f.json", json_form(item=asked))

    def test_too_deep_or_too_much_is_refused(self) -> None:
        deep: dict[str, Any] = {"linkId": "1", "type": "group"}
        for _ in range(9):
            deep = {"linkId": "1", "type": "group", "item": [deep]}
        assert "nested too deeply" in refusal_of("form.json", json_form(item=[deep]))
        many = [{"linkId": str(n), "type": "group"} for n in range(501)]
        assert "more than 500 items" in refusal_of("form.json", json_form(item=many))


class TestPdfFields:
    @pytest.mark.parametrize("key", ["/V", "/TU"])
    def test_a_field_holds_its_sentence(self, key: str) -> None:
        assert read_form("form.pdf", pdf_fields(NUMBERED, key), "da").items == THIRTY

    def test_the_number_in_the_sentence_goes_before_that_in_the_name(self) -> None:
        texts = {f"x{31 - n}": f"{n}. {text}" for n, text in enumerate(THIRTY, start=1)}
        assert read_form("form.pdf", pdf_fields(texts), "da").items == THIRTY

    def test_a_password_is_asked_for_in_vain(self) -> None:
        said = refusal_of("form.pdf", pdf_fields(NUMBERED, password="hemmeligt"))
        assert "locked with a password" in said

    def test_a_document_of_pictures_says_so(self) -> None:
        assert "no text in the PDF" in refusal_of("form.pdf", pdf_fields({}))

    def test_a_document_with_too_many_pages_is_refused(self) -> None:
        assert "has 21 pages; the most is 20" in refusal_of("f.pdf", pdf_fields(NUMBERED, pages=21))

    def test_too_many_fields_are_refused(self) -> None:
        many = {f"f{n}": "ord" for n in range(1001)}
        assert "too many form fields" in refusal_of("form.pdf", pdf_fields(many))


@needs_pdf
class TestPdfText:
    @pytest.mark.parametrize("css", ["", "main { columns: 2 }", "p { margin: 0; width: 9cm }"])
    def test_lines_of_text_are_read_as_they_are_set(self, css: str) -> None:
        assert read_form("form.pdf", pdf_form(css=css), "da").items == THIRTY

    def test_a_table_in_two_columns_is_read(self) -> None:
        cells = [f"<td>{number}.<td>{text}" for number, text in enumerate(THIRTY, start=1)]
        rows = "".join(f"<tr>{cells[row]}{cells[row + 15]}" for row in range(15))
        assert read_form("form.pdf", pdf_page(f"<table>{rows}</table>"), "da").items == THIRTY

    def test_answers_owner_and_scoring_are_told_from_the_items(self) -> None:
        anchors = "".join(f"{n} = {words} " for n, words in enumerate(ANCHORS_DA, start=1))
        after = "<p>© Nogen, 2009.</p><h2>Score</h2><p>3. ____</p><p>6. ____</p>"
        read = read_form("f.pdf", pdf_form(before=f"<p>{anchors}</p>", after=after), "da")
        assert read == OfficialForm(THIRTY, ANCHORS_DA, "")

    def test_what_is_missing_is_named(self) -> None:
        lines = "".join(f"<p>{n}. {t}</p>" for n, t in enumerate(THIRTY, 1) if n not in (7, 19))
        said = refusal_of("form.pdf", pdf_page(lines))
        assert said.startswith("28 items were found; 7 and 19 are missing.")

    def test_numbers_apart_from_their_sentences_are_refused(self) -> None:
        listed = "".join(f"<li>{text}" for text in THIRTY)
        assert "stand apart" in refusal_of("form.pdf", pdf_page(f"<ol>{listed}</ol>"))

    def test_a_pdf_is_known_by_its_bytes_too(self) -> None:
        assert read_form("form.bin", pdf_form(), "da").items == THIRTY


@needs_pdf
def test_a_pdf_cut_off_or_changed_anywhere_is_read_or_refused_in_words() -> None:
    whole = pdf_form()
    for cut in range(0, len(whole), len(whole) // 12):
        for damaged in (whole[:cut], whole[:cut] + b"\xff\x00<<" + whole[cut + 4 :]):
            with suppress(BadInput):
                read_form("form.pdf", damaged, "da")


@pytest.mark.parametrize("kind", ["pdf", "csv", "json"])
@given(content=st.binary(max_size=300), start=st.sampled_from(BEGINNINGS))
@hypothesis_settings(max_examples=60)
def test_whatever_the_bytes_are_the_answer_is_one_sentence(
    kind: str, content: bytes, start: bytes
) -> None:
    assert refusal_of(f"form.{kind}", start + content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["item", "linkId", "type", "text", "prefix", "answerOption"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    )
)
@hypothesis_settings(max_examples=25)
def test_whatever_a_questionnaire_holds_the_answer_is_one_sentence(item: object) -> None:
    data = {"resourceType": "Questionnaire", "item": item}
    assert refusal_of("form.json", json.dumps(data).encode())


class TestFiles:
    def test_a_file_is_read_from_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "form.csv").write_bytes(csv_form())
        assert read_form_file(tmp_path / "form.csv", "da").items == THIRTY

    @pytest.mark.parametrize("name", ["missing.csv", "."])
    def test_what_is_no_file_is_said(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(BadInput, match="There is no file"):
            read_form_file(tmp_path / name, "da")

    @pytest.mark.asvs("5.2.1")
    def test_a_large_file_is_refused_unread(self, tmp_path: Path) -> None:
        with (tmp_path / "form.pdf").open("wb") as file:
            file.truncate(MAX_BYTES + 1)
        with pytest.raises(BadInput, match="larger than 5 MB"):
            read_form_file(tmp_path / "form.pdf", "da")
        assert "larger than 5 MB" in refusal_of("form.csv", b"x" * (MAX_BYTES + 1))

    @pytest.mark.asvs("5.2.2")
    @pytest.mark.parametrize("name", ["form.docx", "form", "form.csv.exe"])
    def test_other_kinds_are_refused(self, name: str) -> None:
        assert "Only .pdf, .csv and .json" in refusal_of(name, b"words")
