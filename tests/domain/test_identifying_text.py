"""The gentle check of free text: person numbers found in every writing, few false alarms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.identifying_text import find_identifying

PERSON_NUMBERS = (
    "010190-1234",
    "0101901234",
    "010190 1234",
    "010190 - 1234",
    "010190–1234",
    "010190/1234",
    "01.01.90-1234",
    "01-01-90-1234",
    "01 01 90 1234",
    "01/01/1990-1234",
    "01011990-1234",
    "311299-0001",
    "610190-1234",
    "910190-1234",
    "010190-1TY4",
    "010190-AB12",
    "０１０１９０-１２３４",
    "01\u200b0190-1\u00ad234",
    "٠١٠١٩٠-١٢٣٤",
)
NOT_PERSON_NUMBERS = (
    "d. 01.02.24 kl. 14.30",
    "01.02.24 1430",
    "ring 20 12 34 56",
    "+45 20123456",
    "0045 20 12 34 56",
    "20240115-1234",
    "sag 2024-123456",
    "EAN 5790001234567",
    "320190-1234",
    "011390-1234",
    "i 2024 og 2025",
    "kl. 2210 til 0615",
    "3 af 12 kolleger",
)
NAMES = {
    "Peter Hansen slog ud efter os": "Peter Hansen",
    "Vi talte med Zelal Yildiz bagefter": "Zelal Yildiz",
    "Zelal Yildiz slog ud": "Zelal Yildiz",
    "Han hedder Peter H. Jensen": "Peter H. Jensen",
    "borgeren Ali blev vred": "Ali",
    "En beboer, borger Olsen, råbte": "Olsen",
    "Fru Jensen faldt": "Jensen",
    "hr. Olsen kom tilbage": "Olsen",
    "Citizen Smith threatened us": "Smith",
    "borger AB råbte": "AB",
    "borger P.H. råbte": "P.H.",
    "J. Hansen ringede": "J. Hansen",
    "Så kom Fatima løbende": "Fatima",
    "Det var Peters ven": "Peters",
    "PETER HANSEN slog": "PETER HANSEN",
}
NO_NAMES = (
    "",
    "En borger slog. Vi ringede til politiet på Nørre Allé.",
    "Det skete i Døgnafsnittet. Natherberget hjalp.",
    "borger A slog borger B",
    "Det skete på stue B. Han gik.",
    "Røde Kors og Falck kom",
    "Ambulancen kom. Politiet kom bagefter.",
    "Vi fik hjælp af HR og AMR.",
    "Borgeren I stue 3",
    "Borger. Hun gik sin vej.",
    "Da Politiet kom, var det ovre",
    "Jeg var alene på vagt fredag kl. 22.",
    "The Police came on Monday. We were alone.",
    "A citizen threatened two of us with a knife.",
    "Vold og trusler, 3. gang i maj.",
    "kl. 9 p.m., U.S. regler",
    "Kollegaen ringede 112\nHan blev kørt væk",
    "Se vejledningen fra Arbejdstilsynet og Sundhedsstyrelsen",
    "To kolleger fra Team Nord var der",
)


@pytest.mark.parametrize("number", PERSON_NUMBERS)
@pytest.mark.parametrize("around", ["{}", "cpr:{}.", "({})", "Borgeren, {}, slog ud."])
def test_a_person_number_is_found_however_it_is_written(number: str, around: str) -> None:
    assert len(find_identifying(around.format(number)).person_numbers) == 1


@pytest.mark.parametrize("text", NOT_PERSON_NUMBERS)
def test_another_number_is_none(text: str) -> None:
    assert find_identifying(text).person_numbers == ()


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_what_looks_like_a_name_is_named(text: str, name: str) -> None:
    assert find_identifying(text).names == (name,)


@pytest.mark.parametrize("text", NO_NAMES)
def test_ordinary_words_raise_no_alarm(text: str) -> None:
    assert find_identifying(text).names == ()


def test_a_name_said_twice_is_named_once() -> None:
    assert find_identifying("Peter Hansen og Peter Hansen").names == ("Peter Hansen",)


_days = st.integers(1, 31) | st.integers(61, 91)


@given(
    day=_days,
    month=st.integers(1, 12),
    year=st.integers(0, 99),
    last=st.integers(0, 9999),
    gap=st.sampled_from(["", "-", " ", " - ", "–"]),
    before=st.sampled_from(["", "nr. ", "(", "\n", "5 "]),
    after=st.sampled_from(["", ".", ")", "\n", ", slog"]),
)
def test_every_number_of_that_form_is_found(
    day: int, month: int, year: int, last: int, gap: str, before: str, after: str
) -> None:
    number = f"{day:02}{month:02}{year:02}{gap}{last:04}"
    assert find_identifying(f"{before}{number}{after}").person_numbers == (number,)


@given(st.text(max_size=300))
def test_no_text_is_too_odd_to_be_looked_at(text: str) -> None:
    find_identifying(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzæøå ,.\n", max_size=200))
def test_a_text_in_small_letters_without_digits_names_nobody(text: str) -> None:
    found = find_identifying(text)
    assert found.person_numbers == found.names == ()
