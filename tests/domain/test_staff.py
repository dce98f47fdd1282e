"""Rows of a staff file become a directory, or every fault in them is told at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.errors import BadInput
from wellbeing.domain.roles import GRANTED_ROLES, Role
from wellbeing.domain.staff import HEADERS, RawRow, StaffDirectory, check_rows, find_column
from wellbeing.domain.staff_cells import (
    MAX_EMPLOYEE_NUMBER,
    MAX_NAME,
    MAX_UNIT_LEVELS,
    MAX_UNIT_NAME,
    ROLE_NAMES,
    read_mobile,
    read_unit_path,
    shown,
    unit_text,
)
from wellbeing.domain.staff_units import Column

ANNE = {"employee_number": "1", "name": "Anne Ås", "unit": "Hus / Nat"}


def rows(*cells: dict[str, str]) -> list[RawRow]:
    """One row per argument, Anne's with these cells changed; number and name differ by row."""
    return [
        RawRow(
            number,
            ANNE | {"employee_number": str(number), "email": f"p{number}@hus.example"} | changed,
        )
        for number, changed in enumerate(cells, start=2)
    ]


def faults(*cells: dict[str, str]) -> tuple[str, ...]:
    """The faults that the rows are refused with."""
    with pytest.raises(BadInput) as refused:
        check_rows(rows(*cells))
    return refused.value.faults


def directory(*cells: dict[str, str]) -> StaffDirectory:
    """The directory of the rows."""
    return check_rows(rows(*cells))


def only_fault(cells: dict[str, str]) -> str:
    """The one fault of one row."""
    (fault,) = faults(cells)
    return fault


def test_a_row_becomes_a_person() -> None:
    cells = {"email": "Anne@Hus.Example", "mobile": "12 34 56 78", "language": "en"}
    (person,) = directory({**cells, "leader_of": "Hus", "roles": "hr: Hus; dpo"}).people
    assert (person.employee_number, person.name) == ("2", "Anne Ås")
    assert (person.email, person.mobile, person.language) == (
        "anne@hus.example",
        "+4512345678",
        "en",
    )
    assert person.unit_path == ("Hus", "Nat")
    assert person.leader_of == (("Hus",),)
    assert person.roles == {(Role.HR, ("Hus",)), (Role.DPO, None)}


def test_danish_headers_are_understood() -> None:
    danish = ["Medarbejdernummer", "Navn", "E-mail", "Mobil", "Sprog", "Enhed"]
    danish += ["Overordnet enhed", "Leder af", "Roller"]
    assert [find_column(header) for header in danish] == list(Column)


def test_every_column_has_headers() -> None:
    assert set(HEADERS) == set(Column)


def test_every_role_that_can_be_granted_has_a_name() -> None:
    assert set(GRANTED_ROLES) <= set(ROLE_NAMES.values())


def test_a_file_without_people_is_refused() -> None:
    with pytest.raises(BadInput, match="no people"):
        check_rows([])


def test_a_column_of_no_meaning_is_left_out() -> None:
    assert len(directory({"hired on": "2020"}).people) == 1


def test_a_misspelled_header_is_told_with_the_likely_one() -> None:
    row = RawRow(2, {**ANNE, "emial": "anne@hus.example"})
    with pytest.raises(BadInput) as refused:
        check_rows([row])
    assert refused.value.faults == ("The column 'emial' is not known. Did you mean 'email'?",)


def test_two_headers_for_one_column_are_refused() -> None:
    assert "mean the same" in only_fault({"navn": "Anne"})


@pytest.mark.parametrize("column", ["employee_number", "name", "unit"])
def test_a_missing_column_is_told(column: str) -> None:
    cells = {key: value for key, value in ANNE.items() if key != column}
    with pytest.raises(BadInput) as refused:
        check_rows([RawRow(2, cells)])
    assert f"The column '{column}' is missing." in refused.value.faults[0]


@pytest.mark.parametrize("column", ["employee_number", "name", "unit"])
def test_a_blank_required_value_is_told_with_row_and_column(column: str) -> None:
    assert only_fault({column: "  "}).startswith(f"Row 2, column {column}: The cell is blank.")


def test_a_fault_names_the_column_as_the_file_does() -> None:
    with pytest.raises(BadInput) as refused:
        check_rows([RawRow(7, {"medarbejdernr": "1", "navn": "", "enhed": "Hus"})])
    assert refused.value.faults[0].startswith("Row 7, column navn:")


def test_every_fault_of_every_row_is_told_at_once() -> None:
    told = faults(
        {
            "name": "",
            "email": "x",
            "mobile": "12",
            "language": "fr",
            "roles": "king; hr: Mars",
            "leader_of": "",
        },
        {"employee_number": "2", "unit": "Hus / / Nat", "leader_of": "Venus"},
    )
    rows_told = [text.partition(",")[0] for text in told]
    assert rows_told == ["Row 2"] * 6 + ["Row 3"] * 3


def test_faults_found_while_reading_are_told_with_the_others() -> None:
    row = RawRow(4, ANNE | {"name": ""}, faults=("The row has 3 cells.",))
    with pytest.raises(BadInput) as refused:
        check_rows([row])
    assert [text.partition(":")[0] for text in refused.value.faults] == [
        "Row 4",
        "Row 4, column name",
    ]


def test_one_employee_number_in_two_rows_is_refused_with_both_rows() -> None:
    told = faults({"employee_number": "a7"}, {"employee_number": " A7 "})
    assert told == (
        "Row 3, column employee_number: 'A7' is also the employee number in row 2."
        " Each person has their own.",
    )


def test_one_address_for_two_people_is_refused_whatever_its_case_and_form() -> None:
    told = faults({"email": "s\u00f8a\u030a@hus.example"}, {"email": "S\u00d8\u00c5@HUS.example"})
    assert "is also the e-mail address in row 2" in told[0]


def test_people_without_address_are_not_alike() -> None:
    assert len(directory({"email": ""}, {"email": ""}).people) == 2


@pytest.mark.parametrize(
    "email",
    ["anne", "anne@", "@hus.dk", "anne@hus", "a b@hus.dk", "anne@@hus.dk", "anne.@hus.dk",
     "anne@-hus.dk", "anne@hus..dk", "<anne@hus.dk>", "a,b@hus.dk", "anne@hus.1d",
     "x" * 65 + "@a.dk"],
)  # fmt: skip
def test_what_is_no_address_is_refused(email: str) -> None:
    assert "Row 2, column email" in only_fault({"email": email})


@pytest.mark.parametrize(
    "email", ["o'brien@hus.dk", "søren@blåbær.dk", "a+b@x.hus.co", "a_b@h-s.dk"]
)
def test_an_unusual_address_is_accepted(email: str) -> None:
    assert directory({"email": email}).people[0].email == email


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12345678", "+4512345678"),
        ("12 34 56 78", "+4512345678"),
        ("4512345678", "+4512345678"),
        ("+45 12-34-56-78", "+4512345678"),
        ("0045 12345678", "+4512345678"),
        ("+44 (7700) 900109", "+447700900109"),
        ("", ""),
    ],
)
def test_a_number_is_kept_with_its_country_code(written: str, number: str) -> None:
    assert read_mobile(written) == number


@pytest.mark.parametrize(
    "mobile", ["123", "1234567", "123456789", "+4512", "+45123456789", "abc", "++4512345678",
               "+0123456789", "+" + "1" * 16, "١٢٣٤٥٦٧٨"],
)  # fmt: skip
def test_what_is_no_number_is_refused(mobile: str) -> None:
    assert "Row 2, column mobile" in only_fault({"mobile": mobile})


def test_a_person_without_language_has_the_default() -> None:
    people = check_rows([RawRow(2, ANNE | {"language": ""}, default_language="en")]).people
    assert people[0].language == "en"


def test_an_unknown_language_is_refused() -> None:
    assert "Write 'da' or 'en'" in only_fault({"language": "fr"})


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("HR", Role.HR),
        ("arbejdsmiljørepræsentant", Role.SAFETY_REPRESENTATIVE),
        ("Safety representative", Role.SAFETY_REPRESENTATIVE),
        ("supervisor", Role.SUPERVISOR),
        ("Administrator", Role.ADMINISTRATOR),
        ("databeskyttelsesrådgiver", Role.DPO),
    ],
)
def test_a_role_has_english_and_danish_names(written: str, role: Role) -> None:
    assert directory({"roles": written}).people[0].roles == {(role, None)}


def test_employee_is_no_role_to_grant() -> None:
    assert directory({"roles": "medarbejder"}).people[0].roles == frozenset()


@pytest.mark.parametrize("separator", [";", "|", "\n", "\r\n", " ; "])
def test_values_in_a_cell_are_parted_by_semicolon_bar_or_new_line(separator: str) -> None:
    (person,) = directory({"leader_of": f"Hus{separator}Hus / Nat"}).people
    assert person.leader_of == (("Hus",), ("Hus", "Nat"))


def test_an_unknown_role_is_told_with_the_roles_there_are() -> None:
    assert "The roles are: administrator, dpo, hr" in only_fault({"roles": "chef"})


def test_a_role_for_everything_takes_no_unit() -> None:
    assert "Write 'administrator' alone" in only_fault({"roles": "administrator: Hus"})


def test_leading_belongs_in_its_own_column() -> None:
    assert "leader_of" in only_fault({"roles": "leder: Hus"})


@pytest.mark.parametrize(
    ("column", "cell"), [("leader_of", "Hus / Nad"), ("roles", "hr: Hus / Nad")]
)
def test_a_unit_nobody_is_in_is_told_with_the_closest(column: str, cell: str) -> None:
    assert "'Hus / Nad' is not a unit" in only_fault({column: cell})
    assert "Did you mean 'Hus / Nat'?" in only_fault({column: cell})


def test_the_last_name_alone_is_answered_with_its_path() -> None:
    assert "Did you mean 'Hus / Nat'?" in only_fault({"leader_of": "Nat"})


def test_a_unit_between_named_units_can_be_led() -> None:
    people = directory({"unit": "Hus / Herberg / Nat", "leader_of": "Hus / Herberg"}).people
    assert people[0].leader_of == (("Hus", "Herberg"),)


def test_a_unit_led_may_be_written_in_another_case() -> None:
    assert directory({"leader_of": "hus/NAT"}).people[0].leader_of == (("Hus", "Nat"),)


def test_units_come_with_parents_before_children() -> None:
    units = directory({"unit": "Hus / A / B"}, {"unit": "Hus"}, {"unit": "Hus / C"}).units
    assert units == (("Hus",), ("Hus", "A"), ("Hus", "A", "B"), ("Hus", "C"))


def test_spaces_around_a_slash_do_not_matter() -> None:
    assert directory({"unit": "Hus/Nat"}, {"unit": "Hus  /  Nat"}).units == (
        ("Hus",),
        ("Hus", "Nat"),
    )


def test_a_slash_inside_a_name_is_written_with_a_backslash() -> None:
    assert read_unit_path(r"Hus / Dag\/Nat") == ("Hus", "Dag/Nat")


@given(st.lists(st.text("ab/;|\\", min_size=1, max_size=5), min_size=1, max_size=4))
def test_a_path_written_out_is_read_back(names: list[str]) -> None:
    assert read_unit_path(unit_text(tuple(names))) == tuple(names)


def test_a_unit_inside_itself_is_refused() -> None:
    assert "inside itself" in only_fault({"unit": "Hus / Nat / hus"})


def test_one_unit_in_two_spellings_is_refused() -> None:
    assert "'Hus / nat' is written 'Hus / Nat' in row 2" in faults({}, {"unit": "Hus / nat"})[0]


def test_a_second_organisation_is_refused() -> None:
    told = faults({}, {"unit": "Slot / Nat"})
    assert told[0].startswith("Row 3, column unit: 'Slot' stands at the top, but so does 'Hus'")


def test_too_many_levels_are_refused() -> None:
    path = " / ".join(f"U{level}" for level in range(MAX_UNIT_LEVELS + 1))
    assert f"Use {MAX_UNIT_LEVELS} or fewer" in only_fault({"unit": path})


def parents(*pairs: str) -> list[dict[str, str]]:
    """Rows of the two-column form, from texts like "Nat<Hus"."""
    parted = (pair.partition("<") for pair in pairs)
    return [{"unit": unit, "parent unit": parent} for unit, _, parent in parted]


def test_units_may_be_named_with_the_unit_above() -> None:
    units = directory(*parents("Nat<Herberg", "Herberg<Hus", "Hus<")).units
    assert units == (("Hus",), ("Hus", "Herberg"), ("Hus", "Herberg", "Nat"))


def test_a_unit_above_needs_no_row_of_its_own() -> None:
    assert directory(*parents("Nat<Hus")).units == (("Hus",), ("Hus", "Nat"))


def test_in_the_two_column_form_a_unit_is_led_by_name_or_path() -> None:
    first, second = parents("Nat<Hus", "Dag<Hus")
    people = directory(first | {"leader_of": "Nat"}, second | {"leader_of": "Hus / Dag"}).people
    assert [person.leader_of for person in people] == [(("Hus", "Nat"),), (("Hus", "Dag"),)]


def test_units_in_a_circle_are_refused_once() -> None:
    told = faults(*parents("Hus<", "A<B", "B<C", "C<A", "D<C"))
    assert told == (
        "Row 3, column parent unit: The units lie in a circle: 'A' in 'B' in 'C' in 'A'."
        " Correct the unit above one of them.",
    )


def test_a_unit_that_is_its_own_parent_is_a_circle() -> None:
    assert "'A' in 'A'" in faults(*parents("Hus<", "A<A"))[0]


def test_leading_a_unit_in_a_circle_is_no_second_fault() -> None:
    first, second = parents("A<B", "B<A")
    assert len(faults(first | {"leader_of": "A"}, second)) == 1


def test_a_unit_in_two_units_is_refused() -> None:
    told = faults(*parents("A<Hus", "B<Hus", "A<B"))
    assert told[0].startswith("Row 4, column parent unit: 'A' lies in 'B' here, and in 'Hus'")


def test_a_second_organisation_is_refused_in_the_two_column_form_too() -> None:
    assert "stands at the top" in faults(*parents("A<Hus", "B<Slot"))[0]


def test_a_path_beside_a_parent_unit_is_refused() -> None:
    assert "is a path" in faults(*parents("Hus / A<Hus", "B<Hus"))[0]


@pytest.mark.parametrize(("levels", "told"), [(MAX_UNIT_LEVELS, 0), (MAX_UNIT_LEVELS + 1, 1)])
def test_parents_may_reach_as_deep_as_paths(levels: int, told: int) -> None:
    chain = parents(*(f"U{n}<U{n + 1}" for n in range(1, levels)))
    try:
        directory(*chain)
        found = 0
    except BadInput as refused:
        found = len(refused.faults)
    assert found == told


def test_a_chain_of_thousands_of_units_is_refused_not_followed() -> None:
    told = faults(*parents(*(f"U{n}<U{n + 1}" for n in range(5000))))
    assert "levels down" in told[0]


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\t", "\u202e", "\u2066", "\u200b", "\ufeff"])
@pytest.mark.parametrize("column", ["employee_number", "name", "email", "unit"])
def test_a_letter_that_cannot_be_seen_is_refused(column: str, letter: str) -> None:
    text = only_fault({column: f"An{letter}ne"})
    assert "cannot be seen" in text
    assert letter not in text


@pytest.mark.parametrize("line_break", ["\r", "\n", "\r\n", "\u2028"])
def test_a_line_break_in_a_name_is_refused(line_break: str) -> None:
    assert "line break" in only_fault({"name": f"Anne{line_break}Bcc: x"})


@pytest.mark.parametrize(
    ("column", "most"), [("employee_number", MAX_EMPLOYEE_NUMBER), ("name", MAX_NAME)]
)
def test_a_value_may_be_as_long_as_the_limit_and_no_longer(column: str, most: int) -> None:
    assert directory({column: "x" * most}).people
    assert f"Shorten it to {most}" in only_fault({column: "x" * (most + 1)})


def test_a_unit_name_over_the_limit_is_refused() -> None:
    assert "Shorten it" in only_fault({"unit": "Hus / " + "x" * (MAX_UNIT_NAME + 1)})


def test_names_are_kept_composed_and_with_single_spaces() -> None:
    (person,) = directory({"name": " A\u030ase \u00a0 Holm "}).people
    assert person.name == "Åse Holm"


def test_a_cell_that_looks_like_a_formula_is_text() -> None:
    assert directory({"name": '=HYPERLINK("x")'}).people[0].name == '=HYPERLINK("x")'


def test_what_is_shown_of_a_long_value_is_short() -> None:
    assert len(shown("x" * 1000)) < 70


CELLS = st.dictionaries(
    st.sampled_from([*Column, "navn", "unknown"]), st.text(max_size=20), max_size=9
)


@given(st.lists(CELLS, max_size=6))
def test_any_rows_give_a_directory_or_bad_input(cells: list[dict[str, str]]) -> None:
    try:
        found = check_rows([RawRow(n, c) for n, c in enumerate(cells, start=2)])
    except BadInput:
        return
    assert {person.unit_path for person in found.people} <= set(found.units)
